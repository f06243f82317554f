"""Entering submissions into the gradebook: what nbgrader's `update_or_create_submission` does, asked once for a run.

nbgrader reads the assignment, its notebooks and all their cells anew for each submission, in fifteen questions.
"""

import datetime as dt
from dataclasses import dataclass

from nbgrader.api import Comment, Grade, Gradebook, Student, SubmittedAssignment, SubmittedNotebook, new_uuid
from sqlalchemy import insert, select


@dataclass(frozen=True)
class Notebook:
    """A notebook of the assignment: its id, the ids of the cells that get a grade, and of those that get a comment."""

    id: str
    graded: tuple[str, ...]
    commented: tuple[str, ...]


@dataclass(frozen=True)
class Entries:
    """What every submission of an assignment consists of in the gradebook."""

    assignment: str
    notebooks: tuple[Notebook, ...]

    def enter(self, gradebook: Gradebook, student: str, timestamp: dt.datetime | None) -> None:
        """See that a student's submission is there, and when it was handed in; the caller commits."""
        mine = (SubmittedAssignment.assignment_id == self.assignment, SubmittedAssignment.student_id == student)
        known = gradebook.db.execute(select(SubmittedAssignment).where(*mine)).scalar_one_or_none()
        if known is None:
            self._create(gradebook, student, timestamp)
        elif timestamp is not None:
            known.timestamp = timestamp

    def _create(self, gradebook: Gradebook, student: str, timestamp: dt.datetime | None) -> None:
        submission = new_uuid()
        row = {"id": submission, "assignment_id": self.assignment, "student_id": student, "timestamp": timestamp}
        gradebook.db.execute(insert(SubmittedAssignment), [row])
        for notebook in self.notebooks:
            submitted = new_uuid()
            row = {"id": submitted, "notebook_id": notebook.id, "assignment_id": submission}
            gradebook.db.execute(insert(SubmittedNotebook), [row])
            for table, cells in ((Grade, notebook.graded), (Comment, notebook.commented)):
                if cells:
                    gradebook.db.execute(insert(table), [{"cell_id": cell, "notebook_id": submitted} for cell in cells])


def read_entries(gradebook: Gradebook, assignment: str) -> Entries:
    """Return what a submission of an assignment consists of.

    Raises:
        nbgrader.api.MissingEntry: the gradebook does not know the assignment.
    """
    entry = gradebook.find_assignment(assignment)
    notebooks = []
    for notebook in entry.notebooks:
        grades, solutions, tasks = (
            tuple(cell.id for cell in cells)
            for cells in (notebook.grade_cells, notebook.solution_cells, notebook.task_cells)
        )
        notebooks.append(Notebook(notebook.id, grades + tasks, solutions + tasks))
    return Entries(entry.id, tuple(notebooks))


def enter_student(gradebook: Gradebook, student: str) -> None:
    """See that a student is there; the caller commits."""
    if gradebook.db.execute(select(Student.id).where(Student.id == student)).first() is None:
        gradebook.db.execute(insert(Student), [{"id": student}])
