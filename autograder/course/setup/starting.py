"""Starting a course: its configuration, and the notebooks of assignments that the package brings."""

import os
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path

from autograder.course.errors import UsageError
from autograder.course.setup.config_file import CONFIG, new
from autograder.course.setup.joining import SEEDS
from autograder.shipped import NOTEBOOKS, notebooks

_NBGRADERS = ("source", "release", "submitted", "autograded", "feedback", "gradebook.db")
_CLOSED = 0o700  # solutions and marks will lie there


def check_room(root: Path) -> None:
    """See that a folder can become a course.

    Raises:
        UsageError: it lies in another one, or something is in the way.
    """
    for folder in root.parents:
        if (folder / CONFIG).is_file():
            raise UsageError(f"{root} lies in the course {folder}: name a folder outside of it")
    if root.exists() and not root.is_dir():
        raise UsageError(f"{root} is no folder")
    for name in _NBGRADERS:
        if os.path.lexists(root / name):
            raise UsageError(
                f"{root} has {name} but no {CONFIG}: if it is a course, write one there with the line "
                "'c = get_config()', then run 'autograder init' again"
            )


def start(root: Path, assignments: Sequence[str], course: str = "", seed: int | None = None) -> None:
    """Start a course in a folder; one that is not there is made, and closed to others.

    Args:
        root: the folder, which `check_room` has nothing against.
        assignments: those whose notebooks it begins with.
        course: its name; that of the folder if nothing is said.
        seed: of its hidden inputs; one that nobody knows if nothing is said.

    Raises:
        UsageError: it cannot be made.
    """
    _known(assignments)
    try:
        root.mkdir(mode=_CLOSED, parents=True, exist_ok=True)
        with (root / CONFIG).open("x", encoding="utf-8") as file:
            file.write(new(course or root.name or "course", secrets.randbelow(SEEDS) if seed is None else seed))
    except OSError as error:
        raise UsageError(f"{error.filename or root}: {error.strerror}") from error
    for name in assignments:
        bring(root / "source", name)


def bring(source: Path, assignment: str) -> None:
    """Copy an assignment's notebooks, with their data, into a course's folder of assignments.

    Raises:
        UsageError: there is no such assignment, or a folder of its name is there.
    """
    _known([assignment])
    target = source / assignment
    if os.path.lexists(target):
        raise UsageError(f"{target} is there: it was left as it is")
    try:
        shutil.copytree(notebooks(assignment), target, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    except OSError as error:
        raise UsageError(f"{target}: {error.strerror or error}") from error


def _known(assignments: Sequence[str]) -> None:
    for name in assignments:
        if name not in NOTEBOOKS:
            raise UsageError(f"there is no assignment {name!r} to begin with; there are {', '.join(NOTEBOOKS)}")
