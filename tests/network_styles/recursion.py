"""Each function takes the first layer off and calls itself for the others."""

import numpy as np


def feedforward(weights, biases, X):
    """Return X, and then the layers that follow from the first one's outputs."""
    if not len(weights):
        return [X]
    return [X] + feedforward(weights[1:], biases[1:], sigmoid(X @ weights[0].T + biases[0]))


def cost(weights, biases, X, Y):
    """Feed one layer forward, until one is left."""
    z = X @ weights[0].T + biases[0]
    if len(weights) > 1:
        return cost(weights[1:], biases[1:], sigmoid(z), Y)
    return np.sum(np.logaddexp(0, np.where(Y == 1, -z, z)) - np.where(Y == 1, 0, Y) * z) / z.shape[0]


def output_error(a, Y):
    """Subtract."""
    return a - Y


def hidden_error(delta, W, a):
    """Multiply by σ′."""
    return delta.dot(W) * (a * (1.0 - a))


def backprop(weights, biases, X, Y):
    """Let the layers above give their slopes and the error that they send back."""

    def up(l, a):
        if l == len(weights):
            return output_error(a, Y), [], []
        delta, dW, db = up(l + 1, sigmoid(a @ weights[l].T + biases[l]))
        back = hidden_error(delta, weights[l], a) if l else None
        return back, [delta.T @ a / len(a)] + dW, [np.average(delta, axis=0)] + db

    return up(0, X)[1:]


def gradient_step(weights, biases, X, Y, rate):
    """Subtract the slopes."""
    dW, db = backprop(weights, biases, X, Y)

    def minus(old, slopes):
        return [old[0] - rate * slopes[0]] + minus(old[1:], slopes[1:]) if len(old) else []

    return minus(weights, dW), minus(biases, db)
