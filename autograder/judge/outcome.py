"""The outcome of one submission: plain data, one object for JSON."""

from dataclasses import dataclass, field
from typing import Any, Literal

from autograder.grading.results import ExerciseResult, total
from autograder.sandbox.answers import Places
from autograder.sandbox.limits import EXPLAINING
from autograder.sandbox.printable import printable

NO_WALLS = "run without walls (--isolation none)"


@dataclass(frozen=True)
class Judgement:
    """What the judge returns: verdicts, the outputs to show by cell index, and notes for the instructor.

    `fault` says that it was the engine that failed, so that nobody may lose points by it. `places` says where the
    functions that were judged had been defined, by exercise.
    """

    assignment: str
    outcome: Literal["graded", "needs_review"]
    reason: str | None
    exercises: tuple[ExerciseResult, ...] = ()
    outputs: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    fault: bool = False
    places: dict[str, Places] = field(default_factory=dict)

    def to_json(self, solution: str) -> dict[str, Any]:
        """Return the object that `autograder check --json` prints for this solution."""
        max_points = total([result.max_points for result in self.exercises])
        return {
            "solution": solution,
            "assignment": self.assignment,
            "outcome": self.outcome,
            "reason": self.reason,
            "points": total([result.points for result in self.exercises]) if self.exercises else None,
            "max_points": max_points if self.exercises else None,
            "exercises": [result.to_json() for result in self.exercises],
        }


def refused(assignment: str, reason: str, *, fault: bool = False) -> Judgement:
    """Return the outcome of a submission that cannot be judged at all, by its own fault or the engine's."""
    return Judgement(assignment, "needs_review", reason, fault=fault)


def engine_failed(assignment: str, error: BaseException) -> Judgement:
    """Return the outcome of a submission at which the engine failed: nobody loses points by it."""
    text = printable(" ".join(f"{type(error).__name__}: {error}".split()))
    return refused(assignment, f"the engine failed ({text[: EXPLAINING.text]})", fault=True)
