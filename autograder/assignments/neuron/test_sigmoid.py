"""Grader of `sigmoid`."""

import numpy as np

from autograder.assignments.neuron.inputs import ORDINARY, ROUGH
from autograder.grading.box import THREE_DIGITS, digits, saturation, shape, symmetry, types, unchanged, value

FLOOR = 1e-2  # in roundings of single precision: a floor of 1e-7 under σ is seen, a clip of z at ±25 is not

test_value = value(
    "Gives 1/(1 + e^(−z)) for each number of an array.",
    points=1.0,
    cases=("positive", "negative", "nine", "four"),
    also=("low", "high", "table", "block"),
    looser=THREE_DIGITS,
)
test_digits = digits(points=0.5, cases=("four", "nine"))
test_shape = shape(
    "Keeps the shape: a number for a number, an array for an array.",
    points=0.5,
    cases=("number", "four", "table", "block", "one"),
)
test_integers = types("Takes whole numbers as well.", points=0.5, cases="whole numbers")
test_symmetry = symmetry(
    "Obeys σ(−z) = 1 − σ(z).",
    points=0.5,
    cases="nine",
    turned=lambda z: (-z,),
    answer=lambda sigma: 1.0 - sigma,
    what="σ(z) must be 1 − σ(−z)",
)
test_unchanged = unchanged("Leaves its argument as it was.", points=0.5, cases="nine", also="whole numbers")
test_saturation = saturation(
    "Stays finite and right where |z| is as large as 800.",
    points=0.5,
    cases=("saturated", "mixed", "mixed, low first"),
    scale=lambda z: np.where(np.abs(z) > ORDINARY, FLOOR, ROUGH),
)
