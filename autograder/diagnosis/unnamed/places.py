"""Right numbers that stand in other places, in another shape, or among others."""

import math
import re

import numpy as np

from autograder.diagnosis.exercise import PLAIN, Arguments, Exercise
from autograder.diagnosis.signature import Signature, same, values_of
from autograder.grading.compare import Array

_CLOSE = 1e-5
_ITEM = re.compile(r"([^;]*): \(([^()]*)\)")  # of the form of a nested answer
_PARTS = 2  # at the least, for an order


def rearranged(right: list[Signature], yours: list[Signature]) -> str:
    """Say that the right numbers are there, if they are, in another place or among others."""
    pairs = [(values_of(a), values_of(b)) for a, b in zip(right, yours, strict=True)]
    if not all(np.all(np.any(np.isclose(a[:, None], b[None], _CLOSE, 1e-9), axis=1)) for a, b in pairs):
        return ""
    if all(a.shape == b.shape for a, b in zip(right, yours, strict=True)):
        return "You return the right numbers, but in another order."
    if all(a.size == b.size for a, b in pairs):
        return "You return the right numbers, but in another shape."
    return "The right numbers are among those that you return, but not alone: return nothing else."


def in_another_order(exercise: Exercise, yours: list[Signature]) -> str:
    """Say what stands where in a list whose items are right ones in other places, or nothing."""
    probes = exercise.probes[PLAIN]
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
            f"Every array that you return is a right one, but they are not in {len(expected.value)} lists: "
            f"return the tuple {exercise.quantity}, with a list of arrays in each place."
        )
    missing = [name for name in right if name not in told]
    if missing and [name for name in right if name in told] == told:
        return f"Every array that you return is right, but some are missing: {_listed(missing)}."
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
