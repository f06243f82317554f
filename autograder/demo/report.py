"""What the demo shows at its end: a row for each student, and where everything is."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.course.records import outcomes
from autograder.demo.roster import Student, the_class
from autograder.grading.assignment import find


def show(console: Console, folder: Path, assignment: str) -> None:
    """Print the table of one assignment: a row per student, a numbered column per exercise."""
    students = the_class(assignment)
    found = {student.id: outcomes.read(folder, assignment, student.id) for student in students}
    names = find(assignment).exercises
    exercises = [f"{number} {name}" for number, name in enumerate(names, start=1)]
    console.print(f"[bold]{assignment}[/bold]: {', '.join(exercises)}", highlight=False)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("student")
    table.add_column("what they did", ratio=1)
    for number in range(1, len(names) + 1):  # as the notebook numbers them; six names would fill the line
        table.add_column(str(number), justify="right")
    table.add_column("points", justify="right")
    for student in students:
        table.add_row(student.id, *_row(student, found[student.id], names))
    console.print(table)
    told = [outcome for outcome in found.values() if outcome]
    graded = sum(1 for outcome in told if outcome["outcome"] == "graded")
    console.print(f"{len(told)} outcomes: {graded} graded, {len(told) - graded} for a human to look at.")


def _row(student: Student, outcome: dict[str, Any] | None, names: Sequence[str]) -> list[str]:
    if outcome is None:
        return [escape(student.what), *("" for _ in names), "no outcome"]
    points = {result["exercise"]: result["points"] for result in outcome["exercises"]}
    what = escape(student.what)
    if outcome["outcome"] == "needs_review":
        what += f"\n[yellow]needs review: {escape(outcome['reason'])}[/yellow]"
    total = _number(outcome["points"]) if outcome["exercises"] else "–"
    return [what, *(_number(points.get(name)) for name in names), f"[bold]{total}[/bold]"]


def _number(points: float | None) -> str:
    return "–" if points is None else f"{points:g}"


def show_places(console: Console, folder: Path, assignments: list[str]) -> None:
    """Print where everything is, and the way on."""
    console.print("Written questions wait in Formgrader. Where everything is:\n", highlight=False)
    found = [
        place
        for name in assignments
        for place in (
            ("feedback", f"feedback/*/{name}/{find(name).notebook}.html"),
            ("outcomes", f"outcomes/{name}/*.json"),
        )
    ]
    for title, path in (*found, ("gradebook", "gradebook.db"), ("marks", "grades.csv"), ("log", "nbgrader.log")):
        console.print(f"  {title:<15} {folder.name}/{path}", highlight=False)
    console.print(
        f"\nOpen the course in JupyterLab (menu Nbgrader, Formgrader):\n\n  {open_command(folder)}\n", highlight=False
    )


def open_command(folder: Path) -> str:
    """Return the command that opens JupyterLab with nbgrader's extensions on the scratch course."""
    return f"cd {folder} && {Path(sys.executable).parent / 'jupyter'} lab{' --allow-root' if os.getuid() == 0 else ''}"
