"""The class at a glance: which criteria fail for whom, which mistakes are made, and what `spread` says of the marks."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from autograder.review.alike.groups import groups
from autograder.review.reading.classroom import Classroom
from autograder.review.reading.model import Student
from autograder.review.spread import Distribution, spread, spread_in_cell
from autograder.review.verdicts import (
    CellFigures,
    CriterionFigures,
    Row,
    cell_figures,
    figures,
    heat_map,
    verdict_table,
)


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
        distributions: by exercise, then by ordinary cell, then by written question.
        heat: a row for each fifth of the class, the strongest first.
        criteria: with their figures.
        tests: the ordinary cells with theirs.
        mistakes: those that were named, the most frequent first.
        unnamed: by exercise, how many are wrong without a name.
        warnings: each in one line, where grader or text is suspect.
        extended: who has handed in and has a later deadline.
    """

    students: int
    states: dict[str, int]
    unmarked: int
    total: Distribution
    distributions: tuple[Distribution, ...]
    heat: tuple[Row, ...]
    criteria: tuple[CriterionFigures, ...]
    tests: tuple[CellFigures, ...]
    mistakes: tuple[Frequency, ...]
    unnamed: dict[str, int]
    warnings: tuple[str, ...]
    extended: tuple[Student, ...] = ()


Order = Literal["course", "hardest", "easiest", "discrimination"]


def overview(classroom: Classroom, order: Order = "course") -> Overview:
    """Return the class at a glance; `criteria`, and each row of the heat map, are in this order."""
    students = classroom.students
    judged = [student for student in students if student.results]
    verdicts = classroom.kept("verdicts", lambda: verdict_table(classroom, judged))
    criteria = _sorted(classroom.kept("figures", lambda: figures(classroom, verdicts)), order)
    places = [classroom.criteria.index(one.criterion) for one in criteria]
    cells = [(one.grade_cell, one.name, one.max_points) for one in classroom.marked]
    cells += [(one.cell, one.cell, one.max_points) for one in classroom.written]
    total = [student.score for student in students if student.marks]
    worth = students[0].max_score
    tests = tuple(cell_figures(students, cell) for cell in classroom.ordinary)
    return Overview(
        students=len(students),
        states=dict(Counter(student.state for student in students)),
        unmarked=sum(any(mark.needs_manual for mark in student.marks.values()) for student in students),
        total=spread(None, worth, total, len(students) - len(total)),
        distributions=tuple(spread_in_cell(students, *cell) for cell in cells),
        heat=heat_map(judged, verdicts, places),
        criteria=tuple(criteria),
        tests=tests,
        mistakes=classroom.kept("mistakes", lambda: _mistakes(classroom, judged)),
        unnamed=_unnamed(classroom),
        warnings=(
            *(f"{one.criterion.exercise}: {one.criterion.name} {one.warning}" for one in criteria if one.warning),
            *(f"{one.cell.name} {one.warning}" for one in tests if one.warning),
        ),
        extended=tuple(student for student in students if student.until),
    )


def _sorted(figures: list[CriterionFigures], order: Order) -> list[CriterionFigures]:
    if order == "discrimination":
        return sorted(figures, key=lambda one: math.inf if one.discrimination is None else one.discrimination)
    if order in ("hardest", "easiest"):
        return sorted(figures, key=_share, reverse=order == "easiest")
    return figures


def _share(one: CriterionFigures) -> float:
    asked = one.passed + one.failed
    return one.passed / asked if asked else 1.0


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
