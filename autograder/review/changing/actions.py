"""One comment, one adjustment for many: previewed, applied through nbgrader's gradebook, logged, undone.

A preview is kept with what it saw. Applying it changes one member at a time, each in one transaction with its line in
the journal, and only where mark and comment still are what the preview saw: whatever somebody else, or a regrade, has
changed meanwhile is a conflict and stays as it is. So a server may be killed at any moment: `resume` finishes the rest.
"""

import contextlib
import uuid
from collections.abc import Iterator

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from autograder.course.records.gradebook import engine_for, gradebook_problem
from autograder.review.changing import journal, members, planning
from autograder.review.changing.journal import Begun, State
from autograder.review.changing.planning import Adjustment, Wish
from autograder.review.changing.steps import Action, Preview, Step, action_of, step_of
from autograder.review.reading import marks
from autograder.review.reading.classroom import Classroom
from autograder.review.reading.model import ReviewError, Target

__all__ = ["Action", "Adjustment", "Preview", "State", "Step", "action", "begin", "begin_undo", "log", "preview"]
__all__ += ["resume"]

_LOGGED = 1000  # actions


def preview(
    classroom: Classroom,
    target: Target,
    comment: str = "",
    adjustment: Adjustment | None = None,
    without: tuple[str, ...] = (),
) -> Preview:
    """Keep what would be done to each member, with what is there now, and return it.

    Args:
        classroom: the class.
        target: of a group.
        comment: added below what stands there already.
        adjustment: of the marks, or None.
        without: ids of members who were taken out of the group.

    Raises:
        ReviewError: neither a comment nor an adjustment, nobody left, marks that are no number or out of range.
    """
    if classroom.anonymous:
        raise ReviewError("a class under pseudonyms cannot be changed")
    wish = Wish(target, comment.replace("\r\n", "\n").strip(), adjustment)
    with _gradebook(classroom) as engine, engine.begin() as connection:
        plan, blocked = planning.plan(connection, classroom, wish, without)
        kept = journal.keep_preview(connection, plan)
    steps = tuple(step_of(one, "waiting", "") for one in plan.members)
    return Preview(kept, target, wish.comment, adjustment, steps, blocked)


def begin(classroom: Classroom, preview_id: str, who: str) -> Action:
    """Write down that a preview is applied, and change nobody yet: `resume` does, which may take a while.

    Raises:
        ReviewError: there is no such preview.
    """
    with _gradebook(classroom) as engine:
        with engine.connect() as connection:
            plan = journal.preview(connection, classroom.assignment, preview_id)
        if plan is None:
            raise ReviewError(f"there is no preview {preview_id!r} any more: look at the group again")
        journal.begin(engine, preview_id, who, plan)
    return action(classroom, preview_id)


def resume(classroom: Classroom, action_id: str) -> Action:
    """Finish an action that was cut short.

    Raises:
        ReviewError: there is no such action.
    """
    with _gradebook(classroom) as engine:
        with engine.connect() as connection:
            _begun(connection, classroom, action_id)
            plan, known = journal.plan(connection, action_id), journal.results(connection, action_id)
        for position, planned in enumerate(plan.members):
            if position not in known:
                members.change(engine, classroom, action_id, position, planned)
    return action(classroom, action_id)


def begin_undo(classroom: Classroom, action_id: str, who: str) -> Action:
    """Write down that an action is taken back, and change nobody yet: `resume` of what is returned does.

    Raises:
        ReviewError: there is no such action, it is not finished, or it is taken back already.
    """
    found = action(classroom, action_id)
    if not found.finished:
        raise ReviewError("this has not been done to everybody yet: finish it first")
    taken_back = uuid.uuid4().hex
    with _gradebook(classroom) as engine:
        with engine.connect() as connection:
            known = journal.results(connection, action_id)
            done = [position for position, (state, _) in known.items() if state == "done"]
            plan = planning.undoing(connection, classroom, action_id, journal.plan(connection, action_id), done)
        begun = journal.begin(engine, taken_back, who, plan)
    if not begun:
        raise ReviewError("this has been taken back already")
    return action(classroom, taken_back)


def log(classroom: Classroom) -> tuple[Action, ...]:
    """Return the last thousand actions, the newest first, without the steps; also those not finished yet."""
    with _gradebook(classroom) as engine, engine.connect() as connection:
        return tuple(action_of(one) for one in journal.begun(connection, classroom.assignment, limit=_LOGGED))


def action(classroom: Classroom, action_id: str) -> Action:
    """Return one action with its steps.

    Raises:
        ReviewError: there is no such action.
    """
    with _gradebook(classroom) as engine, engine.connect() as connection:
        found = _begun(connection, classroom, action_id)
        return action_of(found, journal.plan(connection, action_id), journal.results(connection, action_id))


@contextlib.contextmanager
def _gradebook(classroom: Classroom) -> Iterator[Engine]:
    """Yield the gradebook with the journal in it; what the database says against it is said in one line."""
    engine = engine_for(classroom.db_url)
    try:
        journal.prepare(engine)
        yield engine
    except SQLAlchemyError as error:
        raise ReviewError(gradebook_problem(marks.shown(classroom.db_url), error)) from error


def _begun(connection: Connection, classroom: Classroom, action_id: str) -> Begun:
    for found in journal.begun(connection, classroom.assignment, action=action_id):
        return found
    raise ReviewError(f"the log knows no action {action_id!r}")
