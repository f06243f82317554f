"""Grader of `dC_db`."""

from autograder.assignments.neuron.inputs import PLAIN, ROUGH, all_saturated
from autograder.grading.box import THREE_DIGITS, digits, order, saturation, shape, twice, types, unchanged, value

test_value = value(
    "Gives ∂C/∂b = (1/n) Σ (σ(z) − y), which agrees with finite differences of the cost.",
    points=0.75,
    cases=("workhorse", *PLAIN, "wide", "tall"),
    looser=THREE_DIGITS,
)
test_digits = digits(points=0.25, cases=("tall", "wide", "workhorse"))
test_shape = shape("Gives one number: there is one bias.", points=0.5, cases="workhorse", also="input")
test_targets = types(
    "Takes targets between 0 and 1, whole numbers, weights of 0, one entry, and one input.",
    points=0.25,
    cases=("soft", "ints", "whole", "zero", "entry", "input"),
)
test_twice = twice(points=0.25, cases="workhorse", along=("X", "y"))
test_order = order(points=0.25, cases="tall", along=("X", "y"))
test_unchanged = unchanged(points=0.25, cases="workhorse", also=("soft", "ints"))
test_saturation = saturation(
    "Stays finite and right where |z| is as large as 800.",
    points=0.5,
    cases=("saturated", "mixed", "mixed, low first"),
    scale=lambda w, b, X, _y: 1.0 if all_saturated(w, b, X) else ROUGH,
)
