"""The verdicts of a class as one table: how each criterion does, and how it does with strong and with weak students."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.review.discrimination import Floats, discrimination, warning
from autograder.review.reading.classroom import Classroom
from autograder.review.reading.model import Criterion, OrdinaryCell, Student

Verdicts = np.ndarray[Any, np.dtype[np.int8]]

_BANDS = 5
_SAID = 3  # messages of an ordinary cell
_CODES = ("", "pass", "fail", "skip", "error")
_PASS, _FAIL = _CODES.index("pass"), _CODES.index("fail")


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
class CellFigures:
    """How the class does in one ordinary cell.

    Attributes:
        cell: which.
        full: how many earn all its points.
        part: how many earn some.
        nothing: how many earn none.
        unsaid: how many were judged and have to be marked by a human.
        said: what students read of it, and how many, the most frequent first; the first few.
        warning: why the test or the text is suspect, in words, or nothing.
    """

    cell: OrdinaryCell
    full: int
    part: int
    nothing: int
    unsaid: int
    said: tuple[tuple[str, int], ...]
    warning: str


def cell_figures(students: Sequence[Student], cell: OrdinaryCell) -> CellFigures:
    """Count what an ordinary cell came to; what separates strong from weak needs more than one verdict per test."""
    results = [student.results[cell.name] for student in students if cell.name in student.results]
    points = [one.points for one in results if one.points is not None]
    full = sum(one.passed for one in results)
    nothing = sum(one == 0 and cell.max_points > 0 for one in points)
    said = Counter(one.message for one in results if one.message)
    return CellFigures(
        cell,
        full,
        len(points) - full - nothing,
        nothing,
        len(results) - len(points),
        tuple(said.most_common(_SAID)),
        warning(full, len(points) - full, None),
    )


def verdict_table(classroom: Classroom, judged: Sequence[Student]) -> Verdicts:
    """Return the verdicts as codes: a row for each student, a column for each criterion."""
    codes = {verdict: code for code, verdict in enumerate(_CODES)}
    criteria = classroom.criteria
    found = [codes[student.verdict(one.exercise, one.name)] for student in judged for one in criteria]
    return np.array(found, np.int8).reshape(len(judged), len(criteria))


def figures(classroom: Classroom, verdicts: Verdicts) -> list[CriterionFigures]:
    """Count each criterion's verdicts; what it separates is told by the points of all other criteria."""
    worth = np.array([one.max_points for one in classroom.criteria])
    earned = (verdicts == _PASS) @ worth
    return [_figure(one, verdicts[:, n], earned) for n, one in enumerate(classroom.criteria)]


def _figure(criterion: Criterion, verdicts: Verdicts, earned: Floats) -> CriterionFigures:
    passes = (verdicts == _PASS).astype(float)
    asked = (verdicts == _PASS) | (verdicts == _FAIL)
    counted = [int(number) for number in np.bincount(verdicts, minlength=len(_CODES))]
    index = discrimination(passes[asked], (earned - passes * criterion.max_points)[asked])
    _, passed, failed, skipped, errors = counted
    return CriterionFigures(criterion, passed, failed, skipped, errors, index, warning(passed, failed, index))


def heat_map(judged: Sequence[Student], verdicts: Verdicts, places: Sequence[int]) -> tuple[Row, ...]:
    """Return a row for each fifth of the class, the strongest first; who has equal scores stays together."""
    scores = np.array([student.score for student in judged])
    order = np.argsort(-scores, kind="stable")
    first = np.searchsorted(-scores[order], -scores[order], side="left")
    bands = first * _BANDS // max(len(judged), 1)
    return tuple(
        _row(scores[members], verdicts[np.ix_(members, places)])
        for members in (order[bands == band] for band in range(_BANDS))
        if len(members)
    )


def _row(scores: Floats, verdicts: Verdicts) -> Row:
    high, low = float(scores.max()), float(scores.min())
    title = f"{low:g} points" if low == high else f"{low:g} to {high:g} points"
    passed, failed = (verdicts == _PASS).sum(axis=0), (verdicts == _FAIL).sum(axis=0)
    return Row(title, len(scores), tuple(_cell(*map(int, pair)) for pair in zip(passed, failed, strict=True)))


def _cell(passed: int, failed: int) -> Cell:
    asked = passed + failed
    return Cell(passed, asked, passed / asked if asked else None)
