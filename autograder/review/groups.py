"""Submissions of an exercise that are alike: by what they do, and within that by how they are written."""

from dataclasses import dataclass
from typing import Literal

from autograder.review.classroom import Classroom
from autograder.review.differences import Difference
from autograder.review.model import Named, Target

Kind = Literal["right", "named", "wrong", "no answer", "not judged"]


@dataclass(frozen=True)
class Spelling:
    """Members of a group whose functions are the same tree; `example` is one of them, `source` what that one wrote."""

    id: str
    students: tuple[str, ...]
    example: str
    source: str | None


@dataclass(frozen=True)
class Group:
    """Students whose functions do the same.

    Attributes:
        id: stays the same as long as the group does the same, whoever joins or leaves; fit for an address.
        exercise: whose.
        kind: right, wrong with a name, wrong without, giving no answer, not judged.
        title: the named mistake's, or what fails, in words.
        mistakes: those that were named.
        failed: the criteria that fail.
        messages: what most members read at each of these.
        students: ids, in the order of the class.
        spellings: largest first.
        representative: the student whose spelling is nearest to all others'.
        source: what that student wrote.
        points: (lowest, highest) that the criteria earned, None where not judged.
    """

    id: str
    exercise: str
    kind: Kind
    title: str
    mistakes: tuple[Named, ...]
    failed: tuple[str, ...]
    messages: dict[str, str]
    students: tuple[str, ...]
    spellings: tuple[Spelling, ...]
    representative: str
    source: str | None
    points: tuple[float, float] | None
    target: Target

    def __len__(self) -> int:
        return len(self.students)


def groups(classroom: Classroom, exercise: str) -> tuple[Group, ...]:
    """Return the groups of an exercise, largest first; computed once for each state of the class.

    Raises:
        ReviewError: there is no such exercise.
    """
    raise NotImplementedError


def group(classroom: Classroom, exercise: str, group_id: str) -> Group:
    """Return one group by its id.

    Raises:
        ReviewError: there is none any more.
    """
    raise NotImplementedError


def how_members_differ(classroom: Classroom, found: Group, limit: int = 20) -> tuple[tuple[Spelling, Difference], ...]:
    """Return the spellings of a group, largest first, each with its difference from the representative's."""
    raise NotImplementedError
