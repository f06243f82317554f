"""What a student wrote for an exercise: the function as it was when it was judged, and the helpers that it calls."""

import ast
import functools
import warnings
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

_KEPT = 20_000  # cells of which the definitions are remembered: most of a class's are nobody else's
_MAX_CHARACTERS = 50_000  # of a cell that is parsed; nobody writes so much by hand


@dataclass(frozen=True)
class Definition:
    """A name that a cell binds at its top: the text that binds it, and the names that this text asks for."""

    name: str
    text: str
    uses: frozenset[str]


def written(cells: Iterable[str], function: str, others: Collection[str] = ()) -> str | None:
    """Return the source of a function and its helpers, or None where no cell defines it.

    Args:
        cells: the sources of the code cells up to the one that judges it, in order.
        function: its name.
        others: names that are no helpers: the functions of other exercises.
    """
    known: dict[str, Definition] = {}
    for cell in cells:
        known |= {found.name: found for found in definitions(cell)}
    if function not in known:
        return None
    wanted = _reached({name: one for name, one in known.items() if name == function or name not in others}, function)
    texts = [known[name].text for name in known if name in wanted and name != function]
    return "\n\n\n".join(dict.fromkeys([*texts, known[function].text]))


def _reached(known: dict[str, Definition], function: str) -> set[str]:
    """Return the names that a function leads to, itself among them."""
    found: set[str] = set()
    ahead = [function]
    while ahead:
        name = ahead.pop()
        if name in known and name not in found:
            found.add(name)
            ahead += known[name].uses
    return found


@functools.lru_cache(_KEPT)
def definitions(cell: str) -> tuple[Definition, ...]:
    """Return what a cell binds at its top, in order; nothing where it is no Python."""
    if len(cell) > _MAX_CHARACTERS:
        return ()
    text = _without_magics(cell)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as for "\d" in a student's docstring
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    lines = text.splitlines()
    return tuple(found for statement in tree.body for found in _definitions(statement, lines))


def _without_magics(cell: str) -> str:
    """Return a cell with its lines for IPython and the shell taken out."""
    if "%" not in cell and "!" not in cell:
        return cell
    return "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in cell.split("\n"))


def _definitions(statement: ast.stmt, lines: list[str]) -> Iterator[Definition]:
    names = set(_bound(statement))
    if not names:
        return
    first = min([statement.lineno, *(one.lineno for one in getattr(statement, "decorator_list", ()))])
    text = "\n".join(lines[first - 1 : statement.end_lineno]).strip()
    nodes = list(ast.walk(statement))
    own = {node.arg for node in nodes if isinstance(node, ast.arg)}
    own |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    uses = frozenset(node.id for node in nodes if isinstance(node, ast.Name)) - own
    for name in names:
        yield Definition(name, text, uses)


def _bound(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id
