"""Blind programs: they do not look at their input, or at one argument of several alone, and so should earn nothing."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.certify.local import Local
from autograder.diagnosis.exercise import exercises
from autograder.grading.assignment import Assignment, find

Task = tuple[str, str, tuple[str, ...], int]  # assignment, exercise, expressions, seed

MOST = 200  # programs per exercise
BLIND_SHARE = 0.1  # of an exercise's points, at most
_CHUNK = 20
_NUMBERS = (
    *("0.0", "1.0", "-1.0", "0.5", "np.pi", "np.e", "2.0", "-2.0", "0.25", "-0.5", "10.0", "1e-3"),
    *("100.0", "3.0", "1 / 3", "0.1", "0.9", "1e6", "1e-9", "np.inf"),
)
_OF_SHAPE = (  # the second is a constant
    *("np.full(np.shape({0}), {1})", "np.full(np.shape({0})[:1], {1})", "np.full(np.shape({0})[-1:], {1})"),
    *("np.arange(np.size({0})) * {1}", "np.size({0}) * {1}", "{1} / np.size({0})", "len({0}) * {1}"),
    "np.random.default_rng(0).random(np.shape({0})) * {1}",
)
_BACK = ("{}", "1 * {}", "np.array({})", "np.asarray({}).tolist()", "np.copy({}) + 0.0")
_ALONE = (
    *("np.mean({})", "np.sum({})", "np.max({})", "np.min({})", "np.median({})", "np.std({})", "np.ptp({})"),
    *("np.mean({}, axis=0)", "np.sum({}, axis=0)", "np.max({}, axis=0)", "np.median({}, axis=0)", "np.std({}, axis=0)"),
    *("np.mean({}, axis=-1)", "np.sum({}, axis=-1)", "{}[0]", "{}[-1]", "np.transpose({})", "np.ravel({})"),
    *("np.sort({})", "np.abs({})", "np.sign({})", "np.exp({})", "np.tanh({})", "-{}", "1 - {}", "{} ** 2", "{} / 2"),
)


@dataclass(frozen=True)
class Blind:
    """One blind program.

    Attributes:
        exercise: whose place it takes.
        expression: what it returns.
        share: of the exercise's points.
    """

    exercise: str
    expression: str
    share: float


def tasks(assignment: Assignment, seed: int) -> list[Task]:
    """Return the programs that there are, some of one exercise in each task."""
    return [
        (assignment.name, exercise, chunk, seed)
        for exercise in assignment.exercises
        for found in [expressions(exercises(assignment.name)[exercise].parameters)]
        for chunk in [tuple(found[start : start + _CHUNK]) for start in range(0, len(found), _CHUNK)]
    ]


def expressions(parameters: tuple[str, ...]) -> list[str]:
    """Return what blind programs return, the simplest first; what looks at its only argument is not blind."""
    return list(itertools.islice(dict.fromkeys(_expressions(parameters)), MOST))


def _expressions(parameters: tuple[str, ...]) -> Iterator[str]:
    yield from ("None", "[]", *_NUMBERS)
    back = [form.format(name) for form in _BACK for name in parameters]
    alone = [form.format(name) for form in _ALONE for name in parameters] if len(parameters) > 1 else []
    yield from back + alone
    yield from (form.format(name, one) for one in _NUMBERS for form in _OF_SHAPE for name in parameters)


def judge_blind(task: Task) -> list[Blind]:
    """Judge some programs; runs in a worker."""
    name, exercise, chunk, seed = task
    assignment = find(name)
    head = f"def {exercise}({', '.join(exercises(name)[exercise].parameters)}):\n    return "
    return [
        Blind(exercise, expression, Local(assignment, exercise, f"{head}{expression}\n").share(seed))
        for expression in chunk
    ]
