"""Grader of `cost`."""

import numpy as np
import pytest

from autograder.assignments.neuron import inputs, reference
from autograder.grading import Expected, Student, check_number, check_same, check_shape, check_unchanged, criterion


@criterion(points=2.5)
@pytest.mark.parametrize("case", ["workhorse", "wide", "tall"])
def test_value(student: Student, seed: int, case: str) -> None:
    """Gives the mean cross-entropy of the entries."""
    data = inputs.draw(case, seed)
    check_number(student.cost(*data.arguments), reference.expected("cost", case, seed), "the cost")


@criterion(points=0.5)
def test_shape(student: Student, seed: int) -> None:
    """Gives one number for all entries together."""
    check_shape(student.cost(*inputs.draw("workhorse", seed).arguments), (), "the cost")


@criterion(points=0.5, needs="value")
@pytest.mark.parametrize("case", ["soft", "ints"])
def test_labels(student: Student, seed: int, case: str) -> None:
    """Takes labels between 0 and 1, and whole numbers."""
    data = inputs.draw(case, seed)
    check_number(student.cost(*data.arguments), reference.expected("cost", case, seed), "the cost")


@criterion(points=0.5)
def test_twice(student: Student, seed: int) -> None:
    """Does not change when every entry is there twice."""
    data = inputs.draw("workhorse", seed)
    w, b, X, y = data.arguments
    twice = student.cost(w, b, np.vstack([X, X]), np.concatenate([y, y]))
    check_same(twice, student.cost(w, b, X, y), reference.expect_cost(w, b, X, y).scale * 2, "data once and twice")


@criterion(points=0.5, needs="value")
def test_unchanged(student: Student, seed: int) -> None:
    """Leaves its arguments as they were."""
    arguments = inputs.draw("workhorse", seed).arguments
    after = student.call("cost", *arguments).arguments
    check_unchanged(inputs.draw("workhorse", seed).arguments, after, inputs.NAMES, "cost")


@criterion(points=0.5)
def test_order(student: Student, seed: int) -> None:
    """Does not depend on the order of the entries."""
    w, b, X, y = inputs.draw("tall", seed).arguments
    turned = student.cost(w, b, X[::-1].copy(), y[::-1].copy())
    check_same(turned, student.cost(w, b, X, y), reference.expect_cost(w, b, X, y).scale, "data in another order")


@criterion(points=1.0, needs="value")
def test_saturation(student: Student, seed: int) -> None:
    """Stays finite and right where |z| is as large as 800."""
    w, b, X, y = inputs.draw("saturated", seed).arguments
    expected = Expected(reference.cost(w, b, X, y), np.abs(X @ w + b).mean() * np.asarray(20.0))
    check_number(student.cost(w, b, X, y), expected, "the cost at large |z|")
