"""The hidden inputs, drawn from a seed that is equal for all students of a run.

Cases that hide mistakes are avoided: w = b = 0, n = 1, k = 1, n = k, b = 0, labels all equal or balanced, mirrored
data, symmetric X. Except where saturation is asked for, |z| stays below about 4, where even the textbook formula in
single precision is exact enough to be told from a mistake.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]

NAMES = ("w", "b", "X", "y")


@dataclass(frozen=True)
class Data:
    """Arguments of `cost` and of its derivatives."""

    w: np.ndarray[Any, Any]
    b: float
    X: np.ndarray[Any, Any]
    y: np.ndarray[Any, Any]

    @property
    def arguments(self) -> tuple[Any, float, Any, Any]:
        """Fresh copies, in the order of the parameters."""
        return self.w.copy(), self.b, self.X.copy(), self.y.copy()


def draw(case: str, seed: int) -> Data:
    """Return the data of a named case; the same name and seed give the same data."""
    rng = np.random.default_rng([seed, *case.encode()])
    return _CASES[case](rng)


def draw_z(seed: int, size: int = 9) -> Array:
    """Return values for sigmoid, shape (size,), of both signs and away from 0."""
    rng = np.random.default_rng([seed, size])
    signs = np.where(np.arange(size) % 2, -1.0, 1.0)
    return signs * rng.uniform(0.3, 6.0, size)


def _data(rng: np.random.Generator, n: int, k: int, y: Array) -> Data:
    w = rng.uniform(0.3, 1.1, k) * np.where(np.arange(k) % 2, -1.0, 1.0)
    b = float(rng.uniform(0.4, 0.9))
    X = rng.uniform(-1.5, 1.5, (n, k)) + 0.25
    return Data(w, b, X, y)


def _labels(rng: np.random.Generator, n: int, ones: int) -> Array:
    return rng.permutation(np.where(np.arange(n) < ones, 1.0, 0.0))


def _workhorse(rng: np.random.Generator) -> Data:
    return _data(rng, 5, 3, _labels(rng, 5, 2))


def _wide(rng: np.random.Generator) -> Data:
    return _data(rng, 4, 7, _labels(rng, 4, 3))


def _tall(rng: np.random.Generator) -> Data:
    return _data(rng, 40, 2, _labels(rng, 40, 27))


def _soft(rng: np.random.Generator) -> Data:
    return _data(rng, 6, 2, rng.uniform(0.05, 0.95, 6))


def _ints(rng: np.random.Generator) -> Data:
    X = rng.integers(-2, 3, (5, 3))
    X[0] = (1, -2, 2)
    return Data(np.array([1, -1, 1]), 1, X, np.array([1, 0, 0, 1, 1]))


def _saturated(rng: np.random.Generator) -> Data:
    """Return entries with z of ±40, ±300 and ±800; each label once right and once wrong."""
    z = np.array([40.0, -40.0, 300.0, -300.0, 800.0, -800.0, 40.0, -40.0, 300.0])
    y = np.array([0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0])
    w, b = np.array([2.0, -1.0]), 0.5
    second = rng.uniform(-3.0, 3.0, z.size).round(2)
    X = np.column_stack([(z - b + second) / 2.0, second])
    return Data(w, b, X, y)


_CASES = {
    "workhorse": _workhorse,
    "wide": _wide,
    "tall": _tall,
    "soft": _soft,
    "ints": _ints,
    "saturated": _saturated,
}
