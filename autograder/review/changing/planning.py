"""What a comment and an adjustment come to for each member, from what the gradebook holds now."""

import dataclasses
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from autograder.course.records import outcomes
from autograder.review.changing.journal import Head, Held, Plan, Planned
from autograder.review.changing.members import Rows, rows, seen
from autograder.review.reading.classroom import Classroom
from autograder.review.reading.model import ReviewError, Student, Target

_MAX_COMMENT = 10_000
_BETWEEN = "\n\n"


@dataclass(frozen=True)
class Adjustment:
    """A change of marks: `set` to so many points, or `add` so many (or take off, below 0); within 0 and the maximum.

    `clear` takes a mark given by hand away, so that the automatic one counts again.
    """

    kind: Literal["set", "add", "clear"]
    points: float = 0.0


@dataclass(frozen=True)
class Wish:
    """What a reviewer wants to be done."""

    target: Target
    comment: str
    adjustment: Adjustment | None

    def check(self, max_score: float) -> None:
        """Refuse what cannot be done to anybody.

        Raises:
            ReviewError: neither a comment nor an adjustment, a very long comment, marks that are none.
        """
        if not self.comment and self.adjustment is None:
            raise ReviewError("there is nothing to do: write a comment, or change the marks")
        if len(self.comment) > _MAX_COMMENT:
            raise ReviewError(f"the comment has {len(self.comment)} characters; at most {_MAX_COMMENT} are kept")
        if self.adjustment is None:
            return
        kind, points = self.adjustment.kind, self.adjustment.points
        if kind not in ("set", "add", "clear"):
            raise ReviewError(f"marks can be set, added to or cleared, not {kind!r}")
        low = 0.0 if kind == "set" else -max_score
        if not math.isfinite(points) or not low <= points <= max_score:
            raise ReviewError(f"{self.target.about} is worth {max_score:g} points: write a number from {low:g} to that")


def plan(
    connection: Connection, classroom: Classroom, wish: Wish, without: Collection[str]
) -> tuple[Plan, tuple[tuple[str, str], ...]]:
    """Return what would be done, and who cannot be changed, with the reason.

    Raises:
        ReviewError: as `Wish.check`, or nobody is left.
    """
    target = wish.target
    graded = classroom.book.cells.get(target.grade_cell)
    wish.check(graded.max_score if graded is not None else 0.0)
    known = rows(connection, classroom, target.grade_cell, target.comment_cell)
    planned: list[Planned] = []
    blocked: list[tuple[str, str]] = []
    for student_id in dict.fromkeys(target.students):
        if student_id in without:
            continue
        student = classroom.by_id.get(student_id)
        found = _rows_of(student, known) if student is not None else None
        try:
            planned.append(_planned(classroom, wish, student, found))
        except _Blocked as reason:
            blocked.append((student_id, str(reason)))
    if not planned and not blocked:
        raise ReviewError("nobody is left in the group")
    adjustment = None if wish.adjustment is None else dataclasses.asdict(wish.adjustment)
    head = Head(classroom.assignment, dataclasses.replace(target, students=()), wish.comment, adjustment, len(planned))
    return Plan(head, tuple(planned)), tuple(blocked)


def _rows_of(student: Student, known: Mapping[str, Rows]) -> Rows | None:
    """Return a student's rows among those of all submitted notebooks: of one of them, for the cell is in one."""
    return next((known[one] for one in student.submissions.values() if one in known), None)


class _Blocked(Exception):
    """A member cannot be changed; the text says why."""


def _planned(classroom: Classroom, wish: Wish, student: Student | None, found: Rows | None) -> Planned:
    if student is None or found is None:
        raise _Blocked("has no submission in the gradebook")
    if student.reason == outcomes.UNFINISHED:
        raise _Blocked("is being graded right now")
    if wish.comment and found.comment is None:
        raise _Blocked(f"the gradebook has no comment for {wish.target.comment_cell}")
    if wish.adjustment is not None and found.grade is None:
        raise _Blocked(f"the gradebook has no mark for {wish.target.grade_cell}")
    after = found.held
    if wish.adjustment is not None:
        after = _adjusted(after, wish.adjustment, classroom.book.cells[wish.target.grade_cell].max_score)
    if wish.comment:
        after = dataclasses.replace(after, comment=_below(after.comment or "", wish.comment))
    return Planned(
        student.id,
        student.name,
        found.grade if wish.adjustment is not None else None,
        found.comment if wish.comment else None,
        seen({"digest": student.digest, "versions": student.versions}),
        found.held,
        after,
    )


def _adjusted(held: Held, adjustment: Adjustment, max_score: float) -> Held:
    """Return what is held after a change of marks, as Formgrader would leave it."""
    manual: float | None = adjustment.points
    if adjustment.kind == "clear":
        manual = None
    elif adjustment.kind == "add":
        base = held.manual if held.manual is not None else held.auto
        if base is None:
            raise _Blocked("has no mark yet to add to: set one")
        manual = min(max(base + adjustment.points, 0.0), max_score)
    return dataclasses.replace(held, manual=manual, needs_manual=manual is None and held.auto is None)


def _below(text: str, comment: str) -> str:
    """Return a comment below what stands there; one that stands there already is not said twice."""
    if comment in text.split(_BETWEEN):
        return text
    return _BETWEEN.join(filter(None, [text, comment]))


def undoing(connection: Connection, classroom: Classroom, action: str, done: Plan, positions: Collection[int]) -> Plan:
    """Return what takes back what an action has done to the members at these positions."""
    target = done.head.target
    known = rows(connection, classroom, target.grade_cell, target.comment_cell)
    by_row = {found.grade: found for found in known.values() if found.grade is not None}
    members = tuple(_undone(done.members[position], by_row) for position in sorted(positions))
    return Plan(dataclasses.replace(done.head, count=len(members), undoes=action), members)


def _undone(done: Planned, by_row: dict[str, Rows]) -> Planned:
    """Return the undo for one member: if a regrade has changed the automatic score, a human looks at a mark by hand."""
    now = by_row.get(done.grade or "")
    after = done.before
    if now is not None and now.held.auto != after.auto:
        waits = after.manual is not None or now.held.auto is None
        after = dataclasses.replace(after, auto=now.held.auto, needs_manual=waits)
    return dataclasses.replace(done, seen=None, before=done.after, after=after)
