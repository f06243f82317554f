"""The graders of each assignment, collected once in this process and anew when their files change."""

from autograder.grading.assignment import Assignment
from autograder.grading.graders import Graders

_collected: dict[tuple[str, int], tuple[object, Graders]] = {}


def graders_for(assignment: Assignment, seed: int) -> Graders:
    """Return the collected graders of an assignment.

    Raises:
        GraderFault: they cannot be collected.
    """
    key = (str(assignment.folder), seed)
    fingerprint = assignment.fingerprint()
    known = _collected.get(key)
    if known is None or known[0] != fingerprint:
        _collected[key] = (fingerprint, Graders(assignment.folder, seed))
    return _collected[key][1]
