"""Which submissions there are, and which of them are new or changed."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.course import outcomes
from autograder.course.course import Course
from autograder.course.errors import RunError, UsageError
from autograder.course.ids import refusal


def students(course: Course) -> list[str]:
    """Return who handed in a notebook, in the order in which nbgrader grades them.

    Raises:
        UsageError: nobody did.
    """
    folders = outcomes.submissions(course.coursedir)
    if not folders:
        pattern = course.folder(course.coursedir.submitted_directory, course.coursedir.student_id)
        raise UsageError(f"nothing was handed in: there is no {pattern}")
    excluded = course.coursedir.student_id_exclude.split(",")
    names = [folder.parent.name for folder in folders if any(folder.glob("*.ipynb"))]
    return [name for name in names if name not in excluded and refusal(name) is None]


def to_grade(course: Course, *, force: bool) -> list[str]:
    """Return whose submissions are to be graded, after every submission was given an outcome.

    That is who has nothing under `autograded/`: what is newer than its outcome, or was begun and not finished, has
    been removed from there by `announce`.
    """
    left_out = outcomes.announce(course.coursedir, course.assignment)
    autograded = course.coursedir.autograded_directory
    found = [name for name in students(course) if name not in left_out]
    return [name for name in found if force or not course.folder(autograded, name).is_dir()]


@contextmanager
def alone(course: Course) -> Iterator[None]:
    """Let no other run grade this assignment at the same time; ends with the process, however that ends.

    Raises:
        RunError: another one does.
    """
    folder = course.root / outcomes.FOLDER / course.assignment.name
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise RunError(f"{Path(folder)}: another run is grading this assignment; wait for its end") from error
    try:
        yield
    finally:
        os.close(descriptor)
