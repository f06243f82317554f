"""Grader of `dC_dw`."""

import numpy as np
import pytest

from autograder.assignments.neuron import inputs, reference
from autograder.grading import Expected, Student, check_number, check_same, check_shape, check_unchanged, criterion


@criterion(points=3.0)
@pytest.mark.parametrize("case", ["workhorse", "wide", "tall"])
def test_value(student: Student, seed: int, case: str) -> None:
    """Gives ∂C/∂w_j = (1/n) Σ x_j (σ(z) − y), as the formula and as finite differences of the cost."""
    data = inputs.draw(case, seed)
    check_number(student.dC_dw(*data.arguments), reference.expected("dC_dw", case, seed), "∂C/∂w")


@criterion(points=1.0)
@pytest.mark.parametrize("case", ["workhorse", "wide"])
def test_shape(student: Student, seed: int, case: str) -> None:
    """Gives one number a weight: the shape of w."""
    data = inputs.draw(case, seed)
    check_shape(student.dC_dw(*data.arguments), data.w.shape, "∂C/∂w")


@criterion(points=0.5, needs="value")
@pytest.mark.parametrize("case", ["soft", "ints"])
def test_labels(student: Student, seed: int, case: str) -> None:
    """Takes labels between 0 and 1, and whole numbers."""
    data = inputs.draw(case, seed)
    check_number(student.dC_dw(*data.arguments), reference.expected("dC_dw", case, seed), "∂C/∂w")


@criterion(points=0.5)
def test_twice(student: Student, seed: int) -> None:
    """Does not change when every entry is there twice."""
    w, b, X, y = inputs.draw("workhorse", seed).arguments
    twice = student.dC_dw(w, b, np.vstack([X, X]), np.concatenate([y, y]))
    check_same(twice, student.dC_dw(w, b, X, y), reference.expect_dC_dw(w, b, X, y).scale * 2, "data once and twice")


@criterion(points=0.5)
def test_order(student: Student, seed: int) -> None:
    """Does not depend on the order of the entries."""
    w, b, X, y = inputs.draw("tall", seed).arguments
    turned = student.dC_dw(w, b, X[::-1].copy(), y[::-1].copy())
    check_same(turned, student.dC_dw(w, b, X, y), reference.expect_dC_dw(w, b, X, y).scale, "data in another order")


@criterion(points=0.5, needs="value")
def test_unchanged(student: Student, seed: int) -> None:
    """Leaves its arguments as they were."""
    arguments = inputs.draw("workhorse", seed).arguments
    after = student.call("dC_dw", *arguments).arguments
    check_unchanged(inputs.draw("workhorse", seed).arguments, after, inputs.NAMES, "dC_dw")


@criterion(points=1.0, needs="value")
def test_saturation(student: Student, seed: int) -> None:
    """Stays finite and right where |z| is as large as 800."""
    data = inputs.draw("saturated", seed)
    w, b, X, y = data.arguments
    value = X.T @ reference.errors(w, b, X, y) / len(y)
    check_number(student.dC_dw(w, b, X, y), Expected(value, np.abs(X).sum(axis=0)), "∂C/∂w at large |z|")
