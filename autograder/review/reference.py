"""The reference reviewed: the solutions as students may see them, and what the certificate says of each criterion."""

from dataclasses import dataclass
from pathlib import Path

from autograder.review.model import Criterion


@dataclass(frozen=True)
class CertifiedCriterion:
    """A criterion with the certificate's figures.

    Attributes:
        criterion: which.
        refused: how many catalogued mistakes it refuses.
        mistakes: how many the exercise's catalogue has.
        alone: how many it alone refuses.
        lost_by: right variants that lose it all the same.
        examples: ids of mistakes that it alone refuses, three at most.
    """

    criterion: Criterion
    refused: int
    mistakes: int
    alone: int
    lost_by: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class ReviewedExercise:
    """An exercise's reference solution, and its criteria; `variants` is the number of right variants."""

    exercise: str
    source: str
    criteria: tuple[CertifiedCriterion, ...]
    mistakes: int
    variants: int


@dataclass(frozen=True)
class Reviewed:
    """The reference of an assignment; `summary` are the certificate's lines: what, found, asked for, holds."""

    assignment: str
    exercises: tuple[ReviewedExercise, ...]
    summary: tuple[tuple[str, str, str, bool], ...]
    certified: bool


def reviewed(course_root: Path, assignment: str) -> Reviewed:
    """Return the reference with the certificate's figures; without a certificate `certified` is False.

    Raises:
        ReviewError: there is no such assignment or no such notebook.
    """
    raise NotImplementedError
