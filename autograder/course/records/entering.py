"""Entering submissions into the gradebook: what nbgrader's `update_or_create_submission` does, for several together.

nbgrader reads the assignment, its notebooks and all their cells anew for each submission, in fifteen questions. Here
that is asked once for a run, and the rows of new submissions are written together, with their marks.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nbgrader.api import (
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    new_uuid,
)
from sqlalchemy import insert, select


@dataclass(frozen=True)
class Notebook:
    """A notebook of the assignment: its id, the ids of the cells that get a grade or a comment, by the cells' names."""

    id: str
    graded: Mapping[str, str]
    commented: Mapping[str, str]


@dataclass(frozen=True)
class Entered:
    """A submission in the gradebook: the ids of its notebooks by name, and whether its rows are still to be written."""

    notebooks: Mapping[str, str]
    is_new: bool

    def notebook(self, name: str) -> str:
        """Return the id of one of its notebooks.

        Raises:
            nbgrader.api.MissingEntry: the submission was entered before the assignment had it.
        """
        if name not in self.notebooks:
            raise MissingEntry(f"the gradebook's submission has no notebook {name!r}")
        return self.notebooks[name]


@dataclass(frozen=True)
class Rows:
    """Rows that are not in the gradebook yet."""

    students: list[dict[str, Any]] = field(default_factory=list)
    submissions: list[dict[str, Any]] = field(default_factory=list)
    notebooks: list[dict[str, Any]] = field(default_factory=list)
    grades: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)

    def write(self, gradebook: Gradebook) -> None:
        """Write them; the caller commits."""
        tables = (Student, SubmittedAssignment, SubmittedNotebook, Grade, Comment)
        kinds = (self.students, self.submissions, self.notebooks, self.grades, self.comments)
        for table, rows in zip(tables, kinds, strict=True):
            if rows:
                gradebook.db.execute(insert(table.__table__), rows)


@dataclass(frozen=True)
class Entries:
    """What every submission of an assignment consists of in the gradebook.

    Attributes:
        assignment: its id.
        has_duedate: whether a submission can be late at all.
        notebooks: by name.
    """

    assignment: str
    has_duedate: bool
    notebooks: Mapping[str, Notebook]

    def enter(
        self, gradebook: Gradebook, handed_in: Mapping[str, dt.datetime | None], rows: Rows, *, create: bool = True
    ) -> dict[str, Entered]:
        """See that students' submissions are there, and when they were handed in; the caller writes the rows.

        Args:
            gradebook: that they are entered into.
            handed_in: when, by student.
            rows: to which those of new submissions, without their marks, are added.
            create: whether students may be new, too.

        Raises:
            nbgrader.api.MissingEntry: the gradebook does not know one of them, who may not be new.
        """
        who = list(handed_in)
        students = set(gradebook.db.execute(select(Student.id).where(Student.id.in_(who))).scalars())
        for student in who:
            if student not in students and not create:
                gradebook.find_student(student)
            elif student not in students:
                rows.students.append({"id": student})
        mine = (SubmittedAssignment.assignment_id == self.assignment, SubmittedAssignment.student_id.in_(who))
        known = {
            one.student_id: one for one in gradebook.db.execute(select(SubmittedAssignment).where(*mine)).scalars()
        }
        for student, one in known.items():
            if handed_in[student] is not None:
                one.timestamp = handed_in[student]
        there = self._notebooks_of(gradebook, [one.id for one in known.values()])
        return {
            student: Entered(there.get(known[student].id, {}), is_new=False)
            if student in known
            else self._create(rows, student, when)
            for student, when in handed_in.items()
        }

    def _notebooks_of(self, gradebook: Gradebook, submissions: list[str]) -> dict[str, dict[str, str]]:
        """Return the ids of submissions' notebooks by submission and name."""
        names = {notebook.id: name for name, notebook in self.notebooks.items()}
        found: dict[str, dict[str, str]] = {}
        if submissions:
            columns = (SubmittedNotebook.assignment_id, SubmittedNotebook.notebook_id, SubmittedNotebook.id)
            question = select(*columns).where(SubmittedNotebook.assignment_id.in_(submissions))
            for submission, notebook, submitted in gradebook.db.execute(question):
                if notebook in names:
                    found.setdefault(submission, {})[names[notebook]] = submitted
        return found

    def _create(self, rows: Rows, student: str, timestamp: dt.datetime | None) -> Entered:
        submission = new_uuid()
        rows.submissions.append(
            {"id": submission, "assignment_id": self.assignment, "student_id": student, "timestamp": timestamp}
        )
        ids = {name: new_uuid() for name in self.notebooks}
        rows.notebooks.extend(
            {"id": ids[name], "notebook_id": notebook.id, "assignment_id": submission}
            for name, notebook in self.notebooks.items()
        )
        return Entered(ids, is_new=True)


def read_entries(gradebook: Gradebook, assignment: str) -> Entries:
    """Return what a submission of an assignment consists of.

    Raises:
        nbgrader.api.MissingEntry: the gradebook does not know the assignment.
    """
    entry = gradebook.find_assignment(assignment)
    notebooks = {}
    for notebook in sorted(entry.notebooks, key=lambda one: str(one.name)):
        grades, solutions, tasks = (
            {cell.name: cell.id for cell in cells}
            for cells in (notebook.grade_cells, notebook.solution_cells, notebook.task_cells)
        )
        notebooks[notebook.name] = Notebook(notebook.id, grades | tasks, solutions | tasks)
    return Entries(entry.id, entry.duedate is not None, notebooks)
