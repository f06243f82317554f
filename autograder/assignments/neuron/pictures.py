"""What a wrong function of the neuron's looks like, on public inputs: drawn where an eye sees the difference."""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.grading.drawings import Array, Bars, Drawing, Labels, Lines, differ
from autograder.grading.notation import number

Value = Callable[[str, tuple[Any, ...]], Array | None]
Right = Callable[..., Array]

_W, _B = np.array([1.0, -2.0, 0.5]), 0.5
_X = np.array([[1.0, 0.0, 2.0], [-1.0, 1.0, 0.0], [2.0, 1.0, -1.0], [0.0, -1.0, 1.0]])
_Y = np.array([0.0, 1.0, 1.0, 0.0])
_DATA = "Data: w = [1, −2, 0.5], b = 0.5, X = [[1, 0, 2], [−1, 1, 0], [2, 1, −1], [0, −1, 1]], y = [0, 1, 1, 0]."
_ALONG = np.array([1.0, -1.0, 1.0])
_POINTS, _FEWER = 25, 17  # in one call, and in a call for each
_SILENT = 3  # so many calls without a number, and no more are made


def sigmoid(value: Value, right: Right) -> tuple[Drawing, ...]:
    """Draw σ as the student's function draws it beside the true curve; where they are one, far out."""
    near = np.linspace(-6.0, 6.0, _POINTS)
    for z in (near, np.concatenate([np.linspace(-800.0, -50.0, 16), near, np.linspace(50.0, 800.0, 16)])):
        yours = _each(value, "sigmoid", z, lambda place: (place,))
        if yours is None:
            return ()
        if differ(right(z), yours):
            labels = Labels("σ as your function draws it", "z", "σ(z)", "true curve", "yours")
            what = f"Your σ(z) beside the true curve, for z from {_short(z[0])} to {_short(z[-1])}."
            return (Lines(f"{what} {_three(z, right(z), yours, 'z')}", labels, z, right(z), yours),)
    return ()


def cost(value: Value, right: Right) -> tuple[Drawing, ...]:
    """Draw the cost along a line through w; where it looks right, further out."""
    line = "w + t·(1, −1, 1)"
    for reach in (2.0, 100.0):
        t = np.linspace(-reach, reach, _FEWER)
        yours = _each(value, "cost", t, lambda place: (_W + place * _ALONG, _B, _X, _Y), at_once=False)
        if yours is None:
            return ()
        true = np.array([float(right(_W + place * _ALONG, _B, _X, _Y)) for place in t])
        if differ(true, yours):
            labels = Labels("The cost along a line through w", f"t, with {line} as weights", "C", "right", "yours")
            what = (
                f"Your cost beside the right one along the line {line}, for t from {_short(-reach)} to "
                f"{_short(reach)}. {_DATA}"
            )
            return (Lines(f"{what} {_three(t, true, yours, 't')}", labels, t, true, yours),)
    return ()


def dC_dw(value: Value, difference: Right) -> tuple[Drawing, ...]:
    """Draw the components of the gradient as bars beside the finite differences of the right cost."""
    arguments = (_W, _B, _X, _Y)
    true, yours = np.ravel(difference(*arguments)), _numbers(value("dC_dw", arguments), _W.size)
    if yours is None or not differ(np.append(true, 0.0), np.append(yours, 0.0)):
        return ()
    names = tuple(f"∂C/∂w_{place + 1}" for place in range(_W.size))
    labels = Labels("The components of the gradient", "", "", "finite differences", "yours")
    each = [f"For {name}, {_of(one, other)}." for name, one, other in zip(names, true, yours, strict=True)]
    alt = f"The components of your gradient as bars beside the finite differences of the cost. {_DATA} {' '.join(each)}"
    return (Bars(alt, labels, names, true, yours),)


def dC_db(value: Value, cost: Right, slope: Right) -> tuple[Drawing, ...]:
    """Draw the cost over b, and at three places a line of the slope that the student's function gives."""
    b = np.linspace(-4.0, 4.0, _POINTS)
    places = (6, 12, 18)
    given = [_numbers(value("dC_db", (_W, float(b[place]), _X, _Y)), 1) for place in places]
    yours = [float(numbers[0]) for numbers in given if numbers is not None]
    true = [float(slope(_W, float(b[place]), _X, _Y)) for place in places]
    if len(yours) < len(places) or not np.all(np.isfinite(yours)) or not differ(np.array(true), np.array(yours)):
        return ()
    labels = Labels("The cost over b, with your slopes", "b", "C", "the cost", "lines of your slope")
    each = [
        f"At b = {_short(b[p])}, a slope of {_of(one, other)}."
        for p, one, other in zip(places, true, yours, strict=True)
    ]
    alt = f"The cost over b, and at three places a line of the slope that your ∂C/∂b gives. {_DATA} {' '.join(each)}"
    curve = np.array([float(cost(_W, float(place), _X, _Y)) for place in b])
    return (Lines(alt, labels, b, curve, slopes=tuple(zip(places, yours, strict=True))),)


def _each(
    value: Value, function: str, x: Array, arguments: Callable[[Any], tuple[Any, ...]], *, at_once: bool = True
) -> Array | None:
    """Return a number for each place on the x axis, or None where a function gives none; nan where one call does."""
    if at_once and (numbers := _numbers(value(function, arguments(x)), x.size)) is not None:
        return numbers
    found: list[float] = []
    silent = 0
    for place in x:
        numbers = _numbers(value(function, arguments(float(place))), 1)
        silent += numbers is None
        if silent >= _SILENT:
            return None
        found.append(float("nan") if numbers is None else float(numbers[0]))
    return np.array(found)


def _numbers(came: Array | None, size: int) -> Array | None:
    return None if came is None or came.size != size else np.ravel(came)


def _three(x: Array, right: Array, yours: Array, name: str) -> str:
    """Say in words what the curves are at three places."""
    places = [x.size // 4, x.size // 2, x.size - 1 - x.size // 4]
    apart = [place for place in range(x.size) if differ(right, np.where(np.arange(x.size) == place, yours, right))]
    if not set(places) & set(apart):
        places[-1 if apart[0] >= places[-1] else 0] = apart[0]
    each = [f"At {name} = {_short(x[place])}, {_of(right[place], yours[place])}." for place in places]
    return " ".join(each)


def _of(right: float, yours: float) -> str:
    return f"{_short(right)} is right and yours is {_short(yours)}"


def _short(value: float) -> str:
    return number(float(value), 3)
