"""Twenty mistakes in answers that are lists, in two spellings that no catalogue has: a changed line, and another way.

The line is changed in `RIGHT`, which is written as a student would write it, not as the reference is.
"""

import textwrap

RIGHT = {
    "feedforward": """
def feedforward(weights, biases, X):
    acts = [X]
    current = X
    for layer in range(len(weights)):
        z = np.dot(current, weights[layer].T) + biases[layer]
        current = sigmoid(z)
        acts.append(current)
    return acts
""",
    "backprop": """
def backprop(weights, biases, X, Y):
    n = X.shape[0]
    acts = feedforward(weights, biases, X)
    grads_W = [None] * len(weights)
    grads_b = [None] * len(biases)
    err = acts[-1] - Y
    for layer in range(len(weights) - 1, -1, -1):
        grads_W[layer] = np.dot(err.T, acts[layer]) / n
        grads_b[layer] = err.sum(axis=0) / n
        if layer:
            err = np.dot(err, weights[layer]) * acts[layer] * (1 - acts[layer])
    return grads_W, grads_b
""",
    "gradient_step": """
def gradient_step(weights, biases, X, Y, rate):
    grads_W, grads_b = backprop(weights, biases, X, Y)
    W_after, b_after = [], []
    for layer in range(len(weights)):
        W_after.append(weights[layer] - rate * grads_W[layer])
        b_after.append(biases[layer] - rate * grads_b[layer])
    return W_after, b_after
""",
}
HELPERS = """
import numpy as np

def cost(weights, biases, X, Y):
    z = feedforward(weights, biases, X)[-2] @ weights[-1].T + biases[-1]
    return np.sum(np.logaddexp(0, z) - Y * z) / len(X)

def output_error(a, Y):
    return a - Y

def hidden_error(delta, W, a):
    return (delta @ W) * a * (1 - a)
"""

# What is wrong, in words: the exercise, lines of RIGHT with what takes their place, and the same in a second spelling.
MISTAKES = {
    "the first item is missing": (
        "feedforward",
        {"acts = [X]": "acts = []"},
        """
out = list()
for W, b in zip(weights, biases):
    X = sigmoid(b + X.dot(W.transpose()))
    out = out + [X]
return out
""",
    ),
    "σ only at the very end": (
        "feedforward",
        {"current = sigmoid(z)": "current = sigmoid(z) if layer == len(weights) - 1 else z"},
        """
def level(k):
    if k == 0:
        return X
    z = level(k - 1) @ weights[k - 1].T + biases[k - 1]
    return z if k < len(weights) else sigmoid(z)
return [level(k) for k in range(len(weights) + 1)]
""",
    ),
    "z is kept, not a": (
        "feedforward",
        {"acts.append(current)": "acts.append(z)"},
        """
zs, a = [], X
for k, W in enumerate(weights):
    zs.append((W @ a.T).T + biases[k])
    a = sigmoid(zs[-1])
return [X, *zs]
""",
    ),
    "no bias": (
        "feedforward",
        {"np.dot(current, weights[layer].T) + biases[layer]": "np.dot(current, weights[layer].T)"},
        """
import functools
return functools.reduce(lambda acts, W: acts + [sigmoid(np.einsum("ij,kj->ik", acts[-1], W))], weights, [X])
""",
    ),
    "e^z for e^(−z)": (
        "feedforward",
        {"current = sigmoid(z)": "current = 1 / (1 + np.exp(z))"},
        """
acts = [X]
for W, b in zip(weights, biases):
    acts.append(1 - sigmoid(acts[-1] @ W.T + b))
return acts
""",
    ),
    "only the outputs": (
        "feedforward",
        {"return acts": "return acts[-1]"},
        """
k = 0
while k < len(weights):
    X = 1 / (1 + np.exp(-X @ weights[k].T - biases[k]))
    k += 1
return X
""",
    ),
    "softmax on top": (
        "feedforward",
        {"return acts": "acts[-1] = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)\n    return acts"},
        """
acts = [X]
for k in range(len(weights) - 1):
    acts.append(sigmoid(acts[-1] @ weights[k].T + biases[k]))
scores = acts[-1] @ weights[-1].T + biases[-1]
scores = scores - scores.max(axis=1).reshape(-1, 1)
return acts + [(np.exp(scores).T / np.exp(scores).sum(axis=1)).T]
""",
    ),
    "sums, no means": (
        "backprop",
        {" / n\n": "\n"},
        """
acts = feedforward(weights, biases, X)
W_slopes, b_slopes = [np.zeros(W.shape) for W in weights], [np.zeros(b.shape) for b in biases]
for i in range(len(X)):
    err = acts[-1][i] - Y[i]
    for k in range(len(weights))[::-1]:
        W_slopes[k] += err[:, None] * acts[k][i][None, :]
        b_slopes[k] += err
        err = weights[k].T.dot(err) * acts[k][i] * (1 - acts[k][i])
return W_slopes, b_slopes
""",
    ),
    "σ′ left in the output error": (
        "backprop",
        {"err = acts[-1] - Y": "err = (acts[-1] - Y) * acts[-1] * (1 - acts[-1])"},
        """
acts = feedforward(weights, biases, X)
after, W_slopes, b_slopes = None, [], []
for k in range(len(weights), 0, -1):
    by_a = acts[k] - Y if after is None else after @ weights[k]
    after = by_a * (acts[k] - acts[k] ** 2)
    W_slopes.append(after.T @ acts[k - 1] / len(Y))
    b_slopes.append(after.mean(axis=0))
return W_slopes[::-1], b_slopes[::-1]
""",
    ),
    "σ′ missing on the way": (
        "backprop",
        {" * acts[layer] * (1 - acts[layer])": ""},
        """
acts = feedforward(weights, biases, X)
errs = [acts[-1] - Y]
for W in weights[:0:-1]:
    errs.append(errs[-1] @ W)
errs.reverse()
return [e.T @ a / len(X) for e, a in zip(errs, acts)], [np.average(e, axis=0) for e in errs]
""",
    ),
    "σ′ of σ": (
        "backprop",
        {"acts[layer] * (1 - acts[layer])": "sigmoid(acts[layer]) * (1 - sigmoid(acts[layer]))"},
        """
def slope(v):
    return np.exp(-v) / (1 + np.exp(-v)) ** 2

acts = feedforward(weights, biases, X)
err = (acts[-1] - Y) / len(X)
W_slopes, b_slopes = [], []
for k in range(len(weights) - 1, -1, -1):
    W_slopes.insert(0, np.einsum("ij,ik->jk", err, acts[k]))
    b_slopes.insert(0, sum(err))
    err = err @ weights[k] * slope(acts[k])
return W_slopes, b_slopes
""",
    ),
    "target minus output": (
        "backprop",
        {"err = acts[-1] - Y": "err = Y - acts[-1]"},
        """
acts = feedforward(weights, biases, X)
err = acts[-1] - Y
W_slopes, b_slopes = [], []
for W, a in zip(weights[::-1], acts[-2::-1]):
    W_slopes = [-err.T @ a / len(a)] + W_slopes
    b_slopes = [-err.mean(axis=0)] + b_slopes
    err = err @ W * a * (1 - a)
return W_slopes, b_slopes
""",
    ),
    "the wrong activation": (
        "backprop",
        {"np.dot(err.T, acts[layer]) / n": "np.dot(err.T, acts[layer + 1]) / n"},
        """
acts = feedforward(weights, biases, X)
errs = [acts[-1] - Y]
for k in range(len(weights) - 1, 0, -1):
    errs.insert(0, errs[0] @ weights[k] * acts[k] * (1 - acts[k]))
return [e.T @ a / len(X) for e, a in zip(errs, acts[1:])], [e.mean(axis=0) for e in errs]
""",
    ),
    "last layer first": (
        "backprop",
        {"return grads_W, grads_b": "return grads_W[::-1], grads_b[::-1]"},
        """
acts = feedforward(weights, biases, X)
err, slopes = (acts[-1] - Y) / len(X), ([], [])
for W, a in zip(reversed(weights), reversed(acts[:-1])):
    slopes[0].append(err.T @ a)
    slopes[1].append(err.sum(axis=0))
    err = err.dot(W) * (a - a * a)
return slopes
""",
    ),
    "one number per bias list": (
        "backprop",
        {"err.sum(axis=0) / n": "err.mean()"},
        """
acts = feedforward(weights, biases, X)
err, W_slopes, b_slopes = acts[-1] - Y, [], []
for W, a in zip(reversed(weights), reversed(acts[:-1])):
    W_slopes.insert(0, err.T @ a / len(X))
    b_slopes.insert(0, np.array(err.sum() / err.size))
    err = err.dot(W) * (a - a * a)
return W_slopes, b_slopes
""",
    ),
    "n twice": (
        "backprop",
        {"err = acts[-1] - Y": "err = (acts[-1] - Y) / n"},
        """
acts = feedforward(weights, biases, X)
err, W_slopes, b_slopes = acts[-1] - Y, [], []
for W, a in zip(reversed(weights), reversed(acts[:-1])):
    W_slopes.insert(0, np.mean([np.outer(e, row) for e, row in zip(err, a)], axis=0) / len(X))
    b_slopes.insert(0, err.mean(axis=0) / len(X))
    err = err.dot(W) * (a - a * a)
return W_slopes, b_slopes
""",
    ),
    "up the hill": (
        "gradient_step",
        {" - rate": " + rate"},
        """
slopes = backprop(weights, biases, X, Y)
return [[old - -rate * slope for old, slope in zip(*pair)] for pair in zip((weights, biases), slopes)]
""",
    ),
    "the caller's arrays": (
        "gradient_step",
        {
            "    for layer in range(len(weights)):\n": "    for layer in range(len(weights)):\n"
            "        weights[layer] -= rate * grads_W[layer]\n"
            "        biases[layer] -= rate * grads_b[layer]\n",
            " - rate * grads_W[layer])": ")",
            " - rate * grads_b[layer])": ")",
        },
        """
for arrays, slopes in zip((weights, biases), backprop(weights, biases, X, Y)):
    for array, slope in zip(arrays, slopes):
        array += -rate * slope
return weights, biases
""",
    ),
    "biases stand still": (
        "gradient_step",
        {"biases[layer] - rate * grads_b[layer]": "biases[layer]"},
        """
slopes, _ = backprop(weights, biases, X, Y)
return list(map(lambda W, slope: W - rate * slope, weights, slopes)), biases
""",
    ),
    "the gradient itself": (
        "gradient_step",
        {
            "weights[layer] - rate * grads_W[layer]": "grads_W[layer]",
            "biases[layer] - rate * grads_b[layer]": "grads_b[layer]",
        },
        """
for_weights, for_biases = backprop(weights, biases, X, Y)
return for_weights, for_biases
""",
    ),
}


def spellings(name: str) -> tuple[str, str, str]:
    """Return the exercise of a mistake and its two sources, each a whole function."""
    exercise, changes, second = MISTAKES[name]
    first = RIGHT[exercise]
    for old, new in changes.items():
        assert old in first, (name, old)
        first = first.replace(old, new)
    head = first.strip().splitlines()[0]
    return exercise, first, f"\n{head}\n{textwrap.indent(second.strip(), '    ')}\n"


def solution(exercise: str, source: str) -> str:
    """Return a whole solution whose other functions are right."""
    return HELPERS + "".join({**RIGHT, exercise: source}.values())
