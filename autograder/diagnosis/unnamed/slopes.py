"""Whether a wrong derivative is the slope of the student's own function, which then is wrong, too."""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.diagnosis.exercise import Arguments, Exercise
from autograder.diagnosis.signature import same
from autograder.grading.compare import Array
from autograder.grading.parts import is_container

_STEP = 1e-5  # central differences of functions of size 1: an error of about 1e-10
_AGREE = 1e-5


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
    if slopes is None or np.shape(got) != np.shape(arguments[place]) or not same(derivative, slopes, _AGREE):
        return ""
    return (
        f"It is the slope of your own {function}, by finite differences, and {function} is wrong, too: the mistake is "
        "in both, or in what both use."
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
