"""One comment, one adjustment for many: previewed, applied through nbgrader's gradebook, logged, undone.

A preview is kept with what it saw. Applying it changes one member at a time, each in one transaction with its line in
the journal, and only where mark and comment still are what the preview saw: whatever somebody else, or a regrade, has
changed meanwhile is a conflict and stays as it is. So a server may be killed at any moment: `resume` finishes the rest.
"""

from dataclasses import dataclass
from typing import Literal

from autograder.review.classroom import Classroom
from autograder.review.model import Target

State = Literal["waiting", "done", "conflict"]


@dataclass(frozen=True)
class Adjustment:
    """A change of marks: `set` to so many points, or `add` so many (or take off, below 0); within 0 and the maximum.

    `clear` takes a mark given by hand away, so that the automatic one counts again.
    """

    kind: Literal["set", "add", "clear"]
    points: float = 0.0


@dataclass(frozen=True)
class Values:
    """Mark and comment of one member: what the gradebook holds, or shall hold."""

    manual: float | None
    score: float
    comment: str


@dataclass(frozen=True)
class Step:
    """What an action does to one member, and what came of it; `reason` says why it is a conflict."""

    student: str
    name: str
    before: Values
    after: Values
    state: State
    reason: str = ""


@dataclass(frozen=True)
class Preview:
    """What would be done to each member; nothing is, until `apply` gets the id.

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
        target: for whom.
        comment: that was added.
        adjustment: of the marks.
        who: did it.
        when: in ISO 8601, UTC.
        undoes: the id of the action that this one takes back, or None.
        undone_by: the id of the action that took this one back, or None.
        steps: of each member; `waiting` where the server ended before it came to them.
    """

    id: str
    target: Target
    comment: str
    adjustment: Adjustment | None
    who: str
    when: str
    undoes: str | None
    undone_by: str | None
    steps: tuple[Step, ...]

    @property
    def finished(self) -> bool:
        """Whether no member waits any more."""
        return all(step.state != "waiting" for step in self.steps)

    @property
    def conflicts(self) -> tuple[Step, ...]:
        """The members that were left as somebody else had changed them."""
        return tuple(step for step in self.steps if step.state == "conflict")


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
    raise NotImplementedError


def apply(classroom: Classroom, preview_id: str, who: str) -> Action:
    """Do what a preview showed; what has been applied already is not applied again, but returned as it is.

    Raises:
        ReviewError: there is no such preview.
    """
    raise NotImplementedError


def resume(classroom: Classroom, action_id: str) -> Action:
    """Finish an action that was cut short.

    Raises:
        ReviewError: there is no such action.
    """
    raise NotImplementedError


def undo(classroom: Classroom, action_id: str, who: str) -> Action:
    """Take an action back, member by member, where its mark and its comment still stand; an undo can be undone, too.

    Raises:
        ReviewError: there is no such action, or it is taken back already.
    """
    raise NotImplementedError


def log(classroom: Classroom, limit: int = 100) -> tuple[Action, ...]:
    """Return what was done, the newest first."""
    raise NotImplementedError


def action(classroom: Classroom, action_id: str) -> Action:
    """Return one action.

    Raises:
        ReviewError: there is no such action.
    """
    raise NotImplementedError


def unfinished(classroom: Classroom) -> tuple[Action, ...]:
    """Return the actions that were cut short."""
    raise NotImplementedError
