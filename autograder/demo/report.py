"""What the demo shows at its end: a row for each student, and where everything is."""

import os
import sys
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.course import outcomes
from autograder.demo.roster import Student, the_class
from autograder.diagnosis.exercise import exercises
from autograder.grading.assignment import find


def show(console: Console, folder: Path, assignment: str) -> None:
    """Print the table of one assignment, a row for each student."""
    students = the_class(assignment)
    found = {student.id: outcomes.read(folder, assignment, student.id) for student in students}
    titles = _titles(assignment)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("student")
    table.add_column("what they did", ratio=1)
    for title in titles.values():
        table.add_column(title, justify="right")
    table.add_column("points", justify="right")
    for student in students:
        table.add_row(student.id, *_row(student, found[student.id], list(titles)))
    console.print(table)
    told = [outcome for outcome in found.values() if outcome]
    graded = sum(1 for outcome in told if outcome["outcome"] == "graded")
    console.print(f"{len(told)} outcomes: {graded} graded, {len(told) - graded} for a human to look at.")


def _titles(assignment: str) -> dict[str, str]:
    """Return a short title per exercise: the notation of its answer, or its name where that is shorter."""
    known = exercises(assignment)
    return {
        name: min(name, known[name].text.quantity, key=len) if name in known else name
        for name in find(assignment).exercises
    }


def _row(student: Student, outcome: dict[str, Any] | None, names: list[str]) -> list[str]:
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
