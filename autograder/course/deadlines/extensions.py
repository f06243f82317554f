"""The later deadlines of single students: `extensions.json` in the course's folder, readable by its owner alone.

nbgrader's gradebook has a place for an extension, but only in the row of a submission: nobody who has not handed in has
one, and a row made for it would count as handed in. A gradebook that is built anew, as from `submitted/`, forgets them,
too. So the file says what was granted; whenever a submission is entered, and whenever an extension moves, it goes into
the gradebook, where nbgrader's own rule for late work reads it. Extensions that somebody has written into the gradebook
alone (`Gradebook.grant_extension`) stay in force.
"""

import datetime as dt
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course.errors import UsageError
from autograder.course.records.locked import alone_in
from autograder.course.records.private import write_private

FILE = "extensions.json"


@dataclass(frozen=True)
class Extension:
    """A later deadline: a moment, or a number of days after the due date, whatever that is; one of the two.

    Attributes:
        until: the moment, in UTC and without a time zone, as nbgrader's gradebook has its dates.
        days: of 24 hours each.
    """

    until: dt.datetime | None = None
    days: float | None = None

    def beyond(self, due: dt.datetime) -> dt.timedelta:
        """Return how much longer than the due date there is; nothing where that has moved beyond it."""
        longer = self.until - due if self.until is not None else dt.timedelta(days=self.days or 0.0)
        return max(longer, dt.timedelta(0))

    def to_json(self) -> dict[str, Any]:
        """Return the object that the file holds."""
        if self.until is not None:
            return {"until": self.until.replace(tzinfo=dt.UTC).isoformat()}
        return {"days": self.days}


Extensions = Mapping[str, Mapping[str, Extension]]  # by assignment, then by student


def extensions_of(root: Path) -> Extensions:
    """Return all extensions of the course in a folder.

    Raises:
        UsageError: the file cannot be read.
    """
    path = root / FILE
    try:
        state = path.stat()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from error
    return _read(path, (state.st_ino, state.st_mtime_ns, state.st_size))


def extension_of(root: Path, assignment: str, student: str) -> Extension | None:
    """Return a student's extension for an assignment, or None.

    Raises:
        UsageError: the file cannot be read.
    """
    return extensions_of(root).get(assignment, {}).get(student)


def put(
    root: Path, assignment: str, student: str, extension: Extension | None, *, shared: bool = False
) -> Extension | None:
    """Write a student's extension, or take it out; return the one before. Safe beside others that do the same.

    Args:
        root: of the course.
        assignment: that it is for.
        student: whose.
        extension: that holds from now on, or None.
        shared: whether the course is `groupshared`: then the file is its group's, too.

    Raises:
        UsageError: the file cannot be read or written.
    """
    try:
        with alone_in(root):
            known = {name: dict(students) for name, students in extensions_of(root).items()}
            students = known.setdefault(assignment, {})
            before = students.pop(student, None)
            if extension is not None:
                students[student] = extension
            _write(root / FILE, known, shared=shared)
    except OSError as error:
        raise UsageError(f"{root / FILE}: cannot be written ({error.strerror})") from error
    return before


def _write(path: Path, known: Extensions, *, shared: bool) -> None:
    data = {
        name: {student: one.to_json() for student, one in sorted(students.items())}
        for name, students in sorted(known.items())
        if students
    }
    with write_private(path, shared=shared) as file:
        file.write(json.dumps(data, ensure_ascii=False, indent=1) + "\n")


@functools.lru_cache(8)
def _read(path: Path, _state: tuple[int, ...]) -> Extensions:
    try:
        data = json.loads(path.read_bytes())
        return {
            str(name): {str(student): _parsed(one) for student, one in students.items()}
            for name, students in data.items()
        }
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise UsageError(
            f"{path}: this is no list of extensions ({type(error).__name__}): mend it, or move it away and grant them "
            "again with 'autograder extend'"
        ) from error


def _parsed(data: dict[str, Any]) -> Extension:
    if "until" not in data:
        days = float(data["days"])
        dt.timedelta(days=days)
        return Extension(days=days)
    until = dt.datetime.fromisoformat(data["until"])
    return Extension(until=until.astimezone(dt.UTC).replace(tzinfo=None) if until.tzinfo else until)
