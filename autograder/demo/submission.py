"""What a student hands in: the released notebook, filled in with a solution, and what then happened to it."""

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

SOLUTIONS = Path(__file__).parent / "solutions"

_FUNCTION = re.compile(r"^def (sigmoid|cost|dC_dw|dC_db)\(", re.MULTILINE)

Notebook = dict[str, Any]
Files = dict[str, bytes]
Twist = Callable[[Notebook], Files]


def solution_cells(name: str) -> dict[str, str]:
    """Return the code that goes into each of a student's cells.

    A cell gets all from its function up to the next one's; what stands above the first goes with it.
    """
    text = (SOLUTIONS / f"{name}.py").read_text(encoding="utf-8")
    _, _, text = text.partition('"""\n')
    starts = [(match.group(1), match.start()) for match in _FUNCTION.finditer(text)]
    ends = [start for _, start in starts[1:]] + [len(text)]
    cells = {exercise: text[start:end].strip() for (exercise, start), end in zip(starts, ends, strict=True)}
    cells["sigmoid"] = f"{text[: starts[0][1]].strip()}\n\n\n{cells['sigmoid']}"
    return cells


def headline(name: str) -> str:
    """Return what a solution's docstring says of it."""
    text = (SOLUTIONS / f"{name}.py").read_text(encoding="utf-8")
    return text.removeprefix('"""').partition('"""')[0].rstrip(".")


def fill(notebook: Notebook, solution: str | None, answer: str) -> Notebook:
    """Return the released notebook with a solution and a written answer in it; None leaves the stubs."""
    filled = copy.deepcopy(notebook)
    cells = solution_cells(solution) if solution is not None else {}
    for cell in filled["cells"]:
        metadata = cell["metadata"].get("nbgrader", {})
        if metadata.get("solution") and metadata.get("grade") and answer:
            cell["source"] = answer
        elif metadata.get("solution") and metadata["grade_id"] in cells:
            cell["source"] = cells[metadata["grade_id"]]
    return filled


def hand_in(notebook: Notebook) -> Files:
    """Hand in the notebook as it is."""
    return {"neuron.ipynb": json.dumps(notebook, indent=1).encode()}


def cut_off(notebook: Notebook) -> Files:
    """Hand in the first half of the file, as after a full disk."""
    (whole,) = hand_in(notebook).values()
    return {"neuron.ipynb": whole[: len(whole) // 2]}


def rename(notebook: Notebook) -> Files:
    """Hand it in under another name."""
    (whole,) = hand_in(notebook).values()
    return {"neuron (final).ipynb": whole}


def delete_grade_cell(notebook: Notebook) -> Files:
    """Hand it in without the check of the cost."""
    cells = [cell for cell in notebook["cells"] if _grade_id(cell) != "test_cost"]
    return hand_in({**notebook, "cells": cells})


def copy_cell(notebook: Notebook) -> Files:
    """Hand it in with the cost's cell twice, mark and all."""
    cells = list(notebook["cells"])
    place = next(i for i, cell in enumerate(cells) if _grade_id(cell) == "cost")
    cells.insert(place, {**copy.deepcopy(cells[place]), "id": "copied"})
    return hand_in({**notebook, "cells": cells})


def _grade_id(cell: dict[str, Any]) -> str | None:
    grade_id: str | None = cell["metadata"].get("nbgrader", {}).get("grade_id")
    return grade_id
