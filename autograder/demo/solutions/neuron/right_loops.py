"""Loops over entries and weights, in plain Python."""

import numpy as np
import math


def sigmoid(z):
    flat = [_one(float(v)) for v in np.ravel(z)]
    return np.reshape(flat, np.shape(z))


def _one(v):
    if v < 0:
        return math.exp(v) / (1 + math.exp(v))
    return 1 / (1 + math.exp(-v))


def _z(w, b, x):
    total = b
    for j in range(len(w)):
        total += w[j] * x[j]
    return total


def cost(w, b, X, y):
    total = 0.0
    for i in range(len(y)):
        z = _z(w, b, X[i])
        big = max(z, 0.0)
        total += big + math.log(math.exp(-big) + math.exp(z - big)) - y[i] * z
    return total / len(y)


def dC_dw(w, b, X, y):
    slopes = []
    for j in range(len(w)):
        slope = 0.0
        for i in range(len(y)):
            slope += X[i][j] * (float(sigmoid(_z(w, b, X[i]))) - y[i])
        slopes.append(slope / len(y))
    return slopes


def dC_db(w, b, X, y):
    return sum(float(sigmoid(_z(w, b, x))) - t for x, t in zip(X, y)) / len(y)
