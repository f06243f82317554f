"""Finite costs; all errors first."""

import numpy as np


def feedforward(weights, biases, X):
    outputs = [np.asarray(X, dtype=float)]
    for W, b in zip(weights, biases):
        outputs.append(sigmoid(outputs[-1].dot(W.T) + b))
    return outputs


def cost(weights, biases, X, Y):
    before_last = feedforward(weights, biases, X)[-2]
    z = before_last.dot(weights[-1].T) + biases[-1]
    per_entry = np.sum(np.logaddexp(0, z) - Y * z, axis=1)
    return per_entry.mean()


def output_error(a, Y):
    return np.subtract(a, Y)


def hidden_error(delta, W, a):
    sent_back = delta.dot(W)
    return sent_back * (a - a**2)


def backprop(weights, biases, X, Y):
    outputs = feedforward(weights, biases, X)
    errors = [output_error(outputs[-1], Y)]
    for W, a in zip(reversed(weights[1:]), reversed(outputs[1:-1])):
        errors.insert(0, hidden_error(errors[0], W, a))
    slopes_W = [e.T.dot(a) / len(e) for e, a in zip(errors, outputs)]
    slopes_b = [e.mean(axis=0) for e in errors]
    return slopes_W, slopes_b


def gradient_step(weights, biases, X, Y, rate):
    slopes_W, slopes_b = backprop(weights, biases, X, Y)
    moved = lambda old, slopes: [o - rate * s for o, s in zip(old, slopes)]
    return moved(weights, slopes_W), moved(biases, slopes_b)
