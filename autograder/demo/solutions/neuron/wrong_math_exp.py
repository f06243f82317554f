"""math.exp, which takes no array."""

import numpy as np
import math


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def cost(w, b, X, y):
    a = sigmoid(X @ w + b)
    return -np.mean(y * np.log(a) + (1 - y) * np.log(1 - a))


def dC_dw(w, b, X, y):
    a = sigmoid(X @ w + b)
    return X.T @ (a - y) / len(y)


def dC_db(w, b, X, y):
    return np.mean(sigmoid(X @ w + b) - y)
