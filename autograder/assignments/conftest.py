"""Lets the graders be run by hand: `pytest autograder/assignments/neuron --solution FILE`."""

from autograder.judge.by_hand import (
    assignment,
    exercise,
    pytest_addoption,
    pytest_configure,
    seed,
    solution,
    student,
    whole,
)

__all__ = ["assignment", "exercise", "pytest_addoption", "pytest_configure", "seed", "solution", "student", "whole"]
