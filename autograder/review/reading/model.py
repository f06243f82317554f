"""A graded class as plain data: what its outcomes and its gradebook say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from autograder.grading.results import Verdict

State = Literal["graded", "needs_review", "missing", "broken"]


class ReviewError(Exception):
    """What was asked for is not there or cannot be done; the text says what, where, and what to do, on one line."""

    is_usage = True


@dataclass(frozen=True)
class Criterion:
    """One criterion of an exercise: its name, what the student reads of it, and what it is worth."""

    exercise: str
    name: str
    label: str
    max_points: float


def name_in(notebook: str, cell: str, *, several: bool) -> str:
    """Return what a cell, or the exercise that it judges, is called in an assignment, which may have several notebooks.

    Notebooks may use the same id for different cells.
    """
    return f"{notebook}/{cell}" if several else cell


@dataclass(frozen=True)
class Exercise:
    """An exercise that a grader judges.

    Attributes:
        name: what it is called in the assignment.
        max_points: what it is worth.
        grade_cell: the cell that holds its mark (`test_cost`).
        solution_cell: the cell that holds a comment (`cost`).
        criteria: in order.
        notebook: that its grade cell stands in.
        function: what the grader calls it.
    """

    name: str
    max_points: float
    grade_cell: str
    solution_cell: str
    criteria: tuple[Criterion, ...]
    notebook: str
    function: str


@dataclass(frozen=True)
class OrdinaryCell:
    """A grade cell without a grader, marked by nbgrader's rule; `name` is what it is called in the assignment."""

    name: str
    max_points: float
    notebook: str
    cell: str

    @property
    def grade_cell(self) -> str:
        """The cell that holds its mark: itself."""
        return self.name


@dataclass(frozen=True)
class Written:
    """A question that is marked by hand, in words or in code; `cell` holds answer, mark and comment."""

    cell: str
    max_points: float


@dataclass(frozen=True)
class Named:
    """A mistake that was named: its id in the catalogue, its title, and the hint that the student reads."""

    mistake: str
    title: str
    hint: str


@dataclass(frozen=True)
class Result:
    """What one student's exercise or ordinary cell came to; `points` is None where nobody but a human can say.

    Attributes:
        points: that its criteria earned.
        max_points: what it is worth.
        verdicts: by criterion, in order.
        messages: by criterion, where there is one.
        mistakes: those that were named.
        message: what is said of an ordinary cell, which has no criteria.
    """

    points: float | None
    max_points: float
    verdicts: Mapping[str, Verdict]
    messages: Mapping[str, str]
    mistakes: tuple[Named, ...]
    message: str = ""

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong with it."""
        if not self.verdicts:
            return self.points == self.max_points
        return all(verdict == "pass" for verdict in self.verdicts.values())

    @property
    def failed(self) -> tuple[str, ...]:
        """The criteria that fail."""
        return tuple(name for name, verdict in self.verdicts.items() if verdict == "fail")


@dataclass(frozen=True)
class Scores:
    """What the gradebook holds of one grade; scores are None where nobody has given one."""

    auto: float | None
    manual: float | None
    extra: float | None
    needs_manual: bool

    @property
    def score(self) -> float:
        """What counts: the manual score before the automatic one, and extra credit besides."""
        base = self.manual if self.manual is not None else self.auto
        return (base or 0.0) + (self.extra or 0.0)


@dataclass(frozen=True)
class Mark(Scores):
    """One grade in the gradebook, and what its cell is worth."""

    max_score: float


@dataclass(frozen=True)
class Student:
    """One student of the class.

    Attributes:
        id: nbgrader's.
        name: as Formgrader shows it ("Last, First"), or the id.
        state: how the submission ended; `missing` where the gradebook knows a submission that has no outcome, `broken`
            where its outcome cannot be read.
        reason: why a human is needed, or None.
        score: all that the gradebook counts, the late penalty taken off.
        max_score: what the assignment is worth.
        results: by exercise and by ordinary cell.
        marks: by grade cell.
        comments: those written by hand, by cell.
        submissions: the gradebook's ids of the submitted notebooks, by notebook, for Formgrader's pages.
        timestamp: when it was handed in, as nbgrader wrote it.
        digest: of the notebook that was graded.
        versions: of what graded it.
        notes: what was mended before it was graded.
        penalty: for being late, taken off the score.
        until: when the student's own, later deadline ends; None without an extension.
    """

    id: str
    name: str
    state: State
    reason: str | None
    score: float
    max_score: float
    results: Mapping[str, Result] = field(default_factory=dict)
    marks: Mapping[str, Mark] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)
    submissions: Mapping[str, str] = field(default_factory=dict)
    timestamp: str | None = None
    digest: str | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    penalty: float = 0.0
    until: str | None = None

    def verdict(self, exercise: str, criterion: str) -> Verdict | Literal[""]:
        """Return the verdict of a criterion, or nothing where there is none."""
        result = self.results.get(exercise)
        return "" if result is None else result.verdicts.get(criterion, "")

    @property
    def errors(self) -> tuple[tuple[str, str], ...]:
        """Exercise and criterion of each verdict that is the grader's own fault; of an ordinary cell no criterion."""
        return tuple(
            (exercise, criterion)
            for exercise, result in self.results.items()
            for criterion, verdict in (result.verdicts.items() or [("", "error" if result.points is None else "pass")])
            if verdict == "error"
        )


@dataclass(frozen=True)
class Page:
    """A hundred students, or fewer: page `number` of `pages`, counted from 1, of `total` students in all."""

    number: int
    pages: int
    total: int
    sort: str
    descending: bool
    students: tuple[Student, ...]


@dataclass(frozen=True)
class Target:
    """Whom a comment or an adjustment is for, and where it goes.

    Attributes:
        about: an exercise, or the cell of a written question.
        group: the id of the group.
        title: what the log calls it.
        grade_cell: where marks go.
        comment_cell: where comments go.
        students: their ids.
    """

    about: str
    group: str
    title: str
    grade_cell: str
    comment_cell: str
    students: tuple[str, ...]
