"""The journal of what was done to many: tables beside nbgrader's own in the gradebook, of which no row ever changes.

They are in the gradebook's database, so that a member's change and its line in the journal are one transaction: either
both are there or neither. nbgrader knows nothing of them, and none of its tables is touched by them.
"""

import dataclasses
import datetime as dt
import json
import uuid
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Column, Connection, Engine, Integer, MetaData, String, Table, Text, delete, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateTable

from autograder.review.reading.model import Scores, Target

State = Literal["waiting", "done", "conflict"]

_KEPT_DAYS = 7  # of a preview that nobody applied

_METADATA = MetaData()
PREVIEWS = Table(
    "autograder_review_preview",
    _METADATA,
    Column("id", String(32), primary_key=True),
    Column("assignment", String(128), nullable=False),
    Column("made", String(32), nullable=False),
    Column("plan", Text, nullable=False),
)
ACTIONS = Table(
    "autograder_review_action",
    _METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String(32), unique=True, nullable=False),
    Column("assignment", String(128), nullable=False),
    Column("who", Text, nullable=False),
    Column("begun", String(32), nullable=False),
    Column("undoes", String(32), unique=True),
    Column("head", Text, nullable=False),
    Column("plan", Text, nullable=False),
)
RESULTS = Table(
    "autograder_review_result",
    _METADATA,
    Column("action", String(32), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("state", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("when", String(32), nullable=False),
)


@dataclass(frozen=True)
class Held(Scores):
    """What one member's rows in the gradebook hold, or shall hold; `auto` and `extra` are never changed by us."""

    comment: str | None


@dataclass(frozen=True)
class Planned:
    """What is to be done to one member.

    Attributes:
        student: the id.
        name: as pages show it.
        grade: the id of the row in nbgrader's table of grades, or None where no mark is changed.
        comment: the same of comments.
        seen: digest of the notebook and of the graders that the mark was seen with; None where it does not matter.
        before: what was there.
        after: what is to be there.
    """

    student: str
    name: str
    grade: str | None
    comment: str | None
    seen: tuple[str | None, str | None] | None
    before: Held
    after: Held


@dataclass(frozen=True)
class Head:
    """What an action is, without its members: `comment` and `adjustment` as the reviewer gave them, how many it is for.

    The target names no students; `undoes` is the id of the action that this one takes back.
    """

    assignment: str
    target: Target
    comment: str
    adjustment: dict[str, Any] | None
    count: int
    undoes: str | None = None

    def to_text(self) -> str:
        """Return it as JSON."""
        return json.dumps(dataclasses.asdict(self), ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> "Head":
        """Return what was written as JSON."""
        data = json.loads(text)
        return cls(**{**data, "target": Target(**{**data["target"], "students": ()})})


@dataclass(frozen=True)
class Plan:
    """What is to be done to all members."""

    head: Head
    members: tuple[Planned, ...]

    def to_text(self) -> str:
        """Return it as JSON."""
        return json.dumps([self.head.to_text(), [dataclasses.asdict(one) for one in self.members]], ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> "Plan":
        """Return the plan that was written as JSON."""
        head, members = json.loads(text)
        return cls(Head.from_text(head), tuple(_planned(one) for one in members))


def _planned(data: dict[str, Any]) -> Planned:
    seen = None if data["seen"] is None else (data["seen"][0], data["seen"][1])
    return Planned(**{**data, "seen": seen, "before": Held(**data["before"]), "after": Held(**data["after"])})


@dataclass(frozen=True)
class Begun:
    """An action as the journal holds it; `counts` says to how many members was done what, by state."""

    id: str
    who: str
    when: str
    undone_by: str | None
    head: Head
    counts: dict[str, int]


def now() -> str:
    """Return the time in ISO 8601, UTC."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def prepare(engine: Engine) -> None:
    """See that the tables are there."""
    with engine.begin() as connection:
        for table in _METADATA.sorted_tables:
            connection.execute(CreateTable(table, if_not_exists=True))


def keep_preview(connection: Connection, plan: Plan) -> str:
    """Keep a plan until it is applied, and forget those that nobody applied; return its id."""
    old = (dt.datetime.now(dt.UTC) - dt.timedelta(days=_KEPT_DAYS)).isoformat(timespec="seconds")
    connection.execute(delete(PREVIEWS).where(PREVIEWS.c.made < old))
    preview = uuid.uuid4().hex
    row = {"id": preview, "assignment": plan.head.assignment, "made": now(), "plan": plan.to_text()}
    connection.execute(insert(PREVIEWS), [row])
    return preview


def preview(connection: Connection, assignment: str, preview_id: str) -> Plan | None:
    """Return a plan that was kept, or None."""
    wanted = select(PREVIEWS.c.plan).where(PREVIEWS.c.id == preview_id, PREVIEWS.c.assignment == assignment)
    text = connection.execute(wanted).scalar()
    return None if text is None else Plan.from_text(text)


def begin(engine: Engine, action: str, who: str, plan: Plan) -> bool:
    """Write down that an action begins; return False where one of this id, or one that undoes the same, has begun."""
    head = plan.head
    row = {"id": action, "assignment": head.assignment, "who": who, "begun": now(), "undoes": head.undoes}
    try:
        with engine.begin() as connection:
            connection.execute(insert(ACTIONS), [row | {"head": head.to_text(), "plan": plan.to_text()}])
    except IntegrityError:
        return False
    return True


def note(connection: Connection, action: str, position: int, state: State, reason: str = "") -> None:
    """Write down what came of one member.

    Raises:
        IntegrityError: somebody has written it down already.
    """
    row = {"action": action, "position": position, "state": state, "reason": reason, "when": now()}
    connection.execute(insert(RESULTS), [row])


def begun(connection: Connection, assignment: str, *, limit: int | None = None, action: str = "") -> list[Begun]:
    """Return the actions of an assignment, the newest first; or one of them, by its id."""
    columns = (ACTIONS.c.id, ACTIONS.c.who, ACTIONS.c.begun, ACTIONS.c.head)
    wanted = select(*columns).where(ACTIONS.c.assignment == assignment).order_by(ACTIONS.c.number.desc()).limit(limit)
    rows = connection.execute(wanted.where(ACTIONS.c.id == action) if action else wanted).all()
    ids = [row.id for row in rows]
    undone = select(ACTIONS.c.undoes, ACTIONS.c.id).where(ACTIONS.c.undoes.in_(ids))
    by = {row.undoes: row.id for row in connection.execute(undone)}
    counts: dict[str, dict[str, int]] = {one: {} for one in ids}
    counted = select(RESULTS.c.action, RESULTS.c.state, func.count()).where(RESULTS.c.action.in_(ids))
    for one, state, number in connection.execute(counted.group_by(RESULTS.c.action, RESULTS.c.state)):
        counts[one][state] = number
    return [Begun(row.id, row.who, row.begun, by.get(row.id), Head.from_text(row.head), counts[row.id]) for row in rows]


def plan(connection: Connection, action: str) -> Plan:
    """Return what an action that has begun is to do."""
    return Plan.from_text(str(connection.execute(select(ACTIONS.c.plan).where(ACTIONS.c.id == action)).scalar()))


def results(connection: Connection, action: str) -> dict[int, tuple[State, str]]:
    """Return what came of each member so far, by its position: a state and a reason."""
    wanted = select(RESULTS.c.position, RESULTS.c.state, RESULTS.c.reason).where(RESULTS.c.action == action)
    return {position: (state, reason) for position, state, reason in connection.execute(wanted)}
