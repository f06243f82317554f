"""The right answers, as plain functions: from this text come the worked example, the mistakes and the tolerance.

One neuron with weights w (k,) and bias b looks at n entries, the rows of X (n, k), with targets y (n,) in [0, 1]:
z = Xw + b, a = σ(z) = 1/(1 + e^(−z)), and the cross-entropy cost is C = −(1/n) Σ [y ln a + (1−y) ln(1−a)]
(Nielsen, Neural Networks and Deep Learning, chapter 3, equations 57–62). Because ln σ(z) = −ln(1 + e^(−z)) and
ln(1 − σ(z)) = −ln(1 + e^z), the stable cost is the mean of y·ln(1 + e^(−z)) + (1−y)·ln(1 + e^z), which is finite and
exact for every z. Its derivatives are ∂C/∂w_j = (1/n) Σ x_j (a − y) and ∂C/∂b = (1/n) Σ (a − y).
"""

from typing import Any

import numpy as np

from autograder.assignments.neuron import inputs, pictures
from autograder.diagnosis import Exercise, stable


def sigmoid(z):
    """Return σ(z) for any shape."""
    exponent = -z  #: −z
    growth = np.exp(exponent)  #: e^(−z)
    denominator = 1 + growth  #: 1 + e^(−z)
    sigma = 1 / denominator  #: σ(z) = 1/(1 + e^(−z))
    return sigma


def cost(w, b, X, y):
    """Return the cost by the textbook's formula."""
    z = X @ w + b
    a = sigmoid(z)
    log_a = np.log(a)  #:~ ln a
    log_1a = np.log(1 - a)  #:~ ln(1−a)
    terms = y * log_a + (1 - y) * log_1a
    total = np.sum(terms)  #:~ the sum over the entries
    C = -total / len(y)
    return C


@stable(cost)
def stable_cost(w, b, X, y):
    """Return the cost, finite and exact for every z."""
    z = X @ w + b  #: z = Xw + b
    a = sigmoid(z)  #: a = σ(z)
    log_a = -np.logaddexp(0.0, -z)
    log_1a = -np.logaddexp(0.0, z)
    terms = y * log_a + (1 - y) * log_1a  #: y ln a + (1−y) ln(1−a)
    total = np.sum(terms)
    C = -total / len(y)  #: C = −(1/n) Σ [y ln a + (1−y) ln(1−a)]
    return C


def dC_dw(w, b, X, y):
    """Return the gradient, the shape of w."""
    z = X @ w + b  #: z = Xw + b
    a = sigmoid(z)  #: σ(z)
    error = a - y  #: σ(z) − y
    products = X.T * error  #: x_j (σ(z) − y), one row for each j
    total = np.sum(products, axis=1)  #:~ the sum over the entries
    gradient = total / len(y)  #: ∂C/∂w_j = (1/n) Σ x_j (σ(z) − y)
    return gradient


def dC_db(w, b, X, y):
    """Return the derivative by the bias, one number."""
    z = X @ w + b  #: z = Xw + b
    a = sigmoid(z)  #: σ(z)
    error = a - y  #: σ(z) − y
    total = np.sum(error)  #:~ the sum over the entries
    slope = total / len(y)  #: ∂C/∂b = (1/n) Σ (σ(z) − y)
    return slope


def _logarithms(w, b, X, _y):
    z = np.abs(X @ w + b)
    return np.mean(np.where(z < LARGE, 2.0, 20.0 * z))


LARGE = 30.0  # from here on ln(1 − σ(z)) has fewer than four digits in double precision

_OF_ENTRIES: dict[str, Any] = {
    "cases": inputs.CASES,
    "probes": inputs.PROBES,
    "fresh": inputs.fresh,
    "smallest": inputs.SMALLEST,
    "worked": inputs.WORKED,
    "stand_ins": (sigmoid,),
    "sizes": lambda arguments: dict(zip("nk", np.shape(arguments[2]), strict=True)),
    "described": inputs.described,
}
EXERCISES = {
    "sigmoid": Exercise(
        sigmoid,
        # Written with tanh, the smallest σ is as exact as the largest; far out, a floor of 1e-7 under σ is to be seen.
        floor=lambda z: np.where(np.abs(z) < LARGE, 2.0, 1e-2),
        cases=inputs.Z_CASES,
        probes=inputs.Z_PROBES,
        fresh=inputs.fresh_z,
        smallest=inputs.SMALLEST_Z,
        worked=inputs.WORKED_Z,
        picture=lambda value: pictures.sigmoid(value, sigmoid),
    ),
    "cost": Exercise(
        cost,
        floor=_logarithms,
        called="the cost",
        terms=lambda given: {
            "Σ w_j²": np.sum(np.square(given[0])),
            "Σ w_j²/n": np.sum(np.square(given[0])) / len(given[2]),
            "Σ |w_j|": np.sum(np.abs(given[0])),
            "b": given[1],
            "1": 1.0,
        },
        **_OF_ENTRIES,
        picture=lambda value: pictures.cost(value, stable_cost),
    ),
    "dC_dw": Exercise(
        dC_dw,
        floor=lambda _w, _b, X, _y: 2.0 * np.mean(np.abs(X), axis=0),  # outputs near 0 are as exact as those near 1
        called="∂C/∂w",
        terms=lambda given: {
            "w": given[0],
            "w/n": given[0] / len(given[2]),
            "the sign of w_j": np.sign(given[0]),
            "1": np.ones(len(given[0])),
        },
        **_OF_ENTRIES,
        picture=lambda value: pictures.dC_dw(value, dC_dw),
        derivative=(cost, "w"),
    ),
    "dC_db": Exercise(
        dC_db,
        floor=lambda *_: 3.0,  # a mean of errors of size 1, each rounded before it is added
        terms=lambda given: {"b": given[1], "b/n": given[1] / len(given[2]), "1": 1.0},
        **_OF_ENTRIES,
        picture=lambda value: pictures.dC_db(value, stable_cost, dC_db),
        derivative=(cost, "b"),
    ),
}
