"""All numbers are in single precision inside."""

import numpy as np


def _single(values):
    return [np.asarray(value, dtype=np.float32) for value in values]


def feedforward(weights, biases, X):
    """Convert everything first."""
    a = _single([X])
    for W, b in zip(_single(weights), _single(biases)):
        z = a[-1] @ W.T + b
        a.append((np.float32(0.5) * (1 + np.tanh(z / 2))).astype(np.float32))
    return a


def cost(weights, biases, X, Y):
    """Convert everything first."""
    W, b = _single([weights[-1], biases[-1]])
    z = feedforward(weights, biases, X)[-2] @ W.T + b
    Y = np.asarray(Y, dtype=np.float32)
    return np.sum(Y * np.logaddexp(np.float32(0), -z) + (1 - Y) * np.logaddexp(np.float32(0), z)) / np.float32(len(z))


def output_error(a, Y):
    """Convert both."""
    a, Y = _single([a, Y])
    return a - Y


def hidden_error(delta, W, a):
    """Convert all three."""
    delta, W, a = _single([delta, W, a])
    return (delta @ W) * a * (1 - a)


def backprop(weights, biases, X, Y):
    """Go back in single precision."""
    a = feedforward(weights, biases, X)
    delta, dW, db = output_error(a[-1], Y), [], []
    for l in reversed(range(len(weights))):
        dW.append(delta.T @ a[l] / np.float32(len(delta)))
        db.append(delta.mean(axis=0))
        if l:
            delta = hidden_error(delta, weights[l], a[l])
    return dW[::-1], db[::-1]


def gradient_step(weights, biases, X, Y, rate):
    """Subtract the slopes in single precision."""
    dW, db = backprop(weights, biases, X, Y)
    rate = np.float32(rate)
    return [W - rate * d for W, d in zip(_single(weights), dW)], [b - rate * d for b, d in zip(_single(biases), db)]
