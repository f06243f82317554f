"""Drawings as plain data with their own words: what a student's function does, beside what it should do.

`autograder.card.pictures` draws them.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Labels:
    """The words in a drawing."""

    title: str
    x: str
    y: str
    right: str
    yours: str


@dataclass(frozen=True)
class Lines:
    """Two curves over x, or, where `slopes` has them, the right curve and lines of those slopes at some of its points.

    Attributes:
        alt: what it shows, in words.
        labels: what is written in it.
        x: where both are known, ascending.
        right: the right values there.
        yours: the student's; what is not finite leaves a gap.
        slopes: places on the right curve, as index of `x`, with the slope that the student's function gives there.
    """

    alt: str
    labels: Labels
    x: Array
    right: Array
    yours: Array | None = None
    slopes: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True)
class Bars:
    """Numbers with names, the right one and the student's side by side.

    Attributes:
        alt: what it shows, in words.
        labels: what is written in it.
        names: of the numbers.
        right: the right numbers.
        yours: the student's.
    """

    alt: str
    labels: Labels
    names: tuple[str, ...]
    right: Array
    yours: Array


@dataclass(frozen=True)
class Layers:
    """The layers of a network, and of which of them an answer is right.

    Attributes:
        alt: what it shows, in words.
        labels: what is written in it.
        widths: neurons of each layer, the inputs first.
        neurons: of each layer, the inputs too, whether what was answered for its neurons is right; None if nothing was.
        weights: the same for the weights that lead to each layer, from the first one after the inputs.
    """

    alt: str
    labels: Labels
    widths: tuple[int, ...]
    neurons: tuple[bool | None, ...]
    weights: tuple[bool | None, ...]


Drawing = Lines | Bars | Layers


def differ(one: Array, other: Array) -> bool:
    """Say whether an eye would see the two apart: by a hundredth of the height of the picture."""
    height = float(np.ptp(one)) or 1.0
    with np.errstate(invalid="ignore"):
        return not bool(np.all(np.abs(one - other) <= height / 100))
