"""What judging an exercise came to, as plain data that becomes JSON."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from autograder.grading import notation

Verdict = Literal["pass", "fail", "skip", "error"]

NOT_EXPLAINED = "The mistake could not be explained in full; the marks are not affected."

_DIGITS = 6


@dataclass(frozen=True)
class Picture:
    """A picture that stands in the page itself.

    Attributes:
        alt: what it shows, in words that say as much.
        uri: a `data:` address with the picture; empty where it was only put into words.
    """

    alt: str
    uri: str = ""


@dataclass(frozen=True)
class CriterionResult:
    """One criterion's verdict; `points` is None under `error`."""

    criterion: str
    label: str
    verdict: Verdict
    points: float | None
    max_points: float
    message: str = ""


@dataclass(frozen=True)
class Evidence:
    """What the card shows besides the verdicts, and the JSON leaves out.

    Attributes:
        work: the counterexample by hand: each marked line of the reference with its value.
        call: the counterexample's call as it is written in Python.
        part: what is compared: its name, what is right, and the student's; nothing without a counterexample.
        difference: the right value there by finite differences, where there is one.
        stand_ins: functions for which a right one stood in.
        pictures: what the student's function does beside what it should do.
        sizes: of the counterexample's arguments, in words.
        remark: what is true of all the student's answers, where the mistake has no name.
        cause: of the error that stops the student's function, in words, where it has a usual one.
    """

    work: tuple[tuple[str, Any], ...] = ()
    call: str = ""
    part: tuple[str, Any, Any] | None = None
    difference: Any = None
    stand_ins: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    sizes: str = ""
    remark: str = ""
    cause: str = ""


@dataclass(frozen=True)
class ExerciseResult:
    """One exercise's verdicts; `points` is None where any criterion's is.

    Attributes:
        exercise: its name; of an ordinary grade cell, the cell's id.
        points: of the criteria together.
        max_points: what it is worth.
        criteria: in the order in which they were judged.
        mistakes: those that were named.
        counterexample: the smallest public input that shows what is wrong: arguments, `expected` and `got`.
        stopped: whether a call took too long, so that nothing more was asked.
        evidence: what the card shows besides.
        probes: what the function came to on the probe inputs, by group.
        notes: parts of the explanation that failed, for the instructor.
        notebook: that its grade cell stands in.
        judged: `outside` by a grader, or `inside` by what an ordinary grade cell did.
        message: what is said of an ordinary cell that did not earn all its points.
    """

    exercise: str
    points: float | None
    max_points: float
    criteria: tuple[CriterionResult, ...]
    mistakes: tuple[dict[str, str], ...] = ()
    counterexample: dict[str, Any] | None = None
    stopped: bool = False
    evidence: Evidence = field(default_factory=Evidence)
    probes: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    notebook: str = ""
    judged: Literal["outside", "inside"] = "outside"
    message: str = ""

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong with it."""
        if self.judged == "inside":
            return self.points == self.max_points
        return all(result.verdict == "pass" for result in self.criteria)

    def to_json(self) -> dict[str, Any]:
        """Return it as the object that `check --json` prints."""
        return {
            "exercise": self.exercise.removeprefix(f"{self.notebook}/"),  # of a grader of its notebook's own
            "notebook": self.notebook,
            "judged": self.judged,
            "points": self.points,
            "max_points": self.max_points,
            "criteria": [vars(criterion).copy() for criterion in self.criteria],
            "mistakes": list(self.mistakes),
            "counterexample": self.counterexample,
            **({"message": self.message} if self.judged == "inside" else {}),
        }


def total(points: list[float | None]) -> float | None:
    """Return the sum of points, or None where any is None."""
    if any(value is None for value in points):
        return None
    return round(sum(value for value in points if value is not None), _DIGITS)


def exercise_result(exercise: str, criteria: list[CriterionResult], *, stopped: bool = False) -> ExerciseResult:
    """Add up the criteria of an exercise."""
    points = total([result.points for result in criteria])
    max_points = total([result.max_points for result in criteria]) or 0.0
    return ExerciseResult(exercise, points, max_points, tuple(criteria), stopped=stopped)


def stood_in(names: Sequence[str]) -> str:
    """Return what stood in for a student's functions, in words: a correct one, or correct versions of several."""
    return f"a correct {names[0]}" if len(names) == 1 else f"correct versions of {notation.listed(names)}"


def better(result: ExerciseResult, again: ExerciseResult, stand_ins: tuple[str, ...]) -> ExerciseResult:
    """Return the better verdict on each criterion, of two trials of which the second had functions standing in.

    Where the second is nowhere better, that is the first itself. A criterion that failed first and could not be judged
    then, through no fault of the student's, is one that cannot be judged.
    """
    said = f"passes with {stood_in(stand_ins)} in place of yours"

    def better_of(one: CriterionResult, two: CriterionResult) -> CriterionResult:
        """Return the better of two results of one criterion."""
        if one.verdict == "pass" or two.verdict not in {"pass", "error"}:
            return one
        return replace(two, message=said) if two.verdict == "pass" else two

    criteria = [better_of(one, two) for one, two in zip(result.criteria, again.criteria, strict=True)]
    if criteria == list(result.criteria):
        return result
    criteria = [_said_of(two, one) for one, two in zip(criteria, again.criteria, strict=True)]
    best = exercise_result(result.exercise, criteria, stopped=again.stopped)
    return replace(best, probes=result.probes)


def _said_of(again: CriterionResult, one: CriterionResult) -> CriterionResult:
    """Return what the second trial says of what did not pass, or was not judged, the first time."""
    return again if one.verdict == "skip" or one.verdict == again.verdict == "fail" else one


def told_by(result: ExerciseResult, again: ExerciseResult) -> ExerciseResult:
    """Return a result with the messages of a second trial, in which functions stood in; verdicts and points stay."""
    criteria = [
        replace(one, message=two.message) if one.verdict == two.verdict == "fail" else one
        for one, two in zip(result.criteria, again.criteria, strict=True)
    ]
    return replace(result, criteria=tuple(criteria))


def unexplained(result: ExerciseResult, problems: Sequence[str]) -> ExerciseResult:
    """Say that parts of an explanation failed, to the student in general, to the instructor in detail."""
    if not problems:
        return result
    return replace(with_remark(result, NOT_EXPLAINED), notes=(*result.notes, *dict.fromkeys(problems)))


def with_remark(result: ExerciseResult, remark: str) -> ExerciseResult:
    """Add a remark to what is said of the first criterion that failed."""
    failed = next((entry for entry in result.criteria if entry.verdict == "fail"), None)
    if failed is None or not remark:
        return result
    said = replace(failed, message=f"{failed.message.rstrip('.')}. {remark}")
    return replace(result, criteria=tuple(said if entry is failed else entry for entry in result.criteria))
