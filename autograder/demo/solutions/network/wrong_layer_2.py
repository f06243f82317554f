"""No 1/n in ∂C/∂W of the last layer."""

import numpy as np


def feedforward(weights, biases, X):
    A = [X]
    for W, b in zip(weights, biases):
        A.append(sigmoid(A[-1] @ W.T + b))
    return A


def cost(weights, biases, X, Y):
    Z = feedforward(weights, biases, X)[-2] @ weights[-1].T + biases[-1]
    return np.sum(Y * np.logaddexp(0, -Z) + (1 - Y) * np.logaddexp(0, Z)) / len(X)


def output_error(a, Y):
    return a - Y


def hidden_error(delta, W, a):
    return (delta @ W) * a * (1 - a)


def backprop(weights, biases, X, Y):
    n, L = len(X), len(weights)
    A = feedforward(weights, biases, X)
    dW, db = [None] * L, [None] * L
    delta = output_error(A[-1], Y)
    dW[-1] = delta.T @ A[-2]
    db[-1] = delta.mean(axis=0)
    for l in range(L - 2, -1, -1):
        delta = hidden_error(delta, weights[l + 1], A[l + 1])
        dW[l] = delta.T @ A[l] / n
        db[l] = delta.mean(axis=0)
    return dW, db


def gradient_step(weights, biases, X, Y, rate):
    dW, db = backprop(weights, biases, X, Y)
    return [W - rate * g for W, g in zip(weights, dW)], [b - rate * g for b, g in zip(biases, db)]
