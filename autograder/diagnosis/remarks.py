"""What can be said of an answer that is wrong in a way that has no name: ratios, kinds of failure, other evidence."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograder.diagnosis.exercise import PLAIN, Arguments, Exercise
from autograder.diagnosis.pieces import groups, joined, pieces_of
from autograder.diagnosis.signature import Signature, of_function, same
from autograder.grading import notation
from autograder.grading.compare import Array
from autograder.grading.parts import is_container

_PRECISION = 1e-7
_STEP = 1e-5  # central differences of functions of size 1: an error of about 1e-10
_DIFFERENCES_AGREE = 1e-5


@np.errstate(all="ignore")  # of what the student's numbers are, nothing is left to warn of
def remark(
    exercise: Exercise, signatures: tuple[Signature, ...], again: Signature, slip: Callable[[], str] = str
) -> str:
    """Return a sentence that holds on all of the plain probe inputs, or nothing.

    Args:
        exercise: whose answer it is.
        signatures: the answers on the plain probe inputs.
        again: the answer on the first of them, asked once more.
        slip: says which changed step of the formula gives these answers.
    """
    if not again.agrees(signatures[0]):
        return "The same call gives another answer the second time."
    probes = exercise.probes[PLAIN]
    numbers = [entry for entry in signatures if entry.values is not None]
    if numbers and any(entry.kind == "None" for entry in signatures):
        return "For some inputs you return None: does every way through your function end in a return?"
    odd = [entry for entry in numbers if not np.all(np.isfinite(_values(entry)))]
    told, parts = ("", "") if odd else _in_numbers(exercise, probes, signatures)
    found = told or " ".join(filter(None, (parts, slip())))
    if odd and not found:
        return "Some of the numbers that you return are nan or infinite, though the inputs are ordinary."
    return found


def _in_numbers(exercise: Exercise, probes: tuple[Arguments, ...], yours: tuple[Signature, ...]) -> tuple[str, str]:
    """Say by what all numbers are wrong, if that is one factor or one addition; and else which parts are right."""
    right = [of_function(exercise.text.right, arguments) for arguments in probes]
    numbers = [entry for entry in yours if entry.values is not None]
    if len(numbers) < len(probes):
        return "", ""
    if not all(a.shape == b.shape for a, b in zip(right, numbers, strict=True)):
        return _rearranged(right, numbers), ""
    if all(a.agrees(b) for a, b in zip(right, numbers, strict=True)):
        return "On ordinary inputs your numbers are right; the check below says where they are not.", ""
    told = (
        _ratio(exercise, probes, right, numbers)
        or _same_everywhere(right, numbers)
        or _added(exercise, probes, right, numbers)
        or _rearranged(right, numbers)
    )
    return told, _in_parts(exercise, probes, right, numbers)


def _rearranged(right: list[Signature], yours: list[Signature]) -> str:
    """Say that the right numbers are there, if they are, in another place or among others."""
    pairs = [(_values(a), _values(b)) for a, b in zip(right, yours, strict=True)]
    if not all(np.all(np.any(np.isclose(a[:, None], b[None], _STEP, 1e-9), axis=1)) for a, b in pairs):
        return ""
    if all(a.size == b.size for a, b in pairs):
        return "You return the right numbers, but in another order or shape."
    return "The right numbers are among those that you return, but not alone: return nothing else."


def _in_parts(exercise: Exercise, probes: tuple[Arguments, ...], right: list[Signature], yours: list[Signature]) -> str:
    """Say which parts of an answer are right throughout, and by what factor the others are wrong, if by one."""
    found = [
        pieces_of(exercise.expect(*arguments), _values(a), _values(b))
        for arguments, a, b in zip(probes, right, yours, strict=True)
    ]
    for name, other, chosen in groups(exercise, exercise.expect(*probes[0])):
        inside = [piece for pieces in found for piece in pieces if chosen(piece)]
        rest = [[piece for piece in pieces if not chosen(piece)] for pieces in found]
        if not inside or not any(rest) or not all(same(piece.yours, piece.right, _PRECISION) for piece in inside):
            continue
        factor = _ratio(
            exercise, probes, [joined(one, "right") for one in rest], [joined(one, "yours") for one in rest]
        )
        return f"{name} right; {other} not. {factor.replace('number is', f'number of {other.split()[0]} is')}".strip()
    return ""


def _values(signature: Signature) -> Array:
    assert signature.values is not None  # noqa: S101 - for the type checker; callers have looked
    return signature.values


def _ratio(exercise: Exercise, probes: tuple[Arguments, ...], right: list[Signature], yours: list[Signature]) -> str:
    """Return in words the one factor by which every number is wrong, if there is one."""
    factors = [_factors(exercise.sizes(arguments)) for arguments in probes]
    for words in factors[0]:
        expected = [_values(entry) * by[words] for entry, by in zip(right, factors, strict=True)]
        if all(same(_values(entry), values, _PRECISION) for entry, values in zip(yours, expected, strict=True)):
            return f"Every number is {words} what it should be."
    constant = _constant([_values(entry) for entry in right], yours)
    if constant is not None:
        return f"Every number is {notation.number(constant)} times what it should be."
    return _fixed_size(exercise, probes, right, yours)


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


def _constant(right: list[Array], yours: list[Signature]) -> float | None:
    """Return the factor that is the same for all numbers, and not 1 or 0."""
    a, b = np.concatenate(right), np.concatenate([_values(entry) for entry in yours])
    factor = float(np.dot(a, b) / np.dot(a, a)) if np.any(a) else 0.0
    if factor == 0.0 or abs(factor - 1.0) < _DIFFERENCES_AGREE or not same(b, a * factor, _PRECISION):
        return None
    return factor


def _fixed_size(
    exercise: Exercise, probes: tuple[Arguments, ...], right: list[Signature], yours: list[Signature]
) -> str:
    """Return in words the one number by which every answer is wrong besides one of the sizes, if there is one."""
    for name in exercise.sizes(probes[0]):
        sizes = [exercise.sizes(one)[name] for one in probes]
        over = _constant([_values(entry) * size for entry, size in zip(right, sizes, strict=True)], yours)
        if over is not None and abs(1 / over - round(1 / over)) < _DIFFERENCES_AGREE:
            fixed = round(1 / over)
            return f"Every number is {name}/{fixed} times what it should be: is {name} written as {fixed} somewhere?"
        if over is not None:
            return f"Every number is {notation.number(over)} times {name} times what it should be."
        under = _constant([_values(entry) / size for entry, size in zip(right, sizes, strict=True)], yours)
        if under is not None:
            return f"Every number is {notation.number(under)}/{name} times what it should be."
    return ""


def _same_everywhere(right: list[Signature], yours: list[Signature]) -> str:
    """Say that all answers are one number, if they are, and the right ones are not."""
    first = _values(yours[0])[:1]
    if not all(same(_values(entry), np.repeat(first, _values(entry).size), _PRECISION) for entry in yours):
        return ""
    if all(same(_values(entry), _values(right[0]), _PRECISION) for entry in right if entry.shape == right[0].shape):
        return ""
    return f"Your answer does not depend on the input: you always return {notation.number(float(first[0]))}."


def _added(exercise: Exercise, probes: tuple[Arguments, ...], right: list[Signature], yours: list[Signature]) -> str:
    """Say by which multiple of a known term all answers are too large, if they are."""
    terms = [exercise.terms(arguments) for arguments in probes]
    rest = [_values(b) - _values(a) for a, b in zip(right, yours, strict=True)]
    for words in terms[0]:
        known = [np.ravel(np.asarray(one[words], dtype=float)) for one in terms]
        if any(a.size != b.size for a, b in zip(known, rest, strict=True)):
            continue
        a, b = np.concatenate(known), np.concatenate(rest)
        factor = float(np.dot(a, b) / np.dot(a, a))
        if abs(factor) > _DIFFERENCES_AGREE and same(b, a * factor, _DIFFERENCES_AGREE):
            term = notation.number(factor) if words == "1" else f"{notation.number(factor)} times {words}"
            return f"Your answer is the right one plus {term}: a term has been added that does not belong there."
    return ""


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
    if (
        slopes is None
        or np.shape(got) != np.shape(arguments[place])
        or not same(derivative, slopes, _DIFFERENCES_AGREE)
    ):
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
