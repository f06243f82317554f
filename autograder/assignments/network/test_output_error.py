"""Grader of `output_error`."""

from autograder.grading.box import THREE_DIGITS, digits, saturation, shape, types, unchanged, value

test_value = value(
    "Gives δ = a − y, which agrees with finite differences of each entry's own cost.",
    points=0.75,
    cases=("table", "wide", "square"),
    looser=THREE_DIGITS,
)
test_digits = digits(points=0.25, cases=("square", "wide", "table"))
test_shape = shape(
    "Gives one number per entry and output: the shape of a.", points=0.5, cases="table", also=("single", "column")
)
test_targets = types(
    "Takes targets from 0 to 1, integers, one entry or output.", points=0.5, cases=("soft", "ints", "single", "column")
)
test_unchanged = unchanged(points=0.5, cases="table", also=("soft", "ints"))
test_saturation = saturation(
    "Stays right where an output is exactly 0 or 1.", points=0.5, cases="saturated", scale=lambda *_: 1.0
)
