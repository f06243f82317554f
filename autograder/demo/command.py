"""`autograder demo`: builds the scratch course, goes through the circle with a progress bar, shows what came out."""

import shutil
import time
from argparse import Namespace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from autograder.demo.circle import Circle, CircleError
from autograder.demo.hand_ins import assignments
from autograder.demo.report import show, show_places
from autograder.demo.roster import the_class
from autograder.sandbox.walls.standing import AUTO, choose

_MARK = ".autograder-demo"
_DEFAULT = "demo-course"


class DemoError(RuntimeError):
    """The demo cannot be built here; the text says why and what to do."""


def run(options: Namespace) -> int:
    """Run the demo; returns the exit status.

    Raises:
        WallError: student code cannot be walled off here.
        DemoError: the folder holds something else.
        CircleError: a step of nbgrader's failed.
    """
    wall = choose(options.isolation or AUTO)
    folder = Path(options.folder or _DEFAULT).absolute()
    _make_room(folder)
    console = Console()
    circle = Circle(folder, wall if options.isolation else AUTO)
    (folder / _MARK).touch()
    with circle.logged():
        taken = {assignment: _go_round(circle, assignment, console) for assignment in assignments()}
        circle.export()
    for assignment, seconds in taken.items():
        show(console, folder, assignment)
        console.print(f"Grading the {len(the_class(assignment))} submissions took {seconds:.0f} s.\n")
    show_places(console, folder, list(taken))
    return 0


def _make_room(folder: Path) -> None:
    """Remove an earlier demo; refuse anything else."""
    if not folder.exists():
        return
    if not (folder / _MARK).is_file() and any(folder.iterdir()):
        raise DemoError(f"{folder} is not an earlier demo; name another folder: autograder demo FOLDER")
    shutil.rmtree(folder)


def _go_round(circle: Circle, assignment: str, console: Console) -> float:
    """Take every student of an assignment round; return the seconds that the grading took."""
    students = the_class(assignment)
    columns = (TextColumn("{task.description:<22}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        step = progress.add_task(f"{assignment}: release", total=1)
        circle.release(assignment)
        progress.advance(step)
        step = progress.add_task("fetch, fill in, submit", total=len(students))
        for student in [*(s for s in students if not s.late), *(s for s in students if s.late)]:
            if student.late:
                circle.set_due_now(assignment)
            circle.hand_in(assignment, student)
            progress.advance(step)
        step = progress.add_task("collect", total=1)
        circle.collect(assignment)
        progress.advance(step)
        started = time.monotonic()
        step = progress.add_task("autograde", total=len(students))
        for _ in circle.autograde(assignment):
            progress.advance(step)
        seconds = time.monotonic() - started
        step = progress.add_task("feedback", total=1)
        circle.give_feedback(assignment)
        progress.advance(step)
    return seconds


__all__ = ["CircleError", "DemoError", "run"]
