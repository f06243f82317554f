"""Writes an extension into the gradebook, and moves the late penalty with it, without grading again."""

from dataclasses import dataclass

from nbgrader.api import Assignment, Gradebook, SubmittedAssignment
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import select

from autograder.course.course import Course
from autograder.course.deadlines.extensions import Extension
from autograder.course.records.marks import punish_lateness


@dataclass(frozen=True)
class Moved:
    """What being late costs a student, before and after; `graded` is false where there is no submission yet."""

    before: float
    after: float
    graded: bool


def submission_of(gradebook: Gradebook, assignment: str, student: str) -> SubmittedAssignment | None:
    """Return a student's submission in the gradebook, or None."""
    wanted = (
        select(SubmittedAssignment)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == assignment, SubmittedAssignment.student_id == student)
    )
    found: SubmittedAssignment | None = gradebook.db.execute(wanted).scalar_one_or_none()
    return found


def enter(gradebook: Gradebook, assignment: str, student: str, extension: Extension | None) -> None:
    """Write an extension into the row of a submission, if that is there; the caller commits."""
    submission = submission_of(gradebook, assignment, student)
    if submission is None:
        return
    due = submission.assignment.duedate
    wanted = None if extension is None or due is None else extension.beyond(due)
    if submission.extension != wanted:
        submission.extension = wanted


def settle(course: Course, gradebook: Gradebook, student: str, extension: Extension | None) -> Moved:
    """Write an extension into the gradebook, and the penalty that the course's own rule gives with it.

    The rule sees the marks as they are now, those by hand included. The caller commits.

    Args:
        course: opened for the assignment.
        gradebook: of the course.
        student: whose.
        extension: that holds from now on, or None.
    """
    assignment = course.assignment.name
    submission = submission_of(gradebook, assignment, student)
    if submission is None:
        return Moved(0.0, 0.0, graded=False)
    before = _total(submission)
    enter(gradebook, assignment, student, extension)
    gradebook.db.flush()
    rule = AssignLatePenalties(parent=course.converter.exporter)
    for notebook in submission.notebooks:
        graded = course.folder(course.coursedir.autograded_directory, student) / f"{notebook.name}.ipynb"
        if graded.is_file():  # one that was not handed in is not late
            punish_lateness(gradebook, notebook, rule)
    gradebook.db.flush()
    return Moved(before, _total(submission), graded=True)


def _total(submission: SubmittedAssignment) -> float:
    return sum(notebook.late_submission_penalty or 0.0 for notebook in submission.notebooks)
