"""Grader of `cost`."""

from autograder.assignments.network.inputs import hidden_neurons_moved
from autograder.assignments.network.reference import logarithms
from autograder.grading.box import THREE_DIGITS, digits, saturation, shape, symmetry, types, unchanged, value

test_value = value(
    "Gives the cross-entropy: added up over the outputs, the mean over the entries.",
    points=1.0,
    cases=("workhorse", "deep", "even", "square", "flat"),
    looser=THREE_DIGITS,
)
test_digits = digits(points=0.5, cases=("flat", "deep", "workhorse"))
test_shape = shape("Gives one number for all entries and outputs together.", points=0.5, cases="workhorse")
test_targets = types(
    "Takes targets from 0 to 1, integers, one entry or output.", points=0.5, cases=("soft", "ints", "single", "neuron")
)
test_symmetry = symmetry(
    "Does not depend on the order of the hidden neurons.",
    points=0.5,
    cases="deep",
    turned=hidden_neurons_moved,
    answer=lambda C: C,
    what="the cost must stay the same when the hidden neurons change places",
)
test_unchanged = unchanged(points=0.5, cases="workhorse", also=("soft", "ints"))
test_saturation = saturation(
    "Stays finite and right where |z| of the last layer is in the hundreds.",
    points=0.5,
    cases="saturated",
    scale=logarithms,
)
