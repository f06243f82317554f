"""Grader of `hidden_error`."""

from autograder.grading.box import THREE_DIGITS, digits, shape, symmetry, types, unchanged, value

test_value = value(
    "Gives (δ W) ⊙ a(1 − a), which agrees with finite differences.",
    points=1.5,
    cases=("table", "heavy", "narrow", "square"),
    looser=THREE_DIGITS,
)
test_digits = digits(points=0.5, cases=("square", "narrow", "table"))
test_shape = shape(
    "Gives one number per entry and neuron.", points=0.5, cases="table", also=("single", "one", "column")
)
test_integers = types("Takes integers, one entry, one neuron.", points=0.5, cases=("ints", "single", "one", "column"))
test_unchanged = unchanged(points=0.5, cases="table", also=("square", "ints"))
test_symmetry = symmetry(
    "Does not depend on the order of the neurons above.",
    points=0.5,
    cases="narrow",
    turned=lambda delta, W, a: (delta[:, ::-1].copy(), W[::-1].copy(), a),
    answer=lambda error: error,
    what="δ must stay the same when the neurons above change places",
)
