"""Changes of a formula that a mutation tool does not know: names, calls and axes, one at a time and mechanically."""

import ast
from collections.abc import Iterator

from autograder.diagnosis.slips.changes import replaced
from autograder.diagnosis.trees import cloned

_VALUED = ast.Assign | ast.Return
_SWAPPED = 2  # arguments at least, for their order to matter


def mutate(source: str) -> Iterator[str]:
    """Yield the source of every function that differs in one place from this one, inside loops and ifs as well.

    Of a class there is none: its methods' lines work on attributes, and the tool's own operators change these.
    """
    tree = ast.parse(source)
    if not isinstance(tree.body[0], ast.FunctionDef):
        return
    known = [argument.arg for argument in _function(tree).args.args]
    for number, (body, place) in enumerate(_places(_function(tree).body)):
        statement = body[place]
        if isinstance(statement, ast.Assign | ast.Expr):
            yield _edited(tree, number, None)
        value = statement.value if isinstance(statement, _VALUED) else None
        if value is not None:
            for other in _expressions(value, known):
                yield _edited(tree, number, other)
        known += [name for name in _bound(statement) if name not in known]


def _function(tree: ast.Module) -> ast.FunctionDef:
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)  # noqa: S101 - for the type checker; a formula's source is one
    return function


def _places(body: list[ast.stmt]) -> Iterator[tuple[list[ast.stmt], int]]:
    """Yield every statement in the order of the text: the list that it is in, and its place there."""
    for place, statement in enumerate(body):
        yield body, place
        for field in ("body", "orelse"):
            yield from _places(getattr(statement, field, None) or [])


def _bound(statement: ast.stmt) -> list[str]:
    """Return the names that an assignment or the head of a loop gives values to."""
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    targets = [statement.target] if isinstance(statement, ast.For) else targets
    return [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]


def _edited(tree: ast.Module, number: int, value: ast.expr | None) -> str:
    """Return the source with another value in one statement, or without that statement where there is none."""
    other = cloned(tree)
    body, place = list(_places(_function(other).body))[number]
    statement = body[place]
    if value is None:
        body[place : place + 1] = [] if len(body) > 1 else [ast.Pass()]
    elif isinstance(statement, _VALUED):
        statement.value = value
    return ast.unparse(other)


def _expressions(whole: ast.expr, known: list[str]) -> Iterator[ast.expr]:
    """Yield an expression with each of its parts changed in each way."""
    yield ast.UnaryOp(ast.USub(), whole)
    for place, part in enumerate(ast.walk(whole)):
        if isinstance(part, ast.expr):
            for other in _changed(part, known):
                yield replaced(whole, place, other)


def _changed(part: ast.expr, known: list[str]) -> Iterator[ast.expr]:
    if isinstance(part, ast.Name) and part.id in known:
        yield from (ast.Name(name) for name in known if name != part.id)
    if isinstance(part, ast.BinOp):
        yield part.left
        yield part.right
        if not _commutes(part):
            yield ast.BinOp(part.right, part.op, part.left)
    if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id in known:
        yield part.value
    if isinstance(part, ast.Call):
        yield from part.args
        if len(part.args) >= _SWAPPED:
            yield ast.Call(part.func, part.args[::-1], part.keywords)
        for number in range(len(part.keywords)):
            yield ast.Call(part.func, part.args, part.keywords[:number] + part.keywords[number + 1 :])


def _commutes(part: ast.BinOp) -> bool:
    """Say whether a sum or a product is the same in the other order: of numbers it is, of lists and texts not."""
    listed = (ast.List, ast.Tuple, ast.ListComp, ast.JoinedStr, ast.Constant)
    return isinstance(part.op, ast.Add | ast.Mult) and not any(
        isinstance(side, listed) and not isinstance(getattr(side, "value", ""), int | float)
        for side in (part.left, part.right)
    )
