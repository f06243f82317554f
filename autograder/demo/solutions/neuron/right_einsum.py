"""einsum for every sum."""

import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-np.clip(z, -500, 500)))


def cost(w, b, X, y):
    z = np.einsum("ij,j->i", X, w) + b
    return np.einsum("i->", np.logaddexp(0, z) - y * z) / len(z)


def dC_dw(w, b, X, y):
    error = sigmoid(np.einsum("ij,j->i", X, w) + b) - y
    return np.einsum("ij,i->j", X, error) / X.shape[0]


def dC_db(w, b, X, y):
    return np.einsum("i->", sigmoid(np.einsum("ij,j->i", X, w) + b) - y) / X.shape[0]
