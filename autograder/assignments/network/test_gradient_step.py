"""Grader of `gradient_step`."""

from autograder.grading.box import THREE_DIGITS, digits, shape, types, unchanged, value

test_value = value(
    "Gives W − rate · ∂C/∂W and b − rate · ∂C/∂b for each layer.",
    points=1.5,
    cases=("workhorse", "deep", "square", "long"),
    looser=THREE_DIGITS,
)
test_digits = digits(points=0.5, cases=("long", "deep", "workhorse"))
test_shape = shape(
    "Gives two lists: the new weights and biases, in the shapes of the old.", points=0.5, cases="deep", also="neuron"
)
test_integers = types("Takes integers, one entry, and large inputs.", points=0.5, cases=("ints", "single", "large"))
test_unchanged = unchanged(
    "Leaves the weights and biases that it is given as they were.", points=1.0, cases="deep", also="ints"
)
