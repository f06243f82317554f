"""Small changes of an expression: another name, sign, number, item, operator or bracket."""

import ast
import itertools
import re
from collections.abc import Collection, Iterator, Mapping

from autograder.diagnosis.slips.templates import V
from autograder.diagnosis.trees import cloned

_NUMBERS = (0, 1, 2, 3, -1, 0.5, 10)
_TOTALS = ("sum", "mean", "max", "min", "median", "prod", "std")
_OF_NAME = (
    *("{}[::-1]", "{}[0]", "{}[-1]", "{}.sum()", "{}.mean()", "{}.max()", "{}.sum(axis=0)", "{}.mean(axis=0)"),
    *("np.abs({})", "np.round({})", "np.sqrt({})", "np.log({})", "np.exp({})", "np.tanh({})", "np.sign({})"),
    *("(1 - {})", "(1 + {})", "({} - 1)", "({}.T)"),
)
_FACTORS = (2, 3, -1, -2, 0.5)
OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div)
SIZE = "__size_{}__"
METHODS = {
    r"([\w.]+)\.mean\(axis=0\)": r"(the mean of \1 over the entries)",
    r"([\w.]+)\.mean\(\)": r"(the mean of \1)",
    r"([\w.]+)\.sum\(\)": r"(the sum of \1)",
    r"([\w.]+)\.max\(\)": r"(the largest of \1)",
    r"([\w.]+)\[::-1\]": r"(\1 from its last row or number to its first)",
    r"([\w.]+)\[0\]": r"(the first row, or number, of \1)",
    r"([\w.]+)\[-1\]": r"(the last row, or number, of \1)",
    r"np\.round\(([\w.]+)\)": r"(\1 rounded to whole numbers)",
    r"np\.abs\(([\w.]+)\)": r"|\1|",
    r"np\.clip\((.+?), 1e-12, 1\)": r"\1",
}


def expression(text: str) -> ast.expr:
    """Return the tree of an expression."""
    return ast.parse(text, mode="eval").body


class Put(ast.NodeTransformer):
    """Puts an expression where a template has its sign."""

    def __init__(self, value: ast.expr) -> None:
        self._value = value

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Replace the sign."""
        return cloned(self._value) if node.id == V else node


def small(value: ast.expr, names: Mapping[str, str], sizes: Collection[str]) -> Iterator[ast.expr]:
    """Yield an expression with one name, number, operator or call changed."""
    for place, node in enumerate(ast.walk(value)):
        for new in _instead(node, names, sizes):
            yield replaced(value, place, new)


def _other_items(item: str) -> Iterator[str]:
    """Yield items of the same list one place further, or at its ends, for a name that is an item of a list."""
    found = re.fullmatch(r"(\w+)\[(\w+)\]", item)
    if found:
        yield from (f"{found[1]}[{index}]" for index in (f"{found[2]} - 1", f"{found[2]} + 1", "-1", "0"))


def _instead(node: ast.AST, names: Mapping[str, str], sizes: Collection[str]) -> Iterator[ast.expr]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
        yield from (ast.Name(other, ast.Load()) for other in sorted(names.keys() - {node.id}))
        yield from map(expression, _other_items(names[node.id]))
        yield from _of_name(node, names, sizes)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield from (ast.Constant(other) for other in _NUMBERS if other != node.value)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, OPERATORS):
        for operator in OPERATORS:
            if not isinstance(node.op, operator):
                yield ast.BinOp(node.left, operator(), node.right)
        yield from (node.left, node.right)
        yield from _other_brackets(node)
        if isinstance(node.op, ast.Sub | ast.Div):
            yield ast.BinOp(node.right, node.op, node.left)
        yield from _inside(node)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield node.operand
    elif isinstance(node, ast.Call) and len(node.args) == 1 and not isinstance(node.args[0], ast.Starred):
        yield from _of_call(node)
    elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and isinstance(node.slice, ast.UnaryOp):
        name, own = node.value.id, ast.unparse(node.slice)  # another item of a list, counted from its end
        others = ("0", "1", "-1", "-2", "-3", f"len({name}) - 2")
        yield from (expression(f"{name}[{index}]") for index in others if index != own)


def _other_brackets(node: ast.BinOp) -> Iterator[ast.expr]:
    """Yield a step whose second operation comes first: (A + b) W for A W + b, and A (W + b)."""
    if isinstance(node.left, ast.BinOp):
        one, two = node.left.left, node.left.right
        yield ast.BinOp(ast.BinOp(one, node.op, node.right), node.left.op, two)
        yield ast.BinOp(one, node.left.op, ast.BinOp(two, node.op, node.right))


def _inside(node: ast.expr) -> Iterator[ast.expr]:
    """Yield what may become of a part of a step."""
    text = ast.unparse(node)
    for template in ("({}) ** 2", "np.sqrt({})", "np.abs({})", "np.sum({})", "np.mean({})", "np.mean({}, axis=0)"):
        yield expression(template.format(text))


def _of_call(node: ast.Call) -> Iterator[ast.expr]:
    """Yield what may stand in place of a call: its argument alone, and in place of a sum or a mean other totals."""
    if ast.unparse(node.func) == "len":
        text = ast.unparse(node)
        for template in ("np.sqrt({})", "{} ** 2", "({} - 1)", "({} + 1)", "(2 * {})", "({} / 2)"):
            yield expression(template.format(text))
        return
    yield node.args[0]
    if isinstance(node.func, ast.Attribute) and node.func.attr in _TOTALS:
        for total in (one for one in _TOTALS if one != node.func.attr):
            other = cloned(node)
            other.func.attr = total  # type: ignore[attr-defined]
            yield other
        yield ast.Call(node.func, node.args, [])
        yield from (ast.Subscript(node.args[0], ast.Constant(place), ast.Load()) for place in (0, -1))


def _of_name(node: ast.Name, names: Collection[str], sizes: Collection[str]) -> Iterator[ast.expr]:
    """Yield what may stand in place of a name: a number, or the same multiplied, squared, reversed."""
    yield from map(ast.Constant, (0, 1, 0.5))
    yield from (ast.BinOp(ast.Constant(factor), ast.Mult(), node) for factor in _FACTORS)
    yield from (ast.BinOp(node, sign(), ast.Name(size, ast.Load())) for size in sizes for sign in (ast.Mult, ast.Div))
    yield ast.BinOp(node, ast.Pow(), ast.Constant(2))
    for template in _OF_NAME:
        yield expression(template.format(node.id))
    for other in sorted(set(names) - {node.id}):
        yield from (ast.BinOp(node, sign(), ast.Name(other, ast.Load())) for sign in OPERATORS)


def replaced(value: ast.expr, place: int, new: ast.expr) -> ast.expr:
    """Return a copy of an expression with the node at a place of its walk replaced."""
    if place == 0:
        return cloned(new)
    whole = cloned(value)
    wanted = next(itertools.islice(ast.walk(whole), place, None))
    for parent in ast.walk(whole):
        for field, child in ast.iter_fields(parent):
            if child is wanted:
                setattr(parent, field, cloned(new))
            elif isinstance(child, list) and any(one is wanted for one in child):
                setattr(parent, field, [cloned(new) if one is wanted else one for one in child])
    return whole
