"""The smallest public input on which an answer is wrong, with the numbers of each step of the formula."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.grading.compare import Expected, check_number, check_shape
from autograder.grading.criteria import Failure
from autograder.grading.exercise import PLAIN, Arguments, Exercise
from autograder.sandbox.answers import Answer, Raised, Returned
from autograder.sandbox.inside.codec import Ungradable
from autograder.sandbox.printable import printable

_DIGITS = 12
_MAX_NUMBERS = 24
_MAX_TEXT = 200


@dataclass(frozen=True)
class Counterexample:
    """An input, what is right there, and what came.

    Attributes:
        arguments: of the function, as it got them.
        data: the object in the JSON: each argument by name, `expected` and `got`.
        work: each step of the formula in the text's notation with its value.
        difference: the right value by finite differences, where there is one.
    """

    arguments: Arguments
    data: dict[str, Any]
    work: tuple[tuple[str, Any], ...]
    difference: Any = None


def smallest(exercise: Exercise, ask: Callable[[Arguments], Answer]) -> Counterexample | None:
    """Return the first of the exercise's small inputs, or else of its probe inputs, on which the answer is wrong."""
    for arguments in (*exercise.smallest, *exercise.probes[PLAIN]):
        answer = ask(arguments)
        if not isinstance(answer, Returned | Raised):
            return None
        expected = exercise.expect(*arguments)
        if not _right(answer, expected, exercise.quantity):
            return _counterexample(exercise, arguments, answer, expected)
    return None


def _right(answer: Answer, expected: Expected, quantity: str) -> bool:
    if not isinstance(answer, Returned):
        return False
    try:
        check_number(answer.value, expected, quantity)
        check_shape(answer.value, expected.value.shape, quantity)
    except Failure:
        return False
    return True


def _counterexample(exercise: Exercise, arguments: Arguments, answer: Answer, expected: Expected) -> Counterexample:
    named = dict(zip(exercise.formula.parameters, arguments, strict=True))
    data = {name: plain(value) for name, value in named.items()}
    data |= {"expected": plain(expected.value), "got": _got(answer)}
    work = tuple((notation, plain(value)) for notation, value in exercise.formula.work(arguments))
    difference = None if expected.difference is None else plain(expected.difference)
    return Counterexample(arguments, data, work, difference)


def _got(answer: Answer) -> Any:
    if isinstance(answer, Raised):
        return printable(f"raises {answer.type}: {answer.message}")[:_MAX_TEXT]
    return plain(answer.value) if isinstance(answer, Returned) else None


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it: numbers rounded, those that are not finite as text, all else in words."""
    if isinstance(value, Ungradable):
        return f"a value of type {printable(value.type_name)}"
    if isinstance(value, list | tuple | np.ndarray) and np.size(np.asarray(value, dtype=object)) > _MAX_NUMBERS:
        return f"{np.size(np.asarray(value, dtype=object))} numbers"
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, bool | int | float):
        return _number(value)
    return printable(str(value))[:_MAX_TEXT]


def _number(value: float) -> float | int | bool | str:
    if isinstance(value, bool | int):
        return value if abs(value) < 1 << 53 else str(value)[:_MAX_TEXT]
    return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else str(value)
