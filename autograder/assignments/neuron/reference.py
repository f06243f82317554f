"""The right answers, and how exactly each can be computed in single precision.

One neuron with weights w (k,) and bias b looks at n entries, the rows of X (n, k), with targets y (n,) in [0, 1]:
z = Xw + b, a = σ(z) = 1/(1 + e^(−z)), and the cross-entropy cost is C = −(1/n) Σ [y ln a + (1−y) ln(1−a)]
(Nielsen, Neural Networks and Deep Learning, chapter 3, equations 57–62). Because ln σ(z) = −ln(1 + e^(−z)) and
ln(1 − σ(z)) = −ln(1 + e^z), the cost is computed as the mean of y·ln(1 + e^(−z)) + (1−y)·ln(1 + e^z), which is
finite and exact for every z. Its derivatives are ∂C/∂w_j = (1/n) Σ x_j (a − y) and ∂C/∂b = (1/n) Σ (a − y).

Each function `expect_…` returns the value with its `scale`: a first-order bound, in rounding units, on the error of
evaluating the textbook formula step by step.
"""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.assignments.neuron import inputs, pictures
from autograder.grading import Exercise, Expected, Formula, jacobian

Array = np.ndarray[Any, np.dtype[np.float64]]

_KEPT = 1000  # expected values
_LARGE = 30.0  # from here on ln(1 − σ(z)) has fewer than four digits in double precision


def sigmoid(z: Array) -> Array:
    """Return σ(z) for any shape, without overflow."""
    value: Array = np.exp(-np.logaddexp(0.0, -np.asarray(z, dtype=np.float64)))
    return value


def cost(w: Array, b: float | Array, X: Array, y: Array) -> Array:
    """Return the cost; `w` (k, …) and `b` (…) may have further axes, one point of weight space each."""
    z = np.tensordot(X, w, axes=1) + b
    targets = np.reshape(y, (-1,) + (1,) * (z.ndim - 1))
    value: Array = np.mean(targets * np.logaddexp(0.0, -z) + (1.0 - targets) * np.logaddexp(0.0, z), axis=0)
    return value


def errors(w: Array, b: float, X: Array, y: Array) -> Array:
    """Return a − y, one number an entry, shape (n,)."""
    return sigmoid(X @ w + b) - y


def expect_sigmoid(z: Array) -> Expected:
    """Return σ(z) and its scale; where z is large a floor of 1e-7 under σ is to be seen, a clip of z at ±25 is not."""
    value = sigmoid(z)
    scale = np.where(np.abs(z) < _LARGE, 2.0 + value * (1.0 - value) * np.abs(z), 1e-2)
    return Expected(value, scale)


def _kept(expect: Callable[..., Expected]) -> Callable[..., Expected]:
    """Remember what was expected: the inputs are equal for all students, and finite differences take milliseconds."""
    kept: dict[tuple[tuple[str, tuple[int, ...], bytes], ...], Expected] = {}

    @functools.wraps(expect)
    def remembering(*arguments: Any) -> Expected:
        arrays = [np.asarray(argument) for argument in arguments]
        key = tuple((array.dtype.str, array.shape, array.tobytes()) for array in arrays)
        if key not in kept and len(kept) >= _KEPT:
            kept.clear()
        if key not in kept:
            kept[key] = expect(*arguments)
        return kept[key]

    return remembering


@_kept
def expect_cost(w: Array, b: float, X: Array, y: Array) -> Expected:
    """Return the cost, shape (), and its scale."""
    logs = _log_scale(w, b, X, y)
    value = np.asarray(cost(w, b, X, y))
    return Expected(value, np.asarray(np.mean(logs) + value * _sum_scale(len(y))))


@_kept
def expect_dC_dw(w: Array, b: float, X: Array, y: Array) -> Expected:
    """Return ∂C/∂w, shape (k,), its scale, and the same by finite differences of the cost where it is smooth."""
    value = X.T @ errors(w, b, X, y) / len(y)
    scale = np.abs(X).T @ _error_scale(w, b, X, y) / len(y)
    if _saturated(w, b, X):
        return Expected(value, scale)
    return Expected(value, scale, *jacobian(lambda point: cost(point, b, X, y), np.asarray(w, dtype=np.float64)))


@_kept
def expect_dC_db(w: Array, b: float, X: Array, y: Array) -> Expected:
    """Return ∂C/∂b, shape (), its scale, and the same by finite differences of the cost where it is smooth."""

    def shifted(point: Array) -> Array:
        weights = np.reshape(w, (-1,) + (1,) * (point.ndim - 1)) + np.zeros(point.shape[1:])
        return cost(weights, point[0], X, y)

    value = np.asarray(np.mean(errors(w, b, X, y)))
    scale = np.asarray(np.mean(_error_scale(w, b, X, y)))
    if _saturated(w, b, X):
        return Expected(value, scale)
    difference, error = jacobian(shifted, np.array([float(b)]))
    return Expected(value, scale, difference[0], error[0])


def _saturated(w: Array, b: float, X: Array) -> bool:
    """Say whether the cost has kinks nearby: for steps of finite differences, |z| from 30 on is as good as infinite."""
    return bool(np.max(np.abs(X @ w + b)) >= _LARGE)


def _z_scale(w: Array, b: float, X: Array) -> Array:
    """Return the bound on the error of z = Xw + b: each of k products and k sums rounds once."""
    return (np.abs(X) @ np.abs(w) + abs(b)) * (len(w) + 2)


def _a_scale(w: Array, b: float, X: Array) -> Array:
    a = sigmoid(X @ w + b)
    return a * (1.0 - a) * _z_scale(w, b, X) + 2.0


def _error_scale(w: Array, b: float, X: Array, y: Array) -> Array:
    """Return the bound on the error of (a − y) and of its sum with others."""
    return _a_scale(w, b, X) + np.abs(errors(w, b, X, y)) * _sum_scale(len(y))


def _log_scale(w: Array, b: float, X: Array, y: Array) -> Array:
    """Return the bound on the error of y ln a + (1−y) ln(1−a): an error in a counts 1/a and 1/(1−a) times.

    Where |z| is large the textbook formula has no digits left; there the bound is that of ln(1 + e^z).
    """
    z = X @ w + b
    near = np.clip(z, -_LARGE, _LARGE)
    textbook = _a_scale(w, b, X) * (y * (1.0 + np.exp(-near)) + (1.0 - y) * (1.0 + np.exp(near)))
    return np.where(np.abs(z) < _LARGE, textbook + np.abs(z) + 2.0, 20.0 * np.abs(z))


def _sum_scale(n: int) -> float:
    return n + 3.0


_W_B_X_Y = ("w", "b", "X", "y")
_NAMES = {"sigmoid": sigmoid}
_PROBES = {"plain": inputs.PROBES, "ints": inputs.INT_PROBES, "saturated": inputs.SATURATED_PROBES}
# Public, and written otherwise than a student would. Unlike ½(1 + tanh(z/2)) it does not round to 0 before e^z does, so
# that a cost goes wrong at large |z| as it would with the textbook's own formula, and is named alike.
_STAND_INS = {
    "sigmoid": "import numpy as _np\ndef sigmoid(z):\n    return _np.exp(-_np.logaddexp(0.0, -_np.asarray(z)))\n"
}


def _sizes(arguments: tuple[Any, ...]) -> dict[str, float]:
    n, k = np.shape(arguments[2])
    return {"n": float(n), "k": float(k)}


def _differences(w: Array, b: float, X: Array, y: Array) -> Array:
    """Return ∂C/∂w by finite differences."""
    return jacobian(lambda point: cost(point, b, X, y), w)[0]


def _slope(w: Array, b: float, X: Array, y: Array) -> Array:
    """Return ∂C/∂b."""
    return np.asarray(np.mean(errors(w, b, X, y)))


EXERCISES = {
    "sigmoid": Exercise(
        formula=Formula(
            "sigmoid",
            ("z",),
            {"exponent": "-z", "growth": "np.exp(exponent)", "denominator": "1 + growth", "sigma": "1 / denominator"},
            {"exponent": "−z", "growth": "e^(−z)", "denominator": "1 + e^(−z)", "sigma": "σ(z) = 1/(1 + e^(−z))"},
            _NAMES,
        ),
        expect=expect_sigmoid,
        quantity="σ(z)",
        probes={"plain": inputs.Z_PROBES, "ints": inputs.INT_Z_PROBES, "saturated": inputs.SATURATED_Z_PROBES},
        fresh=inputs.fresh_z,
        smallest=inputs.SMALLEST_Z,
        picture=lambda value: pictures.sigmoid(value, sigmoid),
    ),
    "cost": Exercise(
        formula=Formula(
            "cost",
            _W_B_X_Y,
            {
                "z": "X @ w + b",
                "a": "sigmoid(z)",
                "log_a": "-np.logaddexp(0.0, -z)",
                "log_1a": "-np.logaddexp(0.0, z)",
                "terms": "y * log_a + (1 - y) * log_1a",
                "total": "np.sum(terms)",
                "C": "-total / len(y)",
            },
            {
                "z": "z = Xw + b",
                "a": "a = σ(z)",
                "terms": "y ln a + (1−y) ln(1−a)",
                "C": "C = −(1/n) Σ [y ln a + (1−y) ln(1−a)]",
            },
            _NAMES,
        ),
        expect=expect_cost,
        quantity="the cost",
        probes=_PROBES,
        fresh=inputs.fresh,
        smallest=inputs.SMALLEST,
        stand_ins=_STAND_INS,
        picture=lambda value: pictures.cost(value, cost),
        sizes=_sizes,
    ),
    "dC_dw": Exercise(
        formula=Formula(
            "dC_dw",
            _W_B_X_Y,
            {
                "z": "X @ w + b",
                "a": "sigmoid(z)",
                "error": "a - y",
                "products": "X.T * error",
                "total": "np.sum(products, axis=1)",
                "gradient": "total / len(y)",
            },
            {
                "z": "z = Xw + b",
                "a": "σ(z)",
                "error": "σ(z) − y",
                "products": "x_j (σ(z) − y), one row for each j",
                "gradient": "∂C/∂w_j = (1/n) Σ x_j (σ(z) − y)",
            },
            _NAMES,
        ),
        expect=expect_dC_dw,
        quantity="∂C/∂w",
        probes=_PROBES,
        fresh=inputs.fresh,
        smallest=inputs.SMALLEST,
        stand_ins=_STAND_INS,
        picture=lambda value: pictures.dC_dw(value, _differences),
        own=("cost", "w"),
        sizes=_sizes,
    ),
    "dC_db": Exercise(
        formula=Formula(
            "dC_db",
            _W_B_X_Y,
            {
                "z": "X @ w + b",
                "a": "sigmoid(z)",
                "error": "a - y",
                "total": "np.sum(error)",
                "slope": "total / len(y)",
            },
            {"z": "z = Xw + b", "a": "σ(z)", "error": "σ(z) − y", "slope": "∂C/∂b = (1/n) Σ (σ(z) − y)"},
            _NAMES,
        ),
        expect=expect_dC_db,
        quantity="∂C/∂b",
        probes=_PROBES,
        fresh=inputs.fresh,
        smallest=inputs.SMALLEST,
        stand_ins=_STAND_INS,
        picture=lambda value: pictures.dC_db(value, cost, _slope),
        own=("cost", "b"),
        sizes=_sizes,
    ),
}


@functools.cache
def expected(exercise: str, case: str, seed: int) -> Expected:
    """Return the right answer on a hidden input, worked out once for all students."""
    return EXERCISES[exercise].expect(*inputs.draw(case, seed).arguments)
