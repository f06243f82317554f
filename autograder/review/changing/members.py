"""One member of a group in nbgrader's gradebook: what it holds, and changing that unless it was graded anew since."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nbgrader.api import Comment, Grade
from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.exc import IntegrityError

from autograder.course.records import outcomes
from autograder.review.changing import journal
from autograder.review.changing.journal import Held, Planned
from autograder.review.reading.classroom import Classroom


@dataclass(frozen=True)
class Rows:
    """A member's rows: their ids in the tables of grades and of comments, and what they hold."""

    grade: str | None
    comment: str | None
    held: Held


def rows(connection: Connection, classroom: Classroom, grade_cell: str, comment_cell: str) -> dict[str, Rows]:
    """Return the rows of all students by the id of the submitted notebook."""
    book = classroom.book
    graded = book.cells.get(grade_cell)
    found: dict[str, Rows] = {}
    if graded is not None:
        columns = (Grade.notebook_id, Grade.id, Grade.auto_score, Grade.manual_score, Grade.extra_credit)
        wanted = select(*columns, Grade.needs_manual_grade).where(Grade.cell_id == graded.grade_id)
        for notebook, row, auto, manual, extra, needs_manual in connection.execute(wanted):
            found[notebook] = Rows(row, None, Held(auto, manual, extra, needs_manual, None))
    columns_of_comment = (Comment.notebook_id, Comment.id, Comment.manual_comment)
    for notebook, row, text in connection.execute(
        select(*columns_of_comment).where(Comment.cell_id == book.commented.get(comment_cell, ""))
    ):
        known = found.get(notebook, Rows(None, None, Held(None, None, None, needs_manual=False, comment=None)))
        held = known.held
        found[notebook] = Rows(known.grade, row, Held(held.auto, held.manual, held.extra, held.needs_manual, text))
    return found


class _Conflict(Exception):
    """Somebody else has changed what was seen; the text says what."""


def change(engine: Engine, classroom: Classroom, action: str, position: int, planned: Planned) -> None:
    """Change one member in one transaction with its line in the journal, or write there why not.

    Two who do this at once for the same member do it once: the second finds the line, and leaves it at that.
    """
    try:
        try:
            _refuse_stale(classroom, planned)
            with engine.begin() as connection:
                journal.note(connection, action, position, "done")  # first: it takes the lock, or finds itself late
                _refuse_changed(connection, planned)
                _write(connection, planned)
        except _Conflict as conflict:
            with engine.begin() as connection:
                journal.note(connection, action, position, "conflict", str(conflict))
    except IntegrityError:
        return


def _refuse_stale(classroom: Classroom, planned: Planned) -> None:
    """Refuse where the submission is no more the one that was seen."""
    if planned.seen is None:
        return
    known = outcomes.read(classroom.root, classroom.assignment, planned.student) or {}
    if known.get("reason") == outcomes.UNFINISHED:
        raise _Conflict("is being graded right now")
    if seen(known) != planned.seen:
        raise _Conflict("was graded again meanwhile")


def seen(outcome: Mapping[str, object]) -> tuple[str | None, str | None]:
    """Return what tells a grading from another: digests of the notebook and of the graders."""
    digest, versions = outcome.get("digest"), outcome.get("versions")
    graders = versions.get("graders") if isinstance(versions, Mapping) else None
    return (None if digest is None else str(digest), None if graders is None else str(graders))


def _refuse_changed(connection: Connection, planned: Planned) -> None:
    """Refuse where mark or comment are no more what was seen."""
    before = planned.before
    if planned.grade is not None:
        columns = (Grade.auto_score, Grade.manual_score, Grade.extra_credit)
        auto, manual, extra = _row(connection, select(*columns).where(Grade.id == planned.grade))
        if planned.seen is not None and auto != before.auto:
            raise _Conflict(f"the automatic score is {_points(auto)} now; {_points(before.auto)} was seen")
        if (manual, extra) != (before.manual, before.extra):
            raise _Conflict(f"somebody has changed the mark: {_points(manual)} by hand, not {_points(before.manual)}")
    if planned.comment is not None:
        (text,) = _row(connection, select(Comment.manual_comment).where(Comment.id == planned.comment))
        if (text or "") != (before.comment or ""):
            raise _Conflict("somebody has changed the comment")


def _row(connection: Connection, wanted: Any) -> Any:
    row = connection.execute(wanted.with_for_update()).first()
    if row is None:
        raise _Conflict("is not in the gradebook any more")
    return row


def _points(value: float | None) -> str:
    return "none" if value is None else f"{value:g}"


def _write(connection: Connection, planned: Planned) -> None:
    after = planned.after
    if planned.grade is not None:
        values = {"manual_score": after.manual, "needs_manual_grade": after.needs_manual}
        connection.execute(update(Grade).where(Grade.id == planned.grade).values(values))
    if planned.comment is not None:
        values_of_comment = {"manual_comment": after.comment}
        connection.execute(update(Comment).where(Comment.id == planned.comment).values(values_of_comment))
