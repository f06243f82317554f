"""What being late costs, by the course's own rule: worked out, and worked out again when somebody gets an extension."""

from collections.abc import Collection
from dataclasses import dataclass
from types import SimpleNamespace

from nbgrader.api import Assignment, BaseCell, Grade, Gradebook, SubmittedAssignment, SubmittedNotebook
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import func, select, update

from autograder.course.course import Course
from autograder.course.deadlines.extensions import Extension


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
    submission.extension = None if extension is None or due is None else extension.beyond(due)


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
    before = total(submission)
    enter(gradebook, assignment, student, extension)
    gradebook.db.flush()
    rule = AssignLatePenalties(parent=course.converter.exporter)
    for notebook in submission.notebooks:
        graded = course.autograded(student) / f"{notebook.name}.ipynb"
        if graded.is_file():  # one that was not handed in is not late
            punish_lateness(gradebook, notebook, rule)
    gradebook.db.flush()
    return Moved(before, total(submission), graded=True)


def total(submission: SubmittedAssignment) -> float:
    """Return what being late costs a submission."""
    return sum(notebook.late_submission_penalty or 0.0 for notebook in submission.notebooks)


def costs(gradebook: Gradebook, assignment: str) -> dict[str, float]:
    """Return what being late has cost each student of whom the gradebook holds a submission."""
    question = (
        select(SubmittedAssignment.student_id, func.coalesce(func.sum(SubmittedNotebook.late_submission_penalty), 0.0))
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .where(Assignment.name == assignment)
        .group_by(SubmittedAssignment.student_id)
    )
    return {student: float(cost) for student, cost in gradebook.db.execute(question)}


def forgive_lateness(gradebook: Gradebook, submitted: Collection[str]) -> None:
    """Take back penalties for being late, which an assignment without a due date has no more; the caller commits."""
    mine = (SubmittedNotebook.id.in_(list(submitted)), SubmittedNotebook.late_submission_penalty.is_not(None))
    gradebook.db.execute(update(SubmittedNotebook).where(*mine).values(late_submission_penalty=None))


def punish_lateness(gradebook: Gradebook, submitted: SubmittedNotebook, rule: AssignLatePenalties) -> None:
    """Write the penalty that the course's own rule gives for handing in late; the caller commits."""
    submitted.late_submission_penalty = None
    late = submitted.assignment.total_seconds_late
    if late <= 0:
        return
    gradebook.db.flush()
    cells = select(BaseCell.id).where(BaseCell.notebook_id == submitted.notebook_id)
    mine = (Grade.cell_id.in_(cells), Grade.notebook_id == submitted.id)
    earned = select(func.coalesce(func.sum(Grade.score), 0.0)).where(*mine)
    marks = SimpleNamespace(score=gradebook.db.execute(earned).scalar_one())  # what the rule reads of a notebook
    rule.init_plugin()
    penalty = rule.plugin_inst.late_submission_penalty(submitted.assignment.student_id, marks.score, late)
    if penalty is not None:
        submitted.late_submission_penalty = rule._check_late_penalty(marks, penalty)  # noqa: SLF001 - nbgrader's own rule
