"""The class at a glance: how marks are spread, which criteria fail for whom, which mistakes are made."""

import math
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from autograder.review.classroom import Classroom
from autograder.review.discrimination import discrimination, warning
from autograder.review.groups import groups
from autograder.review.model import Criterion, Student

Verdicts = np.ndarray[Any, np.dtype[np.int8]]
Floats = np.ndarray[Any, np.dtype[np.float64]]

_BANDS = 5
_BARS = 24
_CODES = ("", "pass", "fail", "skip", "error")
_PASS, _FAIL = _CODES.index("pass"), _CODES.index("fail")
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
    """The class at a glance.

    Attributes:
        students: how many there are.
        states: how many by how their submission ended.
        unmarked: students of whom a mark waits for a human.
        total: of all marks together.
        distributions: by exercise, then by written question.
        heat: a row for each fifth of the class, the strongest first.
        criteria: with their figures.
        mistakes: those that were named, the most frequent first.
        unnamed: by exercise, how many are wrong without a name.
        warnings: each in one line, where grader or text is suspect.
    """

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
    students = classroom.students
    judged = [student for student in students if student.results]
    verdicts = classroom.kept("verdicts", lambda: _verdicts(classroom, judged))
    figures = _sorted(classroom.kept("figures", lambda: _figures(classroom, verdicts)), order)
    places = [classroom.criteria.index(one.criterion) for one in figures]
    cells = [(one.grade_cell, one.name, one.max_points) for one in classroom.exercises]
    cells += [(one.cell, one.cell, one.max_points) for one in classroom.written]
    total = [student.score for student in students if student.marks]
    worth = students[0].max_score
    return Overview(
        students=len(students),
        states=dict(Counter(student.state for student in students)),
        unmarked=sum(any(mark.needs_manual for mark in student.marks.values()) for student in students),
        total=_distribution(None, worth, total, len(students) - len(total)),
        distributions=tuple(_of_cell(students, *cell) for cell in cells),
        heat=_heat(judged, verdicts, places),
        criteria=tuple(figures),
        mistakes=classroom.kept("mistakes", lambda: _mistakes(classroom, judged)),
        unnamed=_unnamed(classroom),
        warnings=tuple(f"{_title(one.criterion)} {one.warning}" for one in figures if one.warning),
    )


def _title(criterion: Criterion) -> str:
    return f"{criterion.exercise}: {criterion.name}"


def _of_cell(students: Sequence[Student], cell: str, about: str, worth: float) -> Distribution:
    marks = [student.marks[cell] for student in students if cell in student.marks]
    given = [mark.score for mark in marks if mark.auto is not None or mark.manual is not None]
    return _distribution(about, worth, given, len(students) - len(given))


def _distribution(about: str | None, worth: float, scores: Sequence[float], unmarked: int) -> Distribution:
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


def _verdicts(classroom: Classroom, judged: Sequence[Student]) -> Verdicts:
    """Return the verdicts as codes: a row for each student, a column for each criterion."""
    codes = {verdict: code for code, verdict in enumerate(_CODES)}
    empty: dict[str, str] = {}
    table = np.zeros((len(judged), len(classroom.criteria)), np.int8)
    for row, student in enumerate(judged):
        column = 0
        for exercise in classroom.exercises:
            result = student.results.get(exercise.name)
            found = empty if result is None else result.verdicts
            for criterion in exercise.criteria:
                table[row, column] = codes[found.get(criterion.name, "")]
                column += 1
    return table


def _figures(classroom: Classroom, verdicts: Verdicts) -> list[CriterionFigures]:
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


def _sorted(figures: list[CriterionFigures], order: Order) -> list[CriterionFigures]:
    if order == "discrimination":
        return sorted(figures, key=lambda one: math.inf if one.discrimination is None else one.discrimination)
    if order in ("hardest", "easiest"):
        return sorted(figures, key=_share, reverse=order == "easiest")
    return figures


def _share(one: CriterionFigures) -> float:
    asked = one.passed + one.failed
    return one.passed / asked if asked else 1.0


def _heat(judged: Sequence[Student], verdicts: Verdicts, places: Sequence[int]) -> tuple[Row, ...]:
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
    return Row(
        title, low, high, len(scores), tuple(_cell(*map(int, pair)) for pair in zip(passed, failed, strict=True))
    )


def _cell(passed: int, failed: int) -> Cell:
    asked = passed + failed
    return Cell(passed, asked, passed / asked if asked else None)


def _mistakes(classroom: Classroom, judged: Sequence[Student]) -> tuple[Frequency, ...]:
    """Return the named mistakes, the most frequent first."""
    made = Counter(
        (exercise, named)
        for student in judged
        for exercise, result in student.results.items()
        for named in result.mistakes
    )
    where: dict[tuple[str, str], str] = {}
    for exercise in classroom.exercises:
        for group in groups(classroom, exercise.name):
            for named in group.mistakes:
                where.setdefault((exercise.name, named.mistake), group.id)
    return tuple(
        Frequency(
            exercise,
            named.mistake,
            named.title,
            named.hint,
            count,
            count / len(judged),
            where.get((exercise, named.mistake)),
        )
        for (exercise, named), count in sorted(made.items(), key=lambda item: (-item[1], item[0][1].mistake))
    )


def _unnamed(classroom: Classroom) -> dict[str, int]:
    """Return by exercise how many are wrong in a way that has no name."""
    return {
        exercise.name: sum(len(one) for one in groups(classroom, exercise.name) if one.kind in ("wrong", "no answer"))
        for exercise in classroom.exercises
    }
