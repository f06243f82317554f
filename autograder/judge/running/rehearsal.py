"""Which calls an exercise's graders will make, so that a student's process can be asked for all of them at once."""

from typing import Any

import numpy as np

from autograder.diagnosis.exercise import Exercise
from autograder.grading.graders import Graders
from autograder.grading.parts import copied
from autograder.grading.student import Student
from autograder.sandbox.answers import Answer, Missing, Returned
from autograder.sandbox.snapshot import Call


class _Reference:
    """Answers as a right solution does, and notes what it was asked."""

    def __init__(self, exercise: Exercise) -> None:
        self._exercise = exercise
        self._name = exercise.name
        self._right = exercise.text.right
        self.calls: list[Call] = []

    def call(self, function: str, arguments: tuple[Any, ...]) -> Answer:
        """Call the right function of the exercise; it is the only one that is known here."""
        self.calls.append((function, arguments))
        if function != self._name:
            return Missing()
        given = copied(arguments)  # the calls are noted as they are made: a generator not yet drawn from
        with np.errstate(all="ignore"):
            return Returned(self._right(*given), given)

    def fresh(self) -> "_Reference":
        """Return one whose calls are not noted: a fresh process is not asked before its criterion is judged."""
        return _Reference(self._exercise)

    def close(self) -> None:
        """End it."""


def rehearse(graders: Graders, exercise: Exercise) -> tuple[Call, ...]:
    """Return the calls that are made of a right solution of an exercise, in their order."""
    reference = _Reference(exercise)
    graders.judge(exercise.name, Student(reference))
    return tuple(reference.calls)
