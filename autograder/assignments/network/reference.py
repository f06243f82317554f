"""The right answers, as plain functions: from this text come the worked example, the mistakes and the tolerance.

Entries are rows. Layer l has W (n_l, n_(l−1)) and b (n_l,), and gives A_l = σ(A_(l−1) Wᵀ + b), with A_0 = X. The cost
is C = −(1/n) Σ [y ln a + (1−y) ln(1−a)] over entries and outputs. δ has one row per entry, the derivative of that
entry's own cost by z: a − y in the last layer, and (δ W) ⊙ a(1−a) one layer further down. So ∂C/∂W = δᵀA/n, with the
outputs A of the layer below, and ∂C/∂b is the mean of δ over the entries (Nielsen, Neural Networks and Deep Learning,
chapter 2, BP1–BP4, with the cost of chapter 3, equations 57–68).
"""

import functools
from typing import Any

import numpy as np

from autograder.assignments.network import inputs, pictures
from autograder.diagnosis import Exercise, stable


def sigmoid(z):
    """Return σ(z) for any shape."""
    return 1 / (1 + np.exp(-z))


def feedforward(weights, biases, X):
    """Return the activations of all layers, X first."""
    A = [X]
    for W, b in zip(weights, biases):  #: layer {len(A)}
        z = A[-1] @ W.T + b  #: z = A Wᵀ + b, with A of the layer below
        a = sigmoid(z)  #: σ(z) = A of this layer
        A.append(a)
    return A


def cost(weights, biases, X, Y):
    """Return the cost by the textbook's formula."""
    A = feedforward(weights, biases, X)
    z = A[-2] @ weights[-1].T + biases[-1]
    a = sigmoid(z)
    log_a = np.log(a)  #:~ ln a
    log_1a = np.log(1 - a)  #:~ ln(1−a)
    terms = Y * log_a + (1 - Y) * log_1a
    total = np.sum(terms)  #:~ the sum over entries and outputs
    C = -total / len(X)
    return C


@stable(cost)
def stable_cost(weights, biases, X, Y):
    """Return the cost, finite and exact for every z of the last layer."""
    A = feedforward(weights, biases, X)
    z = A[-2] @ weights[-1].T + biases[-1]  #: z of the last layer
    a = sigmoid(z)  #: a = σ(z)
    log_a = -np.logaddexp(0.0, -z)
    log_1a = -np.logaddexp(0.0, z)
    terms = Y * log_a + (1 - Y) * log_1a  #: y ln a + (1−y) ln(1−a)
    total = np.sum(terms)
    C = -total / len(X)  #: C = −(1/n) Σ [y ln a + (1−y) ln(1−a)]
    return C


def output_error(a, Y):
    """Return δ of the last layer, one row per entry."""
    delta = a - Y  #: δ = a − y
    return delta


def hidden_error(delta, W, a):
    """Return δ of the layer with the activations a, to which the error is sent."""
    back = delta @ W  #: δ W, sent back through the weights
    slope = a * (1 - a)  #: σ′ = a(1 − a)
    error = back * slope  #: δ = (δ W) ⊙ a(1 − a)
    return error


def backprop(weights, biases, X, Y):
    """Return the gradient: a list of ∂C/∂W and a list of ∂C/∂b, one of each per layer."""
    A = feedforward(weights, biases, X)
    a = A[-1]  #: a of the last layer
    delta = output_error(a, Y)  #: δ of the last layer
    dW, db = [], []
    for layer in reversed(range(len(weights))):  #: layer {layer + 1}
        W = weights[layer]
        below = A[layer]  #: A of the layer below
        by_W = delta.T @ below / len(X)  #: ∂C/∂W = δᵀ A / n
        by_b = np.mean(delta, axis=0)  #: ∂C/∂b = the mean of δ over the entries
        dW.insert(0, by_W)
        db.insert(0, by_b)
        if layer > 0:
            delta = hidden_error(delta, W, below)  #: δ of the layer below
    return dW, db


def gradient_step(weights, biases, X, Y, rate):
    """Return the weights and biases after one step down the gradient."""
    dW, db = backprop(weights, biases, X, Y)  #: ∂C/∂W, ∂C/∂b
    new_weights = [W - rate * by_W for W, by_W in zip(weights, dW)]  #: new W = W − rate · ∂C/∂W
    new_biases = [b - rate * by_b for b, by_b in zip(biases, db)]  #: new b = b − rate · ∂C/∂b
    return new_weights, new_biases


def own_costs(z, Y):
    """Return the sum of all entries' own costs C_i, as a function of the last z: its derivative is δ."""
    a = sigmoid(z)
    return -np.sum(Y * np.log(a) + (1 - Y) * np.log(1 - a))


def sent_up(z, delta, W):
    """Return Σ δ ⊙ (σ(z) Wᵀ): its derivative by z is δ of the layer with z. A bias would not change it."""
    return np.sum(delta * (sigmoid(z) @ W.T))


def _z_of(a):
    return np.log(a / (1 - a))


def logarithms(weights, biases, X, _Y):
    """Return how many roundings a cost may be off: one whose ln is taken far out is as exact as z, times 20."""
    z = np.abs(feedforward(weights, biases, X)[-2] @ weights[-1].T + biases[-1])
    return np.mean(np.sum(np.where(z < LARGE, 2.0, 20.0 * z), axis=1))


def _sizes(arguments):
    weights, _, X = arguments[:3]
    return {"n": len(X), "n_L": len(weights[-1])}


def _penalties(arguments):
    weights, _, X = arguments[:3]
    squares = sum(np.sum(np.square(W)) for W in weights)
    return {"Σ w²": squares, "Σ w²/n": squares / len(X), "1": 1.0}


LARGE = 30.0  # from here on ln(1 − σ(z)) has fewer than four digits in double precision

_SHARED: dict[str, Any] = {
    "each": "layer",
    "cases": inputs.CASES,
    "probes": inputs.PROBES,
    "fresh": inputs.fresh,
    "sizes": _sizes,
    "described": inputs.described,
}

EXERCISES = {
    "feedforward": Exercise(
        feedforward,
        called="the activations",
        each="layer 0",
        cases=inputs.FORWARD_CASES,
        probes=inputs.FORWARD_PROBES,
        fresh=lambda seed: tuple(arguments[:3] for arguments in inputs.fresh(seed)),
        undo=("σ", _z_of),
        smallest=tuple(arguments[:3] for arguments in inputs.SMALLEST),
        worked=inputs.WORKED_FORWARD[:3],
        diagram=pictures.activations,
        sizes=_sizes,
        described=inputs.described,
    ),
    "cost": Exercise(
        cost,
        called="the cost",
        floor=logarithms,
        terms=_penalties,
        smallest=(*inputs.SMALLEST, *inputs.SATURATED),
        worked=inputs.WORKED,
        stand_ins=(feedforward,),
        **_SHARED,
    ),
    "output_error": Exercise(
        output_error,
        floor=lambda *_: 1.0,  # outputs near 0 are as exact as those near 1
        cases=inputs.OUTPUT_ERROR_CASES,
        probes=inputs.OUTPUT_ERROR_PROBES,
        smallest=inputs.SMALLEST_OUTPUT_ERROR,
        worked=inputs.WORKED_OUTPUT_ERROR,
        derivative=(own_costs, "z"),
        at=lambda a, _Y: _z_of(a),
        sizes=lambda arguments: {"n": len(arguments[0]), "n_L": arguments[0].shape[1]},
    ),
    "hidden_error": Exercise(
        hidden_error,
        cases=inputs.HIDDEN_ERROR_CASES,
        probes=inputs.HIDDEN_ERROR_PROBES,
        smallest=inputs.SMALLEST_HIDDEN_ERROR,
        worked=inputs.WORKED_HIDDEN_ERROR,
        derivative=(sent_up, "z"),
        at=lambda _delta, _W, a: _z_of(a),
        sizes=lambda arguments: {"n": len(arguments[0])},
    ),
    "backprop": Exercise(
        backprop,
        called="(∂C/∂W, ∂C/∂b)",
        smallest=inputs.SMALLEST,
        worked=inputs.WORKED,
        worked_out=lambda path: -path[1],  # on the way back, the last layer comes first
        stand_ins=(feedforward, cost, output_error, hidden_error),
        derivative=(cost, ("weights", "biases")),
        diagram=functools.partial(pictures.by_layer, ("∂C/∂W", "∂C/∂b"), "The gradient that you returned"),
        **_SHARED,
    ),
    "gradient_step": Exercise(
        gradient_step,
        called="(new W, new b)",
        each="layer",
        cases=inputs.RATED_CASES,
        probes=inputs.RATED_PROBES,
        fresh=lambda seed: tuple((*arguments, 0.5 + seed % 3) for arguments in inputs.fresh(seed)),
        smallest=(*((*arguments, 0.3) for arguments in inputs.SMALLEST), (*inputs.SMALLEST[3], 2.0)),
        worked=(*inputs.WORKED, 0.3),
        stand_ins=(feedforward, cost, output_error, hidden_error, backprop),
        diagram=functools.partial(pictures.by_layer, ("new W", "new b"), "The weights and biases that you returned"),
        sizes=_sizes,
        described=inputs.described,
    ),
}
