"""Two mistakes at different places of one formula, made together: named together, or not at all."""

import itertools
from dataclasses import dataclass
from typing import Literal

from autograder.certify.local import Local, together
from autograder.grading.assignment import Assignment, find
from autograder.grading.catalogue import Mistake, mistakes
from autograder.grading.exercise import exercises

Fate = Literal["together", "as one", "in part", "unnamed", "right", "misnamed"]
Task = tuple[str, str, str, int]  # assignment, two mistakes, seed


@dataclass(frozen=True)
class Pair:
    """Two mistakes made together.

    Attributes:
        mistakes: which.
        exercise: whose they are.
        named: what was named.
        fate: `together` or `unnamed`; `as one` where the two do exactly what is named, even where either is known to
            show; `in part` where one is named, as ordinary inputs show it, and the other shows elsewhere; `right` where
            they cancel each other; else `misnamed`.
    """

    mistakes: tuple[str, str]
    exercise: str
    named: tuple[str, ...]
    fate: Fate


def tasks(assignment: Assignment, seed: int) -> list[Task]:
    """Return the pairs that there are."""
    edited = [mistake for mistake in mistakes(assignment.folder) if mistake.edit]
    return [
        (assignment.name, one.id, other.id, seed)
        for one, other in itertools.combinations(edited, 2)
        if one.exercise == other.exercise and not set(one.edit) & set(other.edit)
    ]


def judge_pair(task: Task) -> Pair:
    """Make two mistakes together and see what they are named; runs in a worker."""
    name, first, second, seed = task
    assignment = find(name)
    known = {mistake.id: mistake for mistake in mistakes(assignment.folder)}
    made = (known[first], known[second])
    exercise = made[0].exercise
    local = Local(assignment, exercise, exercises(name)[exercise].formula.source(together(made)))
    named = local.named(seed)
    return Pair((first, second), exercise, tuple(mistake.id for mistake in named), _fate(local, made, named))


def _fate(local: Local, made: tuple[Mistake, Mistake], named: tuple[Mistake, ...]) -> Fate:
    if not named:
        return "right" if local.is_like(()) else "unnamed"
    ids, both = ({mistake.id for mistake in some} for some in (named, made))
    if ids != both and local.is_like(named, made):
        return "as one"
    if ids < both:
        return "in part"
    return "together" if ids == both and local.is_like(named) else "misnamed"
