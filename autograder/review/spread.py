"""How marks are spread over a class."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autograder.review.reading.model import Student

_BARS = 24
_STEPS = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)


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


def spread_in_cell(students: Sequence[Student], cell: str, about: str, worth: float) -> Distribution:
    """Return how the marks of one grade cell are spread; `about` is what pages call it."""
    marks = [student.marks[cell] for student in students if cell in student.marks]
    given = [mark.score for mark in marks if mark.auto is not None or mark.manual is not None]
    return spread(about, worth, given, len(students) - len(given))


def spread(about: str | None, worth: float, scores: Sequence[float], unmarked: int) -> Distribution:
    """Return how scores are spread; extra credit above the maximum counts in the last bar."""
    step = next((step for step in _STEPS if worth / step <= _BARS), worth / _BARS)
    edges = [place * step for place in range(math.ceil(worth / step))] + [worth]
    counted, _ = np.histogram(np.clip(scores, 0.0, worth), edges) if worth else ([len(scores)], None)
    edges = edges if worth else [0.0, 0.0]
    return Distribution(
        about,
        worth,
        tuple((low, high, int(count)) for low, high, count in zip(edges, edges[1:], counted, strict=False)),
        statistics.fmean(scores) if scores else None,
        statistics.median(scores) if scores else None,
        unmarked,
    )
