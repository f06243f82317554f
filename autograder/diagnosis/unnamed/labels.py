"""What is said of answers that are right, or one known mistake's, where all labels are 0 or 1, and not elsewhere."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograder.diagnosis.exercise import PLAIN, Exercise
from autograder.diagnosis.naming import Answers

_ENOUGH = 3  # inputs, before a name is given to answers that are its own on these alone

Where = Callable[[Answers, Sequence[int]], tuple[str, str]]


def of_labels(exercise: Exercise, answers: Answers, where: Where) -> str:
    """Say what a student's answers are where an argument holds nothing but 0 and 1, or nothing.

    Who asks `if y == 1` treats labels between 0 and 1 in a way of their own, which no mistake of the catalogue shares.

    Args:
        exercise: whose answers they are.
        answers: to the probe inputs.
        where: names the mistake, by title and hint, whose answers these are on some of the plain inputs.
    """
    for place, name in enumerate(exercise.parameters):
        whole = [_is_labels(arguments[place]) for arguments in exercise.probes[PLAIN]]
        places = [number for number, found in enumerate(whole) if found]
        if len(places) < _ENOUGH or len(places) == len(whole):
            continue
        if all(yours.agrees(right) for yours, right in zip(answers[PLAIN], exercise.answers[PLAIN], strict=True)):
            return ""
        start = f"Where all of {name} is 0 or 1, your numbers are"
        between = f"Do you ask whether {name} is 1? It may be any number from 0 to 1."
        if all(answers[PLAIN][number].agrees(exercise.answers[PLAIN][number]) for number in places):
            return f"{start} right. {between}"
        title, hint = where(answers, places)
        if title:
            return f"{start} those of this mistake: {title}. {hint} {between}"
    return ""


def _is_labels(value: Any) -> bool:
    """Say whether an array holds nothing but 0 and 1."""
    return isinstance(value, np.ndarray) and bool(np.all((value == 0) | (value == 1)))
