"""Calls exit() while the first function is defined."""

import numpy as np


print("done for today")
exit()


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def cost(w, b, X, y):
    z = X @ w + b
    return np.mean(y * np.logaddexp(0, -z) + (1 - y) * np.logaddexp(0, z))


def dC_dw(w, b, X, y):
    a = sigmoid(X @ w + b)
    return X.T @ (a - y) / len(y)


def dC_db(w, b, X, y):
    return np.mean(sigmoid(X @ w + b) - y)
