"""Grader of `dC_db`."""

from autograder.grading.box import saturation, shape, twice, value

test_value = value(
    "Gives ∂C/∂b = (1/n) Σ (σ(z) − y), which agrees with finite differences of the cost.",
    points=1.5,
    cases=("workhorse", "wide", "tall", "soft", "ints"),
)
test_shape = shape("Gives one number: there is one bias.", points=0.5, cases="workhorse")
test_twice = twice(points=0.5, cases="workhorse", along=("X", "y"))
test_saturation = saturation(
    "Stays finite and right where |z| is as large as 800.", points=0.5, cases="saturated", scale=lambda *_: 1.0
)
