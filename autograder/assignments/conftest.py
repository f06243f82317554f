"""Lets the graders be run by hand: `pytest autograder/assignments/neuron --solution FILE`."""

from autograder.judge.by_hand import (
    assignment,
    pytest_addoption,
    pytest_configure,
    seed,
    solution,
    student,
)

__all__ = ["assignment", "pytest_addoption", "pytest_configure", "seed", "solution", "student"]
