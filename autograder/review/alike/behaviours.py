"""Whose functions do the same: their answers on the probe inputs are equal, but for rounding."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograder.review.reading.behaviour import Behaviour

Numbers = np.ndarray[Any, np.dtype[np.float64]]

# An outcome's file keeps five digits: of two equal answers the last one may differ by one. What is nothing beside the
# largest number of its call is nothing.
_DIGIT, _SHARE, _FLOOR = 1.2e-4, 1e-6, 1e-12


def merged(found: Sequence[Behaviour]) -> dict[Behaviour, Behaviour]:
    """Return for each behaviour the most usual one that does the same but for rounding.

    Args:
        found: of each student.
    """
    counted = Counter(found)
    alike: dict[str, list[Behaviour]] = {}
    for one in counted:
        alike.setdefault(one.key, []).append(one)
    leaders: dict[Behaviour, Behaviour] = {}
    for members in alike.values():
        # Which leads must not hang on who is first in the class.
        members.sort(key=lambda one: (-counted[one], one.values))
        leaders |= _leaders(members)
    return leaders


def _leaders(members: list[Behaviour]) -> dict[Behaviour, Behaviour]:
    """Map each behaviour to the first leader that it agrees with; without one, it becomes a leader."""
    leading: list[Behaviour] = []
    rows: list[Numbers] = []
    found: dict[Behaviour, Behaviour] = {}
    for one in members:
        values = np.array(one.values)
        agreed = _first(rows, values, np.array(one.scale)) if rows else None
        if agreed is None:
            agreed = len(leading)
            leading.append(one)
            rows.append(values)
        found[one] = leading[agreed]
    return found


def _first(rows: list[Numbers], values: Numbers, scale: Numbers) -> int | None:
    table = np.array(rows)
    with np.errstate(invalid="ignore"):
        near = np.abs(table - values) <= _DIGIT * np.abs(values) + _SHARE * scale + _FLOOR
    same = near | (table == values) | (np.isnan(table) & np.isnan(values))
    places = np.flatnonzero(same.all(axis=1))
    return int(places[0]) if places.size else None
