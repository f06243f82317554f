"""A notebook as the judge sees it: code cells in order, some of which carry an exercise's check."""

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from autograder.names import PREFIX

NBFORMAT = 4
DOUBTFUL = "autograder_doubtful"  # in the metadata of a written answer's cell: a human has to look for the answer
FOUND = "autograder_found"  # in the metadata of a cell of ours: the grade_id whose answer it may show
SKIPPED = "skip-execution"  # the tag of a cell that nobody runs, as nbclient, Jupyter's own, knows it


class NotebookError(ValueError):
    """The bytes are no notebook; the text says what is wrong with them."""


@dataclass(frozen=True)
class Ordinary:
    """A grade cell without a grader, judged by nbgrader's rule; `full` is its text with the hidden tests in it."""

    grade_id: str
    points: float
    full: str


@dataclass(frozen=True)
class Cell:
    """One code cell.

    Attributes:
        index: among all cells of its notebook.
        source: as it is shown: without hidden tests.
        exercise: what is judged from outside where it stands.
        ordinary: how it is judged by what it does itself.
        heading: the last one above it in the notebook.
        file: whether it is a file of Python rather than a cell.
    """

    index: int
    source: str
    exercise: str | None = None
    ordinary: Ordinary | None = None
    heading: str = ""
    file: bool = False


@dataclass(frozen=True)
class HiddenTests:
    """What marks hidden tests in a cell: a line that holds one of these begins or ends them."""

    begin: str = "BEGIN HIDDEN TESTS"
    end: str = "END HIDDEN TESTS"

    def removed(self, source: str) -> str:
        """Return a cell's text without its hidden tests, as nbgrader's `ClearHiddenTests` makes it."""
        kept, hidden = [], False
        for line in source.split("\n"):
            if self.begin in line:
                hidden = True
            elif self.end in line:
                hidden = False
            elif not hidden:
                kept.append(line)
        return "\n".join(kept)


HIDDEN_TESTS = HiddenTests()
_FILE = "file"  # in a notebook made of a file of Python
_LOOKED_AT = 50_000  # characters
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+(\S.*)")
_BEFORE = 3  # the format that notebooks had before 2015
_CONFLICT = b"<<<<<<< "


def read(data: bytes) -> dict[str, Any]:
    """Return the notebook in `data` as the dict that its JSON is.

    Raises:
        NotebookError: it is not JSON, not a notebook, or of another major version than 4.
    """
    if not data.strip():
        raise NotebookError("the file is empty")
    try:
        notebook = json.loads(data)
    except UnicodeDecodeError as error:
        raise NotebookError("the file is not text in UTF-8") from error
    except RecursionError as error:
        raise NotebookError("the file is nested too deeply") from error
    except json.JSONDecodeError as error:
        raise NotebookError(_not_json(data, error)) from error
    except ValueError as error:
        msg = f"the file is not JSON: {error}"
        raise NotebookError(msg) from error
    return _check_form(notebook)


def _not_json(data: bytes, error: json.JSONDecodeError) -> str:
    """Return what is wrong with a file that is not JSON."""
    lines = (line.lstrip() for line in data.splitlines())
    conflict = next((number for number, line in enumerate(lines, start=1) if line.startswith(_CONFLICT)), None)
    if conflict is not None:
        return (
            f"the file holds both sides of a conflict in git (<<<<<<< in line {conflict}): settle it, then hand it in"
        )
    return f"the file is not JSON (line {error.lineno}): it was cut off or damaged"


def _check_form(read: Any) -> dict[str, Any]:
    notebook: dict[str, Any] = read if isinstance(read, dict) else {}
    if "nbformat" not in notebook:
        raise NotebookError("the file is JSON but not a notebook")
    if notebook["nbformat"] == _BEFORE and notebook.get("worksheets"):
        notebook = _upgraded(notebook)
    if notebook["nbformat"] != NBFORMAT:
        shown = str(notebook["nbformat"])[:20]
        msg = f"the notebook has format {shown}, not 4: open it in Jupyter and save it again"
        raise NotebookError(msg)
    cells = notebook.get("cells")
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise NotebookError("the notebook has no list of cells")
    return notebook


def _upgraded(notebook: dict[str, Any]) -> dict[str, Any]:
    """Return a notebook of the format before, which old editors write, in ours.

    Raises:
        NotebookError: it is not built as one of that format.
    """
    from nbformat import convert, from_dict  # noqa: PLC0415 - slow to load, and seldom needed

    try:
        for sheet in notebook["worksheets"]:
            for cell in sheet["cells"]:  # a text may be a list of its lines
                cell |= {key: "".join(cell[key]) for key in ("source", "input") if isinstance(cell.get(key), list)}
        upgraded: dict[str, Any] = convert(from_dict(notebook), NBFORMAT)
    except Exception as error:
        msg = (
            f"the notebook has format {_BEFORE}, and cannot be changed into {NBFORMAT}: open it in Jupyter and save it"
        )
        raise NotebookError(msg) from error
    return upgraded


def source_of(cell: dict[str, Any]) -> str:
    """Return a cell's source, which may be stored as text or as a list of lines, as text that has an encoding."""
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return clean(_with_plain_lines(source)) if isinstance(source, str) else ""


def _with_plain_lines(text: str) -> str:
    """Return text as if it had been written on this machine: line feeds alone end lines, and no mark begins it."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def as_python(source: str) -> str:
    """Return a cell's text as Python: IPython's own commands, such as `%matplotlib inline`, become calls."""
    from IPython.core.inputtransformer2 import TransformerManager  # noqa: PLC0415 - slow to load, and seldom needed

    return str(TransformerManager().transform_cell(source))


def clean(text: str) -> str:
    """Return text that can be written as UTF-8: JSON may hold halves of characters."""
    return text.encode("utf-8", "replace").decode()


def code_cells(
    notebook: dict[str, Any], exercises: tuple[str, ...], hidden: HiddenTests = HIDDEN_TESTS, name: str = ""
) -> list[Cell]:
    """Return the code cells in order; a grade cell `x` or `test_x` is that of exercise x, where there is one.

    An exercise's second grade cell has none: the first one counts.

    Args:
        notebook: its content.
        exercises: of its assignment.
        hidden: what marks hidden tests.
        name: of the notebook, which may have exercises of its own.
    """
    cells: list[Cell] = []
    seen: set[str] = set()
    heading, file = "", notebook.get(_FILE) is True
    for index, cell in enumerate(notebook["cells"]):
        if cell.get("cell_type") != "code":
            heading = last_heading(source_of(cell)) or heading
            continue
        source, graded = source_of(cell), _graded(cell)
        exercise = None if graded is None else exercise_of(graded[0], exercises, name)
        if graded is None or exercise in seen:
            cells.append(Cell(index, "" if is_skipped(cell) else source, heading=heading, file=file))
        elif exercise is None:
            cells.append(Cell(index, hidden.removed(source), ordinary=Ordinary(*graded, source), heading=heading))
        else:
            seen.add(exercise)
            cells.append(Cell(index, hidden.removed(source), exercise, heading=heading))
    return cells


def inside(value: Any, *keys: str) -> Any:
    """Return what stands under some keys of JSON of which nothing is sure, one within the other, or None."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def last_heading(text: str) -> str:
    """Return the last heading in the first 50,000 characters of a cell's text, or nothing."""
    found = [match[1] for line in text[:_LOOKED_AT].split("\n") if (match := _HEADING.match(line))]
    return found[-1].strip("# ").replace("`", "") if found else ""


def is_skipped(cell: dict[str, Any]) -> bool:
    """Say whether a cell is tagged not to be run; one that nbgrader manages is run all the same."""
    metadata = cell.get("metadata")
    if not isinstance(metadata, dict) or metadata.get("nbgrader"):
        return False
    tags = metadata.get("tags")
    return isinstance(tags, list) and SKIPPED in tags


def put_last(cells: list[Cell], exercises: Iterable[str], end: int) -> list[Cell]:
    """Return the cells, and after them one for each exercise that has none: the notebook was never in a course.

    Args:
        cells: of the notebook.
        exercises: that are to be judged.
        end: the number of cells in the notebook.
    """
    seen = {cell.exercise for cell in cells}
    missing = [name for name in exercises if name not in seen]
    return [*cells, *(Cell(end + number, "", name) for number, name in enumerate(missing))]


def exercise_of(grade_id: str, exercises: Collection[str], notebook: str = "") -> str | None:
    """Return the exercise whose grade cell has this id, or None where there is no grader for it.

    Args:
        grade_id: of the cell.
        exercises: of the assignment: `x`, or `notebook/x` where a notebook has its own grader.
        notebook: that the cell stands in.
    """
    return next((name for name in exercise_names(grade_id, notebook) if name in exercises), None)


def exercise_names(grade_id: str, notebook: str) -> tuple[str, ...]:
    """Return what the exercise of a grade cell may be called, the notebook's own first."""
    plain = (grade_id, grade_id.removeprefix(PREFIX))
    return (*(f"{notebook}/{name}" for name in plain), *plain)


def _graded(cell: dict[str, Any]) -> tuple[str, float] | None:
    """Return id and points of an autograded cell, or None where it is none."""
    nbgrader = inside(cell, "metadata", "nbgrader")
    if not isinstance(nbgrader, dict) or nbgrader.get("grade") is not True or nbgrader.get("solution") is True:
        return None
    grade_id, points = nbgrader.get("grade_id"), nbgrader.get("points", 0.0)
    if not isinstance(grade_id, str) or isinstance(points, bool) or not isinstance(points, int | float):
        return None
    return grade_id, float(points)


def from_script(source: str, exercises: tuple[str, ...], given: str = "") -> dict[str, Any]:
    """Return a notebook that runs a `.py` solution in one cell, with a grade cell for each exercise after it.

    Args:
        source: of the solution.
        exercises: in the order of their grade cells.
        given: source of functions that a student has from the start; the solution's own take their place.
    """
    marks = [{"nbgrader": {"grade": True, "grade_id": PREFIX + name}} for name in exercises]
    checks = [{"cell_type": "code", "metadata": mark, "source": ""} for mark in marks]
    code = [{"cell_type": "code", "metadata": {}, "source": text} for text in (source, given)]
    return {"nbformat": NBFORMAT, _FILE: True, "cells": [*(code[1:] if given else []), code[0], *checks]}
