"""The text of a notebook's set-up cell."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.checks.inputs import Checks
from autograder.checks.written import Raw, answer, written
from autograder.grading.assignment import Assignment
from autograder.judge.collected import collected
from autograder.judge.judge import DEFAULT_SEED

_HELPERS = Path(__file__).with_name("helpers.py")
_CUT = "# below: the text of the cell\n"
_RIGHT_DIGITS, _WRONG_DIGITS = 7, 6
_CELL = """\
{mark}
import os
from copy import deepcopy
import numpy as np

{worked}CHECKS = [  # inputs, numbers on the way, right answer; and points, where these alone hang on it
{checks}]
USUAL = {{  # what usual mistakes give for the worked input
{usual}}}
{parts}

{helpers}"""


def mark(assignment: Assignment) -> str:
    """Return the first line of the cell, by which it is found again; Colab shows it in the place of the cell."""
    return f"#@title Run this first: the visible checks need it (`autograder checks {assignment.name}` writes it)"


def text(assignment: Assignment) -> str:
    """Return the whole cell.

    Args:
        assignment: whose notebook it stands in.

    Raises:
        GraderFault: the graders cannot be collected.
        CatalogueError: an entry of the catalogue cannot be used.
    """
    graders = collected(assignment, DEFAULT_SEED).graders
    found = [Checks(assignment, name, graders.criteria(name)) for name in assignment.exercises]
    helpers = _HELPERS.read_text(encoding="utf-8").partition(_CUT)[2].strip().replace("\n\n\n", "\n\n")
    rows = "".join(map(_rows, found))
    named = {one.name: one.parts for one in found if one.parts is not None}
    return _CELL.format(
        mark=mark(assignment),
        worked=_worked(found),
        checks=rows,
        usual=_usual(found),
        parts=written(named, "PARTS = ").rstrip("\n"),
        helpers=helpers,
    )


def _worked(found: Sequence[Checks]) -> str:
    """Return the statements that give the worked inputs; exercises that share one have it in one statement."""
    sharing: dict[str, list[Checks]] = {}
    for checks in found:
        sharing.setdefault(written(checks.worked), []).append(checks)
    lines = ["WORKED = {}  # an input per exercise, small enough to be worked by hand\n"]
    for group in sharing.values():
        targets = "".join(f'WORKED["{checks.name}"] = ' for checks in group)
        lines.append(written(group[0].given, targets))
    return "".join(lines)


def _rows(checks: Checks) -> str:
    """Return a row per input of one exercise; the worked input stands there by its name."""
    rows = []
    for number, one in enumerate(checks.checks()):
        given = list(one.given) if number else Raw(f'WORKED["{checks.name}"]')
        row = (checks.name, given, one.by_hand, answer(one.expected, _RIGHT_DIGITS), one.points)
        rows.append(written(row, "    ", ","))
    return "".join(rows)


def _usual(found: Sequence[Checks]) -> str:
    """Return a row per title; exercises whose mistakes are called alike share one."""
    answers: dict[str, dict[str, Any]] = {}
    for checks in found:
        for title, wrong in checks.usual().items():
            answers.setdefault(title, {})[checks.name] = answer(wrong, _WRONG_DIGITS)
    return "".join(written(by_exercise, f'    "{title}": ', ",") for title, by_exercise in answers.items())
