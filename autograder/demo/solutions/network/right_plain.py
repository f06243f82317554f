"""The textbook's formulas."""

import numpy as np


def feedforward(weights, biases, X):
    A = [X]
    for l in range(len(weights)):
        Z = A[l] @ weights[l].T + biases[l]
        A.append(sigmoid(Z))
    return A


def cost(weights, biases, X, Y):
    a = feedforward(weights, biases, X)[-1]
    return -np.sum(Y * np.log(a) + (1 - Y) * np.log(1 - a)) / X.shape[0]


def output_error(a, Y):
    return a - Y


def hidden_error(delta, W, a):
    return delta @ W * a * (1 - a)


def backprop(weights, biases, X, Y):
    n, L = len(X), len(weights)
    A = feedforward(weights, biases, X)
    dW, db = [0] * L, [0] * L
    delta = output_error(A[L], Y)
    for l in range(L - 1, -1, -1):
        dW[l] = delta.T @ A[l] / n
        db[l] = np.sum(delta, axis=0) / n
        if l > 0:
            delta = hidden_error(delta, weights[l], A[l])
    return dW, db


def gradient_step(weights, biases, X, Y, rate):
    dW, db = backprop(weights, biases, X, Y)
    W_new = [weights[l] - rate * dW[l] for l in range(len(weights))]
    b_new = [biases[l] - rate * db[l] for l in range(len(biases))]
    return W_new, b_new
