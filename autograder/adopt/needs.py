"""What the text of a grade cell needs of the cells above it: functions of the student's, and plain setup."""

import ast
import builtins
from dataclasses import dataclass, field

from autograder.adopt.names import names_of, parsed, root_of
from autograder.adopt.notebooks import CodeCell, SourceNotebook

# Of Python's own functions these reach beyond plain values: files, the notebook's names, other code.
_REFUSED = {
    *("open", "input", "eval", "exec", "compile", "globals", "locals", "vars", "dir", "id", "breakpoint", "help"),
    *("getattr", "setattr", "delattr", "exit", "quit", "memoryview", "hash"),
}
_SETUP = (ast.Assign, ast.AnnAssign, ast.Import, ast.ImportFrom, ast.FunctionDef)
_IMPORTS = (ast.Import, ast.ImportFrom)
_CHANGING = (ast.AugAssign, ast.Delete, ast.Assign, ast.Expr)


class StaysError(Exception):
    """The text cannot be moved; the message says why, and follows the cell's id."""


@dataclass(frozen=True)
class Statement:
    """A statement at the top of a notebook's cell; `is_hidden` where it stands among hidden tests."""

    cell: CodeCell
    number: int
    node: ast.stmt
    is_hidden: bool

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands."""
        return self.cell.index, self.number


@dataclass
class Needs:
    """What a grade cell needs: functions of the student's, and setup that stands above it, in its order."""

    functions: set[str] = field(default_factory=set)
    setup: list[ast.stmt] = field(default_factory=list)


def needs_of(notebook: SourceNotebook, cell: CodeCell, body: list[ast.stmt]) -> Needs:
    """Return what the statements of a grade cell need.

    Raises:
        StaysError: it needs more than functions and plain setup.
    """
    above = [one for other in notebook.cells if other.index < cell.index for one in _statements(other)]
    names = names_of(*body)
    return _Search(above).of(names.used - names.bound)


def _statements(cell: CodeCell) -> list[Statement]:
    """Return the statements of a cell, the hidden ones marked; none of what is no Python."""
    whole, visible = parsed(cell.text), parsed(cell.visible)
    if whole is None:
        return []
    seen = [ast.dump(node) for node in visible.body] if visible is not None else []
    return [Statement(cell, n, node, is_hidden=ast.dump(node) not in seen) for n, node in enumerate(whole.body)]


class _Search:
    """Looks for what names are, in the statements above a cell."""

    def __init__(self, above: list[Statement]) -> None:
        self._above = above
        self._bound = [names_of(one.node).bound for one in above]
        self._needs = Needs()
        self._found: dict[tuple[int, int], Statement] = {}

    def of(self, names: frozenset[str]) -> Needs:
        """Return what these names need; see `needs_of`."""
        for name in sorted(names):
            self._look(name)
        self._needs.setup = [self._found[place].node for place in sorted(self._found)]
        return self._needs

    def _look(self, name: str) -> None:
        bindings = [one for one, bound in zip(self._above, self._bound, strict=True) if name in bound]
        if not bindings:
            self._check_builtin(name)
            return
        last = next((one for one in reversed(bindings) if not _is_put_back(one, bindings)), bindings[-1])
        if last.cell.is_students and not isinstance(last.node, _IMPORTS):
            self._student(name, last.node)
        else:
            self._setup(name, last, bindings)

    def _check_builtin(self, name: str) -> None:
        if name.startswith("__") or not hasattr(builtins, name):
            raise StaysError(f"uses {name}, which no cell above it defines")
        if name in _REFUSED:
            raise StaysError(f"uses {name}, which needs the notebook's own process")

    def _student(self, name: str, node: ast.stmt) -> None:
        is_lambda = isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda)
        if isinstance(node, ast.FunctionDef) or is_lambda:
            self._needs.functions.add(name)
        elif isinstance(node, ast.ClassDef):
            raise StaysError(f"uses the student's class {name}; only functions can be asked")
        else:
            raise StaysError(f"uses {name}, a value that the student's cell makes; only functions can be asked")

    def _setup(self, name: str, last: Statement, bindings: list[Statement]) -> None:
        if last.place in self._found:
            return
        if last.is_hidden:
            raise StaysError(f"uses {name}, which the hidden tests of {last.cell.grade_id} define")
        several = len({ast.dump(one.node) for one in bindings}) > 1
        if not isinstance(last.node, _IMPORTS) and (several or self._is_changed(name, last)):
            raise StaysError(f"uses {name}, which more than one statement above it makes or changes")
        if not isinstance(last.node, _SETUP):
            raise StaysError(f"uses {name}, which no plain statement above it makes")
        self._found[last.place] = last
        for other in sorted(names_of(last.node).used):
            if other != name:
                self._look(other)

    def _is_changed(self, name: str, made: Statement) -> bool:
        """Say whether a statement other than the one that made it changes what a name stands for."""
        return any(
            name in _changed(node)
            for one in self._above
            if one is not made and not isinstance(one.node, ast.FunctionDef | ast.ClassDef)
            for node in ast.walk(one.node)
            if isinstance(node, _CHANGING)
        )


def _is_put_back(one: Statement, bindings: list[Statement]) -> bool:
    """Say whether a grade cell binds a student's function, for example to put it back; the proof decides."""
    return bool(one.cell.grade_id) and any(
        other.cell.is_students and isinstance(other.node, ast.FunctionDef) for other in bindings
    )


def _changed(node: ast.stmt) -> set[str]:
    """Return the names whose values a statement changes in their place: `x[0] = 1`, `x += 1`, `x.sort()`."""
    if isinstance(node, ast.AugAssign):
        return {root_of(node.target)}
    if isinstance(node, ast.Assign | ast.Delete):
        return {root_of(target) for target in node.targets if not isinstance(target, ast.Name)}
    called = node.value if isinstance(node, ast.Expr) else None
    return {root_of(called.func)} if isinstance(called, ast.Call) and isinstance(called.func, ast.Attribute) else set()
