"""What cannot be asked from outside the student's process, found in the text of a test."""

import ast
from collections.abc import Collection, Iterator

from autograder.adopt.names import called, names_of

_MODULES = {
    *("numpy", "math", "cmath", "unittest", "nose", "pytest", "itertools", "functools", "collections", "fractions"),
    *("decimal", "statistics", "operator", "random", "string", "re", "copy", "numbers", "typing", "scipy", "json"),
}
_WORDS = {
    **dict.fromkeys(("os", "pathlib", "shutil", "tempfile", "glob", "csv", "pickle"), "works with files"),
    **dict.fromkeys(("io", "contextlib", "sys", "IPython"), "looks at what is printed, or at the running notebook"),
    **dict.fromkeys(("matplotlib", "seaborn", "plotly"), "looks at plots"),
    "mock": "puts other functions in the place of the student's",
    "inspect": "looks at the student's text",
    "ast": "looks at the student's text",
}
_STATEMENTS: dict[type[ast.AST], str] = {
    ast.Delete: "deletes a name",
    ast.ClassDef: "defines a class",
    ast.Global: "uses global",
    ast.Nonlocal: "uses nonlocal",
    ast.While: "has a while loop, which a student's answer could keep from ending",
    ast.Await: "waits for something",
    ast.AsyncFor: "waits for something",
    ast.AsyncWith: "waits for something",
    ast.AsyncFunctionDef: "waits for something",
    ast.Yield: "yields",
    ast.YieldFrom: "yields",
}
_CONTEXTS = {
    *("assertRaises", "assertRaisesRegex", "assert_raises", "assert_raises_regex", "raises", "errstate", "subTest")
}
_FILES = {
    *("load", "save", "savez", "savez_compressed", "savetxt", "loadtxt", "genfromtxt", "fromfile", "tofile", "memmap"),
    *("dump", "DataSource"),
}
# What takes as much time or room as a number says; a student's answer must not be that number.
_GROWING = {
    *("range", "bytes", "bytearray", "pow", "zeros", "ones", "empty", "full", "arange", "eye", "identity", "linspace"),
    *("tile", "repeat", "factorial", "comb", "perm", "combinations", "permutations", "product", "zfill", "ljust"),
    *("rjust", "center", "outer", "kron", "rand", "randn", "random", "normal", "uniform", "integers", "randint"),
}


def reasons(body: list[ast.stmt], functions: Collection[str]) -> Iterator[str]:
    """Yield, in words that follow a cell's id, why statements cannot judge from outside.

    Args:
        body: of the test, and of the setup that it needs.
        functions: of the student's.
    """
    module = ast.Module(body, [])
    if taken := sorted(names_of(*body).bound & set(functions)):
        yield f"puts something else in the place of {', '.join(taken)}"
    answers = _Answers(module, functions)
    for node in ast.walk(module):
        if said := _STATEMENTS.get(type(node)):
            yield said
        for found in (_import(node), _with(node), _name(node, functions), _call(node, functions), _same(node)):
            if found:
                yield found
        if found := answers.growing(node):
            yield found


def partial_credit(body: list[ast.stmt]) -> str:
    """Return why the value of a cell's last statement may be partial credit, or nothing."""
    last = body[-1] if body else None
    if not isinstance(last, ast.Expr) or (isinstance(last.value, ast.Constant) and isinstance(last.value.value, str)):
        return ""
    name = called(last.value)
    if name == "print" or name.startswith("assert"):
        return ""
    return "ends in a value, which may be partial credit"


def _import(node: ast.AST) -> str:
    if isinstance(node, ast.ImportFrom):
        if node.level or any(one.name == "*" for one in node.names):
            return f"imports everything of {node.module}" if not node.level else "imports a file beside the notebook"
        names = [f"{node.module}.{one.name}" for one in node.names]
    elif isinstance(node, ast.Import):
        names = [one.name for one in node.names]
    else:
        return ""
    if any(name.startswith("unittest.mock") for name in names):
        return _WORDS["mock"]
    odd = next((name for name in names if name.partition(".")[0] not in _MODULES), None)
    if odd is None:
        return ""
    root = odd.partition(".")[0]
    return _WORDS.get(root, f"uses the module {root}, which graders need not have")


def _with(node: ast.AST) -> str:
    if not isinstance(node, ast.With):
        return ""
    for item in node.items:
        if called(item.context_expr) not in _CONTEXTS:
            return f"uses with {ast.unparse(item.context_expr)}"
    return ""


def _name(node: ast.AST, functions: Collection[str]) -> str:
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    if name.startswith("__"):
        return f"uses {name}"
    if not isinstance(node, ast.Attribute):
        return ""
    if isinstance(node.value, ast.Name) and node.value.id in functions:
        return f"reads {ast.unparse(node)}, which is no call"
    return "works with files" if name in _FILES else ""


def _call(node: ast.AST, functions: Collection[str]) -> str:
    if isinstance(node, ast.FunctionDef) and node.decorator_list:
        return "decorates a function"
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in functions):
        return ""
    if node.keywords:
        return f"calls {node.func.id} with arguments by name"
    passed = [one.id for one in node.args if isinstance(one, ast.Name) and one.id in functions]
    if passed or any(isinstance(one, ast.Lambda) for one in node.args):
        return f"gives {node.func.id} a function"
    return ""


def _same(node: ast.AST) -> str:
    if not isinstance(node, ast.Compare):
        return ""
    sides = [node.left, *node.comparators]
    for number, operator in enumerate(node.ops):
        pair = sides[number : number + 2]
        if isinstance(operator, ast.Is | ast.IsNot) and not any(isinstance(one, ast.Constant) for one in pair):
            return f"asks whether two values are one object ({ast.unparse(node)})"
    return ""


class _Answers:
    """Which names may stand for an answer of the student's, or for a part of one; too many rather than too few."""

    def __init__(self, module: ast.Module, functions: Collection[str]) -> None:
        self._names = set(functions)
        nodes = list(ast.walk(module))
        self._helpers = {node.name: node for node in nodes if isinstance(node, ast.FunctionDef)}
        asked = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
        for node in nodes:
            if isinstance(node, ast.Name) and node.id in self._helpers and id(node) not in asked:
                self._names |= _parameters(self._helpers[node.id])
            elif isinstance(node, ast.Lambda):
                self._names |= _parameters(node)
        before = -1
        while before != len(self._names):
            before = len(self._names)
            for node in nodes:
                self._note(node)

    def _note(self, node: ast.AST) -> None:
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.NamedExpr) and self._is_one(node.value):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        elif isinstance(node, ast.For | ast.comprehension) and self._is_one(node.iter):
            targets = [node.target]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in self._helpers:
            self._names |= self._given(node, self._helpers[node.func.id])
        elif isinstance(node, ast.FunctionDef):
            returned = [one.value for one in ast.walk(node) if isinstance(one, ast.Return)]
            self._names |= {node.name} if any(map(self._is_one, returned)) else set()
        self._names |= {one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)}

    def _given(self, call: ast.Call, helper: ast.FunctionDef) -> set[str]:
        """Return the parameters of a helper of the test's that a call gives an answer."""
        positional = [one.arg for one in (*helper.args.posonlyargs, *helper.args.args)]
        named = {one.arg for one in call.keywords if one.arg and self._is_one(one.value)}
        given = {name for name, one in zip(positional, call.args, strict=False) if self._is_one(one)}
        is_plain = len(call.args) <= len(positional) and not any(isinstance(one, ast.Starred) for one in call.args)
        return named | given if is_plain and all(one.arg for one in call.keywords) else _parameters(helper)

    def _is_one(self, node: ast.expr | None) -> bool:
        """Say whether an expression may be an answer; how long one is, is bounded."""
        if node is None or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len"):
            return False
        if isinstance(node, ast.Name):
            return node.id in self._names
        return any(self._is_one(child) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)) or any(
            self._is_one(child.iter) for child in ast.iter_child_nodes(node) if isinstance(child, ast.comprehension)
        )

    def growing(self, node: ast.AST) -> str:
        """Return why a node may take any time or room, by a number that a student answers, or nothing."""
        said = "would take as much time or room as a number that a student answers ({})"
        if isinstance(node, ast.Call):
            grows = called(node) in _GROWING and any(map(self._is_one, node.args))
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            sides = (node.left, node.right)
            grows = any(map(_is_repeated, sides)) and any(map(self._is_one, sides))
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow | ast.LShift):
            grows = self._is_one(node.right)
        else:
            grows = False
        return said.format(ast.unparse(node)) if grows else ""


def _parameters(function: ast.FunctionDef | ast.Lambda) -> set[str]:
    return {one.arg for one in ast.walk(function.args) if isinstance(one, ast.arg)}


def _is_repeated(node: ast.expr) -> bool:
    """Say whether a number times an expression repeats it."""
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    return is_text or isinstance(node, ast.List | ast.Tuple | ast.JoinedStr | ast.ListComp)
