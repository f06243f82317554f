"""What needs a human: outcomes with a reason, verdicts that are the grader's fault, and what was answered in words."""

from dataclasses import dataclass

from autograder.review.classroom import Classroom
from autograder.review.model import Student, Target


@dataclass(frozen=True)
class Waiting:
    """Students who wait for the same reason."""

    reason: str
    students: tuple[Student, ...]


@dataclass(frozen=True)
class Fault:
    """A criterion that could not judge some: what it said, and whom."""

    exercise: str
    criterion: str
    message: str
    students: tuple[Student, ...]


@dataclass(frozen=True)
class AnswerGroup:
    """Similar answers to a written question; the largest come first.

    Attributes:
        id: fit for an address; the hash of the representative answer.
        cell: the question.
        students: ids, most similar to the representative first.
        answers: their texts, in the same order.
        representative: whose answer stands for all.
        unmarked: how many have no mark yet.
        target: for a comment and an adjustment.
    """

    id: str
    cell: str
    students: tuple[str, ...]
    answers: tuple[str, ...]
    representative: str
    unmarked: int
    target: Target

    def __len__(self) -> int:
        return len(self.students)


@dataclass(frozen=True)
class Queue:
    """What needs a human, what waits longest-listed first; `answers` by question."""

    waiting: tuple[Waiting, ...]
    faults: tuple[Fault, ...]
    answers: dict[str, tuple[AnswerGroup, ...]]


def queue(classroom: Classroom) -> Queue:
    """Return what needs a human."""
    raise NotImplementedError


def answer_group(classroom: Classroom, cell: str, group_id: str) -> AnswerGroup:
    """Return one group of answers by its id.

    Raises:
        ReviewError: there is none any more.
    """
    raise NotImplementedError
