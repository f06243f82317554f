"""What is shown of a change to many: a preview, a line of the log, and what becomes of each member."""

import dataclasses
from dataclasses import dataclass

from autograder.review.changing.journal import Begun, Held, Plan, Planned, State
from autograder.review.changing.planning import Adjustment
from autograder.review.reading.model import Target


@dataclass(frozen=True)
class Step:
    """What an action does to one member, and what came of it; `reason` says why it is a conflict."""

    student: str
    name: str
    before: Held
    after: Held
    state: State
    reason: str = ""


@dataclass(frozen=True)
class Preview:
    """What would be done to each member; nothing is, until `begin` gets the id.

    `blocked` are members who cannot be changed, with the reason: no mark in the gradebook, being graded right now.
    """

    id: str
    target: Target
    comment: str
    adjustment: Adjustment | None
    steps: tuple[Step, ...]
    blocked: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Action:
    """One line of the log.

    Attributes:
        id: the preview's.
        target: for whom; it names the students where `steps` are given, too.
        comment: that was added.
        adjustment: of the marks.
        who: did it.
        when: in ISO 8601, UTC.
        undoes: the id of the action that this one takes back, or None.
        undone_by: the id of the action that took this one back, or None.
        done: how many members were changed.
        conflicts: how many were left alone, for somebody else had changed them.
        waiting: how many the server has not come to yet: where it has ended before, `resume` does.
        steps: of each member; left out in the log.
    """

    id: str
    target: Target
    comment: str
    adjustment: Adjustment | None
    who: str
    when: str
    undoes: str | None
    undone_by: str | None
    done: int
    conflicts: int
    waiting: int
    steps: tuple[Step, ...] = ()

    @property
    def finished(self) -> bool:
        """Whether no member waits any more."""
        return self.waiting == 0


def action_of(found: Begun, plan: Plan | None = None, results: dict[int, tuple[State, str]] | None = None) -> Action:
    """Return an action as it is shown; with its steps where plan and results are given."""
    head = found.head
    came, members = results or {}, () if plan is None else plan.members
    steps = tuple(step_of(one, *came.get(n, ("waiting", ""))) for n, one in enumerate(members))
    done, conflicts = found.counts.get("done", 0), found.counts.get("conflict", 0)
    return Action(
        found.id,
        dataclasses.replace(head.target, students=tuple(step.student for step in steps)),
        head.comment,
        None if head.adjustment is None else Adjustment(**head.adjustment),
        found.who,
        found.when,
        head.undoes,
        found.undone_by,
        done,
        conflicts,
        head.count - done - conflicts,
        steps,
    )


def step_of(planned: Planned, state: State, reason: str) -> Step:
    """Return what is shown of one member."""
    return Step(planned.student, planned.name, planned.before, planned.after, state, reason)
