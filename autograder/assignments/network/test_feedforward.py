"""Grader of `feedforward`."""

from autograder.grading.box import THREE_DIGITS, digits, shape, symmetry, types, unchanged, value

test_value = value(
    "Gives X, and then σ(A Wᵀ + b) of the layer below for each layer.",
    points=1.5,
    cases=("workhorse", "deep", "even", "square", "long"),
    looser=THREE_DIGITS,
)
test_digits = digits(points=0.5, cases=("long", "deep", "workhorse"))
test_shape = shape(
    "Gives a list: X, then one array per layer, one row per entry.", points=0.5, cases="deep", also=("single", "neuron")
)
test_integers = types("Takes integers, one entry, large z.", points=0.5, cases=("ints", "single", "saturated"))
test_unchanged = unchanged(points=0.5, cases="deep", also="ints")
test_order = symmetry(
    "Gives each entry its own row: where the entries change places, the rows do.",
    points=0.5,
    cases="long",
    turned=lambda weights, biases, X: (weights, biases, X[::-1].copy()),
    answer=lambda A: [rows[::-1] for rows in A],
    what="when the entries change places, their rows must change places, too",
)
