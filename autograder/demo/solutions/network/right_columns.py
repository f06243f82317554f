"""Entries as columns, as in the book."""

import numpy as np


def _forward(weights, biases, x):
    activations = [x]
    for w, b in zip(weights, biases):
        activations.append(sigmoid(np.dot(w, activations[-1]) + b[:, None]))
    return activations


def feedforward(weights, biases, X):
    return [a.T for a in _forward(weights, biases, X.T)]


def cost(weights, biases, X, Y):
    a = _forward(weights[:-1], biases[:-1], X.T)[-1]
    z = np.dot(weights[-1], a) + biases[-1][:, None]
    return np.sum(np.logaddexp(0, z) - Y.T * z) / X.shape[0]


def output_error(a, Y):
    return (a.T - Y.T).T


def hidden_error(delta, W, a):
    return (np.dot(W.T, delta.T) * (a * (1 - a)).T).T


def backprop(weights, biases, X, Y):
    a = _forward(weights, biases, X.T)
    delta = a[-1] - Y.T
    nabla_w = [np.dot(delta, a[-2].T) / len(X)]
    nabla_b = [delta.mean(axis=1)]
    for l in range(2, len(weights) + 1):
        delta = np.dot(weights[-l + 1].T, delta) * a[-l] * (1 - a[-l])
        nabla_w = [np.dot(delta, a[-l - 1].T) / len(X)] + nabla_w
        nabla_b = [delta.mean(axis=1)] + nabla_b
    return nabla_w, nabla_b


def gradient_step(weights, biases, X, Y, rate):
    nabla_w, nabla_b = backprop(weights, biases, X, Y)
    return (
        [w - rate * nw for w, nw in zip(weights, nabla_w)],
        [b - rate * nb for b, nb in zip(biases, nabla_b)],
    )
