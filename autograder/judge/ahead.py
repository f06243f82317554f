"""The calls that explaining a wrong answer will make, asked for at once.

One by one, each would cost two switches between processes, which takes longer than most calls.
"""

import functools
from typing import Any

import numpy as np

from autograder.diagnosis.exercise import Arguments, Exercise, exercises
from autograder.grading.assignment import Assignment
from autograder.grading.compare import Array
from autograder.grading.parts import is_container
from autograder.judge.running.fork import LikelyCall, likely

_KEPT = 256  # exercises and seeds of one process


def examples(assignment: Assignment, exercise: str, seed: int) -> tuple[LikelyCall, ...]:
    """Return the calls by which a name is confirmed and the smallest example is found."""
    return _examples(assignment, exercise, seed, assignment.fingerprint())


def drawings(assignment: Assignment, exercise: str) -> tuple[LikelyCall, ...]:
    """Return the calls by which a picture of a right solution is drawn; of a wrong one most are the same."""
    return _drawings(assignment, exercise, assignment.fingerprint())


@functools.lru_cache(_KEPT)
def _examples(assignment: Assignment, exercise: str, seed: int, _fingerprint: object) -> tuple[LikelyCall, ...]:
    found = exercises(assignment)[exercise]
    return tuple(likely((exercise, arguments)) for arguments in (*found.fresh_inputs(seed), *found.smallest))


@functools.lru_cache(_KEPT)
def _drawings(assignment: Assignment, exercise: str, _fingerprint: object) -> tuple[LikelyCall, ...]:
    known = exercises(assignment)
    draw = known[exercise].picture
    if draw is None:
        return ()
    calls: list[tuple[str, Arguments]] = []

    def value(function: str, arguments: Arguments) -> Array | None:
        """Note a call, and answer it as the reference does."""
        calls.append((function, arguments))
        return _right(known[function], arguments)

    draw(value)
    return tuple(map(likely, calls))


def _right(exercise: Exercise, arguments: Arguments) -> Array | None:
    """Return what the reference gives, as numbers; None where it gives none."""
    with np.errstate(all="ignore"):
        try:
            found: Any = exercise.text.right(*arguments)
        except Exception:  # noqa: BLE001 - as a student's function may
            return None
    return None if is_container(found) else np.asarray(found, dtype=float)
