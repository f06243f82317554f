"""Everything entry by entry and neuron by neuron."""

import math

import numpy as np


def feedforward(weights, biases, X):
    """Go through the entries, the layers and the neurons."""
    outputs = [np.array(X, dtype=float)] + [np.zeros((len(X), len(b))) for b in biases]
    for i in range(len(X)):
        for l in range(len(weights)):
            for j in range(len(weights[l])):
                z = biases[l][j]
                for k in range(len(weights[l][j])):
                    z += outputs[l][i][k] * weights[l][j][k]
                outputs[l + 1][i][j] = 1 / (1 + math.exp(-z)) if z > -700 else 0.0
    return outputs


def cost(weights, biases, X, Y):
    """Add up the entries' costs, output by output, from the last z."""
    last = feedforward(weights[:-1], biases[:-1], X)[-1]
    total = 0
    for i in range(len(X)):
        for j in range(len(biases[-1])):
            z = sum(w * a for w, a in zip(weights[-1][j], last[i])) + biases[-1][j]
            positive = max(z, 0) + math.log(1 + math.exp(-abs(z)))
            total += positive - Y[i][j] * z
    return total / len(X)


def output_error(a, Y):
    """Subtract number by number."""
    return np.array([[float(a[i][j]) - float(Y[i][j]) for j in range(len(a[i]))] for i in range(len(a))])


def hidden_error(delta, W, a):
    """Add up the errors that come back to each neuron."""
    sent = np.zeros((len(delta), len(W[0])))
    for i in range(len(delta)):
        for k in range(len(W[0])):
            for j in range(len(W)):
                sent[i][k] += delta[i][j] * W[j][k]
            sent[i][k] *= a[i][k] * (1 - a[i][k])
    return sent


def backprop(weights, biases, X, Y):
    """Add up the slopes entry by entry."""
    slopes_W = [np.zeros((len(W), len(W[0]))) for W in weights]
    slopes_b = [np.zeros(len(b)) for b in biases]
    for i in range(len(X)):
        a = feedforward(weights, biases, X[i : i + 1])
        delta = output_error(a[-1], Y[i : i + 1])
        for l in reversed(range(len(weights))):
            for j in range(len(weights[l])):
                slopes_b[l][j] += delta[0][j] / len(X)
                for k in range(len(weights[l][j])):
                    slopes_W[l][j][k] += delta[0][j] * a[l][0][k] / len(X)
            if l > 0:
                delta = hidden_error(delta, weights[l], a[l])
    return slopes_W, slopes_b


def gradient_step(weights, biases, X, Y, rate):
    """Build the new lists item by item."""
    dW, db = backprop(weights, biases, X, Y)
    new_weights, new_biases = [], []
    for l in range(len(weights)):
        new_weights.append(weights[l] - rate * dW[l])
        new_biases.append(biases[l] - rate * db[l])
    return new_weights, new_biases
