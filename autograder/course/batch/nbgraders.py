"""Submissions that nbgrader itself graded before this package was here: they keep their marks, and get an outcome.

Grading one once more would open each mark again that a human gave. Where there are graders it is judged all the same,
for only they can.
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

from autograder.course.course import Course
from autograder.course.records import outcomes
from autograder.course.records.machine_grades import given_by_machine
from autograder.grading.results import ExerciseResult
from autograder.judge.outcome import Judgement

_NOTE = "graded by nbgrader, before this package graded the course"


def is_one(course: Course, student: str, folder: Path, known: dict[str, Any] | None, marked: Collection[str]) -> bool:
    """Return whether nbgrader graded a submission as it is now, and there is no outcome of it yet.

    Args:
        course: that is graded.
        student: whose submission it is.
        folder: where it lies.
        known: its outcome, if there is one.
        marked: of whom the gradebook holds marks.

    Raises:
        OSError: the submission cannot be looked at.
    """
    if known is not None or course.assignment.exercises or student not in marked:
        return False
    graded = course.autograded(student)
    return any(graded.glob("*.ipynb")) and outcomes.timestamp_of(graded) == outcomes.timestamp_of(folder)


def outcome_of(
    course: Course, student: str, folder: Path, gradebook: Gradebook, cells: Mapping[str, str]
) -> outcomes.Outcome:
    """Return the outcome of such a submission, with the automatic marks that the gradebook holds.

    Args:
        course: that is graded.
        student: whose submission it is.
        folder: where it lies.
        gradebook: of the course.
        cells: digests of what the gradebook knows of the assignment's cells; see `source_cells.digests`.
    """
    results = tuple(
        ExerciseResult(one.name, one.auto_score, one.max_score, (), notebook=one.notebook.name, judged="inside")
        for one in given_by_machine(gradebook, course.assignment.name, student)
    )
    judgement = Judgement(course.assignment.name, "graded", None, results, notes=(_NOTE,))
    timestamp, digest = outcomes.timestamp_of(folder), course.digest_of(student)
    return outcomes.Outcome(course.assignment, student, judgement, timestamp, digest, cells)
