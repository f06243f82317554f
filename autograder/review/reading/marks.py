"""Marks and comments of a class, read from nbgrader's gradebook in a few questions for all students together."""

import datetime as dt
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    GradeCell,
    Notebook,
    SolutionCell,
    SourceCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from sqlalchemy import Connection, make_url, select
from sqlalchemy.exc import SQLAlchemyError

from autograder.course.records.gradebook import engine_for, gradebook_problem
from autograder.review.reading.model import Mark, ReviewError, name_in

_SERVER_SECONDS = 5.0  # a database server does not say whether anything has changed: asked again after so long


@dataclass(frozen=True)
class GradedCell:
    """A cell that gets a mark.

    Attributes:
        notebook: that it stands in.
        cell: its name there.
        max_score: what it is worth.
        grade_id: its id in the table of grades.
        automatic: whether a machine marks it.
        source: what students got in it.
    """

    notebook: str
    cell: str
    max_score: float
    grade_id: str
    automatic: bool
    source: str


@dataclass
class Entry:
    """What the gradebook holds of one student.

    Attributes:
        name: as Formgrader shows it, or the id.
        submissions: the ids that Formgrader's pages use, by notebook.
        penalty: for being late.
        until: when the student's own, later deadline ends, in UTC; None without an extension.
        marks: by cell.
        comments: by cell.
    """

    name: str
    submissions: dict[str, str] = field(default_factory=dict)
    penalty: float = 0.0
    until: dt.datetime | None = None
    marks: dict[str, Mark] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Book:
    """What the gradebook holds of a class.

    Attributes:
        notebooks: of the assignment, in the order in which they run.
        cells: that get a mark, by name.
        commented: ids of the cells that may have a comment, by name.
        entries: of who handed in, by student.
    """

    notebooks: tuple[str, ...]
    cells: dict[str, GradedCell] = field(default_factory=dict)
    commented: dict[str, str] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)

    def name_of(self, notebook: str, cell: str) -> str:
        """Return what a cell of a notebook is called in this assignment."""
        return name_in(notebook, cell, several=len(self.notebooks) > 1)


def shown(db_url: str) -> str:
    """Return a gradebook's address without its password."""
    return make_url(db_url).render_as_string(hide_password=True)


def stamp(db_url: str) -> tuple[Any, ...]:
    """Return what is another whenever the gradebook may have changed.

    Raises:
        ReviewError: there is no such file.
    """
    url = make_url(db_url)
    if url.get_backend_name() != "sqlite":
        return (int(time.monotonic() / _SERVER_SECONDS),)
    file = Path(str(url.database))
    try:
        files = [path.stat() for path in (file, file.with_name(f"{file.name}-wal")) if path == file or path.exists()]
    except OSError as error:
        said = "there is no gradebook; run 'nbgrader generate_assignment' first"
        raise ReviewError(f"{shown(db_url)}: {said}") from error
    return tuple((one.st_ino, one.st_mtime_ns, one.st_size) for one in files)


def read(db_url: str, assignment: str) -> Book:
    """Return what the gradebook holds of an assignment.

    Raises:
        ReviewError: it cannot be read, or does not know the assignment.
    """
    try:
        with engine_for(db_url).connect() as connection:
            return _read(connection, db_url, assignment)
    except SQLAlchemyError as error:
        raise ReviewError(gradebook_problem(shown(db_url), error)) from error


def _read(connection: Connection, db_url: str, assignment: str) -> Book:
    wanted = select(Notebook.name, Notebook.id).join(Assignment, Notebook.assignment_id == Assignment.id)
    notebooks = {row.name: row.id for row in connection.execute(wanted.where(Assignment.name == assignment))}
    if not notebooks:
        raise ReviewError(
            f"{shown(db_url)}: the gradebook does not know {assignment!r}; "
            f"run 'nbgrader generate_assignment {assignment}' first"
        )
    book = Book(tuple(sorted(notebooks)))
    for name in book.notebooks:
        _add(connection, book, name, notebooks[name])
    return book


def _add(connection: Connection, book: Book, notebook: str, notebook_id: str) -> None:
    """Add what the gradebook holds of one notebook."""
    commented = _commented(connection, notebook_id)
    cells = _graded(connection, notebook, notebook_id)
    submitted = _submitted(connection, book, notebook, notebook_id)
    for name, cell in cells.items():
        _add_marks(connection, book.name_of(notebook, name), cell, submitted)
    for name, cell_id in commented.items():
        _add_comments(connection, book.name_of(notebook, name), cell_id, submitted)
    book.cells.update({book.name_of(notebook, name): cell for name, cell in cells.items()})
    book.commented.update({book.name_of(notebook, name): cell_id for name, cell_id in commented.items()})


def _commented(connection: Connection, notebook_id: str) -> dict[str, str]:
    """Return the ids of the cells that may have a comment, by name."""
    return {
        row.name: row.id
        for kind in (SolutionCell, TaskCell)
        for row in connection.execute(select(kind.name, kind.id).where(kind.notebook_id == notebook_id))
    }


def _graded(connection: Connection, notebook: str, notebook_id: str) -> dict[str, GradedCell]:
    texts = select(SourceCell.name, SourceCell.source).where(SourceCell.notebook_id == notebook_id)
    sources = {row.name: row.source or "" for row in connection.execute(texts)}
    answers = select(SolutionCell.name).where(SolutionCell.notebook_id == notebook_id)
    by_hand = set(connection.execute(answers).scalars())
    found = {}
    for kind in (GradeCell, TaskCell):
        columns = (kind.name, kind.id, kind.max_score, kind.cell_type)
        for row in connection.execute(select(*columns).where(kind.notebook_id == notebook_id)):
            automatic = kind is GradeCell and row.cell_type == "code" and row.name not in by_hand
            source = sources.get(row.name, "")
            found[row.name] = GradedCell(notebook, row.name, float(row.max_score), row.id, automatic, source)
    return found


def _submitted(connection: Connection, book: Book, notebook: str, notebook_id: str) -> dict[str, Entry]:
    """Return each student's entry by the id of the submitted notebook, with penalty and id added."""
    wanted = (
        select(
            SubmittedNotebook.id,
            SubmittedNotebook.late_submission_penalty,
            SubmittedAssignment.extension,
            Assignment.duedate,
            Student.id.label("student"),
            Student.first_name,
            Student.last_name,
        )
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .join(Student, SubmittedAssignment.student_id == Student.id)
        .where(SubmittedNotebook.notebook_id == notebook_id)
    )
    found = {}
    for row in connection.execute(wanted).all():
        name = ", ".join(filter(None, (row.last_name, row.first_name))) or row.student
        entry = found[row.id] = book.entries.setdefault(row.student, Entry(name))
        entry.submissions[notebook] = row.id
        entry.penalty += row.late_submission_penalty or 0.0
        if row.duedate is not None and row.extension:
            entry.until = row.duedate + row.extension
    return found


def _add_marks(connection: Connection, name: str, cell: GradedCell, submitted: dict[str, Entry]) -> None:
    scores = (Grade.auto_score, Grade.manual_score, Grade.extra_credit, Grade.needs_manual_grade)
    for row in connection.execute(select(Grade.notebook_id, *scores).where(Grade.cell_id == cell.grade_id)).all():
        notebook, auto, manual, extra, needs_manual = row
        if notebook in submitted:
            submitted[notebook].marks[name] = Mark(auto, manual, extra, needs_manual, cell.max_score)


def _add_comments(connection: Connection, name: str, cell_id: str, submitted: dict[str, Entry]) -> None:
    wanted = select(Comment.notebook_id, Comment.manual_comment).where(
        Comment.cell_id == cell_id, Comment.manual_comment.is_not(None), Comment.manual_comment != ""
    )
    for notebook, text in connection.execute(wanted).all():
        if notebook in submitted:
            submitted[notebook].comments[name] = text
