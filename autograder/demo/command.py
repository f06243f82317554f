"""`autograder demo`: builds the scratch course, goes through the circle with a progress bar, shows what came out."""

import shutil
import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from autograder.demo.circle import Circle
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

        def at_once(what: str, step: Callable[[str], None]) -> None:
            """Take a step that is one for all students."""
            task = progress.add_task(what, total=1)
            step(assignment)
            progress.advance(task)

        at_once(f"{assignment}: release", circle.release)
        in_time_first = sorted(students, key=lambda student: student.late)
        for student in progress.track(in_time_first, description="fetch, fill in, submit"):
            if student.late:
                circle.set_due_now(assignment)
            circle.hand_in(assignment, student)
        at_once("collect", circle.collect)
        started = time.monotonic()
        for _ in progress.track(circle.autograde(assignment), len(students), description="autograde"):
            pass
        seconds = time.monotonic() - started
        at_once("feedback", circle.give_feedback)
    return seconds
