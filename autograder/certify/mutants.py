"""The right functions, changed mechanically in one place: each mutant is refused, or known to be right all the same."""

import ast
import contextlib
from dataclasses import dataclass
from typing import Literal

from cosmic_ray import plugins
from cosmic_ray.mutating import mutate_code

from autograder.certify import operators
from autograder.certify.local import Local
from autograder.diagnosis.catalogue import equivalents, mistakes
from autograder.diagnosis.exercise import exercises
from autograder.diagnosis.lines import LineError
from autograder.grading.assignment import Assignment

Fate = Literal["killed", "equivalent", "survived"]
Task = tuple[Assignment, str, str, int]  # assignment, exercise, source, seed


@dataclass(frozen=True)
class Mutant:
    """A mutant of a right function.

    Attributes:
        exercise: whose function it is.
        change: the lines that are new.
        fate: `equivalent` where it passes and a file of variants lists it.
        false_names: whether a name was given that does not hold on fresh inputs.
    """

    exercise: str
    change: str
    fate: Fate
    false_names: bool


def tasks(assignment: Assignment, seed: int) -> list[Task]:
    """Return the mutants that there are, each once: one that the catalogue has is counted there."""
    return [
        (assignment, exercise, mutant, seed)
        for exercise in assignment.exercises
        for known in [catalogued(assignment, exercise)]
        for mutant in sources(exercises(assignment)[exercise].text.right_source())
        if mutant not in known
    ]


def catalogued(assignment: Assignment, exercise: str) -> set[str]:
    """Return the sources of the right function with the lines of each mistake that can be made in it."""
    text = exercises(assignment)[exercise].text
    found = set()
    for mistake in mistakes(assignment.folder):
        if mistake.exercise == exercise and set(mistake.changes) == {exercise}:
            with contextlib.suppress(LineError):  # a line that only the plain function has, not its stable twin
                found.add(text.right_source(mistake.changes[exercise]))
    return {ast.unparse(ast.parse(source)) for source in found}


def sources(source: str) -> list[str]:
    """Return the source of all mutants: by Cosmic Ray's operators that need no arguments, and by our own."""
    right = ast.unparse(ast.parse(source))
    found: dict[str, None] = {}
    for name in sorted(plugins.operator_names()):
        if not name.startswith("core/Variable"):  # these want to be told which variables, and draw numbers
            operator = plugins.get_operator(name)()
            occurrence = 0
            while (mutant := mutate_code(right, operator, occurrence)) is not None:
                found[ast.unparse(ast.parse(mutant))] = None
                occurrence += 1
    found |= dict.fromkeys(operators.mutate(right))
    found.pop(right, None)
    return list(found)


def judge_mutant(task: Task) -> Mutant:
    """Judge a mutant; runs in a worker."""
    assignment, exercise, source, seed = task
    local = Local(assignment, exercise, source)
    change = _change(exercises(assignment)[exercise].text.right_source(), source)
    failed, named = local.finding(seed).failed, local.named(seed)
    alike = {line for entry in equivalents(assignment.folder) if entry.exercise == exercise for line in entry.lines}
    fate: Fate = "killed" if failed else "equivalent" if change in alike else "survived"
    return Mutant(exercise, change, fate, bool(named) and not local.is_like(named))


def _change(right: str, mutant: str) -> str:
    """Return the mutant's lines that the right function does not have, or which of its lines is missing."""
    old, new = (ast.unparse(ast.parse(source)).splitlines() for source in (right, mutant))
    added = [line.strip() for line in new if line not in old]
    missing = [f"without {line.strip()}" for line in old if line not in new]
    return "; ".join(added or missing)
