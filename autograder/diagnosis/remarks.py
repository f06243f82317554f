"""What can be said of an answer that is wrong in a way that has no name: ratios, kinds of failure, other evidence."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograder.diagnosis.exercise import PLAIN, Arguments, Exercise
from autograder.diagnosis.signature import Signature, of_function, same
from autograder.grading.compare import Array
from autograder.grading.parts import is_container

_PRECISION = 1e-7
_STEP = 1e-5  # central differences of functions of size 1: an error of about 1e-10
_DIFFERENCES_AGREE = 1e-5


@np.errstate(all="ignore")  # of what the student's numbers are, nothing is left to warn of
def remark(exercise: Exercise, signatures: tuple[Signature, ...], again: Signature) -> str:
    """Return a sentence that holds on all of the plain probe inputs, or nothing.

    Args:
        exercise: whose answer it is.
        signatures: the answers on the plain probe inputs.
        again: the answer on the first of them, asked once more.
    """
    if not again.agrees(signatures[0]):
        return "The same call gives another answer the second time."
    probes = exercise.probes[PLAIN]
    numbers = [entry for entry in signatures if entry.values is not None]
    odd = [entry for entry in numbers if not np.all(np.isfinite(_values(entry)))]
    if odd:
        return "Some of the numbers that came are nan or infinite, though the inputs are ordinary."
    right = [of_function(exercise.text.right, arguments) for arguments in probes]
    if len(numbers) == len(probes) and all(a.shape == b.shape for a, b in zip(right, numbers, strict=True)):
        return _ratio(exercise, probes, right, numbers)
    return ""


def _values(signature: Signature) -> Array:
    assert signature.values is not None  # noqa: S101 - for the type checker; callers have looked
    return signature.values


def _ratio(exercise: Exercise, probes: tuple[Arguments, ...], right: list[Signature], came: list[Signature]) -> str:
    """Return in words the one factor by which every number is wrong, if there is one."""
    factors = [_factors(exercise.sizes(arguments)) for arguments in probes]
    for words in factors[0]:
        expected = [_values(entry) * by[words] for entry, by in zip(right, factors, strict=True)]
        if all(same(_values(entry), values, _PRECISION) for entry, values in zip(came, expected, strict=True)):
            return f"Every number is {words} what it should be."
    constant = _constant(right, came)
    return "" if constant is None else f"Every number is {constant:.6g} times what it should be."


def _factors(sizes: Mapping[str, float]) -> dict[str, float]:
    """Return, by their words, factors that mistakes make with the sizes of an input."""
    found = {
        "−1 times": -1.0,
        "twice": 2.0,
        "half": 0.5,
        "1/ln 2 times": 1 / math.log(2),
        "1/ln 10 times": 1 / math.log(10),
    }
    for name, size in sizes.items():
        found |= {
            f"{name} times": size,
            f"−{name} times": -size,
            f"1/{name} times": 1 / size,
            f"{name}/2 times": size / 2,
        }
        found |= {f"{name}/{other} times": size / sizes[other] for other in sizes if other != name}
    return found


def _constant(right: list[Signature], came: list[Signature]) -> float | None:
    """Return the factor that is the same for all numbers, and not 1 or 0."""
    a, b = (np.concatenate([_values(entry) for entry in entries]) for entries in (right, came))
    factor = float(np.dot(a, b) / np.dot(a, a)) if np.any(a) else 0.0
    if factor == 0.0 or abs(factor - 1.0) < _DIFFERENCES_AGREE or not same(b, a * factor, _PRECISION):
        return None
    return factor


def agrees_with_own(exercise: Exercise, arguments: Arguments, got: Any, call: Callable[[str, Arguments], Any]) -> str:
    """Say that a wrong derivative is that of the student's own function, by central differences, or nothing.

    Args:
        exercise: of the derivative; it names the function and the parameter.
        arguments: where to look.
        got: the student's derivative there.
        call: calls a function of theirs; returns a number, or None where none came.
    """
    if exercise.derivative is None:
        return ""
    function, parameter = exercise.derivative[0].__name__, exercise.derivative[1]
    if not isinstance(parameter, str) or parameter not in exercise.text.parameters:
        return ""
    place = exercise.text.parameters.index(parameter)
    if is_container(arguments[place]):
        return ""
    slopes = _slopes(lambda point: call(function, point), arguments, place)
    try:
        derivative = np.ravel(np.asarray(got, dtype=float))
    except (TypeError, ValueError):
        return ""
    if slopes is None or slopes.size != derivative.size or not same(derivative, slopes, _DIFFERENCES_AGREE):
        return ""
    return (
        f"It is the slope of your own {function}, by finite differences: the mistake is in both, or in what both use."
    )


def _slopes(function: Callable[[Arguments], Any], arguments: Arguments, place: int) -> Array | None:
    at = np.asarray(arguments[place], dtype=float)
    found = []
    for nudge in _STEP * np.eye(at.size):
        both = []
        for sign in (1.0, -1.0):
            moved = (at.ravel() + sign * nudge).reshape(at.shape)
            value = function((*arguments[:place], moved if at.shape else float(moved), *arguments[place + 1 :]))
            if value is None or np.size(value) != 1:
                return None
            both.append(float(np.ravel(value)[0]))
        found.append((both[0] - both[1]) / (2 * _STEP))
    return np.array(found)
