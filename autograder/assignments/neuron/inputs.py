"""The inputs: hidden ones, drawn from a seed that is equal for all students of a run, and public small ones.

Cases that hide mistakes are avoided: w = b = 0, n = 1 and k = 1 (but where these are asked about), n = k, b = 0, labels
all equal or balanced, mirrored data, symmetric X. Except where saturation is asked for, |z| stays below about 4, where
even the textbook formula in single precision is exact enough to be told from a mistake.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

Rng = np.random.Generator
Array = np.ndarray[Any, np.dtype[np.float64]]
Arguments = tuple[Any, ...]

_PROBE_SEED = 23
ORDINARY = 10.0  # what has a larger |z| is saturated
ROUGH = 1e4  # in roundings of single precision: half precision is as good beside saturated numbers
_MODERATE = 4.5  # from |z| = 5 on the textbook formula in single precision loses what tells it from a mistake


def _data(rng: Rng, n: int, k: int, y: Array) -> Arguments:
    w = rng.uniform(0.3, 1.1, k) * np.where(np.arange(k) % 2, -1.0, 1.0)
    b = float(rng.uniform(0.4, 0.9))
    return w, b, _moderate(lambda: rng.uniform(-1.5, 1.5, (n, k)) + 0.25, w, b), y


def _moderate(draw: Callable[[], Any], w: Any, b: float) -> Any:
    """Draw entries until all have a moderate z."""
    while np.max(np.abs((X := draw()) @ w + b)) > _MODERATE:
        pass
    return X


def _labels(rng: Rng, n: int, ones: int) -> Array:
    return rng.permutation(np.where(np.arange(n) < ones, 1.0, 0.0))


def _soft(rng: Rng) -> Array:
    """Return targets between 0 and 1 whose mean is not that of the nearest whole numbers."""
    while np.abs(np.sum((y := rng.uniform(0.05, 0.95, 6)) - np.round(y))) < 0.2:  # noqa: PLR2004 - a tenth of the most
        pass
    return y


def _ints(rng: Rng) -> Arguments:
    w, b = np.array([1, -1, 1]), 1
    X = _moderate(lambda: rng.integers(-2, 3, (5, 3)), w, b)
    X[0] = (1, -2, 0)
    return w, b, X, np.array([1, 0, 0, 1, 1])


def _saturated(rng: Rng) -> Arguments:
    """Return entries with z of ±40, ±300 and ±800; each label once right and once wrong."""
    z = np.array([40.0, -40.0, 300.0, -300.0, 800.0, -800.0, 40.0, -40.0, 300.0])
    y = np.array([0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0])
    w, b = np.array([2.0, -1.0]), 0.5
    second = rng.uniform(-3.0, 3.0, z.size).round(2)
    return w, b, np.column_stack([(z - b + second) / 2.0, second]), y


def _entry(rng: Rng) -> Arguments:
    """Return one entry by itself; its x_j are small, for no mean makes its slopes smaller."""
    w, b, X, y = _data(rng, 1, 3, np.zeros(1))
    return w, b, 0.5 * X, y


def _mixed(rng: Rng, first: float) -> Arguments:
    """Return ordinary entries after two with z of ±800 on the right side: one call meets both kinds."""
    w, b, X, y = _data(rng, 6, 3, _labels(rng, 6, 3))
    z = np.array([first, -first])
    X[:2] += np.outer(z - X[:2] @ w - b, w) / (w @ w)
    return w, b, X, np.concatenate([z > 0.0, y[2:]])


def _repeated(rng: Rng) -> Arguments:
    """Return entries of which three are equal."""
    w, b, X, y = _data(rng, 6, 3, _labels(rng, 6, 2))
    X[1:3], y[1:3] = X[0], y[0]
    return w, b, X, y


def _blank(rng: Rng) -> Arguments:
    """Return entries of which one is all zeros."""
    w, b, X, y = _data(rng, 5, 3, _labels(rng, 5, 2))
    X[0] = 0.0
    return w, b, X, y


def _sure(rng: Rng) -> Arguments:
    """Return entries on the right side, all with |z| of about 6: the cost and the slopes are small, but not 0."""
    w, b, X, y = _data(rng, 5, 3, _labels(rng, 5, 3))
    z = np.where(y > 0.0, 1.0, -1.0) * rng.uniform(5.3, 7.0, 5)
    return w, b, X + np.outer(z - X @ w - b, w) / (w @ w), y


def _whole(rng: Rng) -> Arguments:
    """Return entries with whole numbers x_j, and weights that are not whole."""
    w, b, _, y = _data(rng, 5, 3, _labels(rng, 5, 2))
    return w, b, _moderate(lambda: rng.integers(-2, 3, (5, 3)), w, b), y


def all_saturated(w: Any, b: float, X: Any) -> bool:
    """Say whether no entry has an ordinary z."""
    return bool(np.min(np.abs(X @ w + b)) > ORDINARY)


def _mistaken(rng: Rng) -> Arguments:
    """Return entries of which most are far on the wrong side: the cost is above 3."""
    w, b, X, _ = _data(rng, 5, 2, np.zeros(5))
    return w, b, 4.0 * X, np.where(4.0 * X @ w + b > 0.0, 0.0, 1.0)


def _gentle(rng: Rng, b: float) -> Arguments:
    """Return entries with z near 0 and soft targets: here more wrong formulas give numbers than elsewhere."""
    w, _, X, y = _data(rng, 3, 2, np.array([0.3, 0.8, 0.45]))
    return 0.4 * w, b, 0.4 * X, y


CASES: dict[str, Callable[[Rng], Arguments]] = {
    "workhorse": lambda rng: _data(rng, 5, 3, _labels(rng, 5, 2)),
    "square": lambda rng: _data(rng, 3, 3, np.array([1.0, 0.0, 1.0])),
    "long": lambda rng: _data(rng, 9, 2, _labels(rng, 9, 3)),
    "softer": lambda rng: _data(rng, 4, 3, rng.uniform(0.1, 0.9, 4)),
    "mistaken": _mistaken,
    "gentle": lambda rng: _gentle(rng, 0.15),
    "gentler": lambda rng: _gentle(rng, 0.1),
    "wide": lambda rng: _data(rng, 4, 7, _labels(rng, 4, 3)),
    "tall": lambda rng: _data(rng, 40, 2, _labels(rng, 40, 34)),
    "soft": lambda rng: _data(rng, 6, 2, _soft(rng)),
    "repeated": _repeated,
    "blank": _blank,
    "ones": lambda rng: _data(rng, 4, 3, np.ones(4)),
    "zeros": lambda rng: _data(rng, 4, 3, np.zeros(4)),
    "sure": _sure,
    "whole": _whole,
    "ints": _ints,
    "entry": _entry,
    "zero": lambda rng: (np.zeros(3), 0.0, *_data(rng, 5, 3, _labels(rng, 5, 2))[2:]),
    "input": lambda rng: _data(rng, 4, 1, _labels(rng, 4, 1)),
    "saturated": _saturated,
    "mixed": lambda rng: _mixed(rng, 800.0),
    "mixed, low first": lambda rng: _mixed(rng, -800.0),
}


# On which a formula that is right gives what it gives elsewhere, and one that makes an exception does not.
PLAIN = ("square", "repeated", "blank", "ones", "zeros", "sure")


def _z(*shape: int) -> Callable[[Rng], Arguments]:
    """Return what draws z of a shape, of both signs and away from 0; without a shape, one number."""

    def drawn(rng: Rng) -> Arguments:
        """Draw z of both signs."""
        size = int(np.prod(shape))
        z = rng.permutation(np.where(np.arange(size) % 2, -1.0, 1.0)) * rng.uniform(0.3, 6.0, size)
        return (z.reshape(shape) if shape else float(z[0]),)

    return drawn


Z_CASES: dict[str, Callable[[Rng], Arguments]] = {
    "nine": _z(9),
    "four": _z(4),
    "positive": lambda rng: (rng.uniform(0.3, 6.0, 3),),
    "negative": lambda rng: (rng.uniform(-6.0, -0.3, 3),),
    "number": _z(),
    "low": lambda rng: (float(rng.uniform(-6.0, -0.3)),),
    "high": lambda rng: (float(rng.uniform(0.3, 6.0)),),
    "one": _z(1),
    "table": _z(2, 3),
    "block": _z(2, 1, 2),
    "whole number": lambda rng: (int(rng.integers(1, 4)),),
    "whole numbers": lambda rng: (np.array([-2, 0, 1, 3]) * int(rng.choice([-1, 1])),),
    "saturated": lambda _rng: (np.array([40.0, -40.0, 300.0, -300.0, 800.0, -800.0]),),
    "mixed": lambda rng: (np.concatenate([[800.0, -800.0], *_z(4)(rng)]),),
    "mixed, low first": lambda rng: (np.concatenate([[-800.0, 800.0], *_z(4)(rng)]),),
}


def described(arguments: Arguments) -> str:
    """Return how large an input is, in words."""
    n, k = np.shape(arguments[2])
    rows, columns = "row" if n == 1 else "rows", "column" if k == 1 else "columns"
    return f"X has n = {n} {rows}, one per entry, and k = {k} {columns}, one per input."


def _probe(case: str) -> Arguments:
    return CASES[case](np.random.default_rng([_PROBE_SEED, *case.encode()]))


# The probes: fixed inputs on which catalogued mistakes are told apart. Sizes n and k differ, but for one input on which
# a wrong transpose gives numbers in place of an error.
PROBES = {
    "plain": tuple(
        map(_probe, ("workhorse", "wide", "soft", "square", "long", "softer", "mistaken", "gentle", "gentler"))
    ),
    "ints": (_probe("ints"),),
    "saturated": tuple(
        (np.array([1.0]), 0.0, np.array([[z]]), np.array([y])) for z in (40.0, -40.0, 800.0, -800.0) for y in (0.0, 1.0)
    ),
}
Z_PROBES: dict[str, tuple[Arguments, ...]] = {
    "plain": (
        (np.array([-3.0, -1.25, 0.0, 0.5, 2.0]),),
        (np.array([[0.75, -2.5, 4.0], [-0.3, 1.0, -6.0]]),),
        (0.6,),
        (-2.2,),
    ),
    "ints": ((np.array([-2, 0, 1, 3]),), (2,)),
    "saturated": (
        (np.array([40.0, -40.0, 800.0, -800.0]),),
        (800.0,),
        (-800.0,),
        (np.array([800.0, 0.5, -1.5]),),
        (np.array([-800.0, 0.5, -1.5]),),
    ),
}


def fresh(seed: int) -> tuple[Arguments, ...]:
    """Return inputs like the plain probes, which nobody has seen before: of other sizes, and drawn from a seed.

    On the last two all entries but one are far on the wrong side, once above and once below.
    """
    rng = np.random.default_rng([seed, _PROBE_SEED])
    ordinary = [_data(rng, n, k, rng.permutation(np.arange(n) % 3 / 2.0)) for n, k in ((7, 2), (3, 5), (6, 4))]
    (w, _, X, y), (w_2, _, X_2, y_2) = (
        _data(rng, 3, 2, np.array(labels)) for labels in ([0.0, 0.0, 1.0], [1.0, 1.0, 0.0])
    )
    return (*ordinary, (w, 4.0, X, y), (w_2, -4.0, X_2, y_2))


def fresh_z(seed: int) -> tuple[Arguments, ...]:
    """Return inputs of sigmoid like the plain probes, drawn from a seed."""
    rng = np.random.default_rng([seed, _PROBE_SEED])
    return (rng.uniform(-5.0, 5.0, 6),), (rng.uniform(-5.0, 5.0, (2, 2)),), (float(rng.uniform(0.5, 4.0)),)


def _small(w: list[float], b: float, X: list[list[float]], y: list[float]) -> Arguments:
    return np.array(w), b, np.array(X), np.array(y)


# Public: what the notebook's visible checks work by hand. On them nearly all mistakes give answers of their own.
WORKED = _small([1.0, 3.0], -2.0, [[-1.0, 2.0], [-2.0, 2.0], [1.0, 0.0]], [0.0, 1.0, 0.75])
WORKED_Z: Arguments = (np.array([-1.0, 0.0, 2.0]),)

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
    _small([1.0], 1.0, [[1.0]], [0.25]),
    _small([1.0, 2.0], 1.0, [[1.0, -1.0], [2.0, 0.0]], [0.25, 1.0]),
    _small([1.0, 2.0], 1.0, [[1.0, -1.0], [2.0, 0.0], [-3.0, 1.0]], [0.0, 1.0, 1.0]),
    _small([1, 2], 1, [[1, -1], [2, 0]], [0, 1]),
    *(_small([1.0], 0.0, [[z]], [y]) for z, y in ((40.0, 0.0), (-40.0, 1.0), (800.0, 0.0), (-800.0, 1.0))),
    *(_small([1.0], 0.0, [[z]], [y]) for z, y in ((800.0, 1.0), (-800.0, 0.0))),
    _small([1.0], 0.0, [[800.0], [-800.0]], [1.0, 1.0]),
)
SMALLEST_Z: tuple[Arguments, ...] = (
    *((z,) for z in (0.0, 1.0, -1.0, 2.0, 0.5, 1)),
    *((np.array(z),) for z in ([0.0], [0.0, 1.0], [[1.0, -1.0], [2.0, 0.0]], [-1, 0, 2])),
    *((np.array([z]),) for z in (40.0, -40.0, 800.0, -800.0)),
    *((np.array(z),) for z in ([-800.0, 800.0], [[-1, 0], [2, 0]], [800.0, 1.0], [-800.0, 1.0])),
)
