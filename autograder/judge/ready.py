"""What the first submission would otherwise wait for, done by a process as soon as it is there."""

from pathlib import Path

import numpy as np

from autograder.card.pictures import picture
from autograder.diagnosis.exercise import Arguments, Exercise, exercises
from autograder.diagnosis.naming import diagnosis_for
from autograder.diagnosis.slips.told import slips_for
from autograder.grading.assignment import find
from autograder.grading.compare import Array, as_numbers
from autograder.judge.collected import collected
from autograder.judge.judge import DEFAULT_SEED
from autograder.judge.kernels import kernel_of
from autograder.judge.sending.release import package_digest


def get_ready(name: str, graders: Path | None = None) -> None:
    """Load an assignment's graders, compute what its mistakes answer, and draw one picture, which loads fonts.

    Pairs of mistakes and changed steps take seconds, once per machine; they are left for the first submission that has
    no mistake known alone.

    Raises:
        Exception: whatever is wrong with the assignment.
    """
    assignment = find(name, graders)
    package_digest()  # which each worker is asked for
    collected(assignment, DEFAULT_SEED)
    known = exercises(assignment)
    for exercise in known.values():
        diagnosis_for(assignment, exercise.name).prepare()
    drawn = (exercise.picture for exercise in known.values() if exercise.picture is not None)
    if (first := next(drawn, None)) is not None:
        for drawing in first(lambda function, arguments: _wrong(known[function], arguments))[:1]:
            picture(drawing, drawn=True)
    # As most notebooks say; it loads jupyter_client. It is last, so that nothing else is missed where it fails.
    kernel_of({"metadata": {"kernelspec": {"name": "python3"}}})


def keep_tables(name: str, graders: Path | None = None) -> None:
    """Compute, and keep on disk, what explaining any wrong answer needs.

    It takes ten seconds of one core, which an image spends once; where each submission has a container of its own, each
    would spend some of them.

    Raises:
        Exception: whatever is wrong with the assignment.
    """
    get_ready(name, graders)
    assignment = find(name, graders)
    for exercise in exercises(assignment):
        diagnosis_for(assignment, exercise).prepare(pairs=True)
        slips_for(assignment, exercise).prepare()


def _wrong(exercise: Exercise, arguments: Arguments) -> Array:
    with np.errstate(all="ignore"):
        return as_numbers(exercise.text.right(*arguments), exercise.quantity) + 1.0
