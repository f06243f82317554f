"""What students hand in: the released notebook, filled in with a solution, and what then happened to it."""

import copy
import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.grading.assignment import Assignment, find, names
from autograder.names import PREFIX

_CLASSES = Path(__file__).parent / "classes"

Notebook = dict[str, Any]
Files = dict[str, bytes]


def assignments() -> list[str]:
    """Return the names of the assignments that the demo's class can hand in."""
    return [name for name in names() if (_CLASSES / f"{name}.toml").is_file()]


class HandIns:
    """What a class hands in: `classes/<assignment>.toml` says what each solution is.

    Args:
        name: of the assignment.

    Attributes:
        people: who is in the class, as the file has it.
        solutions: their names.
    """

    def __init__(self, name: str) -> None:
        self.assignment = find(name)
        self.people = tomllib.loads((_CLASSES / f"{name}.toml").read_text(encoding="utf-8"))
        self._plain = self.people.pop("plain")
        self._solutions = self.people.pop("solutions")
        self.solutions = tuple(self._solutions)

    def cells(self, solution: str) -> dict[str, str]:
        """Return the code that goes into each of a student's cells: the plain function where they did nothing else."""
        own = {**self._plain, **self._solutions[solution]}
        return {exercise: own[exercise].strip() for exercise in self.assignment.exercises}

    def script(self, solution: str) -> str:
        """Return a solution as a file of its own."""
        return "\n\n\n".join(["import numpy as np", *self.cells(solution).values()]) + "\n"

    def headline(self, solution: str) -> str:
        """Return what a solution is, in one line."""
        title: str = self._solutions[solution]["title"]
        return title

    def fill(self, notebook: Notebook, solution: str | None, answer: str) -> Notebook:
        """Return the released notebook with a solution and a written answer in it; None leaves the stubs."""
        filled = copy.deepcopy(notebook)
        cells = self.cells(solution) if solution is not None else {}
        for cell in filled["cells"]:
            metadata = cell["metadata"].get("nbgrader", {})
            if metadata.get("solution") and metadata.get("grade") and answer:
                cell["source"] = answer
            elif metadata.get("solution") and metadata["grade_id"] in cells:
                cell["source"] = cells[metadata["grade_id"]]
        return filled

    def files(self, notebook: Notebook, twist: str = "hand_in") -> Files:
        """Return what is handed in of a notebook after a twist."""
        return TWISTS[twist](notebook, self.assignment)


def _hand_in(notebook: Notebook, assignment: Assignment) -> Files:
    """Hand in the notebook as it is."""
    return {f"{assignment.notebook}.ipynb": json.dumps(notebook, indent=1).encode()}


def _cut_off(notebook: Notebook, assignment: Assignment) -> Files:
    """Hand in the first half of the file, as after a full disk."""
    ((name, whole),) = _hand_in(notebook, assignment).items()
    return {name: whole[: len(whole) // 2]}


def _rename(notebook: Notebook, assignment: Assignment) -> Files:
    """Hand it in under another name."""
    (whole,) = _hand_in(notebook, assignment).values()
    return {f"{assignment.notebook} (final).ipynb": whole}


def _delete_grade_cell(notebook: Notebook, assignment: Assignment) -> Files:
    """Hand it in without the check of the second exercise."""
    cells = [cell for cell in notebook["cells"] if _grade_id(cell) != PREFIX + assignment.exercises[1]]
    return _hand_in({**notebook, "cells": cells}, assignment)


def _copy_cell(notebook: Notebook, assignment: Assignment) -> Files:
    """Hand it in with the second exercise's cell twice, mark and all."""
    cells = list(notebook["cells"])
    place = next(i for i, cell in enumerate(cells) if _grade_id(cell) == assignment.exercises[1])
    cells.insert(place, {**copy.deepcopy(cells[place]), "id": "copied"})
    return _hand_in({**notebook, "cells": cells}, assignment)


def _grade_id(cell: dict[str, Any]) -> str | None:
    grade_id: str | None = cell["metadata"].get("nbgrader", {}).get("grade_id")
    return grade_id


TWISTS: dict[str, Callable[[Notebook, Assignment], Files]] = {
    "hand_in": _hand_in,
    "cut_off": _cut_off,
    "rename": _rename,
    "delete_grade_cell": _delete_grade_cell,
    "copy_cell": _copy_cell,
}
