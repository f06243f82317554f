"""What a function does, as its outcome tells it: the same for those who do the same, but for rounding.

A function that passes every criterion does what is right; one whose mistake is named does what the name says: it was
given only where all answers agreed. Of the others the answers on the probe inputs tell which do the same.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Kind = Literal["right", "named", "wrong", "no answer", "not judged"]
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?")
_LENGTH = 12


@dataclass(frozen=True)
class Behaviour:
    """What one function does.

    Attributes:
        kind: see `Kind`.
        key: what is equal for those who do the same, the numbers left out.
        answers: the kind of each answer on the probe inputs, such as `number`, `None` or `raised TypeError`.
        values: the numbers of these answers, or nothing where they do not matter.
        scale: of each number, the largest of its call.
    """

    kind: Kind
    key: str
    answers: tuple[str, ...] = ()
    values: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()

    @property
    def id(self) -> str:
        """A word that is the same whenever the same is done, fit for an address."""
        rounded = [f"{value:.2e}" for value in self.values]
        return hashlib.sha256(f"{self.key}\n{' '.join(rounded)}".encode()).hexdigest()[:_LENGTH]


NOT_JUDGED = Behaviour("not judged", "not judged")


def behaviour(
    exercise: Mapping[str, Any], probes: Mapping[str, Sequence[Mapping[str, Any]]], mistakes: Sequence[str]
) -> Behaviour:
    """Return what a function does.

    Args:
        exercise: its object in the outcome.
        probes: what it came to on the probe inputs, by group.
        mistakes: the ids of those that were named.
    """
    criteria = exercise["criteria"]
    verdicts = [f"{one['criterion']} {one['verdict']}" for one in criteria]
    if all(one["verdict"] == "pass" for one in criteria):
        return Behaviour("right", "right")
    if mistakes:
        return Behaviour("named", json.dumps([*mistakes, *verdicts]))
    calls = [call for group in sorted(probes) for call in probes[group]]
    answers = tuple(str(call["kind"]) for call in calls)
    if not calls:
        return Behaviour("no answer", json.dumps([*verdicts, _said(criteria)]))
    forms = [[call["kind"], call.get("shape"), call.get("changed"), len(call.get("values", ()))] for call in calls]
    values, scale = _numbers(calls)
    return Behaviour("wrong", json.dumps([*verdicts, forms]), answers, values, scale)


def _said(criteria: Sequence[Mapping[str, Any]]) -> str:
    """Return what the first criterion that does not pass says, without its numbers, which are each student's own."""
    said = next((str(one.get("message", "")) for one in criteria if one["verdict"] != "pass"), "")
    return _NUMBER.sub("#", said)


def _numbers(calls: Sequence[Mapping[str, Any]]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    values: list[float] = []
    scale: list[float] = []
    for call in calls:
        numbers = [float(value) for value in call.get("values", ())]
        largest = max((abs(value) for value in numbers if np.isfinite(value)), default=0.0)
        values += numbers
        scale += [largest] * len(numbers)
    return tuple(values), tuple(scale)
