"""What judging an exercise came to, as plain data that becomes JSON."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Verdict = Literal["pass", "fail", "skip", "error"]

_DIGITS = 6


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
class ExerciseResult:
    """One exercise's verdicts; `points` is None where any criterion's is."""

    exercise: str
    points: float | None
    max_points: float
    criteria: tuple[CriterionResult, ...]
    mistakes: tuple[dict[str, str], ...] = field(default=())
    counterexample: dict[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as the object that `check --json` prints."""
        data = asdict(self)
        data["criteria"] = list(data["criteria"])
        data["mistakes"] = list(data["mistakes"])
        return data


def total(points: list[float | None]) -> float | None:
    """Return the sum of points, or None where any is None."""
    if any(value is None for value in points):
        return None
    return round(sum(value for value in points if value is not None), _DIGITS)


def exercise_result(exercise: str, criteria: list[CriterionResult]) -> ExerciseResult:
    """Add up the criteria of an exercise."""
    points = total([result.points for result in criteria])
    max_points = total([result.max_points for result in criteria]) or 0.0
    return ExerciseResult(exercise, points, max_points, tuple(criteria))
