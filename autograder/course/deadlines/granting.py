"""Granting an extension, moving it and taking it back: in the file, then in the gradebook; `penalties` follows."""

import datetime as dt
import difflib
from dataclasses import dataclass

from nbgrader.api import Gradebook
from nbgrader.exchange.default import Exchange
from sqlalchemy.exc import SQLAlchemyError

from autograder.course.course import Course
from autograder.course.deadlines.extensions import Extension, put
from autograder.course.deadlines.penalties import Moved, settle
from autograder.course.deadlines.times import shown, zone_of
from autograder.course.errors import RunError, UsageError
from autograder.course.ids import refusal
from autograder.course.records.gradebook import gradebook_problem

_MOST_DAYS = 3660.0


@dataclass(frozen=True)
class Granted:
    """What became of an extension.

    Attributes:
        due: the assignment's date.
        before: the extension that held until now, or None.
        moved: what being late costs.
        unknown: a warning where nobody is known under this id, or nothing.
    """

    due: dt.datetime
    before: Extension | None
    moved: Moved
    unknown: str


def zone(course: Course) -> dt.tzinfo:
    """Return the course's time zone, in which it takes and shows dates.

    Raises:
        UsageError: its configuration names none that there is.
    """
    return zone_of(str(Exchange(coursedir=course.coursedir, parent=course.converter).timezone))


def grant(course: Course, student: str, extension: Extension | None) -> Granted:
    """Give a student an extension, another one, or with None the usual date again.

    The file is written first: should the gradebook refuse, the same command does the rest.

    Args:
        course: opened for the assignment.
        student: whose.
        extension: that holds from now on.

    Raises:
        RunError: the gradebook cannot be written.
        UsageError: nobody can have that id, the assignment has no due date, or the extension would be none.
    """
    if (reason := refusal(student)) is not None or not student:
        raise UsageError(reason or "the student's id is empty")
    course.sources()  # the gradebook is there, can be written, and knows the assignment
    try:
        with course.writer() as gradebook:
            due = gradebook.find_assignment(course.assignment.name).duedate
            unknown = _unknown(course, gradebook, student) if extension is not None else ""
    except SQLAlchemyError as error:
        raise RunError(gradebook_problem("the gradebook", error)) from error
    if due is None:
        raise UsageError(
            f"{course.assignment.name} has no due date, so nobody is late: give it one in Formgrader, or by "
            f"'nbgrader db assignment add {course.assignment.name} --duedate=\"2026-12-01 18:00 UTC\"'"
        )
    if extension is not None:
        _check(course, extension, due)
    shared = bool(course.coursedir.groupshared)
    before = put(course.root, course.assignment.name, student, extension, shared=shared)
    try:
        with course.writer() as gradebook:
            moved = settle(course, gradebook, student, extension)
            gradebook.finish()
    except SQLAlchemyError as error:
        raise RunError(f"{gradebook_problem('the gradebook', error)}; then type this command again") from error
    return Granted(due, before, moved, unknown)


def _check(course: Course, extension: Extension, due: dt.datetime) -> None:
    name = course.assignment.name
    if extension.days is not None and not 0 < extension.days <= _MOST_DAYS:
        raise UsageError(f"--days {extension.days:g}: give a number above 0 and up to {_MOST_DAYS:g}")
    if extension.until is not None and extension.until <= due:
        local = zone(course)
        raise UsageError(
            f"{shown(extension.until, local)} is no later than {name} is due, {shown(due, local)}: an extension is"
        )


def _unknown(course: Course, gradebook: Gradebook, student: str) -> str:
    """Return a warning where an id is nobody's yet: it may be a slip, or somebody who has not handed in."""
    known = {one.id for one in gradebook.students}
    if student in known or course.submitted(student).is_dir():
        return ""
    near = difflib.get_close_matches(student, sorted(known), 1)
    hint = f"; did you mean {near[0]}? Then take this one back with --end" if near else ""
    return f"nobody is known under the id {student!r} yet: it counts when they hand in{hint}"
