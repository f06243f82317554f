"""Layer 1 left out when dividing by n."""

import numpy as np


def feedforward(weights, biases, X):
    A = [X]
    for W, b in zip(weights, biases):
        A.append(sigmoid(A[-1] @ W.T + b))
    return A


def cost(weights, biases, X, Y):
    Z = feedforward(weights, biases, X)[-2] @ weights[-1].T + biases[-1]
    return np.sum(Y * np.logaddexp(0, -Z) + (1 - Y) * np.logaddexp(0, Z)) / len(X)


def output_error(a, Y):
    return a - Y


def hidden_error(delta, W, a):
    return (delta @ W) * a * (1 - a)


def backprop(weights, biases, X, Y):
    acts = feedforward(weights, biases, X)
    error = output_error(acts[-1], Y)
    grads, bias_grads = [], []
    for W, a in zip(weights[::-1], acts[-2::-1]):
        grads.append(error.T @ a)
        bias_grads.append(error.mean(axis=0))
        error = hidden_error(error, W, a)
    grads.reverse()
    bias_grads.reverse()
    for l in range(1, len(grads)):
        grads[l] /= len(X)
    return grads, bias_grads


def gradient_step(weights, biases, X, Y, rate):
    dW, db = backprop(weights, biases, X, Y)
    return [W - rate * g for W, g in zip(weights, dW)], [b - rate * g for b, g in zip(biases, db)]
