"""Grader of `sigmoid`."""

import numpy as np
import pytest

from autograder.assignments.neuron import inputs, reference
from autograder.grading import (
    Expected,
    Student,
    as_numbers,
    check_number,
    check_same,
    check_shape,
    check_unchanged,
    criterion,
)

SATURATED = np.array([40.0, -40.0, 300.0, -300.0, 800.0, -800.0])
SATURATION_TOLERANCE = 1e-2  # in rounding units: a floor of 1e-7 under σ is seen, a clip of z at ±25 is not


@criterion(points=1.5)
@pytest.mark.parametrize("size", [9, 4])
def test_value(student: Student, seed: int, size: int) -> None:
    """Gives 1/(1 + e^(−z)) for each number of an array."""
    z = inputs.draw_z(seed, size)
    check_number(student.sigmoid(z.copy()), reference.expect_sigmoid(z), "σ(z)")


@criterion(points=0.5)
@pytest.mark.parametrize("shape", [(), (4,), (2, 3), (2, 1, 2)])
def test_shape(student: Student, seed: int, shape: tuple[int, ...]) -> None:
    """Keeps the shape: a number for a number, an array for an array."""
    z = inputs.draw_z(seed, int(np.prod(shape))).reshape(shape)
    check_shape(student.sigmoid(z.copy() if shape else float(z)), shape, "σ(z)")


@criterion(points=0.5, needs="value")
@pytest.mark.parametrize("z", [2, np.array([-2, 0, 1, 3])])
def test_integers(student: Student, z: int | np.ndarray) -> None:
    """Takes whole numbers as well."""
    check_number(student.sigmoid(z), reference.expect_sigmoid(np.asarray(z, dtype=float)), "σ of whole numbers")


@criterion(points=0.5)
def test_symmetry(student: Student, seed: int) -> None:
    """Obeys σ(−z) = 1 − σ(z)."""
    z = inputs.draw_z(seed)
    one, other = student.sigmoid(z), student.sigmoid(-z)
    check_same(1.0 - as_numbers(other, "σ(−z)"), one, np.full(z.shape, 4.0), "σ(z) and 1 − σ(−z)")


@criterion(points=0.5, needs="value")
def test_unchanged(student: Student, seed: int) -> None:
    """Leaves its argument as it was."""
    z = inputs.draw_z(seed)
    check_unchanged((z,), student.call("sigmoid", z.copy()).arguments, ("z",), "sigmoid")


@criterion(points=0.5, needs="value")
def test_saturation(student: Student) -> None:
    """Stays finite and right where |z| is as large as 800."""
    expected = reference.expect_sigmoid(SATURATED)
    scale = np.full(SATURATED.shape, SATURATION_TOLERANCE)
    check_number(student.sigmoid(SATURATED.copy()), Expected(expected.value, scale), "σ(z) at large |z|")
