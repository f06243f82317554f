"""Grader of `backprop`."""

from autograder.assignments.network.inputs import hidden_neurons_moved
from autograder.grading.box import THREE_DIGITS, digits, shape, symmetry, twice, types, unchanged, value

test_value = value(
    "Gives ∂C/∂W and ∂C/∂b of each layer, which agree with finite differences of the cost.",
    points=3.0,
    cases=("workhorse", "deep", "even", "square", "long"),
    looser=THREE_DIGITS,
)
test_digits = digits(points=0.5, cases=("long", "deep", "workhorse"))
test_shape = shape(
    "Gives two lists: ∂C/∂W in the shapes of the weights, ∂C/∂b in the shapes of the biases.",
    points=1.0,
    cases="deep",
    also=("single", "neuron"),
)
test_targets = types(
    "Takes targets from 0 to 1, integers, one entry, large inputs.",
    points=0.5,
    cases=("soft", "ints", "single", "large"),
)
test_neuron = value(
    "Gives the gradient of the first notebook for a network of one neuron.",
    points=0.5,
    cases="neuron",
    needs=("value",),
    looser=THREE_DIGITS,
)
test_symmetry = symmetry(
    "Gives each hidden neuron its own slopes: where the neurons change places, the slopes do.",
    points=0.5,
    cases="deep",
    turned=hidden_neurons_moved,
    answer=lambda gradient: hidden_neurons_moved(*gradient),
    what="when the hidden neurons change places, their slopes must change places, too",
)
test_twice = twice(points=0.5, cases="workhorse", along=("X", "Y"))
test_unchanged = unchanged(points=0.5, cases="deep", also=("soft", "ints"))
