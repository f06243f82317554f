"""`autograder init`: starts a course, makes one that is there ours, or takes that back."""

import os
from argparse import Namespace
from pathlib import Path

from autograder.course.errors import UsageError
from autograder.course.opening import source_of
from autograder.course.setup.config_file import CONFIG
from autograder.course.setup.joining import BACKUP, Change, join, part
from autograder.course.setup.starting import bring, check_room, start
from autograder.shipped import NOTEBOOKS


def run(options: Namespace) -> int:
    """Change the folder and say what was changed; returns 0.

    Raises:
        UsageError: that cannot be done.
    """
    root = Path(options.folder).resolve()
    try:
        if options.undo:
            _undo(root)
        elif os.path.lexists(root / CONFIG):
            _join(root, options.assignment)
        else:
            _start(root, options.assignment or list(NOTEBOOKS))
    except OSError as error:
        raise UsageError(f"{error.filename or root}: {error.strerror or error}") from error
    return 0


def _start(root: Path, assignments: list[str]) -> None:
    check_room(root)
    start(root, assignments)
    print(f"started a course in {root}: {CONFIG}, {', '.join(f'source/{name}' for name in assignments)}")
    print("next, in that folder:")
    print("  autograder doctor                          # does this machine have what grading needs?")
    print(f"  nbgrader generate_assignment {assignments[0]:<13} # source/ -> release/, for the students")
    print(f"  autograder autograde {assignments[0]:<21} # when submitted/<student>/{assignments[0]} is there")
    print(f"  nbgrader generate_feedback {assignments[0]}")


def _join(root: Path, assignments: list[str]) -> None:
    change = join(root)
    if change is None:
        print(f"{root / CONFIG} calls configure(c): nothing was changed there")
    else:
        _show(change)
        print(f"kept the old one as {BACKUP}; to go back: autograder init --undo {root}")
    for name in assignments:
        bring(source_of(root), name)
        print(f"added {source_of(root) / name}")
    print("next: autograder doctor")


def _undo(root: Path) -> None:
    change = part(root)
    _show(change)
    if change.edited:
        print("edited since 'autograder init': took out its lines alone, and left the others as they are")
    else:
        print(f"{CONFIG} is again what it was before 'autograder init', byte by byte; nothing else was touched")


def _show(change: Change) -> None:
    print("\n".join(change.lines))
