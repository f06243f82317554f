"""What a student wrote for an exercise: the function as it was when it was judged, and the helpers that it calls."""

import ast
import functools
import re
import warnings
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from autograder.sandbox.limits import READING

_KEPT, _SMALL = 64, 20_000  # cells of which the definitions are remembered, and characters: the instructor's are such

_WORD = re.compile(r"[^\W\d]\w*")
_BRANCHING = ast.If | ast.For | ast.While | ast.Try | ast.With | ast.Match | ast.ExceptHandler | ast.match_case
_EMPTY_LINES = re.compile(r"(?:[^\S\n]*\n)*")


@dataclass(frozen=True)
class Definition:
    """A name that a cell binds at its top, the text that binds it, all words in it, and its lines in the cell."""

    name: str
    text: str
    words: frozenset[str]
    first: int
    last: int


@dataclass(frozen=True)
class Written:
    """A function's text with its helpers', and where each name to which it leads stands: cell, first and last line."""

    text: str
    places: Mapping[str, tuple[int, int, int]]

    def holds(self, cell: int, line: int) -> bool:
        """Say whether it leads to a line of a cell."""
        return any(cell == number and first <= line <= last for number, first, last in self.places.values())


class Definitions:
    """The names that the code cells of one notebook bind, up to the cell that was added last."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, Definition]] = {}
        self._asked: dict[str, frozenset[str]] = {}
        self._left = READING.parsed

    def add(self, number: int, cell: str) -> None:
        """Add the next cell; what is longer than anybody writes by hand binds nothing."""
        self._left -= len(cell)
        if self._left >= 0:
            self._known |= {found.name: (number, found) for found in _definitions_of(cell)}

    def find(self, function: str, others: Collection[str] = ()) -> Written | None:
        """Return a function and its helpers as they are written, or None where no cell defines it.

        Args:
            function: its name.
            others: names that are no helpers: the functions of other exercises.
        """
        if function not in self._known:
            return None
        shown = self._reached(function, {name for name in others if name != function})
        texts = [one.text for name, (_, one) in self._known.items() if name in shown and name != function]
        text = "\n\n\n".join(dict.fromkeys([*texts, self._known[function][1].text]))
        led = self._reached(function, set())
        places = {name: (number, one.first, one.last) for name, (number, one) in self._known.items() if name in led}
        return Written(text, places)

    def _reached(self, function: str, without: Collection[str]) -> set[str]:
        """Return the names that a function leads to, itself among them."""
        names = frozenset(self._known).difference(without)
        found: set[str] = set()
        read: set[str] = set()
        ahead = [function]
        while ahead:
            name = ahead.pop()
            if name in found:
                continue
            found.add(name)
            one = self._known[name][1]
            if one.text not in read and (one.words & names) - {name}:
                ahead += self._asks(one.text) & names
            read.add(one.text)  # a hundred names may be bound by one statement
        return found

    def _asks(self, text: str) -> frozenset[str]:
        if text not in self._asked:
            self._asked[text] = _asked(text)
        return self._asked[text]


def _definitions_of(cell: str) -> tuple[Definition, ...]:
    """Return the names that a cell binds at its top, in order; none where it is no Python, or too long to be."""
    if len(cell) > READING.cell:
        return ()
    return (_remembered if len(cell) <= _SMALL else _read)(cell)


def _read(cell: str) -> tuple[Definition, ...]:
    text = _without_magics(cell.replace("\r\n", "\n").replace("\r", "\n"))
    tree = _parse(text)
    if tree is None:
        return ()
    lines = text.split("\n")
    stretches: dict[tuple[int, int], tuple[str, frozenset[str]]] = {}  # of lines, which statements may share
    return tuple(found for statement in tree.body for found in _definitions(statement, lines, stretches))


_remembered = functools.lru_cache(_KEPT)(_read)


def leading_lines(cell: str) -> int:
    """Return the number of empty lines at the beginning of a cell: IPython leaves them out before it counts."""
    found = _EMPTY_LINES.match(cell)
    return cell.count("\n", 0, found.end()) if found is not None else 0


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


def _definitions(
    statement: ast.stmt, lines: list[str], stretches: dict[tuple[int, int], tuple[str, frozenset[str]]]
) -> Iterator[Definition]:
    names = set(_bound(statement))
    if not names:
        return
    first = min([statement.lineno, *(one.lineno for one in getattr(statement, "decorator_list", ()))])
    last = statement.end_lineno or statement.lineno
    if (first, last) not in stretches:
        text = "\n".join(lines[first - 1 : last]).strip()
        stretches[first, last] = (text, frozenset(_WORD.findall(text)))
    for name in sorted(names):
        yield Definition(name, *stretches[first, last], first, last)


def _asked(text: str) -> frozenset[str]:
    """Return the names that a statement asks for and does not bind itself: a helper called in a docstring is none."""
    own: set[str] = set()
    asked: set[str] = set()
    for node in ast.walk(_parse(text) or ast.Module([], [])):
        if isinstance(node, ast.Name):
            (own if isinstance(node.ctx, ast.Store) else asked).add(node.id)
        elif isinstance(node, ast.arg):
            own.add(node.arg)
    return frozenset(asked - own)


def _bound(statement: ast.AST) -> Iterator[str]:
    """Yield the names that a statement binds, those in the branches of an `if`, a loop, a `try` or a `with`, too."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
        yield from _stored(statement)
    elif isinstance(statement, _BRANCHING):
        for child in ast.iter_child_nodes(statement):
            yield from _bound(child) if isinstance(child, ast.stmt | _BRANCHING) else _stored(child)


def _stored(node: ast.AST) -> Iterator[str]:
    return (one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store))
