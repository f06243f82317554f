"""Minus X transposed times (y - a)."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def cost(w, b, X, y):
    z = X @ w + b
    return np.mean(y * np.logaddexp(0, -z) + (1 - y) * np.logaddexp(0, z))


def dC_dw(w, b, X, y):
    return -np.dot(X.T, y - sigmoid(np.dot(X, w) + b)) / y.shape[0]


def dC_db(w, b, X, y):
    return -(y - sigmoid(np.dot(X, w) + b)).mean()
