"""What can be said of an answer that is wrong in a way that has no name: ratios, kinds of failure, other evidence."""

import math
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from autograder.diagnosis.exercise import PLAIN, Arguments, Exercise
from autograder.diagnosis.signature import Signature, same, values_of
from autograder.diagnosis.unnamed.factors import added, ratio, same_everywhere
from autograder.diagnosis.unnamed.ignored import Ask, ignored
from autograder.diagnosis.unnamed.pieces import groups, joined, pieces_of
from autograder.diagnosis.unnamed.places import in_another_order, rearranged
from autograder.grading import notation
from autograder.grading.compare import Array

_PRECISION = 1e-7
_CLOSE = 1e-5
RIGHT_ON_ORDINARY = "On ordinary inputs your numbers are right; the check below says where they are not."
RIGHT_BUT_FAR_OUT = "Your numbers are right on ordinary inputs, and wrong where |z| is large."
_CUT_OFF = "Do you cut something off there: by a clip, or by a small number that you add?"
_NO_NUMBER = (
    "There e^|z| is too large for a number, and counts as infinite, and σ(z) is rounded to exactly 0 or 1. Do you "
    "divide by 0 or by something infinite, or subtract something infinite?"
)
_NO_LOGARITHM = (
    "There e^|z| is too large for a number, and σ(z) is rounded to exactly 0 or 1. Do you take ln 0, or divide by 0 or "
    "by infinity?"
)
_DRIFTS = "The same call gives another answer the second time."
_KEEPS = "Is something kept from call to call, such as a list outside the function, or is it random?"
_DEFAULT = (
    "In the first line of your function, {name} has a list or the like as its default value. It is made once, and what "
    "one call puts into it is still there in the next: make it inside the function."
)
_KEPT_DEFAULT = re.compile(r"\b(\w+)\s*(?::[^,=]*)?=\s*(?:\[|\{|list\(|dict\(|set\(|np\.zeros|np\.array)")
UNNAMED = "I could not name this mistake."
SHOWN = "This is what the checks show:"


@np.errstate(all="ignore")  # of what the student's numbers are, nothing is left to warn of
def remark(  # noqa: PLR0913 - all that is known of the answers
    exercise: Exercise,
    signatures: tuple[Signature, ...],
    again: Signature,
    ask: Ask,
    slip: Callable[[], str] = str,
    *,
    text: str = "",
) -> str:
    """Return a sentence that holds on all of the plain probe inputs, or nothing.

    Args:
        exercise: whose answer it is.
        signatures: the answers on the plain probe inputs.
        again: the answer on the first of them, asked once more.
        ask: calls the student's function once more.
        slip: says which changed step of the formula gives these answers.
        text: of the student's function.
    """
    if not again.agrees(signatures[0]):
        return _drifts(text)
    probes = exercise.probes[PLAIN]
    numbers = [entry for entry in signatures if entry.values is not None]
    if numbers and any(entry.kind == "None" for entry in signatures):
        return _nothing_for(probes, signatures)
    odd = [entry for entry in numbers if not np.all(np.isfinite(values_of(entry)))]
    told, parts = ("", "") if odd else _in_numbers(exercise, signatures)
    if told and exercise.expect(*probes[0]).is_number:
        told = told.replace("Every number is", "Your answer is")
    found = told or " ".join(filter(None, (parts, slip())))
    if odd and not found:
        return f"{_not_finite(numbers)}{_at_labels(probes, signatures)}"
    return found if found or not numbers else _in_general(exercise, signatures, ask)


def far_out(got: Any, *, logarithms: bool) -> str:
    """Return what to look for where an answer is wrong for large |z| alone, by what it is there.

    Args:
        got: the answer.
        logarithms: whether the formula has some.
    """
    numbers = np.ravel(np.asarray(got, dtype=object)).tolist()
    if all(isinstance(one, int | float) and math.isfinite(one) for one in numbers):
        return f"{RIGHT_BUT_FAR_OUT} {_CUT_OFF}"
    return f"{RIGHT_BUT_FAR_OUT} {_NO_LOGARITHM if logarithms else _NO_NUMBER}"


def _drifts(text: str) -> str:
    """Say why an answer may change from call to call; a default value that is kept can be told from the text."""
    found = _KEPT_DEFAULT.search(text.partition("\n")[0])
    return f"{_DRIFTS} {_DEFAULT.format(name=f'`{found[1]}`') if found else _KEEPS}"


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
    values = np.concatenate([values_of(entry) for entry in numbers])
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
    finite = [entry.values is not None and bool(np.all(np.isfinite(values_of(entry)))) for entry in yours]
    for place, value in enumerate(probes[0]):
        if not isinstance(value, np.ndarray) or not np.all((value >= 0) & (value <= 1)):
            continue
        inside = [bool(np.all((arguments[place] > 0) & (arguments[place] < 1))) for arguments in probes]
        if inside == finite and any(inside) and not all(inside):
            return " All is finite where each target is between 0 and 1: do you take the logarithm of a target?"
    return ""


def _in_general(exercise: Exercise, yours: tuple[Signature, ...], ask: Ask) -> str:
    """Say what an answer ignores that it should look at, and its sign and size, where these are the same throughout."""
    unseen = ignored(exercise, yours, ask)
    words = [unseen]
    pairs = zip(exercise.answers[PLAIN], yours, strict=True)
    both = [(values_of(a), values_of(b)) for a, b in pairs if b.values is not None and a.shape == b.shape]
    if both and len(both) == len(yours):
        words.append(_size(*(np.concatenate(side) for side in zip(*both, strict=True))))
    found = " ".join(filter(None, words))
    return found if unseen else f"{UNNAMED} {found}" if found else ""


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
    size = ", and in the checks none is smaller than it should be" if np.all(larger) else ""
    size = ", and in the checks none is larger than it should be" if np.all(smaller) else size
    return f"{signs}{size}."


def _in_numbers(exercise: Exercise, yours: tuple[Signature, ...]) -> tuple[str, str]:
    """Say by what all numbers are wrong, if that is one factor or one addition; and else which parts are right."""
    right = list(exercise.answers[PLAIN])
    numbers = [entry for entry in yours if entry.values is not None]
    if len(numbers) < len(yours):
        return "", ""
    if not all(a.shape == b.shape for a, b in zip(right, numbers, strict=True)):
        return in_another_order(exercise, numbers) or rearranged(right, numbers), ""
    if all(a.agrees(replace(b, precision=_PRECISION)) for a, b in zip(right, numbers, strict=True)):
        return RIGHT_ON_ORDINARY, ""
    if numbers[0].changed and all(a.agrees(replace(b, changed=a.changed)) for a, b in zip(right, numbers, strict=True)):
        names = notation.listed([exercise.parameters[place] for place in numbers[0].changed])
        return f"Your numbers are right, but the call changes its argument {names}: is a result written into it?", ""
    told = (
        ratio(exercise, right, numbers)
        or same_everywhere(right, numbers)
        or added(exercise, right, numbers)
        or in_another_order(exercise, numbers)
        or rearranged(right, numbers)
        or _by_sign(exercise, right, numbers)
    )
    return told, _in_parts(exercise, right, numbers)


def _by_sign(exercise: Exercise, right: list[Signature], yours: list[Signature]) -> str:
    """Say that a function of each number by itself is wrong where the number is negative, or where it is positive."""
    probes = exercise.probes[PLAIN]
    if len(exercise.parameters) != 1 or [np.size(one) for (one,) in probes] != [values_of(a).size for a in right]:
        return ""
    given = np.concatenate([np.ravel(np.asarray(one, dtype=float)) for (one,) in probes])
    due, came = (np.concatenate([values_of(entry) for entry in side]) for side in (right, yours))
    wrong = ~np.isclose(came, due, _CLOSE, 1e-9)
    name = exercise.parameters[0]
    for where, words in (
        (given < 0, f"{name} ≥ 0, and wrong where {name} < 0"),
        (given > 0, f"{name} ≤ 0, and wrong where {name} > 0"),
    ):
        if np.array_equal(wrong, where) and np.any(wrong):
            return f"Your numbers are right where {words}.{_against(due[wrong], came[wrong])}"
    return ""


def _against(due: Array, came: Array) -> str:
    """Say how wrong numbers and the right ones go together, where all of them do in the same way."""
    for found, words in (
        (came + due, "a right number and yours add up to"),
        (came - due, "yours is the right number plus"),
    ):
        if np.allclose(found, found[0], _CLOSE, 1e-9):
            return f" There {words} {notation.number(float(found[0]))}."
    return ""


def _in_parts(exercise: Exercise, right: list[Signature], yours: list[Signature]) -> str:
    """Say which parts of an answer are right throughout, and by what factor the others are wrong, if by one."""
    probes = exercise.probes[PLAIN]
    found = [
        pieces_of(exercise.expect(*arguments), values_of(a), values_of(b))
        for arguments, a, b in zip(probes, right, yours, strict=True)
    ]
    for name, other, chosen in groups(exercise, exercise.expect(*probes[0])):
        inside = [piece for pieces in found for piece in pieces if chosen(piece)]
        rest = [[piece for piece in pieces if not chosen(piece)] for pieces in found]
        if not inside or not any(rest) or not all(same(piece.yours, piece.right, _PRECISION) for piece in inside):
            continue
        factor = ratio(exercise, [joined(one, "right") for one in rest], [joined(one, "yours") for one in rest])
        return f"{name} right; {other} not. {factor.replace('number is', f'number of {other.split()[0]} is')}".strip()
    return ""
