"""Two courses with the same ordinary assignments and hand-ins: one is stock nbgrader's, one calls `configure(c)`."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import warm
from nbgrader.api import Gradebook

# Automatic score and need of a manual one of each grade: by assignment, student, notebook and cell.
Marks = dict[tuple[str, ...], tuple[float | None, bool]]
STOCK_MARKS = Path(__file__).with_name("stock_marks.json")
PROGRAMS = Path(sys.executable).parent
OURS = "\nfrom autograder.course.configure import configure\nconfigure(c)\n"
SECRET = "the answer to everything"
HIDDEN = f"""
### BEGIN HIDDEN TESTS
assert squares(3) == [1, 4, 9], {SECRET!r}
assert squares(4)[-1] == 16
### END HIDDEN TESTS"""
RIGHT = "def squares(n):\n    if n < 1:\n        raise ValueError\n    return [i ** 2 for i in range(1, n + 1)]\n"
SUM = "def sum_of_squares(n):\n    return sum(squares(n))\n"
# Fails the hidden test alone: wrong only where the visible ones do not look.
SLY = RIGHT + "old = squares\ndef squares(n):\n    return [0] if n in (3, 4) else old(n)\n"


def run(folder: Path, *command: str, fails: bool = False) -> subprocess.CompletedProcess[str]:
    """Run a command in a course."""
    program, *arguments = command
    path = f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "HOME": str(folder), "XDG_CACHE_HOME": warm.CACHE}
    if arguments[0] == "autograde" and program == "autograder" and "--workers" not in arguments:
        arguments[1:1] = ["--workers", "1"]  # each takes seconds to start
    done = warm.run(program, arguments, folder, environment)
    assert fails or done.returncode == 0, done.stderr[-3000:]
    return done


def code(source: str, grade_id: str = "", points: float | None = None, *, solution: bool = False) -> dict:
    """Return a code cell: plain, a solution, or an autograded one where it has points."""
    cell = {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
    if grade_id:
        flags = {"schema_version": 3, "grade_id": grade_id, "grade": points is not None, "solution": solution}
        flags |= {"locked": not solution, "task": False} | ({"points": points} if points is not None else {})
        cell |= {"metadata": {"nbgrader": flags}, "id": grade_id}
    return cell


def notebook(*cells: dict) -> str:
    """Return a notebook."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    numbered = [{"id": f"c{number}", **cell} for number, cell in enumerate(cells)]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": kernel, "cells": numbered})


def quickstart(folder: Path) -> None:
    """Make nbgrader's own example course, with a hidden test added to a cell of its first notebook."""
    run(folder.parent, "nbgrader", "quickstart", folder.name, "--force")
    path = folder / "source" / "ps1" / "problem1.ipynb"
    content = json.loads(path.read_text())
    cells = {one["metadata"].get("nbgrader", {}).get("grade_id"): one for one in content["cells"]}
    cell = cells["correct_squares"]
    cell["source"] = "".join(cell["source"]) + HIDDEN
    path.write_text(json.dumps(content))


def hand_in(
    folder: Path, assignment: str, student: str, edits: dict[str, dict[str, str]], left_out: tuple = ()
) -> None:
    """Hand in the released notebooks, in which some cells have another source, by notebook and grade_id."""
    target = folder / "submitted" / student / assignment
    shutil.copytree(folder / "release" / assignment, target)
    for path in target.glob("*.ipynb"):
        content = json.loads(path.read_text())
        for cell in content["cells"]:
            grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
            cell["source"] = edits.get(path.stem, {}).get(grade_id, cell["source"])
        path.write_text(json.dumps(content))
    for name in left_out:
        (target / f"{name}.ipynb").unlink()
    (target / "timestamp.txt").write_text("2026-11-23 12:00:00 UTC")
    (target / "submission_secret.txt").write_text(f"{abs(hash(student)):0128x}"[-128:])


def ours_beside(stock: Path, ours: Path) -> None:
    """Copy a course, and let the copy call `configure(c)`."""
    shutil.copytree(stock, ours)
    config = ours / "nbgrader_config.py"
    config.write_text(config.read_text() + OURS)


def stock_marks() -> Marks:
    """Return the marks that stock nbgrader gave when it graded the course of `odd.make_both`, as they were kept."""
    return {tuple(key): (score, manual) for *key, score, manual in json.loads(STOCK_MARKS.read_text())}


def marks(folder: Path, course_id: str = "") -> Marks:
    """Return automatic score and need of a manual one of each grade: by assignment, student, notebook and cell."""
    found = {}
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", course_id) as gradebook:
        for assignment in gradebook.assignments:
            for submission in gradebook.assignment_submissions(assignment.name):
                for book in submission.notebooks:
                    for grade in book.grades:
                        key = (assignment.name, submission.student.id, book.name, grade.name)
                        found[key] = (grade.auto_score, grade.needs_manual_grade)
    return found
