"""What a grader needs: criteria, comparisons, finite differences; and what runs graders and reports."""

from autograder.grading.calling import calling
from autograder.grading.compare import Expected, as_numbers, check_number, check_same, check_shape, check_unchanged
from autograder.grading.criteria import Failure, GraderFault, criterion, fresh
from autograder.grading.differences import jacobian
from autograder.grading.student import Student

__all__ = [
    "Expected",
    "Failure",
    "GraderFault",
    "Student",
    "as_numbers",
    "calling",
    "check_number",
    "check_same",
    "check_shape",
    "check_unchanged",
    "criterion",
    "fresh",
    "jacobian",
]
