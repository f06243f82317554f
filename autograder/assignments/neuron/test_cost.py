"""Grader of `cost`."""

import numpy as np

from autograder.assignments.neuron.inputs import PLAIN
from autograder.grading.box import THREE_DIGITS, digits, order, saturation, shape, twice, types, unchanged, value

test_value = value(
    "Gives the mean cross-entropy of the entries.",
    points=2.0,
    cases=("workhorse", *PLAIN, "wide", "tall"),
    looser=THREE_DIGITS,
)
test_digits = digits(points=0.5, cases=("tall", "wide", "workhorse"))
test_shape = shape("Gives one number for all entries together.", points=0.5, cases="workhorse", also="input")
test_targets = types(
    "Takes targets between 0 and 1, whole numbers, weights of 0, one entry, and one input.",
    points=0.5,
    cases=("soft", "ints", "whole", "zero", "entry", "input"),
)
test_twice = twice(points=0.5, cases="workhorse", along=("X", "y"))
test_unchanged = unchanged(points=0.5, cases="workhorse", also=("soft", "ints"))
test_order = order(points=0.5, cases="tall", along=("X", "y"))
test_saturation = saturation(
    "Stays finite and right where |z| is as large as 800.",
    points=1.0,
    cases=("saturated", "mixed", "mixed, low first"),
    scale=lambda w, b, X, _y: 20.0 * np.abs(X @ w + b).mean(),
)
