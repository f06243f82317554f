"""What can be said of an answer that is wrong in a way that has no name: ratios, kinds of failure, other evidence."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograder.diagnosis.exercise import PLAIN, Arguments, Exercise
from autograder.diagnosis.signature import Signature, of_function, same
from autograder.diagnosis.unnamed.ignored import Ask, ignored
from autograder.diagnosis.unnamed.pieces import groups, joined, pieces_of
from autograder.grading import notation
from autograder.grading.compare import Array
from autograder.grading.parts import is_container

_PRECISION = 1e-7
_STEP = 1e-5  # central differences of functions of size 1: an error of about 1e-10
_DIFFERENCES_AGREE = 1e-5
_ITEM = re.compile(r"([^;]*): \(([^()]*)\)")  # of the form of a nested answer
_PARTS = 2  # at the least, for an order
RIGHT_ON_ORDINARY = "On ordinary inputs your numbers are right; the check below says where they are not."
RIGHT_BUT_FAR_OUT = (
    "Your numbers are right on ordinary inputs, and wrong where |z| is large. There σ(z) is rounded to exactly 0 or 1. "
    "Do you take ln 0, divide by 0, or cut something off: by a clip, or by a small number that you add?"
)
DRIFTS = (
    "The same call gives another answer the second time. Is something kept from call to call, such as a list outside "
    "the function or as a default value, or is it random?"
)
UNNAMED = "I could not name this mistake."
SHOWN = "This is what the checks show:"


@np.errstate(all="ignore")  # of what the student's numbers are, nothing is left to warn of
def remark(
    exercise: Exercise, signatures: tuple[Signature, ...], again: Signature, ask: Ask, slip: Callable[[], str] = str
) -> str:
    """Return a sentence that holds on all of the plain probe inputs, or nothing.

    Args:
        exercise: whose answer it is.
        signatures: the answers on the plain probe inputs.
        again: the answer on the first of them, asked once more.
        ask: calls the student's function once more.
        slip: says which changed step of the formula gives these answers.
    """
    if not again.agrees(signatures[0]):
        return DRIFTS
    probes = exercise.probes[PLAIN]
    numbers = [entry for entry in signatures if entry.values is not None]
    if numbers and any(entry.kind == "None" for entry in signatures):
        return _nothing_for(probes, signatures)
    odd = [entry for entry in numbers if not np.all(np.isfinite(_values(entry)))]
    told, parts = ("", "") if odd else _in_numbers(exercise, probes, signatures)
    if told and exercise.expect(*probes[0]).is_number:
        told = told.replace("Every number is", "Your answer is")
    found = told or " ".join(filter(None, (parts, slip())))
    if odd and not found:
        return f"{_not_finite(numbers)}{_at_labels(probes, signatures)}"
    return found if found or not numbers else _in_general(exercise, probes, signatures, ask)


def _nothing_for(probes: tuple[Arguments, ...], signatures: tuple[Signature, ...]) -> str:
    """Say that some answers are None, and for which inputs: those that differ in the shape of an argument."""
    said = "For some inputs you return None: does every way through your function end in a return?"
    shapes = [[_shape_of(one) for one in arguments] for arguments in probes]
    for column in zip(*shapes, strict=True):
        none = {shape for shape, entry in zip(column, signatures, strict=True) if entry.kind == "None"}
        if none and not none & {shape for shape, entry in zip(column, signatures, strict=True) if entry.kind != "None"}:
            given = notation.listed(sorted(none))
            return f"{said} It is None for {given}, and an answer for {notation.listed(sorted(set(column) - none))}."
    return said


def _shape_of(value: Any) -> str:
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return f"an array of shape {np.shape(value)}" if np.ndim(value) else "a plain number"


def _not_finite(numbers: list[Signature]) -> str:
    """Say that answers are no numbers, and what gives such."""
    values = np.concatenate([_values(entry) for entry in numbers])
    if np.all(np.isnan(values)):
        return (
            "For ordinary inputs you return nan (not a number). The logarithm of a negative number gives nan, and so "
            "do 0/0 and 0 · ln 0. Is what stands in each logarithm between 0 and 1?"
        )
    return (
        "Some of the numbers that you return are nan or infinite, though the inputs are ordinary. ln 0 and a division "
        "by 0 give infinity; the logarithm of a negative number, 0/0 and 0 · ln 0 give nan."
    )


def _at_labels(probes: tuple[Arguments, ...], yours: tuple[Signature, ...]) -> str:
    """Say that answers are no finite numbers wherever an argument holds 0 or 1, and finite elsewhere, or nothing."""
    finite = [entry.values is not None and bool(np.all(np.isfinite(_values(entry)))) for entry in yours]
    for place, value in enumerate(probes[0]):
        if not isinstance(value, np.ndarray) or not np.all((value >= 0) & (value <= 1)):
            continue
        inside = [bool(np.all((arguments[place] > 0) & (arguments[place] < 1))) for arguments in probes]
        if inside == finite and any(inside) and not all(inside):
            return " All is finite where each target is between 0 and 1: do you take the logarithm of a target?"
    return ""


def _in_general(exercise: Exercise, probes: tuple[Arguments, ...], yours: tuple[Signature, ...], ask: Ask) -> str:
    """Say what an answer ignores that it should look at, and its sign and size, where these are the same throughout."""
    unseen = ignored(exercise, yours, ask)
    words = [unseen]
    right = [of_function(exercise.text.right, arguments) for arguments in probes]
    pairs = zip(right, yours, strict=True)
    both = [(_values(a), _values(b)) for a, b in pairs if b.values is not None and a.shape == b.shape]
    if both and len(both) == len(probes):
        words.append(_size(*(np.concatenate(side) for side in zip(*both, strict=True))))
    found = " ".join(filter(None, words))
    return found if unseen else f"{UNNAMED} {found} {SHOWN}" if found else ""


def _size(right: Array, yours: Array) -> str:
    """Say in which direction all numbers are wrong, where it is the same for all."""
    if not np.all(np.isfinite(yours)):
        return ""
    same_sign = bool(np.all(right * yours >= 0))
    larger, smaller = np.abs(yours) >= np.abs(right), np.abs(yours) <= np.abs(right)
    opposite = bool(np.all(right * yours <= 0))
    if (not same_sign and not opposite) or (same_sign and not np.all(larger) and not np.all(smaller)):
        return ""
    signs = "All your numbers have the wrong sign" if opposite else "Your numbers have the right sign"
    size = ", and none is smaller than it should be" if np.all(larger) else ""
    size = ", and none is larger than it should be" if np.all(smaller) else size
    return f"{signs}{size}."


def _in_numbers(exercise: Exercise, probes: tuple[Arguments, ...], yours: tuple[Signature, ...]) -> tuple[str, str]:
    """Say by what all numbers are wrong, if that is one factor or one addition; and else which parts are right."""
    right = [of_function(exercise.text.right, arguments) for arguments in probes]
    numbers = [entry for entry in yours if entry.values is not None]
    if len(numbers) < len(probes):
        return "", ""
    if not all(a.shape == b.shape for a, b in zip(right, numbers, strict=True)):
        return _in_another_order(exercise, probes, numbers) or _rearranged(right, numbers), ""
    if all(a.agrees(b) for a, b in zip(right, numbers, strict=True)):
        return RIGHT_ON_ORDINARY, ""
    told = (
        _ratio(exercise, probes, right, numbers)
        or _same_everywhere(right, numbers)
        or _added(exercise, probes, right, numbers)
        or _in_another_order(exercise, probes, numbers)
        or _rearranged(right, numbers)
        or _by_sign(exercise, probes, right, numbers)
    )
    return told, _in_parts(exercise, probes, right, numbers)


def _by_sign(exercise: Exercise, probes: tuple[Arguments, ...], right: list[Signature], yours: list[Signature]) -> str:
    """Say that a function of each number by itself is wrong where the number is negative, or where it is positive."""
    if len(exercise.text.parameters) != 1 or any(np.size(one) != a.size for (one,), a in _beside(probes, right)):
        return ""
    given = np.concatenate([np.ravel(np.asarray(one, dtype=float)) for (one,) in probes])
    due, came = (np.concatenate([_values(entry) for entry in side]) for side in (right, yours))
    wrong = ~np.isclose(came, due, _STEP, 1e-9)
    name = exercise.text.parameters[0]
    for where, words in (
        (given < 0, f"{name} ≥ 0, and wrong where {name} < 0"),
        (given > 0, f"{name} ≤ 0, and wrong where {name} > 0"),
    ):
        if np.array_equal(wrong, where) and np.any(wrong):
            return f"Your numbers are right where {words}."
    return ""


def _beside(probes: tuple[Arguments, ...], right: list[Signature]) -> list[tuple[Arguments, Array]]:
    return [(arguments, _values(entry)) for arguments, entry in zip(probes, right, strict=True)]


def _rearranged(right: list[Signature], yours: list[Signature]) -> str:
    """Say that the right numbers are there, if they are, in another place or among others."""
    pairs = [(_values(a), _values(b)) for a, b in zip(right, yours, strict=True)]
    if not all(np.all(np.any(np.isclose(a[:, None], b[None], _STEP, 1e-9), axis=1)) for a, b in pairs):
        return ""
    if all(a.shape == b.shape for a, b in zip(right, yours, strict=True)):
        return "You return the right numbers, but in another order."
    if all(a.size == b.size for a, b in pairs):
        return "You return the right numbers, but in another shape."
    return "The right numbers are among those that you return, but not alone: return nothing else."


def _in_another_order(exercise: Exercise, probes: tuple[Arguments, ...], yours: list[Signature]) -> str:
    """Say what stands where in a list whose items are right ones in other places, or nothing."""
    found = [_places(exercise, arguments, entry) for arguments, entry in zip(probes, yours, strict=True)]
    told = next((one for one in found if len(one) == max(map(len, found))), [])
    if not told or not all(found):
        return ""
    expected = exercise.expect(*probes[found.index(told)])
    right = [part.name for part in expected.parts(exercise.quantity)]
    if told == right:
        if not isinstance(expected.value, tuple):
            return ""
        return (
            f"Every array that you return is right, and in the right order, but not in {len(expected.value)} lists: "
            f"return the tuple {exercise.quantity}, with a list of arrays in each place."
        )
    return (
        "Every array that you return is a right one, but not in its place. "
        f"In order, you return {_listed(told)}. The right order is {_listed(right)}."
    )


def _listed(names: list[str]) -> str:
    """Return names, without what stands before the comma in all of them."""
    first = {name.partition(", ")[0] for name in names}
    return ", ".join(name.partition(", ")[2] for name in names) if len(first) == 1 else "; ".join(names)


def _places(exercise: Exercise, arguments: Arguments, yours: Signature) -> list[str]:
    """Return which part of the right answer each array of a student's is; nothing where one is none."""
    parts = exercise.expect(*arguments).parts(exercise.quantity)
    arrays = _arrays(yours)
    if len(parts) < _PARTS or len(arrays) < _PARTS:
        return []
    names = []
    for array in arrays:
        like = [part.name for part in parts if part.value.size == array.size and same(array, part.value.ravel(), 1e-6)]
        if not like:
            return []
        names.append(like[0])
    return names


def _arrays(signature: Signature) -> list[Array]:
    """Return the arrays of an answer in lists and tuples, one after the other."""
    if signature.values is None or not signature.shape:
        return []
    if not isinstance(signature.shape[0], str):  # arrays of one shape are one array of more axes
        return list(signature.values.reshape(signature.shape[0], -1)) if signature.values.size else []
    sizes = [
        math.prod(int(length) for length in found[2].split(",") if length.strip())
        for found in map(_ITEM.fullmatch, signature.shape[0].split("; "))
        if found
    ]
    if sum(sizes) != signature.values.size:
        return []
    return np.split(signature.values, np.cumsum(sizes)[:-1])


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
            return f"Every number is {words} what it should be.{_question(words)}"
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
            f"√{name} times": math.sqrt(size),
            f"1/√{name} times": 1 / math.sqrt(size),
            f"{name}² times": size**2,
            f"1/{name}² times": 1 / size**2,
        }
        found |= {f"{name}/{other} times": size / sizes[other] for other in sizes if other != name}
    return found


def _question(factor: str) -> str:
    """Return what to look for where all numbers are wrong by a factor of the sizes, or nothing."""
    asked = {
        "n times": "is the division by n missing?",
        "−n times": "is the division by n missing, and a sign reversed?",
        "n² times": "is something multiplied by n in place of divided by it?",
        "√n times": "is the sum divided by √n in place of n?",
        "1/n times": "is it divided by n twice?",
        "−1 times": "is a sign reversed?",
        "n/2 times": "is it divided by 2 in place of n?",
    }
    if factor in ("twice", "half"):
        return " That is so for every size of the input: is a 2 where none belongs, or missing?"
    if factor in asked:
        return (
            f" Look at the division by n: {asked[factor]}" if "n" in factor else f" Look at the signs: {asked[factor]}"
        )
    if found := re.fullmatch(r"n/(\w+) times", factor):
        return f" Look at the division by n: is it a division by {found[1]}?"
    if found := re.fullmatch(r"(1/)?(\w+) times", factor):
        verb = "divided" if found[1] else "multiplied"
        known = found[2] not in ("twice", "half") and not found[2].startswith("ln")
        return f" Is something {verb} by {found[2]} that should not be?" if known else ""
    return ""


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
