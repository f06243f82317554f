"""By what factor, or by what term, all numbers of an answer are wrong."""

import math
import re
from collections.abc import Mapping

import numpy as np

from autograder.diagnosis.exercise import PLAIN, Exercise
from autograder.diagnosis.signature import Signature, same, values_of
from autograder.grading import notation
from autograder.grading.compare import Array

_PRECISION = 1e-4  # slopes by finite differences are right to so much
_AGREE = 1e-5
_TWO = {
    "twice": "look for a factor 2 that does not belong there, or a division by 2 that is missing.",
    "half": "look for a division by 2 that does not belong there, or for one of two steps or terms that is missing.",
}


def ratio(exercise: Exercise, right: list[Signature], yours: list[Signature]) -> str:
    """Return in words the one factor by which every number is wrong, if there is one."""
    factors = [_factors(exercise.sizes(arguments)) for arguments in exercise.probes[PLAIN]]
    for words in factors[0]:
        expected = [values_of(entry) * by[words] for entry, by in zip(right, factors, strict=True)]
        if all(same(values_of(entry), values, _PRECISION) for entry, values in zip(yours, expected, strict=True)):
            return f"Every number is {words} what it should be.{_question(words)}"
    constant = _constant([values_of(entry) for entry in right], yours)
    if constant is not None:
        return f"Every number is {notation.number(constant)} times what it should be."
    return _fixed_size(exercise, right, yours)


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
    if factor in _TWO:
        return f" That is so for every size of the input: {_TWO[factor]}"
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
    a, b = np.concatenate(right), np.concatenate([values_of(entry) for entry in yours])
    factor = float(np.dot(a, b) / np.dot(a, a)) if np.any(a) else 0.0
    if factor == 0.0 or abs(factor - 1.0) < _AGREE or not same(b, a * factor, _PRECISION):
        return None
    return factor


def _fixed_size(exercise: Exercise, right: list[Signature], yours: list[Signature]) -> str:
    """Return in words the one number by which every answer is wrong besides one of the sizes, if there is one."""
    probes = exercise.probes[PLAIN]
    for name in exercise.sizes(probes[0]):
        sizes = [exercise.sizes(one)[name] for one in probes]
        over = _constant([values_of(entry) * size for entry, size in zip(right, sizes, strict=True)], yours)
        if over is not None and abs(over) > _AGREE and abs(1 / over - round(1 / over)) < _AGREE:
            fixed = round(1 / over)
            is_fixed = f"is {name} written as {fixed} somewhere, or kept from an earlier call?"
            return f"Every number is {name}/{fixed} times what it should be: {is_fixed}"
        if over is not None:
            return f"Every number is {notation.number(over)} times {name} times what it should be."
        under = _constant([values_of(entry) / size for entry, size in zip(right, sizes, strict=True)], yours)
        if under is not None:
            return f"Every number is {notation.number(under)}/{name} times what it should be."
    return ""


def same_everywhere(right: list[Signature], yours: list[Signature]) -> str:
    """Say that all answers are one number, if they are, and the right ones are not."""
    first = values_of(yours[0])[:1]
    if not all(same(values_of(entry), np.repeat(first, values_of(entry).size), _PRECISION) for entry in yours):
        return ""
    if all(same(values_of(entry), values_of(right[0]), _PRECISION) for entry in right if entry.shape == right[0].shape):
        return ""
    return f"Your answer does not depend on the input: you always return {notation.number(float(first[0]))}."


def added(exercise: Exercise, right: list[Signature], yours: list[Signature]) -> str:
    """Say by which multiple of a known term all answers are too large, if they are."""
    terms = [exercise.terms(arguments) for arguments in exercise.probes[PLAIN]]
    rest = [values_of(b) - values_of(a) for a, b in zip(right, yours, strict=True)]
    for words in terms[0]:
        known = [np.ravel(np.asarray(one[words], dtype=float)) for one in terms]
        if any(a.size != b.size for a, b in zip(known, rest, strict=True)):
            continue
        a, b = np.concatenate(known), np.concatenate(rest)
        factor = float(np.dot(a, b) / np.dot(a, a))
        if abs(factor) > _AGREE and same(b, a * factor, _AGREE):
            term = notation.number(factor) if words == "1" else f"{notation.number(factor)} times {words}"
            return f"Your answer is the right one plus {term}: a term has been added that does not belong there."
    return ""
