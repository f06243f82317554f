"""The hidden inputs, drawn from a seed that is equal for all students of a run.

Cases that hide mistakes are avoided: w = b = 0, n = 1, k = 1, n = k, b = 0, labels all equal or balanced, mirrored
data, symmetric X. Except where saturation is asked for, |z| stays below about 4, where even the textbook formula in
single precision is exact enough to be told from a mistake.
"""

import functools
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


@functools.cache
def draw(case: str, seed: int) -> Data:
    """Return the data of a named case; the same name and seed give the same data."""
    rng = np.random.default_rng([seed, *case.encode()])
    return _CASES[case](rng)


def draw_z(seed: int, size: int = 9) -> Array:
    """Return values for sigmoid, shape (size,), of both signs and away from 0."""
    return _draw_z(seed, size).copy()


@functools.cache
def _draw_z(seed: int, size: int) -> Array:
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


def _square(rng: np.random.Generator) -> Data:
    return _data(rng, 3, 3, np.array([1.0, 0.0, 1.0]))


def _softer(rng: np.random.Generator) -> Data:
    return _data(rng, 4, 3, rng.uniform(0.1, 0.9, 4))


def _mistaken(rng: np.random.Generator) -> Data:
    """Return entries of which most are far on the wrong side: the cost is above 3."""
    data = _data(rng, 5, 2, np.zeros(5))
    X = 4.0 * data.X
    return Data(data.w, data.b, X, np.where(X @ data.w + data.b > 0.0, 0.0, 1.0))


def _long(rng: np.random.Generator) -> Data:
    return _data(rng, 9, 2, _labels(rng, 9, 3))


_CASES = {
    "workhorse": _workhorse,
    "square": _square,
    "long": _long,
    "softer": _softer,
    "mistaken": _mistaken,
    "wide": _wide,
    "tall": _tall,
    "soft": _soft,
    "ints": _ints,
    "saturated": _saturated,
}


# The probes: fixed inputs on which catalogued mistakes are told apart. Sizes n and k differ, but for one input on which
# a wrong transpose gives numbers in place of an error.
_PROBE_SEED = 23
PROBES = tuple(
    (_CASES[case](np.random.default_rng([_PROBE_SEED, *case.encode()])).arguments)
    for case in ("workhorse", "wide", "soft", "square", "long", "softer", "mistaken")
)
INT_PROBES = (draw("ints", _PROBE_SEED).arguments,)
SATURATED_PROBES = tuple(
    (np.array([1.0]), 0.0, np.array([[z]]), np.array([y])) for z in (40.0, -40.0, 800.0, -800.0) for y in (0.0, 1.0)
)
Z_PROBES = (
    (np.array([-3.0, -1.25, 0.0, 0.5, 2.0]),),
    (np.array([[0.75, -2.5, 4.0], [-0.3, 1.0, -6.0]]),),
    (0.6,),
    (-2.2,),
)
INT_Z_PROBES = ((np.array([-2, 0, 1, 3]),), (2,))
SATURATED_Z_PROBES = ((np.array([40.0, -40.0, 800.0, -800.0]),), (800.0,), (-800.0,))


def fresh(seed: int) -> tuple[tuple[Any, ...], ...]:
    """Return inputs like the plain probes, which nobody has seen before: of other sizes, and drawn from a seed.

    On the last two all entries but one are far on the wrong side, once above and once below.
    """
    rng = np.random.default_rng([seed, _PROBE_SEED])
    sizes = ((7, 2), (3, 5), (6, 4))
    ordinary = [_data(rng, n, k, rng.permutation(np.arange(n) % 3 / 2.0)) for n, k in sizes]
    above, below = (_data(rng, 3, 2, np.array(labels)) for labels in ([0.0, 0.0, 1.0], [1.0, 1.0, 0.0]))
    wrong = [Data(above.w, 4.0, above.X, above.y), Data(below.w, -4.0, below.X, below.y)]
    return tuple(data.arguments for data in (*ordinary, *wrong))


def fresh_z(seed: int) -> tuple[tuple[Any, ...], ...]:
    """Return inputs of sigmoid like the plain probes, drawn from a seed."""
    rng = np.random.default_rng([seed, _PROBE_SEED])
    return (rng.uniform(-5.0, 5.0, 6),), (rng.uniform(-5.0, 5.0, (2, 2)),), (float(rng.uniform(0.5, 4.0)),)


def _small(w: list[float], b: float, X: list[list[float]], y: list[float]) -> tuple[Any, ...]:
    return np.array(w), b, np.array(X), np.array(y)


# Public, the simplest first: what a card works by hand.
SMALLEST = (
    _small([1.0], 0.0, [[1.0]], [0.0]),
    _small([1.0], 0.0, [[1.0]], [1.0]),
    _small([1.0], 1.0, [[1.0]], [0.0]),
    _small([1.0], -2.0, [[1.0]], [1.0]),
    _small([1.0, 2.0], 0.0, [[1.0, -1.0]], [0.0]),
    _small([1.0], 0.0, [[1.0], [2.0]], [0.0, 1.0]),
    _small([1.0], 1.0, [[1.0], [-2.0]], [1.0, 0.0]),
    _small([1.0, 2.0], 1.0, [[1.0, -1.0], [2.0, 0.0]], [0.0, 1.0]),
    _small([1.0, 2.0], 1.0, [[1.0, -1.0], [2.0, 0.0]], [0.5, 1.0]),
    _small([1.0, 2.0], 1.0, [[1.0, -1.0], [2.0, 0.0], [-3.0, 1.0]], [0.0, 1.0, 1.0]),
    (np.array([1, 2]), 1, np.array([[1, -1], [2, 0]]), np.array([0, 1])),
    _small([1.0], 0.0, [[40.0]], [0.0]),
    _small([1.0], 0.0, [[-40.0]], [1.0]),
    _small([1.0], 0.0, [[800.0]], [0.0]),
    _small([1.0], 0.0, [[-800.0]], [1.0]),
    _small([1.0], 0.0, [[800.0]], [1.0]),
    _small([1.0], 0.0, [[-800.0]], [0.0]),
)
SMALLEST_Z: tuple[tuple[Any, ...], ...] = (
    (0.0,),
    (1.0,),
    (-1.0,),
    (2.0,),
    (1,),
    (np.array([0.0]),),
    (np.array([0.0, 1.0]),),
    (np.array([[1.0, -1.0], [2.0, 0.0]]),),
    (np.array([-1, 0, 2]),),
    (np.array([40.0]),),
    (np.array([-40.0]),),
    (np.array([800.0]),),
    (np.array([-800.0]),),
)
