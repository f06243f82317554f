"""Solution files outside any course: a `.py` with the functions, or a notebook."""

import re
import tokenize
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from autograder.diagnosis.exercise import exercises
from autograder.grading.assignment import Assignment
from autograder.judge.files import read_regular
from autograder.judge.notebook import NotebookError, clean, code_cells, from_script, read

_NAMED = re.compile(r"^[ \t]*(?:async[ \t]+)?(?:def[ \t]+(\w+)|(\w+)[ \t]*=(?!=))", re.MULTILINE)


def read_solution(path: Path, assignment: Assignment) -> tuple[dict[str, Any], str]:
    """Return a solution as a notebook, and the `__name__` under which it runs.

    A `.py` file that lacks a function which the assignment's notebook gives to every student gets it.

    Raises:
        NotebookError: the file cannot be used; the text says why.
    """
    data = _read(path, assignment.limits.notebook_bytes)
    if path.suffix == ".ipynb":
        return read(data), "__main__"
    source = _decode(data)
    return from_script(source, assignment.exercises, _given(assignment, _defined(source))), clean(path.stem)


def _read(path: Path, max_bytes: int) -> bytes:
    data = read_regular(path, max_bytes, follow=True)
    if path.suffix not in (".py", ".ipynb"):
        raise NotebookError("neither a .py nor an .ipynb file")
    if not data.strip():
        raise NotebookError("the file is empty")
    return data


def _decode(data: bytes) -> str:
    lines = iter(data.splitlines(keepends=True))
    try:
        encoding, _ = tokenize.detect_encoding(lambda: next(lines, b""))
        return data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise NotebookError("the file is not text in UTF-8") from error


def _given(assignment: Assignment, defined: Collection[str]) -> str:
    """Return the source of the reference's functions that are given, and missing here; the notebook shows them, too."""
    missing = [name for name in assignment.given if name not in defined]
    if not missing:
        return ""
    reference = next(iter(exercises(assignment).values())).text.reference
    return "\n".join(map(reference.source, missing))


def _defined(source: str) -> set[str]:
    """Return the names that a piece of code gives to functions and values, as far as its text shows them."""
    return {name for names in _NAMED.findall(source) for name in names}


def meant(path: Path, known: Iterable[Assignment]) -> Assignment | None:
    """Return the one assignment whose functions or grade cells a solution has, or None where none or several fit.

    Functions that two assignments know decide only where nothing else does.
    """
    known = list(known)
    if len(known) == 1:
        return known[0]
    try:
        found = _names(path, known)
    except NotebookError:
        return None
    for only_own in (True, False):
        fitting = [one for one in known if found & (_own(one, known) if only_own else {*one.exercises})]
        if fitting:
            return fitting[0] if len(fitting) == 1 else None
    return None


def _own(assignment: Assignment, known: Iterable[Assignment]) -> set[str]:
    """Return the exercises of an assignment that no other one has or gives."""
    others = [other for other in known if other.name != assignment.name]
    return {*assignment.exercises} - {name for other in others for name in (*other.exercises, *other.given)}


def _names(path: Path, known: Iterable[Assignment]) -> set[str]:
    """Return the names that a solution's code defines, and the exercises of its grade cells."""
    data = _read(path, max(assignment.limits.notebook_bytes for assignment in known))
    if path.suffix == ".py":
        return _defined(_decode(data))
    every = tuple(name for assignment in known for name in assignment.exercises)
    cells = code_cells(read(data), every)
    return _defined("\n".join(cell.source for cell in cells)) | {
        cell.exercise for cell in cells if cell.exercise and cell.source
    }
