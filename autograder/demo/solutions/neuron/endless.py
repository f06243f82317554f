"""A loop that never ends, in the cost."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def cost(w, b, X, y):
    total, i = 0.0, 0
    while i < len(y):
        total += (sigmoid(X[i] @ w + b) - y[i]) ** 2
    return total


def dC_dw(w, b, X, y):
    a = sigmoid(X @ w + b)
    return X.T @ (a - y) / len(y)


def dC_db(w, b, X, y):
    return np.mean(sigmoid(X @ w + b) - y)
