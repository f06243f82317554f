"""Inputs of every kind for right solutions: those that graders draw, for any seed, and wider ones.

Wider is what a fair student may be asked: 1 to 40 entries of 1 to 8 numbers, whole numbers and single precision, hard
and soft targets, targets that all agree, weights and a bias of 0, columns of zeros, one number or an array of any shape
for sigmoid. The kind called large reaches |z| = 800, in double precision: in single precision e^z ends at 88.
"""

import numpy as np

from autograder.assignments.neuron import inputs

MODERATE, LARGE = 8.0, 800.0
GRADERS, WIDE, VERY = "graders", "wide", "large"
KINDS = (GRADERS, WIDE, VERY)

_CASES = ("workhorse", "wide", "tall", "soft", "ints")


def draw(exercise, kind, rng):
    """Return arguments of an exercise's function; none of them can be written to."""
    arguments = _draw_z(kind, rng) if exercise == "sigmoid" else _draw_data(kind, rng)
    for argument in arguments:
        if isinstance(argument, np.ndarray):
            argument.setflags(write=False)
    return arguments


def _draw_z(kind, rng):
    if kind == GRADERS:
        (z,) = inputs.Z_CASES["nine"](rng)
        z = z[: int(rng.choice([1, 4, 6, 9]))]
        return (_pick(rng, [z, float(z[0]), z.reshape(1, -1), z[:4].reshape(-1, 1), np.round(z).astype(int), 2]),)
    limit = LARGE if kind == VERY else MODERATE
    shape = _pick(rng, [(), (1,), (7,), (40,), (3, 5), (2, 1, 4), (1, 1)])
    z = rng.uniform(-limit, limit, shape) * rng.choice([1.0, 1.0, 0.1, 0.001])
    z = _pick(rng, [z, _single(z, kind), np.round(z).astype(np.int64), np.zeros(shape)])
    return (z if shape else _pick(rng, [float(z), int(z), np.float64(z)]),)


def _draw_data(kind, rng):
    if kind == GRADERS:
        return inputs.CASES[str(rng.choice(_CASES))](rng)
    n, k = int(rng.integers(1, 41)), int(rng.integers(1, 9))
    X = rng.normal(size=(n, k)) * rng.choice([0.1, 1.0, 3.0]) + rng.choice([0.0, 0.5, -2.0])
    X = _pick(rng, [X, X, _single(X, kind), np.round(X).astype(np.int64)])
    w = rng.normal(size=k) * rng.choice([0.0, 0.3, 1.0, 1.0])
    b = float(rng.normal() * rng.choice([0.0, 1.0]))
    limit = LARGE if kind == VERY else MODERATE
    reach = float(np.max(np.abs(X) @ np.abs(w) + abs(b)))
    share = limit / reach if reach > limit or (kind == VERY and reach) else 1.0
    w, b = w * share, b * share
    w = _pick(rng, [w, w, _single(w, kind), np.trunc(w).astype(np.int64)])
    return w, _pick(rng, [b, np.float64(b), int(b)]), X, _labels(n, rng)


def _single(array, kind):
    return np.asarray(array, dtype=np.float64 if kind == VERY else np.float32)


def _labels(n, rng):
    hard = (rng.random(n) < rng.choice([0.2, 0.5, 0.8])).astype(float)
    return _pick(
        rng, [hard, hard.astype(np.int64), hard.astype(np.float32), rng.random(n), np.ones(n), np.zeros(n), hard / 2]
    )


def _pick(rng, choices):
    return choices[rng.integers(len(choices))]
