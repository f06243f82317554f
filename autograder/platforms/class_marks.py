"""What a class has earned in an assignment, and of whom that cannot be told yet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nbgrader.api import Student
from sqlalchemy import select

from autograder.course.course import Course
from autograder.course.opening import open_course
from autograder.course.records.gradebook import engine_for
from autograder.course.records.outcomes import timestamp_of
from autograder.review.reading.marks import Book
from autograder.review.reading.model import Mark, Result, ReviewError
from autograder.review.reading.model import Student as Graded
from autograder.review.reading.roll import labels_of, students_of
from autograder.review.reading.shelf import Shelf

State = Literal["ready", "open", "held"]
_OPEN = "a mark by hand is still to be given: {}"
_FAULT = "its graders failed for {}"


@dataclass(frozen=True)
class Earned:
    """One student's mark.

    Attributes:
        points: what the gradebook counts now, the penalty for being late taken off.
        state: `ready`; `open` where a mark by hand is still to be given; `held` where a human has to look at the work.
        reason: why it is not ready, or nothing.
        penalty: for being late, which is taken off `points` already.
        results: what the work came to, by exercise.
    """

    points: float
    state: State
    reason: str
    penalty: float
    results: Mapping[str, Result]


@dataclass(frozen=True)
class ClassMarks:
    """The marks of everybody who has handed an assignment in.

    Attributes:
        assignment: its name.
        max_points: what it is worth.
        students: by their ids.
        feedback: where the feedback pages of a student lie, by the student's id.
        addresses: for mail, of those of whom the gradebook has one.
        labels: what students read of a criterion, by exercise and criterion.
        again: who has handed in again since, or for the first time, and is not graded yet.
    """

    assignment: str
    max_points: float
    students: Mapping[str, Earned]
    feedback: Mapping[str, Path]
    addresses: Mapping[str, str]
    labels: Mapping[tuple[str, str], str]
    again: tuple[str, ...] = ()


def read_marks(root: Path, assignment: str) -> ClassMarks:
    """Return the marks of an assignment as gradebook and outcomes have them now.

    Raises:
        AssignmentError, UsageError: there is no such course or assignment.
        ReviewError: the gradebook cannot be read, does not know the assignment, or nobody has handed in.
    """
    course = open_course(root, assignment)
    shelf = Shelf(course)
    _, book = shelf.book()
    outcomes = shelf.outcomes()
    students = students_of(outcomes, book)
    if not students:
        raise ReviewError(f"{assignment}: nothing has been graded yet; run 'autograder autograde {assignment}'")
    return ClassMarks(
        assignment,
        sum(cell.max_score for cell in book.cells.values()),
        {one.id: _earned(one, book) for one in students},
        {one.id: course.feedback(one.id) for one in students},
        _addresses(course.coursedir.db_url),
        {where: label for where, (label, _) in labels_of(outcomes, book).items()},
        tuple(sorted(_again(course, {one.id: one.timestamp for one in students}))),
    )


def _again(course: Course, graded: Mapping[str, str | None]) -> Iterator[str]:
    """Yield whose work is newer than its marks, by the time that nbgrader wrote beside it."""
    for student, folder in course.work(course.coursedir.submitted_directory, "*").items():
        if student not in graded or timestamp_of(folder) != graded[student]:
            yield student


def _addresses(db_url: str) -> dict[str, str]:
    with engine_for(db_url).connect() as connection:
        known = select(Student.id, Student.email).where(Student.email.is_not(None), Student.email != "")
        return {row.id: row.email for row in connection.execute(known)}


def _earned(student: Graded, book: Book) -> Earned:
    automatic = {name: mark for name, mark in student.marks.items() if book.cells[name].automatic}
    state, reason = _state(student, automatic)
    return Earned(student.score, state, reason, student.penalty, student.results)


def _state(student: Graded, automatic: Mapping[str, Mark]) -> tuple[State, str]:
    faults = [exercise for exercise, result in student.results.items() if result.points is None]
    if not student.marks or student.state == "broken":
        return "held", student.reason or "the gradebook holds no mark of it"
    if (student.state == "needs_review" or faults) and not _settled(automatic):
        return "held", student.reason or _FAULT.format(", ".join(faults))
    missing = sorted(name for name, mark in student.marks.items() if _is_open(mark))
    if set(missing) & automatic.keys():
        return "held", f"a human has to look at {', '.join(missing)}"
    return ("open", _OPEN.format(", ".join(missing))) if missing else ("ready", "")


def _settled(automatic: Mapping[str, Mark]) -> bool:
    """Say whether a human has looked at what the machine could not judge: has given a mark, and left none open."""
    marks = automatic.values()
    return any(mark.manual is not None for mark in marks) and not any(_is_open(mark) for mark in marks)


def _is_open(mark: Mark) -> bool:
    return mark.needs_manual or (mark.auto is None and mark.manual is None)
