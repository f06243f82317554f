"""How attacks are handed in: each is a function that makes something of an honest notebook and its folder."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hand_ins import fill
from scratch import ASSIGNMENT

NAME = f"{ASSIGNMENT}.ipynb"
RELEASED = json.loads((Path(__file__).parents[2] / "release" / ASSIGNMENT / NAME).read_text())
RIGHT = fill(RELEASED, "right_stable", "")
WRONG = fill(RELEASED, "wrong_no_mean", "")
HONEST = ("aa-honest", "zz-honest")

Notebook = dict[str, Any]
Attack = Callable[[Path, Notebook], Notebook | None]

ATTACKS: dict[str, tuple[Attack, Notebook]] = {}


def hands_in(student: str, honest: Notebook = WRONG) -> Callable[[Attack], Attack]:
    """Let a student hand in what the function makes of an honest notebook; None leaves it to the function itself."""

    def register(attack: Attack) -> Attack:
        ATTACKS[student] = (attack, honest)
        return attack

    return register


def grade_cells(notebook: Notebook) -> list[dict[str, Any]]:
    """Return the cells that nbgrader marks."""
    return [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade")]


def with_code(notebook: Notebook, source: str, place: int = 0) -> Notebook:
    """Return the notebook with one more code cell; by default before all others."""
    cell = {"cell_type": "code", "id": f"evil{place}", "metadata": {}, "source": source}
    notebook["cells"].insert(place, {**cell, "outputs": [], "execution_count": None})
    return notebook


def before_each_check(notebook: Notebook, source: str) -> Notebook:
    """Return the notebook with one more code cell before each check: it comes after the function that is checked."""
    for cell in [cell for cell in grade_cells(notebook) if cell["cell_type"] == "code"]:
        with_code(notebook, source, notebook["cells"].index(cell))
    return notebook


def submit(folder: Path, student: str) -> None:
    """Hand in one of the attacks into a student's folder."""
    attack, honest = ATTACKS[student]
    if (notebook := attack(folder, copy.deepcopy(honest))) is not None:
        (folder / NAME).write_text(json.dumps(notebook))
