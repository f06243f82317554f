"""Writes submissions' marks into the gradebook: what nbgrader's `SaveAutoGrades` does, at once.

nbgrader asks for each grade and each comment by itself and commits after each. Here they are read together and written
in one transaction, so that none can be left half done. Three rules are ours: what could not be judged goes to a human;
so does a question whose answer may stand elsewhere in the notebook; and a mark that a human gave stays out of the queue
where the same work is graded again with the same automatic score.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Assignment, Comment, Grade, Gradebook, MissingEntry, SubmittedAssignment, SubmittedNotebook
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution, is_task
from sqlalchemy import func, select

from autograder.course.records.entering import Notebook, Rows
from autograder.judge.notebook import DOUBTFUL
from autograder.judge.outcome import Judgement

_NO_RESPONSE = "No response."


@dataclass(frozen=True)
class Marks:
    """Marks of one notebook, by the names of its cells.

    Attributes:
        grades: the automatic score, or None, and whether a human has to say.
        comments: the automatic comment, or None.
    """

    grades: dict[str, tuple[float | None, bool]] = field(default_factory=dict)
    comments: dict[str, str | None] = field(default_factory=dict)


def marks_of(nb: NotebookNode, notebook: str, judgement: Judgement) -> Marks:
    """Return the marks that a notebook earns.

    Args:
        nb: the notebook with its outputs.
        notebook: its name.
        judgement: what the outputs were made from.
    """
    marks = Marks()
    for cell in nb.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if is_grade(cell):
            if cell.cell_type != "code" or is_solution(cell):
                score = None if cell.metadata.get(DOUBTFUL) else determine_grade(cell)[0]
                marks.grades[name] = score, False
            else:
                points = _points(judgement, notebook, cell)
                score = (None if judgement.fault else 0.0) if points is None and not judgement.exercises else points
                marks.grades[name] = score, points is None
        if is_solution(cell) or is_task(cell):
            untouched = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell) and not is_task(cell)
            untouched = untouched and not cell.metadata.get(DOUBTFUL)
            marks.comments[name] = _NO_RESPONSE if untouched else None
    return marks


def nothing(notebook: Notebook) -> Marks:
    """Return the marks of a notebook that was not handed in with the others, as nbgrader gives them: 0 for all."""
    return Marks(dict.fromkeys(notebook.graded, (0.0, False)))


def add(rows: Rows, notebook: Notebook, submitted: str, marks: Marks) -> None:
    """Add the marks of a new submission to its rows.

    Args:
        rows: that are to be written.
        notebook: of the assignment.
        submitted: the id of the submitted one.
        marks: of it; a cell that has none waits for a human.
    """
    if unknown := (marks.grades.keys() - notebook.graded) | (marks.comments.keys() - notebook.commented):
        raise MissingEntry(f"the gradebook has no cell {min(unknown)!r} to be marked")
    for name, cell in notebook.graded.items():
        score, unsure = marks.grades.get(name, (None, True))
        needs = unsure or score is None
        row = {"cell_id": cell, "notebook_id": submitted, "auto_score": score, "needs_manual_grade": needs}
        rows.grades.append(row)
    for name, cell in notebook.commented.items():
        rows.comments.append({"cell_id": cell, "notebook_id": submitted, "auto_comment": marks.comments.get(name)})


def change(gradebook: Gradebook, notebook: Notebook, submitted: str, marks: Marks, *, again: bool) -> None:
    """Change the marks of a submission that the gradebook knows; the caller commits.

    Args:
        gradebook: that holds it.
        notebook: of the assignment.
        submitted: the id of the submitted one.
        marks: of it.
        again: whether this very work has been graded before.
    """
    grades = _by_name(gradebook, submitted, Grade, notebook.graded)
    comments = _by_name(gradebook, submitted, Comment, notebook.commented)
    for name, (score, unsure) in marks.grades.items():
        _grade(grades[name], score, again=again, unsure=unsure)
    for name, comment in marks.comments.items():
        comments[name].auto_comment = comment


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


def count_waiting(gradebook: Gradebook, assignment: str) -> int:
    """Return how many submissions have a grade or a task that a human has to look at."""
    question = (
        select(func.count(func.distinct(SubmittedNotebook.assignment_id)))
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .where(Assignment.name == assignment, Grade.needs_manual_grade)
    )
    return int(gradebook.db.execute(question).scalar_one())


def _by_name(gradebook: Gradebook, submitted: str, kind: Any, cells: Mapping[str, str]) -> dict[str, Any]:
    """Return a submission's grades or comments by the names of their cells.

    The cells are named in the question: the table has an index by cell and submission, and none by submission.
    """
    names = {cell: name for name, cell in cells.items()}
    found = select(kind).where(kind.cell_id.in_(sorted(names)), kind.notebook_id == submitted)
    return {names[row.cell_id]: row for row in gradebook.db.execute(found).scalars()}


def _points(judgement: Judgement, notebook: str, cell: NotebookNode) -> float | None:
    """Return what an autograded cell earned, between 0 and the gradebook's maximum; None where a human has to say."""
    result = judgement.result(notebook, cell.metadata.nbgrader["grade_id"])
    if result is None or result.points is None:
        return None
    return min(max(float(result.points), 0.0), float(cell.metadata.nbgrader["points"]))


def give_nothing(gradebook: Gradebook, notebook: Notebook, submitted: str) -> None:
    """Change all grades of a notebook that is not handed in with the others any more to 0; the caller commits."""
    for grade in _by_name(gradebook, submitted, Grade, notebook.graded).values():
        grade.auto_score, grade.needs_manual_grade = 0.0, False


def _grade(grade: Grade, score: float | None, *, again: bool, unsure: bool) -> None:
    settled = again and grade.manual_score is not None and grade.auto_score == score
    grade.auto_score = score
    if not settled:
        grade.needs_manual_grade = unsure or grade.manual_score is not None or score is None
