"""Grader of `dC_db`."""

import numpy as np
import pytest

from autograder.assignments.neuron import inputs, reference
from autograder.grading import Expected, Student, check_number, check_same, check_shape, criterion


@criterion(points=1.5)
@pytest.mark.parametrize("case", ["workhorse", "wide", "tall", "soft", "ints"])
def test_value(student: Student, seed: int, case: str) -> None:
    """Gives ∂C/∂b = (1/n) Σ (σ(z) − y), as the formula and as finite differences of the cost."""
    data = inputs.draw(case, seed)
    check_number(student.dC_db(*data.arguments), reference.expected("dC_db", case, seed), "∂C/∂b")


@criterion(points=0.5)
def test_shape(student: Student, seed: int) -> None:
    """Gives one number: there is one bias."""
    check_shape(student.dC_db(*inputs.draw("workhorse", seed).arguments), (), "∂C/∂b")


@criterion(points=0.5)
def test_twice(student: Student, seed: int) -> None:
    """Does not change when every entry is there twice."""
    w, b, X, y = inputs.draw("workhorse", seed).arguments
    twice = student.dC_db(w, b, np.vstack([X, X]), np.concatenate([y, y]))
    check_same(twice, student.dC_db(w, b, X, y), reference.expect_dC_db(w, b, X, y).scale * 2, "data once and twice")


@criterion(points=0.5, needs="value")
def test_saturation(student: Student, seed: int) -> None:
    """Stays finite and right where |z| is as large as 800."""
    w, b, X, y = inputs.draw("saturated", seed).arguments
    value = np.asarray(reference.errors(w, b, X, y).mean())
    check_number(student.dC_db(w, b, X, y), Expected(value, np.asarray(1.0)), "∂C/∂b at large |z|")
