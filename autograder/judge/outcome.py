"""The outcome of one submission: plain data, one object for JSON."""

from dataclasses import dataclass, field
from typing import Any, Literal

from autograder.grading.results import ExerciseResult, total
from autograder.judge.notebook import exercise_names
from autograder.sandbox.answers import Places
from autograder.sandbox.limits import EXPLAINING
from autograder.sandbox.printable import printable

Outputs = dict[int, list[dict[str, Any]]]  # by index of the cell in its notebook

NO_WALLS = "run without walls (--isolation none)"


@dataclass(frozen=True)
class Judgement:
    """What the judge returns.

    Attributes:
        assignment: what was handed in.
        outcome: whether it was judged.
        reason: why not.
        exercises: the verdicts, of all notebooks.
        outputs: of the cells, by notebook and by index in it.
        shown: of ordinary grade cells with hidden tests, what they came to without these, in the same way.
        notes: for the instructor.
        events: of the notes, what happened while the student's own code ran; they may read it.
        fault: whether it was the engine that failed, so that nobody may lose points by it.
        places: where the functions that were judged had been defined, by exercise.
        files: what cells wrote into the working folder, by path.
        wall: that its code ran behind; None where none of it ran.
    """

    assignment: str
    outcome: Literal["graded", "needs_review"]
    reason: str | None
    exercises: tuple[ExerciseResult, ...] = ()
    outputs: dict[str, Outputs] = field(default_factory=dict)
    shown: dict[str, Outputs] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    fault: bool = False
    events: tuple[str, ...] = ()
    places: dict[str, Places] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    wall: Literal["nested", "single", "landlock", "none"] | None = None

    @property
    def held(self) -> str | None:
        """Why it has no points yet, or None where it has."""
        if not self.exercises:
            return self.reason
        errors = [one.exercise for one in self.exercises if one.points is None]
        return f"its graders failed for {', '.join(errors)}" if errors else None

    def result(self, notebook: str, grade_id: str) -> ExerciseResult | None:
        """Return what a notebook's grade cell came to, or None where it was not judged."""
        for one in self.exercises:
            if one.notebook == notebook and one.exercise in exercise_names(grade_id, notebook):
                return one
        return None

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
            "wall": self.wall,
            "exercises": [result.to_json() for result in self.exercises],
        }


def refused(assignment: str, reason: str, *, fault: bool = False) -> Judgement:
    """Return the outcome of a submission that cannot be judged at all, by its own fault or the engine's."""
    return Judgement(assignment, "needs_review", reason, fault=fault)


def engine_failed(assignment: str, error: BaseException) -> Judgement:
    """Return the outcome of a submission at which the engine failed: nobody loses points by it."""
    text = printable(" ".join(f"{type(error).__name__}: {error}".split()))
    return refused(assignment, f"the engine failed ({text[: EXPLAINING.text]})", fault=True)
