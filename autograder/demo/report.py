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
from autograder.demo.circle import ASSIGNMENT
from autograder.demo.roster import Student

_SHORT = {"sigmoid": "σ", "cost": "C", "dC_dw": "∂w", "dC_db": "∂b"}


def show(console: Console, folder: Path, students: list[Student]) -> None:
    """Print the table and the way on."""
    found = {student.id: outcomes.read(folder, ASSIGNMENT, student.id) for student in students}
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("student")
    table.add_column("what they did", ratio=1)
    for short in _SHORT.values():
        table.add_column(short, justify="right")
    table.add_column("points", justify="right")
    for student in students:
        table.add_row(student.id, *_row(student, found[student.id]))
    console.print(table)
    _summary(console, folder, [outcome for outcome in found.values() if outcome])


def _row(student: Student, outcome: dict[str, Any] | None) -> list[str]:
    if outcome is None:
        return [escape(student.what), *("" for _ in _SHORT), "no outcome"]
    points = {result["exercise"]: result["points"] for result in outcome["exercises"]}
    what = escape(student.what)
    if outcome["outcome"] == "needs_review":
        what += f"\n[yellow]needs review: {escape(outcome['reason'])}[/yellow]"
    total = _number(outcome["points"]) if outcome["exercises"] else "–"
    return [what, *(_number(points.get(exercise)) for exercise in _SHORT), f"[bold]{total}[/bold]"]


def _number(points: float | None) -> str:
    return "–" if points is None else f"{points:g}"


def _summary(console: Console, folder: Path, found: list[dict[str, Any]]) -> None:
    graded = sum(1 for outcome in found if outcome["outcome"] == "graded")
    console.print(f"{len(found)} outcomes: {graded} graded, {len(found) - graded} for a human to look at.\n")
    console.print("The written question waits in Formgrader. Where everything is:\n", highlight=False)
    for title, path in (
        ("feedback", f"feedback/*/{ASSIGNMENT}/neuron.html"),
        ("outcomes", f"outcomes/{ASSIGNMENT}/*.json"),
        ("gradebook", "gradebook.db"),
        ("marks", "grades.csv"),
        ("nbgrader's log", "nbgrader.log"),
    ):
        console.print(f"  {title:<15} {folder.name}/{path}", highlight=False)
    console.print(
        f"\nOpen the course in JupyterLab (menu Nbgrader, Formgrader):\n\n  {open_command(folder)}\n", highlight=False
    )


def open_command(folder: Path) -> str:
    """Return the command that opens JupyterLab with nbgrader's extensions on the scratch course."""
    return f"cd {folder} && {Path(sys.executable).parent / 'jupyter'} lab{' --allow-root' if os.getuid() == 0 else ''}"
