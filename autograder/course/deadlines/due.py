"""The course's dates: when each assignment is due, who has been given longer, who was late."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, Gradebook, SubmittedAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import Exchange
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import joinedload

from autograder.course.deadlines.extensions import Extension, extensions_of
from autograder.course.deadlines.longer import Longer, longer_of
from autograder.course.deadlines.penalties import total
from autograder.course.deadlines.times import iso, zone_of
from autograder.course.errors import RunError, UsageError
from autograder.course.ids import refusal
from autograder.course.opening import application, assignments_of
from autograder.course.places import work_of
from autograder.course.records.gradebook import gradebook_problem


@dataclass(frozen=True)
class Late:
    """Who handed in late, by how many seconds after the own date, and what that costs; None where it is not graded."""

    student: str
    handed_in: dt.datetime
    seconds: float
    penalty: float | None

    def to_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints."""
        return vars(self) | {"handed_in": iso(self.handed_in)}


@dataclass(frozen=True)
class Dates:
    """One assignment's dates; `due` is None where it has none, and moments are in UTC without a time zone."""

    assignment: str
    due: dt.datetime | None
    handed_in: int
    extensions: tuple[Longer, ...]
    late: tuple[Late, ...]

    def to_json(self, zone: str) -> dict[str, Any]:
        """Return the object that `--json` prints."""
        return {
            "assignment": self.assignment,
            "due": None if self.due is None else iso(self.due),
            "timezone": zone,
            "handed_in": self.handed_in,
            "extensions": [one.to_json() for one in self.extensions],
            "late": [one.to_json() for one in self.late],
        }


@dataclass(frozen=True)
class Calendar:
    """A course's time zone, by name and as such, and its assignments' dates, the earliest first."""

    zone_name: str
    zone: dt.tzinfo
    dates: tuple[Dates, ...]


def calendar(root: Path, asked: Sequence[str] = ()) -> Calendar:
    """Return the dates of the course in a folder.

    Args:
        root: the folder.
        asked: which assignments; all that it has if none is named.

    Raises:
        RunError: the gradebook cannot be read.
        UsageError: there is no such course or assignment, or its extensions cannot be read.
    """
    app = application(root)
    coursedir = app.coursedir
    name = str(Exchange(coursedir=coursedir, parent=app).timezone)
    known = _known(coursedir)
    names = list(dict.fromkeys(asked)) or sorted({*known, *assignments_of(app)})
    granted = extensions_of(Path(coursedir.root))
    if missing := [one for one in names if one not in known and one not in assignments_of(app)]:
        there = ", ".join(sorted({*known, *assignments_of(app)})) or "none"
        raise UsageError(f"there is no assignment {missing[0]!r} in this course; there are {there}")
    found = [_dates(coursedir, one, known.get(one), granted.get(one, {})) for one in names]
    found.sort(key=lambda one: (one.due is None, one.due, one.assignment))
    return Calendar(name, zone_of(name), tuple(found))


Rows = tuple[dt.datetime | None, list[SubmittedAssignment]]


def _known(coursedir: CourseDirectory) -> dict[str, Rows]:
    """Return due date and submissions of each assignment that the gradebook knows; without a gradebook none."""
    url = make_url(coursedir.db_url)
    if url.get_backend_name() == "sqlite" and not (url.database and Path(url.database).is_file()):
        return {}
    try:
        with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
            wanted = joinedload(Assignment.submissions).joinedload(SubmittedAssignment.notebooks)
            found = gradebook.db.query(Assignment).options(wanted).populate_existing().all()
            rows = {one.name: (one.duedate, list(one.submissions)) for one in found}
            gradebook.db.expunge_all()
    except SQLAlchemyError as error:
        raise RunError(gradebook_problem(url.render_as_string(hide_password=True), error)) from error
    return rows


def _dates(coursedir: CourseDirectory, name: str, known: Rows | None, granted: Mapping[str, Extension]) -> Dates:
    due, submissions = known or (None, [])
    rows = {one.student_id: one for one in submissions}
    longer = tuple(longer_of(due, granted, {student: row.extension for student, row in rows.items()}))
    until = {one.student: one.until for one in longer}
    handed_in = _handed_in(coursedir, name, rows)
    late = []
    for student, when in sorted(handed_in.items()):
        own = until.get(student) or due
        if own is not None and when is not None and when > own:
            penalty = float(total(rows[student])) if student in rows else None
            late.append(Late(student, when, (when - own).total_seconds(), penalty))
    return Dates(name, due, len(handed_in), longer, tuple(late))


def _handed_in(
    coursedir: CourseDirectory, name: str, rows: dict[str, SubmittedAssignment]
) -> dict[str, dt.datetime | None]:
    """Return who has handed in and when: as the folders say, which are newer than the gradebook, else as that says."""
    found = {student: row.timestamp for student, row in rows.items()}
    for student, folder in work_of(coursedir, coursedir.submitted_directory, "*", name).items():
        if folder.is_dir() and refusal(student) is None:
            try:
                found[student] = coursedir.get_existing_timestamp(str(folder))
            except (OSError, ValueError, OverflowError):
                found.setdefault(student, None)
    return found
