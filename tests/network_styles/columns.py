"""Entries are columns inside: everything is transposed on the way in and on the way out."""

import numpy as np


def feedforward(weights, biases, X):
    """Compute W a + b with entries as columns."""
    columns = [np.transpose(X)]
    for W, b in zip(weights, biases):
        columns.append(sigmoid(np.dot(W, columns[-1]) + np.reshape(b, (-1, 1))))
    return [c.T for c in columns]


def cost(weights, biases, X, Y):
    """Take the logarithms from z, with entries as columns."""
    below = feedforward(weights, biases, X)[-2].T
    z = weights[-1] @ below + biases[-1][:, np.newaxis]
    y = np.transpose(Y)
    return (y * np.logaddexp(0, -z) + (1 - y) * np.logaddexp(0, z)).sum(axis=0).mean()


def output_error(a, Y):
    """Subtract columns."""
    return (np.transpose(a) - np.transpose(Y)).T


def hidden_error(delta, W, a):
    """Compute Wᵀ δ, with entries as columns."""
    a = np.transpose(a)
    return (np.dot(np.transpose(W), np.transpose(delta)) * (a - a**2)).T


def backprop(weights, biases, X, Y):
    """Go back with δ as columns."""
    n = np.shape(X)[0]
    columns = [a.T for a in feedforward(weights, biases, X)]
    delta = columns[-1] - np.transpose(Y)
    dW, db = [None] * len(weights), [None] * len(weights)
    for back in range(1, len(weights) + 1):
        dW[-back] = np.dot(delta, columns[-back - 1].T) / n
        db[-back] = delta.sum(axis=1) / n
        delta = np.dot(weights[-back].T, delta) * columns[-back - 1] * (1 - columns[-back - 1])
    return dW, db


def gradient_step(weights, biases, X, Y, rate):
    """Subtract the slopes."""
    dW, db = backprop(weights, biases, X, Y)
    return [W - rate * d for W, d in zip(weights, dW)], [b - rate * d for b, d in zip(biases, db)]
