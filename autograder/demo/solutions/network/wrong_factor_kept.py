"""a(1 − a) kept in the output error."""

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
    slope = a * (1 - a)
    return (a - Y) * slope


def hidden_error(delta, W, a):
    return (delta @ W) * a * (1 - a)


def backprop(weights, biases, X, Y):
    A = feedforward(weights, biases, X)
    delta = output_error(A[-1], Y)
    dW, db = [], []
    for l in range(len(weights), 0, -1):
        dW.insert(0, delta.T @ A[l - 1] / len(X))
        db.insert(0, delta.mean(axis=0))
        if l > 1:
            delta = hidden_error(delta, weights[l - 1], A[l - 1])
    return dW, db


def gradient_step(weights, biases, X, Y, rate):
    dW, db = backprop(weights, biases, X, Y)
    return [W - rate * g for W, g in zip(weights, dW)], [b - rate * g for b, g in zip(biases, db)]
