"""The right answers, and how exactly each can be computed in single precision.

One neuron with weights w (k,) and bias b looks at n entries, the rows of X (n, k), with targets y (n,) in [0, 1]:
z = Xw + b, a = σ(z) = 1/(1 + e^(−z)), and the cross-entropy cost is C = −(1/n) Σ [y ln a + (1−y) ln(1−a)]
(Nielsen, Neural Networks and Deep Learning, chapter 3, equations 57–62). Because ln σ(z) = −ln(1 + e^(−z)) and
ln(1 − σ(z)) = −ln(1 + e^z), the cost is computed as the mean of y·ln(1 + e^(−z)) + (1−y)·ln(1 + e^z), which is
finite and exact for every z. Its derivatives are ∂C/∂w_j = (1/n) Σ x_j (a − y) and ∂C/∂b = (1/n) Σ (a − y).

Each function `expect_…` returns the value with its `scale`: a first-order bound, in rounding units, on the error of
evaluating the textbook formula step by step.
"""

from typing import Any

import numpy as np

from autograder.grading import Expected, jacobian

Array = np.ndarray[Any, np.dtype[np.float64]]


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
    """Return σ(z) and its scale."""
    value = sigmoid(z)
    return Expected(value, 2.0 + value * (1.0 - value) * np.abs(z))


def expect_cost(w: Array, b: float, X: Array, y: Array) -> Expected:
    """Return the cost, shape (), and its scale."""
    logs = _log_scale(w, b, X, y)
    value = np.asarray(cost(w, b, X, y))
    return Expected(value, np.asarray(np.mean(logs) + value * _sum_scale(len(y))))


def expect_dC_dw(w: Array, b: float, X: Array, y: Array) -> Expected:
    """Return ∂C/∂w, shape (k,), its scale, and the same by finite differences of the cost."""
    difference, error = jacobian(lambda point: cost(point, b, X, y), np.asarray(w, dtype=np.float64))
    scale = np.abs(X).T @ _error_scale(w, b, X, y) / len(y)
    return Expected(X.T @ errors(w, b, X, y) / len(y), scale, difference, error)


def expect_dC_db(w: Array, b: float, X: Array, y: Array) -> Expected:
    """Return ∂C/∂b, shape (), its scale, and the same by finite differences of the cost."""

    def shifted(point: Array) -> Array:
        weights = np.reshape(w, (-1,) + (1,) * (point.ndim - 1)) + np.zeros(point.shape[1:])
        return cost(weights, point[0], X, y)

    difference, error = jacobian(shifted, np.array([float(b)]))
    value = np.asarray(np.mean(errors(w, b, X, y)))
    return Expected(value, np.asarray(np.mean(_error_scale(w, b, X, y))), difference[0], error[0])


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
    """Return the bound on the error of y ln a + (1−y) ln(1−a): an error in a counts 1/a and 1/(1−a) times."""
    z = X @ w + b
    error = _a_scale(w, b, X)
    return error * (y * (1.0 + np.exp(-z)) + (1.0 - y) * (1.0 + np.exp(z))) + np.abs(z) + 2.0


def _sum_scale(n: int) -> float:
    return n + 3.0
