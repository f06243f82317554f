"""Grader of `dC_dw`."""

import numpy as np

from autograder.assignments.neuron.inputs import PLAIN, ROUGH, all_saturated
from autograder.grading.box import THREE_DIGITS, digits, order, saturation, shape, twice, types, unchanged, value

test_value = value(
    "Gives ∂C/∂w_j = (1/n) Σ x_j (σ(z) − y), which agrees with finite differences of the cost.",
    points=2.5,
    cases=("workhorse", *PLAIN, "wide", "tall"),
    looser=THREE_DIGITS,
)
test_digits = digits(points=0.5, cases=("tall", "wide", "workhorse"))
test_shape = shape(
    "Gives one number per weight: the shape of w.", points=1.0, cases=("workhorse", "wide"), also="input"
)
test_targets = types(
    "Takes targets between 0 and 1, whole numbers, weights of 0, one entry, and one input.",
    points=0.5,
    cases=("soft", "ints", "whole", "zero", "entry", "input"),
)
test_twice = twice(points=0.5, cases="workhorse", along=("X", "y"))
test_order = order(points=0.5, cases="tall", along=("X", "y"))
test_unchanged = unchanged(points=0.5, cases="workhorse", also=("soft", "ints"))
test_saturation = saturation(
    "Stays finite and right where |z| is as large as 800.",
    points=1.0,
    cases=("saturated", "mixed", "mixed, low first"),
    scale=lambda w, b, X, _y: np.abs(X).sum(axis=0) if all_saturated(w, b, X) else ROUGH,
)
