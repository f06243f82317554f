"""A notebook as the judge sees it: code cells in order, some of which carry an exercise's check."""

import json
from dataclasses import dataclass
from typing import Any

from autograder.grading.criteria import PREFIX

NBFORMAT = 4


class NotebookError(ValueError):
    """The bytes are no notebook; the text says what is wrong with them."""


@dataclass(frozen=True)
class Cell:
    """One code cell: its index among all cells, its source, and the exercise that is judged where it stands."""

    index: int
    source: str
    exercise: str | None = None


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
        msg = f"the file is not JSON (line {error.lineno}): it was cut off or damaged"
        raise NotebookError(msg) from error
    except ValueError as error:
        msg = f"the file is not JSON: {error}"
        raise NotebookError(msg) from error
    return _check_form(notebook)


def _check_form(notebook: Any) -> dict[str, Any]:
    if not isinstance(notebook, dict) or "nbformat" not in notebook:
        raise NotebookError("the file is JSON but not a notebook")
    if notebook["nbformat"] != NBFORMAT:
        shown = str(notebook["nbformat"])[:20]
        msg = f"the notebook has format {shown}, not 4: open it in Jupyter and save it again"
        raise NotebookError(msg)
    cells = notebook.get("cells")
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise NotebookError("the notebook has no list of cells")
    return notebook


def source_of(cell: dict[str, Any]) -> str:
    """Return a cell's source, which may be stored as text or as a list of lines, as text that has an encoding."""
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return clean(source) if isinstance(source, str) else ""


def clean(text: str) -> str:
    """Return text that can be written as UTF-8: JSON may hold halves of characters."""
    return text.encode("utf-8", "replace").decode()


def code_cells(notebook: dict[str, Any], exercises: tuple[str, ...]) -> list[Cell]:
    """Return the code cells in order; a grade cell names its exercise by its `grade_id`.

    An exercise's second grade cell is an ordinary cell: the first one counts. One that has none, as in a notebook that
    never was in a course, is judged after everything else.
    """
    cells: list[Cell] = []
    seen: set[str] = set()
    for index, cell in enumerate(notebook["cells"]):
        if cell.get("cell_type") != "code":
            continue
        exercise = _exercise(cell)
        known = exercise if exercise in exercises and exercise not in seen else None
        seen |= {known} if known else set()
        cells.append(Cell(index, source_of(cell), known))
    end = len(notebook["cells"])
    return cells + [Cell(end + number, "", name) for number, name in enumerate(exercises) if name not in seen]


def _exercise(cell: dict[str, Any]) -> str | None:
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    if not isinstance(nbgrader, dict) or nbgrader.get("grade") is not True:
        return None
    grade_id = nbgrader.get("grade_id")
    if isinstance(grade_id, str) and grade_id.startswith(PREFIX):
        return grade_id.removeprefix(PREFIX)
    return None


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
    return {"nbformat": NBFORMAT, "cells": [*(code[1:] if given else []), code[0], *checks]}
