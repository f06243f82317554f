"""The names that a piece of Python binds and uses at the top of a notebook."""

import ast
import symtable
from dataclasses import dataclass

from autograder.judge.notebook import as_python


@dataclass(frozen=True)
class Names:
    """Names at the top of a notebook: those that a text gives a value, and those that it uses, functions included."""

    bound: frozenset[str]
    used: frozenset[str]


def parsed(text: str) -> ast.Module | None:
    """Return a cell's text as a tree, or None where it is no Python; IPython's own commands become calls."""
    try:
        return ast.parse(as_python(text))
    except (SyntaxError, ValueError):
        return None


def has_commands(text: str) -> bool:
    """Say whether a cell's text holds commands of IPython's own, such as `%matplotlib inline`."""
    return as_python(text).rstrip("\n") != text.rstrip("\n")


def names_of(*nodes: ast.stmt) -> Names:
    """Return the names of statements that stand at the top of a notebook."""
    top = symtable.symtable(ast.unparse(ast.Module(list(nodes), [])), "cell", "exec")
    symbols = top.get_symbols()
    bound = {one.get_name() for one in symbols if one.is_assigned() or one.is_imported() or one.is_namespace()}
    used = {one.get_name() for one in symbols if one.is_referenced()}
    within = list(top.get_children())
    while within:
        table = within.pop()
        within += table.get_children()
        inner = [one for one in table.get_symbols() if one.is_global()]
        used |= {one.get_name() for one in inner if one.is_referenced()}
        bound |= {one.get_name() for one in inner if one.is_assigned()}
    return Names(frozenset(bound), frozenset(used))


def called(node: ast.expr) -> str:
    """Return the last name of what an expression calls, or nothing where it is no call."""
    function = node.func if isinstance(node, ast.Call) else None
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def root_of(node: ast.expr) -> str:
    """Return the name that a target such as `x[0].y` begins with, or nothing."""
    while isinstance(node, ast.Subscript | ast.Attribute | ast.Starred):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
