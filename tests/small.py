"""The smallest assignment that has graders: one exercise, which doubles a number."""

import json
from pathlib import Path

SETTINGS = 'exercises = ["double"]\n'
REFERENCE = """
def double(x):
    return 2 * x
"""
GRADER = '''
from autograder.grading import criterion

from .reference import double

@criterion(points=3)
def test_value(student):
    """Doubles."""
    assert student.double(2) == double(2)
'''


def cell(kind, source, **nbgrader):
    """Return a cell that nbgrader manages."""
    flags = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
    extra = {"outputs": [], "execution_count": None} if kind == "code" else {}
    metadata = {"nbgrader": flags | nbgrader}
    return {"cell_type": kind, "id": nbgrader["grade_id"], "metadata": metadata, "source": source} | extra


def notebook(body):
    """Return the notebook of an assignment with one exercise."""
    solution = f"def double(x):\n    ### BEGIN SOLUTION\n    {body}\n    ### END SOLUTION"
    cells = [
        cell("code", solution, grade_id="double", solution=True),
        cell("code", "assert callable(double)", grade_id="test_double", grade=True, locked=True, points=3),
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})


def write(root: Path, name: str, grader: str = GRADER) -> None:
    """Write the assignment's hidden folder and its source into a course."""
    hidden, source = root / "graders" / name, root / "source" / name
    for folder in (hidden, source):
        folder.mkdir(parents=True)
    for file, text in (("assignment.toml", SETTINGS), ("reference.py", REFERENCE), ("test_double.py", grader)):
        (hidden / file).write_text(text)
    (source / f"{name}.ipynb").write_text(notebook("return 2 * x"))


def hand_in(root: Path, name: str, student: str, body: str) -> None:
    """Hand in the notebook with a body of the function."""
    folder = root / "submitted" / student / name
    folder.mkdir(parents=True)
    (folder / f"{name}.ipynb").write_text(notebook(body))
    (folder / "timestamp.txt").write_text("2026-11-23 12:00:00 UTC")
    (folder / "submission_secret.txt").write_text(student.encode().hex().zfill(128))


def write_two(root: Path, name: str, graders: dict[str, str]) -> None:
    """Write an assignment of two notebooks, `a` and `b`, whose grade cells have the same id.

    Args:
        root: of the course.
        name: of the assignment.
        graders: their texts, by their paths in the hidden folder.
    """
    hidden, source = root / "graders" / name, root / "source" / name
    source.mkdir(parents=True)
    for body, book in (("return 2 * x", "a"), ("return x + x", "b")):
        (source / f"{book}.ipynb").write_text(notebook(body))
    for path, text in graders.items():
        (hidden / path).parent.mkdir(parents=True, exist_ok=True)
        (hidden / path).write_text(text)
    exercises = [path.removesuffix(".py").replace("test_", "") for path in graders]
    (hidden / "assignment.toml").write_text(f"exercises = {json.dumps(exercises)}\n")
    (hidden / "reference.py").write_text(REFERENCE)
