"""Wrong functions that nobody wrote: steps of the formula replaced by expressions drawn at random.

They are near enough to the right function to give numbers of the right kind, and none of them has a name.
"""

import ast
from dataclasses import dataclass
from typing import Literal

import numpy as np

from autograder.certify.local import Local
from autograder.diagnosis.exercise import PLAIN, exercises
from autograder.diagnosis.judged import ReferenceFunction
from autograder.diagnosis.trees import asked
from autograder.grading.assignment import Assignment

Fate = Literal["unnamed", "named", "misnamed"]
Task = tuple[Assignment, str, int, int]  # assignment, exercise, number, seed

_COUNT = 1_000
_DEPTH = 3
_LEAF, _UNARY = 0.3, 0.55  # how far up the unit interval each reaches; the rest takes two
_TWO = 0.3  # how often two steps are replaced
_BINARIES = ("{} + {}", "{} - {}", "{} * {}", "{} / {}", "{} @ {}", "{} ** {}", "np.maximum({}, {})")
_UNARIES = (
    *("-{}", "np.exp({})", "np.log({})", "np.tanh({})", "np.abs({})", "np.sqrt({})", "{} ** 2", "1 / {}", "1 - {}"),
    *("np.sum({})", "np.mean({})", "np.sum({}, axis=0)", "np.sum({}, axis=1)", "np.mean({}, axis=0)"),
    *("np.round({})", "2 * {}", "{} / 2", "np.sort({})", "np.cumsum({})", "{}[::-1]", "np.log1p({})", "{}.T"),
)
_CONSTANTS = ("1", "2", "0.5", "1e-3")


@dataclass(frozen=True)
class Expression:
    """A drawn function: what is new in it, and whether it got a name, truly or falsely."""

    exercise: str
    change: str
    fate: Fate


def tasks(assignment: Assignment, seed: int) -> list[Task]:
    """Return what there is to draw: as many for each exercise that has a line which gives a name to a value."""
    known = exercises(assignment)
    names = [name for name in assignment.exercises if known[name].text.assignments()]
    if not names:
        return []
    return [(assignment, names[number % len(names)], number, seed) for number in range(_COUNT)]


def judge_expression(task: Task) -> Expression:
    """Draw a wrong function that gives numbers, and see what it is named; runs in a worker."""
    assignment, exercise, number, seed = task
    text = exercises(assignment)[exercise].text
    rng = np.random.default_rng([number, *exercise.encode()])
    while True:
        changes = draw(text, rng)
        edits = text.edits({exercise: changes})
        local = Local(assignment, exercise, text.source(edits, exercises(assignment)))
        if _speaks(local) and not local.is_like(()):
            break
    named = local.named(seed)
    fate: Fate = "unnamed" if not named else "named" if local.is_like(named) else "misnamed"
    return Expression(exercise, "; ".join(changes.values()), fate)


def _speaks(local: Local) -> bool:
    """Say whether it gives numbers on plain inputs, most of which are finite."""
    answers = [local.answer(arguments) for arguments in local.exercise.probes[PLAIN]]
    numbers = [answer.values for answer in answers if answer.values is not None]
    return len(numbers) > 1 and bool(np.mean(np.isfinite(np.concatenate(numbers))) > 1 / 2)


def draw(text: ReferenceFunction, rng: np.random.Generator) -> dict[str, str]:
    """Return a change of one line or two that give a name to a value."""
    steps = text.assignments()
    lines = list(steps)
    count = 1 + int(len(lines) > 1 and rng.random() < _TWO)
    chosen = sorted(rng.choice(len(lines), size=count, replace=False))
    unaries = (*_UNARIES, *(f"{name}({{}})" for name in text.helpers))
    return {
        lines[place]: f"{steps[lines[place]][0]} = {_expression(_leaves(text, place), unaries, rng, _DEPTH)}"
        for place in chosen
    }


def _leaves(text: ReferenceFunction, place: int) -> list[str]:
    """Return what an expression on this line may be made of: names known there, and parts of the function of them."""
    names, values = zip(*text.assignments().values(), strict=True)
    known = {*text.parameters, *names[:place]}
    parts = [part for value in values for part in ast.walk(value)]
    usable = [ast.unparse(part) for part in parts if _is_value(part) and not asked(part) & (set(names) - known)]
    return [*sorted(known), *dict.fromkeys(usable), *_CONSTANTS]


def _is_value(part: ast.AST) -> bool:
    module = isinstance(part, ast.Attribute) and "np" in asked(part)
    return isinstance(part, ast.BinOp | ast.Call | ast.Attribute) and not module


def _expression(leaves: list[str], unaries: tuple[str, ...], rng: np.random.Generator, depth: int) -> str:
    kind = rng.random() if depth else 0.0
    if kind < _LEAF:
        return leaves[rng.integers(len(leaves))]
    forms = unaries if kind < _UNARY else _BINARIES
    form = forms[rng.integers(len(forms))]
    return form.format(*(f"({_expression(leaves, unaries, rng, depth - 1)})" for _ in range(form.count("{}"))))
