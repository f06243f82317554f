"""Single precision inside."""

import numpy as np


def sigmoid(z):
    z = np.asarray(z, dtype=np.float32)
    return 1 / (1 + np.exp(-z))


def cost(w, b, X, y):
    z = (np.float32(X) @ np.float32(w) + np.float32(b)).astype(np.float32)
    return np.mean(np.logaddexp(np.float32(0), z) - np.float32(y) * z)


def dC_dw(w, b, X, y):
    X = np.float32(X)
    error = sigmoid(X @ np.float32(w) + np.float32(b)) - np.float32(y)
    return X.T @ error / np.float32(len(y))


def dC_db(w, b, X, y):
    return np.mean(sigmoid(np.float32(X) @ np.float32(w) + np.float32(b)) - np.float32(y))
