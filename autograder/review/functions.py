"""What a student wrote for an exercise: the function as it was when it was judged, and the helpers that it calls."""

import ast
import functools
import re
import warnings
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

_KEPT = 20_000  # cells of which the definitions are remembered: most of a class's are nobody else's
_MAX_CHARACTERS = 50_000  # of a cell that is parsed; nobody writes so much by hand


_WORD = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class Definition:
    """A name that a cell binds at its top, the text that binds it, and all words in this text."""

    name: str
    text: str
    words: frozenset[str]

    def uses(self, known: Collection[str]) -> Iterable[str]:
        """Return which known names it asks for."""
        named = [name for name in known if name in self.words and name != self.name]
        return _asked(self.text).intersection(named) if named else ()


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
            ahead += known[name].uses(known)
    return found


@functools.lru_cache(_KEPT)
def definitions(cell: str) -> tuple[Definition, ...]:
    """Return what a cell binds at its top, in order; nothing where it is no Python."""
    if len(cell) > _MAX_CHARACTERS:
        return ()
    text = _without_magics(cell)
    tree = _parse(text)
    lines = text.splitlines()
    return () if tree is None else tuple(found for statement in tree.body for found in _definitions(statement, lines))


def _parse(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as for "\d" in a student's docstring
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


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
    words = frozenset(_WORD.findall(text))
    for name in names:
        yield Definition(name, text, words)


@functools.lru_cache(_KEPT)
def _asked(text: str) -> frozenset[str]:
    """Return the names that a statement asks for and does not bind itself: a helper called in a docstring is none."""
    nodes = list(ast.walk(_parse(text) or ast.Module([], [])))
    own = {node.arg for node in nodes if isinstance(node, ast.arg)}
    own |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return frozenset(node.id for node in nodes if isinstance(node, ast.Name)) - own


def _bound(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id
