"""Who has longer than all others, as the course's file of extensions and its gradebook say together."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nbgrader.api import Assignment, Gradebook, SubmittedAssignment
from sqlalchemy import select

from autograder.course.course import Course
from autograder.course.deadlines.extensions import Extension, extensions_of
from autograder.course.deadlines.times import iso


@dataclass(frozen=True)
class Longer:
    """One student's extension, the moment that it ends, and whether only the gradebook has it."""

    student: str
    until: dt.datetime | None
    days: float | None
    only_gradebook: bool

    def to_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints."""
        until = None if self.until is None else iso(self.until)
        where = "gradebook" if self.only_gradebook else "extensions.json"
        return {"student": self.student, "until": until, "days": self.days, "granted_in": where}


def longer_of(
    due: dt.datetime | None, granted: Mapping[str, Extension], rows: Mapping[str, dt.timedelta | None]
) -> Iterator[Longer]:
    """Yield the extensions for an assignment, by student.

    Args:
        due: its date, or None.
        granted: those in the course's file.
        rows: what the gradebook has beside each submission.
    """
    for student in sorted({*granted, *(student for student, given in rows.items() if given is not None)}):
        extension, given = granted.get(student), rows.get(student)
        if extension is not None:
            until = None if due is None else due + extension.beyond(due)
            yield Longer(student, until or extension.until, extension.days, only_gradebook=False)
        else:
            until = None if due is None or given is None else due + given
            yield Longer(student, until, None, only_gradebook=True)


def extended(course: Course, gradebook: Gradebook) -> list[Longer]:
    """Return the extensions for the assignment that a course is opened for.

    Raises:
        UsageError: the course's file of extensions cannot be read.
    """
    name = course.assignment.name
    due = gradebook.db.execute(select(Assignment.duedate).where(Assignment.name == name)).scalar_one_or_none()
    wanted = (
        select(SubmittedAssignment.student_id, SubmittedAssignment.extension)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == name, SubmittedAssignment.extension.is_not(None))
    )
    rows = {row.student_id: row.extension for row in gradebook.db.execute(wanted)}
    return list(longer_of(due, extensions_of(course.root).get(name, {}), rows))
