"""What the example on a card shows of an answer that has no name."""

from collections.abc import Callable

import numpy as np

from autograder.diagnosis.counterexample import Counterexample, Shown, plain
from autograder.diagnosis.exercise import Exercise
from autograder.diagnosis.unnamed.remarks import UNNAMED
from autograder.grading.compare import Array
from autograder.grading.notation import even, shape
from autograder.grading.notation import values as values_of


def of_example(exercise: Exercise, found: Counterexample | None, said: str) -> str:
    """Say of an answer that has no name what the example shows: that a part is None, or which z gives its numbers."""
    if found is None:
        return ""
    shown = found.shown
    if shown.got == "None" and not said:
        return f"In your answer, {shown.name} is None: no line gives it a value. Does your loop reach it?"
    if exercise.undo is None or (said and not said.startswith(UNNAMED)):
        return ""
    if not even(shown.got) or shape(shown.got) != shape(shown.expected):
        return ""
    return f"{UNNAMED} " * (not said) + _before_last_step(shown, *exercise.undo)


def _before_last_step(shown: Shown, name: str, undone: Callable[[Array], Array]) -> str:
    """Say what the last step was given, where its result is a student's, or that it is no result of it."""
    got, due = (np.asarray(one, dtype=float) for one in (shown.got, shown.expected))
    with np.errstate(all="ignore"):
        given, right = undone(got), undone(due)
    if np.any(np.isnan(given)) and np.all(np.isfinite(got)):
        return f"Not all of your numbers can come from {name}: do you do something after it, or not call it?"
    if not np.all(np.isfinite(given)):
        return ""
    yours, wanted = (values_of(plain(one)) for one in (given, right))
    return f"In the example below, yours is what {name} gives for {yours}; it should be given {wanted}."
