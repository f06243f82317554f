"""One submission's marks into the gradebook: what nbgrader's `SaveAutoGrades` and `AssignLatePenalties` do, at once.

nbgrader asks for each grade and each comment by itself and commits after each. Here they are read together and written
in one transaction, so that none can be left half done. Three rules are ours: what could not be judged goes to a human;
so does a question whose answer may stand elsewhere in the notebook; and a mark that a human gave stays out of the queue
where the same work is graded again with the same automatic score.
"""

from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Assignment, BaseCell, Comment, Grade, Gradebook, SubmittedAssignment, SubmittedNotebook
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution, is_task
from sqlalchemy import func, select

from autograder.judge.notebook import DOUBTFUL
from autograder.judge.outcome import Judgement

_NO_RESPONSE = "No response."


@dataclass(frozen=True)
class Place:
    """Where in the gradebook a submission's marks belong, by nbgrader's names."""

    assignment: str
    notebook: str
    student: str


def save(
    gradebook: Gradebook, place: Place, nb: NotebookNode, judgement: Judgement, *, again: bool
) -> SubmittedNotebook:
    """Write grades and comments; the caller commits.

    Args:
        gradebook: holds the submission already.
        place: of the submission in it.
        nb: the notebook with its outputs.
        judgement: what the outputs were made from.
        again: whether this very work has been graded before.
    """
    submitted = gradebook.find_submission_notebook(place.notebook, place.assignment, place.student)
    names = _names(gradebook, submitted)
    grades, comments = (_by_name(gradebook, submitted, kind, names) for kind in (Grade, Comment))
    for cell in nb.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if is_grade(cell):
            if cell.cell_type != "code" or is_solution(cell):
                score = None if cell.metadata.get(DOUBTFUL) else determine_grade(cell)[0]
                _grade(grades[name], score, again=again, unsure=False)
            else:
                points = _points(judgement, place.notebook, cell)
                score = (None if judgement.fault else 0.0) if points is None and not judgement.exercises else points
                _grade(grades[name], score, again=again, unsure=points is None)
        if is_solution(cell) or is_task(cell):
            untouched = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell) and not is_task(cell)
            untouched = untouched and not cell.metadata.get(DOUBTFUL)
            comments[name].auto_comment = _NO_RESPONSE if untouched else None
    return submitted


def totals(gradebook: Gradebook, assignment: str) -> dict[str, float]:
    """Return the sum of the automatic marks of each student of whom the gradebook holds a submission."""
    question = (
        select(SubmittedAssignment.student_id, func.coalesce(func.sum(Grade.auto_score), 0.0))
        .select_from(SubmittedAssignment)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .outerjoin(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .outerjoin(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .where(Assignment.name == assignment)
        .group_by(SubmittedAssignment.student_id)
    )
    return {student: float(total) for student, total in gradebook.db.execute(question)}


def penalties(gradebook: Gradebook, assignment: str) -> dict[str, float]:
    """Return what being late has cost each student of whom the gradebook holds a submission."""
    question = (
        select(SubmittedAssignment.student_id, func.coalesce(func.sum(SubmittedNotebook.late_submission_penalty), 0.0))
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .where(Assignment.name == assignment)
        .group_by(SubmittedAssignment.student_id)
    )
    return {student: float(total) for student, total in gradebook.db.execute(question)}


def _names(gradebook: Gradebook, submitted: SubmittedNotebook) -> dict[str, str]:
    """Return the names of a notebook's cells by their ids."""
    cells = select(BaseCell.id, BaseCell.name).where(BaseCell.notebook_id == submitted.notebook_id)
    return {row.id: row.name for row in gradebook.db.execute(cells)}


def _by_name(gradebook: Gradebook, submitted: SubmittedNotebook, kind: Any, names: dict[str, str]) -> dict[str, Any]:
    """Return a submission's grades or comments by the names of their cells.

    The cells are named in the question: the table has an index by cell and submission, and none by submission.
    """
    found = select(kind).where(kind.cell_id.in_(sorted(names)), kind.notebook_id == submitted.id)
    return {names[row.cell_id]: row for row in gradebook.db.execute(found).scalars()}


def _points(judgement: Judgement, notebook: str, cell: NotebookNode) -> float | None:
    """Return what an autograded cell earned, between 0 and the gradebook's maximum; None where a human has to say."""
    result = judgement.result(notebook, cell.metadata.nbgrader["grade_id"])
    if result is None or result.points is None:
        return None
    return min(max(float(result.points), 0.0), float(cell.metadata.nbgrader["points"]))


def give_nothing(gradebook: Gradebook, place: Place) -> None:
    """Write 0 for all of a notebook that was not handed in with the others, as nbgrader does; the caller commits."""
    submitted = gradebook.find_submission_notebook(place.notebook, place.assignment, place.student)
    for grade in _by_name(gradebook, submitted, Grade, _names(gradebook, submitted)).values():
        grade.auto_score, grade.needs_manual_grade = 0.0, False


def _grade(grade: Grade, score: float | None, *, again: bool, unsure: bool) -> None:
    settled = again and grade.manual_score is not None and grade.auto_score == score
    grade.auto_score = score
    if not settled:
        grade.needs_manual_grade = unsure or grade.manual_score is not None or score is None


def punish_lateness(gradebook: Gradebook, submitted: SubmittedNotebook, rule: AssignLatePenalties) -> None:
    """Write the penalty that the course's own rule gives for handing in late; the caller commits."""
    submitted.late_submission_penalty = None
    late = submitted.assignment.total_seconds_late
    if late <= 0:
        return
    gradebook.db.flush()
    grades = _by_name(gradebook, submitted, Grade, _names(gradebook, submitted))
    ids = [grade.id for grade in grades.values()]
    total = select(func.coalesce(func.sum(Grade.score), 0.0)).where(Grade.id.in_(ids))
    marks = _Marks(gradebook.db.execute(total).scalar_one())
    rule.init_plugin()
    penalty = rule.plugin_inst.late_submission_penalty(submitted.assignment.student_id, marks.score, late)
    if penalty is not None:
        submitted.late_submission_penalty = rule._check_late_penalty(marks, penalty)  # noqa: SLF001 - nbgrader's own rule


@dataclass(frozen=True)
class _Marks:
    """What nbgrader's rule reads of a notebook."""

    score: float
