"""Wrong functions that nobody wrote: steps of the formula replaced by expressions drawn from its own variables.

They are near enough to the right function to give numbers of the right kind, and none of them has a name.
"""

import ast
from dataclasses import dataclass
from typing import Literal

import numpy as np

from autograder.certify.local import Local
from autograder.grading.assignment import Assignment, find
from autograder.grading.exercise import PLAIN, exercises
from autograder.grading.formula import Edit, Formula

COUNT = 1_000

Fate = Literal["unnamed", "named", "misnamed"]
Task = tuple[str, str, int, int]  # assignment, exercise, number, seed

_DEPTH = 3
_LEAF, _UNARY = 0.3, 0.55  # how far up the unit interval each reaches; the rest takes two
_TWO = 0.3  # how often two steps are replaced
_BINARIES = ("{} + {}", "{} - {}", "{} * {}", "{} / {}", "{} @ {}", "{} ** {}", "np.maximum({}, {})")
_UNARIES = (
    *("-{}", "np.exp({})", "np.log({})", "np.tanh({})", "np.abs({})", "np.sqrt({})", "{} ** 2", "1 / {}", "1 - {}"),
    *("np.sum({})", "np.mean({})", "np.sum({}, axis=0)", "np.sum({}, axis=1)", "np.mean({}, axis=0)", "sigmoid({})"),
    *("np.round({})", "2 * {}", "{} / 2", "np.sort({})", "np.cumsum({})", "{}[::-1]", "np.log1p({})", "{}.T"),
)
_CONSTANTS = ("1", "2", "0.5", "1e-3")


@dataclass(frozen=True)
class Expression:
    """A drawn function: what is new in it, and whether it got a name, truly or falsely."""

    exercise: str
    change: str
    named: tuple[str, ...]
    fate: Fate


def tasks(assignment: Assignment, seed: int, count: int = COUNT) -> list[Task]:
    """Return what there is to draw: as many for each exercise."""
    names = assignment.exercises
    return [(assignment.name, names[number % len(names)], number, seed) for number in range(count)]


def judge_expression(task: Task) -> Expression:
    """Draw a wrong function that gives numbers, and see what it is named; runs in a worker."""
    name, exercise, number, seed = task
    assignment = find(name)
    formula = exercises(name)[exercise].formula
    rng = np.random.default_rng([number, *exercise.encode()])
    while True:
        edit = draw(formula, rng)
        local = Local(assignment, exercise, formula.source(edit))
        if _speaks(local) and not local.is_like(()):
            break
    named = local.named(seed)
    fate: Fate = "unnamed" if not named else "named" if local.is_like(named) else "misnamed"
    change = "; ".join(f"{step} = {text}" for step, text in edit.items())
    return Expression(exercise, change, tuple(mistake.id for mistake in named), fate)


def _speaks(local: Local) -> bool:
    """Say whether it gives numbers on plain inputs, most of which are finite."""
    answers = [local.answer(arguments) for arguments in local.exercise.probes[PLAIN]]
    numbers = [answer.values for answer in answers if answer.values is not None]
    return len(numbers) > 1 and bool(np.mean(np.isfinite(np.concatenate(numbers))) > 1 / 2)


def draw(formula: Formula, rng: np.random.Generator) -> Edit:
    """Return an edit of one step or two."""
    steps = list(formula.steps)
    count = 1 + int(len(steps) > 1 and rng.random() < _TWO)
    chosen = sorted(rng.choice(len(steps), size=count, replace=False))
    return {steps[place]: _expression(_leaves(formula, place), rng, _DEPTH) for place in chosen}


def _leaves(formula: Formula, place: int) -> list[str]:
    """Return what an expression at this step may be made of: names known there, and parts of the formula of them."""
    steps = list(formula.steps)
    known = {*formula.parameters, *steps[:place]}
    parts = [part for text in formula.steps.values() for part in ast.walk(ast.parse(text, mode="eval").body)]
    usable = [ast.unparse(part) for part in parts if _is_value(part) and not _names(part) & (set(steps) - known)]
    return [*sorted(known), *dict.fromkeys(usable), *_CONSTANTS]


def _is_value(part: ast.AST) -> bool:
    module = isinstance(part, ast.Attribute) and "np" in _names(part)
    return isinstance(part, ast.BinOp | ast.Call | ast.Attribute) and not module


def _names(part: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(part) if isinstance(node, ast.Name)}


def _expression(leaves: list[str], rng: np.random.Generator, depth: int) -> str:
    kind = rng.random() if depth else 0.0
    if kind < _LEAF:
        return leaves[rng.integers(len(leaves))]
    forms = _UNARIES if kind < _UNARY else _BINARIES
    form = forms[rng.integers(len(forms))]
    return form.format(*(f"({_expression(leaves, rng, depth - 1)})" for _ in range(form.count("{}"))))
