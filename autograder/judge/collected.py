"""The graders of each assignment, collected once per process, and their verdicts on answers that came before."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from autograder.diagnosis.exercise import exercises
from autograder.grading.assignment import Assignment
from autograder.grading.graders import Graders
from autograder.grading.results import ExerciseResult
from autograder.grading.student import Student
from autograder.judge.running.fork import Fork, LikelyCall, likely
from autograder.judge.running.rehearsal import rehearse

_KEPT = 1024  # verdicts


@dataclass(frozen=True)
class Collected:
    """What judges an assignment in this process.

    Attributes:
        graders: the assignment's.
        calls: what they ask of a right solution, by exercise.
    """

    graders: Graders
    calls: Mapping[str, tuple[LikelyCall, ...]]
    _known: dict[tuple[str, bytes], ExerciseResult] = field(default_factory=dict)  # by exercise and digest of answers

    def judge(self, exercise: str, fork: Fork) -> ExerciseResult:
        """Judge an exercise; answers that are equal to the bit to those of an earlier student get the same verdicts.

        That is so wherever the verdicts follow from the answers to `calls` alone: each is a value, and no more calls
        were made.
        """
        said = fork.said()
        key = (exercise, hashlib.sha256(said or b"").digest())
        if said is not None and key in self._known:
            return self._known[key]
        result = self.graders.judge(exercise, Student(fork))
        failed = any(criterion.verdict == "error" for criterion in result.criteria)
        if said is not None and not fork.asked_more and not failed and len(self._known) < _KEPT:
            self._known[key] = result
        return result


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
