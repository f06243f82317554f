"""What counts as equal: single precision's rounding passes, anything coarser does not."""

import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.assignments.neuron.reference import EXERCISES
from autograder.grading import Expected, Failure, GraderFault, check_number, check_same, check_shape, check_unchanged
from autograder.grading.differences import jacobian

CASES = ["workhorse", "wide", "tall", "soft", "ints"]
SEEDS = st.integers(0, 10_000)


def in_float32(arguments):
    """Return cost and both derivatives by the textbook formulas, every step in single precision."""
    w, b, X, y = (np.asarray(value, dtype=np.float32) for value in arguments)
    a = 1 / (1 + np.exp(-(X @ w + b)))
    cost = -np.mean(y * np.log(a) + (1 - y) * np.log(1 - a))
    return cost, X.T @ (a - y) / np.float32(len(y)), np.mean(a - y)


@given(st.sampled_from(CASES), SEEDS)
def test_a_float32_evaluation_of_the_textbook_formula_is_right(case, seed):
    """On any hidden input, single precision throughout is close enough."""
    arguments = EXERCISES["cost"].draw(case, seed)
    for name, answer in zip(("cost", "dC_dw", "dC_db"), in_float32(arguments), strict=True):
        check_number(answer, EXERCISES[name].expect(*arguments), name)


@given(st.sampled_from(CASES), SEEDS, st.sampled_from([1e-4, -1e-4]))
def test_an_error_of_1e_4_is_wrong(case, seed, error):
    """On any hidden input, a cost and a gradient, both of size about 1, that are off by 1e-4 are refused."""
    arguments = EXERCISES["cost"].draw(case, seed)
    for expected in (EXERCISES["cost"].expect(*arguments), EXERCISES["dC_dw"].expect(*arguments)):
        with pytest.raises(Failure):
            check_number(expected.value + error, expected, "it")


@given(st.sampled_from(CASES), SEEDS)
def test_finite_differences_agree_with_the_reference(case, seed):
    """The two judges agree on every hidden input, each within its own error."""
    arguments = EXERCISES["cost"].draw(case, seed)
    for name in ("dC_dw", "dC_db"):
        expected = EXERCISES[name].expect(*arguments)
        assert expected.difference is not None
        expected.check_judges()


def test_judges_that_disagree_are_the_graders_fault():
    """Where reference and finite differences contradict each other, nobody is judged."""
    expected = Expected(np.array([1.0]), np.array([1.0]), np.array([2.0]), np.array([1e-9]))
    with pytest.raises(GraderFault):
        check_number([1.0], expected, "it")


def test_jacobian_bounds_its_own_error():
    """The finite differences of a known function are as exact as they say."""
    value, error = jacobian(lambda x: np.sin(x[0]) * np.exp(x[1]), np.array([0.4, -0.3]))
    exact = np.array([np.cos(0.4), np.sin(0.4)]) * np.exp(-0.3)
    assert np.all(np.abs(value - exact) <= error + 1e-10)


@pytest.mark.parametrize(
    "junk", ["text", None, [1, [2]], {"a": 1}, 1j, [10**400], b"", np.array(["a"]), [[]], float("nan"), float("inf")]
)
def test_junk_is_a_failure_and_nothing_else(junk):
    """Whatever came over the pipe, comparing it fails in words and raises no other exception."""
    expected = Expected(np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    with pytest.raises(Failure):
        check_number(junk, expected, "it")
    with pytest.raises(Failure):
        check_same(junk, [1.0, 2.0], expected, ("it", "it"))
    with pytest.raises(Failure):
        check_shape(junk, (2,), "it")


@pytest.mark.parametrize("after", [None, (), (1,), ("x", "y"), ([1.0], {"a": 1}), (np.array([2.0]), 3.0)])
def test_changed_arguments_are_seen_whatever_they_became(after):
    """Arguments that came back as anything else count as changed."""
    with pytest.raises(Failure):
        check_unchanged((np.array([1.0]), 3.0), after, ("x", "y"), "f")


def test_unchanged_arguments_pass():
    """Arguments that came back as they were pass, nan included."""
    check_unchanged((np.array([1.0, np.nan]), 3.0), (np.array([1.0, np.nan]), 3.0), ("x", "y"), "f")


@pytest.mark.parametrize("value", [1 + 2j, np.array([1 + 2j, 3.0]), [1 + 2j, 3.0], [2**80]])
def test_unchanged_arguments_of_any_numbers_pass(value):
    """Complex numbers and large integers that came back as they were pass, and others do not."""
    check_unchanged((value,), (copy.deepcopy(value),), ("x",), "f")
    with pytest.raises(Failure):
        check_unchanged((value,), (np.multiply(value, 2),), ("x",), "f")


@pytest.mark.parametrize(
    ("got", "shape", "right"), [([[1.0]], (), True), ([1.0, 2.0], (), False), ([[1.0]], (1,), False)]
)
def test_one_number_may_come_in_any_shape(got, shape, right):
    """Where one number is asked for, any array of one number will do; elsewhere the shape counts."""
    if right:
        check_shape(got, shape, "it")
    else:
        with pytest.raises(Failure):
            check_shape(got, shape, "it")
