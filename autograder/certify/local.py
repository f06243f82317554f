"""Our own solutions in this process, where a student's would be behind walls: thousands are judged in seconds.

Only sources that we wrote are run here. What goes in and out passes the codec of the pipe, as it does behind the walls.
"""

import functools
import io
import multiprocessing
import os
import sys
import warnings
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from types import CodeType
from typing import Any

import numpy as np

from autograder.certify.solutions import Finding, finding, solution
from autograder.diagnosis.catalogue import Mistake
from autograder.diagnosis.exercise import PLAIN, Arguments, Exercise, adapters, exercises
from autograder.diagnosis.naming import diagnosis_for, wrong_function
from autograder.diagnosis.signature import Signature, of_answer, of_function
from autograder.grading.assignment import Assignment
from autograder.grading.student import Student
from autograder.judge.collected import collected
from autograder.sandbox.answers import Answer, Missing, Raised, Returned
from autograder.sandbox.inside.codec import decode, encode
from autograder.sandbox.printable import printable


def workers() -> ProcessPoolExecutor:
    """Return a worker process for each core."""
    return ProcessPoolExecutor(os.cpu_count(), mp_context=multiprocessing.get_context("spawn"), initializer=_quiet)


def _quiet() -> None:
    """Keep to a worker what its wrong functions print, and what NumPy says about them."""
    sys.stdout = io.StringIO()
    warnings.simplefilter("ignore")


_FRESH_SEEDS = range(1_000, 1_020)  # of inputs on which a name has to be true; no course grades with them


@functools.cache
def _right(assignment: Assignment) -> CodeType:
    """Return the code of a right solution, which stands around every function."""
    return compile(solution(assignment, {}), "<right>", "exec")


@functools.cache
def _inputs(assignment: Assignment, name: str, groups: tuple[str, ...]) -> tuple[Arguments, ...]:
    """Return the probe inputs of some groups, and many that nobody has seen before."""
    exercise = exercises(assignment)[name]
    known = [arguments for group in groups for arguments in exercise.probes[group]]
    return (*known, *(arguments for seed in _FRESH_SEEDS for arguments in exercise.fresh_inputs(seed)))


@functools.cache
def _right_answers(assignment: Assignment, name: str, groups: tuple[str, ...]) -> tuple[Signature, ...]:
    right = exercises(assignment)[name].text.right
    return tuple(of_function(right, arguments) for arguments in _inputs(assignment, name, groups))


class Local:
    """A process that answers for one function of ours.

    Args:
        assignment: whose right functions stand around it.
        exercise: the function's name.
        source: of the function.
    """

    def __init__(self, assignment: Assignment, exercise: str, source: str) -> None:
        self._names: dict[str, Any] = {"__name__": "__main__"}
        exec(_right(assignment), self._names)  # noqa: S102 - our own reference
        exec(compile(source, f"<{exercise}>", "exec"), self._names)  # noqa: S102 - our own catalogue
        self._assignment = assignment
        self._exercise = exercise
        self._source = source
        self._entries = {name: one.text.entry for name, one in exercises(assignment).items()}
        for adapter in adapters(exercises(assignment)).values():
            exec(adapter.source, self._names)  # noqa: S102 - our own text

    @property
    def exercise(self) -> Exercise:
        """The exercise whose function it is."""
        return exercises(self._assignment)[self._exercise]

    @property
    def function(self) -> Callable[..., Any]:
        """The function itself, or what is called in the place of a class."""
        found: Callable[..., Any] = self._names[self._entries[self._exercise]]
        return found

    def call(self, function: str, arguments: tuple[Any, ...]) -> Answer:
        """Call a function with copies of the arguments."""
        if not callable(self._names.get(function)):
            return Missing()
        given = decode(encode(arguments))
        with np.errstate(all="ignore"):
            try:
                value = self._names[self._entries.get(function, function)](*given)
            except Exception as error:  # noqa: BLE001 - what a solution raises is its answer
                return Raised(type(error).__name__, printable(str(error)), None)
        return Returned(decode(encode(value)), decode(encode(given)))

    def fresh(self) -> "Local":
        """Return the same function where nothing was called yet."""
        return Local(self._assignment, self._exercise, self._source)

    def close(self) -> None:
        """End it."""

    def finding(self, seed: int) -> Finding:
        """Return what the graders and, where they refuse it, diagnosis say of it."""
        result = collected(self._assignment, seed).graders.judge(self._exercise, Student(self))
        found = finding(result)
        return found if result.passed else replace(found, named=tuple(mistake.id for mistake in self.named(seed)))

    def share(self, seed: int) -> float:
        """Return which share of the exercise's points it earns."""
        result = collected(self._assignment, seed).graders.judge(self._exercise, Student(self))
        return (result.points or 0.0) / result.max_points

    def answer(self, arguments: Arguments) -> Signature:
        """Return what the function comes to."""
        return of_answer(self.call(self._exercise, arguments), arguments)

    def named(self, seed: int) -> tuple[Mistake, ...]:
        """Return the mistakes that diagnosis names, whether or not the graders refuse it."""
        probes = {
            group: tuple(self.answer(arguments) for arguments in inputs)
            for group, inputs in self.exercise.probes.items()
        }
        diagnosis = diagnosis_for(self._assignment, self._exercise)
        return diagnosis.name(probes, self.answer, seed)

    def is_like(self, made: tuple[Mistake, ...], known_by: tuple[Mistake, ...] = ()) -> bool:
        """Say whether it does what these mistakes together do, or the right function where there are none.

        On many inputs that nobody has seen before, on the groups by which they are recognized, and on those by which
        still others are.
        """
        groups = tuple(dict.fromkeys([PLAIN, *(group for mistake in made + known_by for group in mistake.on)]))
        which = self._assignment, self._exercise, groups
        inputs = _inputs(*which)
        answers: Iterable[Signature] = _right_answers(*which)
        if made:
            other = wrong_function(self.exercise, made)
            answers = (of_function(other, arguments) for arguments in inputs)
        pairs = zip(answers, inputs, strict=True)
        return all(answer.agrees(of_function(self.function, arguments)) for answer, arguments in pairs)
