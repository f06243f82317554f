"""The quadratic cost's factor left in the gradient."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def cost(w, b, X, y):
    a = sigmoid(X @ w + b)
    return -np.mean(y * np.log(a) + (1 - y) * np.log(1 - a))


def dC_dw(w, b, X, y):
    a = sigmoid(X @ w + b)
    return X.T @ ((a - y) * a * (1 - a)) / len(y)


def dC_db(w, b, X, y):
    a = sigmoid(X @ w + b)
    return np.mean((a - y) * a * (1 - a))
