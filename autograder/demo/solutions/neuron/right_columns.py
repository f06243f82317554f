"""Columns (n, 1) inside, flattened at the end."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def cost(w, b, X, y):
    z = X @ w.reshape(-1, 1) + b
    t = y.reshape(-1, 1)
    return (t.T @ np.logaddexp(0, -z) + (1 - t).T @ np.logaddexp(0, z)) / len(y)


def dC_dw(w, b, X, y):
    a = sigmoid(X @ w.reshape(-1, 1) + b)
    return (X.T @ (a - y.reshape(-1, 1)) / len(y)).ravel()


def dC_db(w, b, X, y):
    return np.mean(sigmoid(X @ w + b) - y)
