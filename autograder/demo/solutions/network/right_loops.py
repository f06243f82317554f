"""Loops over the entries."""

import numpy as np


def feedforward(weights, biases, X):
    layers = [X]
    for l in range(len(weights)):
        rows = []
        for x in layers[l]:
            rows.append([sigmoid(np.dot(w, x) + b) for w, b in zip(weights[l], biases[l])])
        layers.append(np.array(rows))
    return layers


def cost(weights, biases, X, Y):
    below = feedforward(weights, biases, X)[-2]
    total = 0.0
    for a, y in zip(below, Y):
        for w, b, target in zip(weights[-1], biases[-1], y):
            z = np.dot(w, a) + b
            total += target * np.logaddexp(0, -z) + (1 - target) * np.logaddexp(0, z)
    return total / len(X)


def output_error(a, Y):
    delta = np.zeros(np.shape(a))
    for i in range(len(a)):
        delta[i] = a[i] - Y[i]
    return delta


def hidden_error(delta, W, a):
    result = np.zeros(np.shape(a))
    for i in range(len(delta)):
        for j in range(len(W)):
            result[i] += delta[i, j] * W[j]
        result[i] *= a[i] * (1 - a[i])
    return result


def backprop(weights, biases, X, Y):
    dW = [np.zeros(W.shape) for W in weights]
    db = [np.zeros(b.shape) for b in biases]
    A = feedforward(weights, biases, X)
    delta = output_error(A[-1], Y)
    for l in reversed(range(len(weights))):
        for i in range(len(X)):
            dW[l] += np.outer(delta[i], A[l][i])
            db[l] += delta[i]
        if l:
            delta = hidden_error(delta, weights[l], A[l])
    return [g / len(X) for g in dW], [g / len(X) for g in db]


def gradient_step(weights, biases, X, Y, rate):
    dW, db = backprop(weights, biases, X, Y)
    new_W, new_b = [], []
    for l in range(len(weights)):
        new_W.append(weights[l] - rate * dW[l])
        new_b.append(biases[l] - rate * db[l])
    return new_W, new_b
