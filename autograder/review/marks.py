"""Marks and comments of a class, read from nbgrader's gradebook in a few questions for all students together."""

import functools
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
from sqlalchemy import Connection, Engine, create_engine, make_url, select
from sqlalchemy.exc import SQLAlchemyError

from autograder.course.course import gradebook_problem
from autograder.review.model import Mark, ReviewError

_BUSY_SECONDS = 30  # how long a writer may hold SQLite's file before we give up
_SERVER_SECONDS = 5.0  # a database server does not say whether anything has changed: asked again after so long


@dataclass(frozen=True)
class GradedCell:
    """A cell that gets a mark: what it is worth, and its ids in the tables of grades and of comments, where it has any.

    `source` is what students got in it.
    """

    name: str
    max_score: float
    grade_id: str
    comment_id: str | None
    source: str


@dataclass
class Entry:
    """What the gradebook holds of one student: `submission` is the id that Formgrader's pages use."""

    name: str
    submission: str
    penalty: float
    marks: dict[str, Mark] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Book:
    """What the gradebook holds of a class: graded cells, ids of cells with comments, who handed in."""

    cells: dict[str, GradedCell]
    commented: dict[str, str]
    entries: dict[str, Entry]


@functools.lru_cache(8)
def engine(db_url: str) -> Engine:
    """Return the connections to a gradebook, of this process."""
    if make_url(db_url).get_backend_name() == "sqlite":
        return create_engine(db_url, connect_args={"timeout": _BUSY_SECONDS})
    return create_engine(db_url, pool_pre_ping=True)


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


def read(db_url: str, assignment: str, notebook: str) -> Book:
    """Return what the gradebook holds of an assignment.

    Raises:
        ReviewError: it cannot be read, or does not know the assignment.
    """
    try:
        with engine(db_url).connect() as connection:
            return _read(connection, db_url, assignment, notebook)
    except SQLAlchemyError as error:
        raise ReviewError(gradebook_problem(shown(db_url), error)) from error


def _read(connection: Connection, db_url: str, assignment: str, notebook: str) -> Book:
    names = (Assignment.name == assignment, Notebook.name == notebook)
    wanted = select(Notebook.id).join(Assignment, Notebook.assignment_id == Assignment.id).where(*names)
    notebook_id = connection.execute(wanted).scalar()
    if notebook_id is None:
        raise ReviewError(
            f"{shown(db_url)}: the gradebook does not know {assignment!r}; "
            f"run 'nbgrader generate_assignment {assignment}' first"
        )
    commented = _commented(connection, notebook_id)
    cells = _graded(connection, notebook_id, commented)
    entries = _entries(connection, notebook_id)
    _add_marks(connection, cells, entries)
    _add_comments(connection, commented, entries)
    return Book(cells, commented, dict(entries.values()))


def _commented(connection: Connection, notebook_id: str) -> dict[str, str]:
    """Return the ids of the cells that may have a comment, by name."""
    return {
        row.name: row.id
        for kind in (SolutionCell, TaskCell)
        for row in connection.execute(select(kind.name, kind.id).where(kind.notebook_id == notebook_id))
    }


def _graded(connection: Connection, notebook_id: str, commented: dict[str, str]) -> dict[str, GradedCell]:
    texts = select(SourceCell.name, SourceCell.source).where(SourceCell.notebook_id == notebook_id)
    sources = {row.name: row.source or "" for row in connection.execute(texts)}
    return {
        row.name: GradedCell(row.name, float(row.max_score), row.id, commented.get(row.name), sources.get(row.name, ""))
        for kind in (GradeCell, TaskCell)
        for row in connection.execute(select(kind.name, kind.id, kind.max_score).where(kind.notebook_id == notebook_id))
    }


def _entries(connection: Connection, notebook_id: str) -> dict[str, tuple[str, Entry]]:
    """Return student and entry by the id of the submitted notebook."""
    wanted = (
        select(
            SubmittedNotebook.id,
            SubmittedNotebook.late_submission_penalty,
            Student.id.label("student"),
            Student.first_name,
            Student.last_name,
        )
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Student, SubmittedAssignment.student_id == Student.id)
        .where(SubmittedNotebook.notebook_id == notebook_id)
    )
    return {
        row.id: (
            row.student,
            Entry(
                ", ".join(filter(None, (row.last_name, row.first_name))) or row.student,
                row.id,
                row.late_submission_penalty or 0.0,
            ),
        )
        for row in connection.execute(wanted).all()
    }


def _add_marks(connection: Connection, cells: dict[str, GradedCell], entries: dict[str, tuple[str, Entry]]) -> None:
    scores = (Grade.auto_score, Grade.manual_score, Grade.extra_credit, Grade.needs_manual_grade)
    for name, cell in cells.items():
        for row in connection.execute(select(Grade.notebook_id, *scores).where(Grade.cell_id == cell.grade_id)).all():
            notebook, auto, manual, extra, needs_manual = row
            if notebook in entries:
                entries[notebook][1].marks[name] = _mark(auto, manual, extra, needs_manual, cell.max_score)


@functools.lru_cache(4096)
def _mark(*values: Any) -> Mark:
    """Return one object for all marks that are alike: a class of thousands has a few hundred."""
    return Mark(*values)


def _add_comments(connection: Connection, commented: dict[str, str], entries: dict[str, tuple[str, Entry]]) -> None:
    for name, cell_id in commented.items():
        wanted = select(Comment.notebook_id, Comment.manual_comment).where(
            Comment.cell_id == cell_id, Comment.manual_comment.is_not(None), Comment.manual_comment != ""
        )
        for notebook, text in connection.execute(wanted).all():
            if notebook in entries:
                entries[notebook][1].comments[name] = text
