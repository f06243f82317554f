"""The class at a glance: how marks are spread, which criteria fail for whom, which mistakes are made."""

from dataclasses import dataclass
from typing import Literal

from autograder.review.classroom import Classroom
from autograder.review.model import Criterion


@dataclass(frozen=True)
class Distribution:
    """How many earned how much in one exercise (or a written question, or all together: `about` is None).

    Attributes:
        about: exercise or cell.
        max_points: what it is worth.
        bars: (points from, points to, students), in order; the last includes its end.
        mean: of the points, or None without students.
        median: as well.
        unmarked: students who have no mark there yet.
    """

    about: str | None
    max_points: float
    bars: tuple[tuple[float, float, int], ...]
    mean: float | None
    median: float | None
    unmarked: int


@dataclass(frozen=True)
class Cell:
    """One field of the heat map: of `asked` students in the group, `passed` pass the criterion; `share` of 0 to 1.

    `share` is None where nobody was asked; who was skipped was not asked.
    """

    passed: int
    asked: int
    share: float | None


@dataclass(frozen=True)
class Row:
    """A row of the heat map: one group of the class, by score; `cells` in the order of the criteria."""

    title: str
    low: float
    high: float
    students: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class CriterionFigures:
    """How the class does in one criterion.

    Attributes:
        criterion: which.
        passed: how many pass it.
        failed: how many fail it.
        skipped: how many were not judged in it.
        errors: how often the grader failed.
        discrimination: the corrected item-total correlation, −1 to 1, or None where everybody or nobody passes.
        warning: why the grader or the text is suspect, in words, or nothing.
    """

    criterion: Criterion
    passed: int
    failed: int
    skipped: int
    errors: int
    discrimination: float | None
    warning: str


@dataclass(frozen=True)
class Frequency:
    """How often a mistake was named in an exercise, and in which group most who made it are."""

    exercise: str
    mistake: str
    title: str
    hint: str
    students: int
    share: float
    group: str | None


@dataclass(frozen=True)
class Overview:
    """The class at a glance; `states` counts the students by how their submission ended."""

    students: int
    states: dict[str, int]
    unmarked: int
    total: Distribution
    distributions: tuple[Distribution, ...]
    heat: tuple[Row, ...]
    criteria: tuple[CriterionFigures, ...]
    mistakes: tuple[Frequency, ...]
    unnamed: dict[str, int]
    warnings: tuple[str, ...]


Order = Literal["course", "hardest", "easiest", "discrimination"]


def overview(classroom: Classroom, order: Order = "course") -> Overview:
    """Return the class at a glance; `criteria`, and each row of the heat map, are in this order."""
    raise NotImplementedError
