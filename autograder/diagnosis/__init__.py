"""Naming a mistake: the reference's lines, the catalogue, signatures, counterexamples; knows nothing of nbgrader."""

from autograder.diagnosis.exercise import Exercise
from autograder.diagnosis.reference import stable

__all__ = ["Exercise", "stable"]
