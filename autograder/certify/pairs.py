"""Two mistakes at different places of one formula, made together: named together, or not at all."""

from dataclasses import dataclass
from typing import Literal

from autograder.certify.local import Local
from autograder.certify.solutions import first_source
from autograder.diagnosis.catalogue import Mistake, mistakes
from autograder.diagnosis.exercise import exercises
from autograder.diagnosis.naming import pairs
from autograder.grading.assignment import Assignment

Fate = Literal["together", "as one", "in part", "unnamed", "right", "misnamed"]
Task = tuple[Assignment, tuple[Mistake, Mistake], int]  # assignment, two mistakes of one exercise, seed


@dataclass(frozen=True)
class Pair:
    """Two mistakes made together.

    Attributes:
        mistakes: which.
        exercise: whose they are.
        fate: `together` or `unnamed`; `as one` where the two do exactly what is named, even where either is known to
            show; `in part` where one is named, as ordinary inputs show it, and the other shows elsewhere; `right` where
            they cancel each other; else `misnamed`.
    """

    mistakes: tuple[str, str]
    exercise: str
    fate: Fate


def tasks(assignment: Assignment, seed: int) -> list[Task]:
    """Return the pairs that there are."""
    catalogue = mistakes(assignment.folder)
    return [
        (assignment, both, seed)
        for exercise in exercises(assignment).values()
        for both in pairs(exercise, [mistake for mistake in catalogue if mistake.exercise == exercise.name])
    ]


def judge_pair(task: Task) -> Pair:
    """Make two mistakes together and see what they are named; runs in a worker."""
    assignment, made, seed = task
    one, other = made
    local = Local(assignment, one.exercise, first_source(assignment, *made))
    return Pair((one.id, other.id), one.exercise, _fate(local, made, local.named(seed)))


def _fate(local: Local, made: tuple[Mistake, Mistake], named: tuple[Mistake, ...]) -> Fate:
    if not named:
        return "right" if local.is_like(()) else "unnamed"
    ids, both = ({mistake.id for mistake in some} for some in (named, made))
    if ids == both:  # what they answer together is what the function has answered, on fresh inputs too
        return "together"
    if local.is_like(named, made):
        return "as one"
    return "in part" if ids < both else "misnamed"
