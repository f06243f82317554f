"""What the text of the cells tells: why a name is missing, and how a function is written.

A name is missing where the cell that would have defined it stopped before, or where it is spelled in another way.

Cells are named as a notebook shows them, `In [2]`, with the heading above them. Their text is read line by line, and
parsed in no process of ours.
"""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from autograder.judge.notebook import Cell
from autograder.sandbox.answers import Raised, Where
from autograder.sandbox.printable import printable
from autograder.sandbox.session import CellRun

_LOOKED_AT, _LONG = 50_000, 1_000  # characters of a cell, and of a line of it
_MAX_LINE = 80
_MAX_HEADING = 40
_NEAR = 0.75  # of two names that may be meant to be the same
_UNREAD = ("SyntaxError", "IndentationError", "TabError")  # of a cell of which nothing ran
_IMPORT = re.compile(r"(?:import|from)\s")
_DEFINED = re.compile(r"(?:async\s+)?(?:def|class)\s+(\w+)|(\w+)\s*(?::[^=]*)?=(?!=)|from\s+[\w.]+\s+import\s+(\w+)")
_UNDEFINED = re.compile(r"name '(\w+)' is not defined")


def label(cell: Cell, number: int) -> str:
    """Return what a cell is called: as the notebook numbers it, and by the heading above it."""
    if cell.file:
        return "the file"
    heading = f" under “{printable(cell.heading[:_MAX_HEADING])}”" if cell.heading else ""
    return f"the cell In [{number}]{heading}"


def called(cell: Cell, number: int) -> str:
    """Return a cell's short name."""
    return "the file" if cell.file else f"In [{number}]"


class Causes:
    """Tells for one run of a notebook why a name is missing.

    Args:
        cells: of the notebook, in their order.
        ran: how each ended, by its index.
    """

    def __init__(self, cells: Sequence[Cell], ran: Mapping[int, CellRun]) -> None:
        self._cells = list(enumerate(cells, start=1))
        self._ran = ran

    def of_missing(self, name: str, exercise: str) -> str:
        """Return why there is no such function when an exercise's check is reached; nothing where nobody can tell."""
        cause = self._stopped(name)
        if cause:
            return f"; {cause}"
        if below := self.below(name, exercise):
            return below
        near = self._near(name)
        return f"; there is `{near}`: is that the one?" if near else ""

    def below(self, name: str, exercise: str) -> str:
        """Return which cell below an exercise's check defines a function, or nothing."""
        check = next((number for number, cell in self._cells if cell.exercise == exercise), 0)
        for number, cell in self._cells[check:] if check else ():
            if name in set(_names(cell.source)):
                return f"; {label(cell, number)} defines it, and comes after the check"
        return ""

    def of(self, error: Raised) -> str:
        """Return what to add to a message of an error: why the name is missing that it is about, or nothing."""
        found = _UNDEFINED.fullmatch(error.message) if error.type in ("NameError", "UnboundLocalError") else None
        if found is None:
            return ""
        cause = self._stopped(found[1])
        if cause:
            return f". {cause[0].upper()}{cause[1:]}"
        near = self._near(found[1])
        return f". There is `{near}`" if near else ""

    def text_of(self, function: str) -> str:
        """Return the text of the last function of this name, without its comments; nothing where there is none."""
        head, found = re.compile(rf"(\s*)(?:def {re.escape(function)}\b|{re.escape(function)} *=)"), [""]
        for _, cell in self._cells:
            indent = None
            for line in cell.source[:_LOOKED_AT].split("\n"):
                if begun := head.match(line):
                    indent, found = len(begun[1]), [line]
                elif indent is not None and (not line.strip() or len(line) - len(line.lstrip()) > indent):
                    found.append(line.partition("#")[0])
                else:
                    indent = None
        return "\n".join(found)

    def called(self, where: Where | None) -> Where | None:
        """Return a place in the student's code with the name of its cell."""
        if where is None or not 1 <= where.cell <= len(self._cells):
            return where
        return replace(where, called=called(self._cells[where.cell - 1][1], where.cell))

    def _stopped(self, name: str) -> str:
        """Return which cell stopped before it gave a name its value, and at what; the last one that would have."""
        for number, cell in reversed(self._cells):
            places = [place for place, line in _lines(cell.source) if _gives(line, name)]
            run = self._ran.get(cell.index)
            if not places or run is None:
                continue
            if run.status == "ok":
                return ""
            how = _how(number, run, min(places))
            verb = "imports" if _IMPORT.match(cell.source.split("\n")[places[0] - 1].strip()) else "defines"
            return f"{label(cell, number)}, which {verb} it, {how}" if how else ""
        return ""

    def _near(self, name: str) -> str:
        """Return the name that a student may have meant to be this one."""
        defined = dict.fromkeys(one for _, cell in self._cells for one in _names(cell.source) if one != name)
        plain = {one.casefold().replace("_", ""): one for one in defined}
        same = plain.get(name.casefold().replace("_", ""))
        return same or next(iter(difflib.get_close_matches(name, list(defined), 1, _NEAR)), "")


def _how(number: int, run: CellRun, place: int) -> str:
    """Return how a cell stopped, or nothing where it had come past the line that gives the name."""
    if run.error is None:
        return {"timeout": "was stopped: it took too long", "died": "ended its process"}.get(run.status, "")
    where, said = run.error.where, f"{run.error.type}: {run.error.message}"
    if where is None or where.cell != number:
        return f"stopped with {said}"
    if run.error.type in _UNREAD:
        return f"stopped with {said}, line {where.line}"
    return "" if where.line > place else f"stopped at `{where.text[:_MAX_LINE]}` ({said})"


def _lines(source: str) -> Iterator[tuple[int, str]]:
    if not source.lstrip().startswith("%%"):  # what such a cell holds is another program's
        lines = source[:_LOOKED_AT].split("\n")
        yield from enumerate((line[:_LONG] for line in lines), start=1)


def _gives(line: str, name: str) -> bool:
    """Say whether a line of a cell's own, in no function of it, gives a name its value."""
    if name not in line or line[:1].isspace():
        return False
    word = re.escape(name)
    return (
        re.match(rf"(?:async\s+)?(?:def|class)\s+{word}\b", line) is not None
        or re.match(rf"(?:[\w, ]*,\s*)?{word}\s*(?:,[\w, ]*|:[^=]*)?=(?!=)", line) is not None
        or (_IMPORT.match(line) is not None and re.search(rf"\b{word}\b", line) is not None)
        or re.match(rf"(?:for|with)\b.*\b{word}\b", line) is not None
    )


def _names(source: str) -> Iterator[str]:
    """Yield the names that the lines of a cell's own give a value."""
    for _, line in _lines(source):
        if (found := _DEFINED.match(line)) is not None:
            yield next(filter(None, found.groups()))
