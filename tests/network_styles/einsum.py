"""Every product is an einsum, in which i counts entries, j neurons and k inputs."""

import numpy as np


def feedforward(weights, biases, X):
    """Compute z with einsum."""
    a = [np.array(X)]
    for l in range(len(weights)):
        z = np.einsum("jk,ik->ij", weights[l], a[l]) + biases[l][None, :]
        a += [np.where(z >= 0, 1 / (1 + np.exp(-np.abs(z))), np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))))]
    return a


def cost(weights, biases, X, Y):
    """Take ln a and ln(1 − a) from z with log1p."""
    a = feedforward(weights, biases, X)[-2]
    z = np.einsum("jk,ik->ij", weights[-1], a) + biases[-1]
    log_a = np.minimum(z, 0) - np.log1p(np.exp(-np.abs(z)))
    return -np.einsum("ij,ij->", Y, log_a) / len(X) - np.einsum("ij,ij->", 1 - Y, log_a - z) / len(X)


def output_error(a, Y):
    """Add the negative."""
    return np.add(a, np.negative(Y))


def hidden_error(delta, W, a):
    """Compute the whole product with one einsum."""
    return np.einsum("ij,jk,ik,ik->ik", delta, W, a, 1 - a)


def backprop(weights, biases, X, Y):
    """Take 1/n into the einsum's result."""
    a = feedforward(weights, biases, X)
    delta, dW, db = output_error(a[-1], Y), {}, {}
    for l in range(len(weights) - 1, -1, -1):
        dW[l] = np.einsum("ij,ik->jk", delta, a[l]) / delta.shape[0]
        db[l] = np.einsum("ij->j", delta) / delta.shape[0]
        delta = hidden_error(delta, weights[l], a[l])
    return [dW[l] for l in sorted(dW)], [db[l] for l in sorted(db)]


def gradient_step(weights, biases, X, Y, rate):
    """Copy first, then change the copies."""
    new_W, new_b = [np.array(W, dtype=float) for W in weights], [np.array(b, dtype=float) for b in biases]
    for new, slopes in zip((new_W, new_b), backprop(weights, biases, X, Y)):
        for array, slope in zip(new, slopes):
            array -= rate * slope
    return new_W, new_b
