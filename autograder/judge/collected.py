"""The graders of each assignment, collected once in this process and anew when their files change."""

from collections.abc import Mapping
from dataclasses import dataclass

from autograder.diagnosis.exercise import exercises
from autograder.grading.assignment import Assignment
from autograder.grading.graders import Graders
from autograder.judge.running.fork import LikelyCall, likely
from autograder.judge.running.rehearsal import rehearse


@dataclass(frozen=True)
class Collected:
    """What an assignment's graders are, and the calls that they make of a right solution, by exercise."""

    graders: Graders
    calls: Mapping[str, tuple[LikelyCall, ...]]


_collected: dict[tuple[str, int], tuple[object, Collected]] = {}


def collected(assignment: Assignment, seed: int) -> Collected:
    """Return the graders of an assignment, ready to judge.

    Raises:
        GraderFault: they cannot be collected.
    """
    key = (str(assignment.folder), seed)
    fingerprint = assignment.fingerprint()
    known = _collected.get(key)
    if known is None or known[0] != fingerprint:
        own = exercises(assignment)
        graders = Graders(assignment.folder, seed, own)
        calls = {name: tuple(map(likely, rehearse(graders, own[name]))) for name in graders.exercises if name in own}
        known = _collected[key] = (fingerprint, Collected(graders, calls))
    return known[1]
