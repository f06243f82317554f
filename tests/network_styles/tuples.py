"""Every list is a tuple, and what is repeated is a comprehension."""

from functools import reduce
from itertools import accumulate

import numpy as np


def feedforward(weights, biases, X):
    """Accumulate the layers."""
    layers = tuple(zip(weights, biases))
    return tuple(accumulate(layers, lambda a, layer: sigmoid(a @ layer[0].T + layer[1]), initial=np.asarray(X, float)))


def cost(weights, biases, X, Y):
    """Take the logarithms from the last z, reduced over the layers before."""
    layers = tuple(zip(weights, biases))
    a = reduce(lambda a, layer: sigmoid(a @ layer[0].T + layer[1]), layers[:-1], X)
    z = a @ weights[-1].T + biases[-1]
    return float(np.sum(np.logaddexp(0, z) - Y * z) / len(z))


def output_error(a, Y):
    """Subtract."""
    return np.subtract(a, Y, dtype=float)


def hidden_error(delta, W, a):
    """Multiply by σ′, written as ¼ − (a − ½)²."""
    return np.matmul(delta, W) * (0.25 - (np.asarray(a) - 0.5) ** 2)


def backprop(weights, biases, X, Y):
    """Accumulate δ backwards, then make all slopes at once."""
    a = feedforward(weights, biases, X)
    layers = tuple(zip(weights[:0:-1], a[-2:0:-1]))
    deltas = tuple(accumulate(layers, lambda d, layer: hidden_error(d, *layer), initial=output_error(a[-1], Y)))[::-1]
    return (
        tuple(d.T @ below / len(d) for d, below in zip(deltas, a)),
        tuple(np.mean(d, axis=0) for d in deltas),
    )


def gradient_step(weights, biases, X, Y, rate):
    """Subtract the slopes from both kinds alike."""
    return tuple(
        tuple(old - rate * slope for old, slope in zip(olds, slopes))
        for olds, slopes in zip((weights, biases), backprop(weights, biases, X, Y))
    )
