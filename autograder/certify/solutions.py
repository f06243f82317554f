"""Solutions made of catalogue entries, and what the judge makes of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from autograder.grading.assignment import Assignment
from autograder.grading.catalogue import Mistake
from autograder.grading.exercise import exercises
from autograder.grading.results import ExerciseResult
from autograder.judge.judge import Job, judge_notebook
from autograder.judge.notebook import from_script

_IMPORTS = "import math\nimport numpy as np\n"


@dataclass(frozen=True)
class Finding:
    """What the judge said of one function.

    Attributes:
        points: of its exercise; None under `error`.
        failed: the criteria that failed; those that were skipped for it are not among them.
        named: the mistakes that it was told.
        lost: exercises other than its own that lost something, though they were right.
    """

    points: float | None
    failed: tuple[str, ...]
    named: tuple[str, ...]
    lost: tuple[str, ...]


def right_source(assignment: str, exercise: str) -> str:
    """Return the right function's source, by the exercise's formula."""
    return exercises(assignment)[exercise].formula.source()


def first_source(assignment: str, mistake: Mistake) -> str:
    """Return the mistake as an edit of the formula."""
    return exercises(assignment)[mistake.exercise].formula.source(mistake.edit)


def solution(assignment: Assignment, changed: Mapping[str, str]) -> str:
    """Return the source of a solution with these functions and, for the other exercises, the right ones."""
    parts = {name: right_source(assignment.name, name) for name in assignment.exercises}
    return _IMPORTS + "\n\n".join({**parts, **changed}.values())


def judge_function(assignment: Assignment, exercise: str, source: str, seed: int) -> Finding:
    """Judge a solution in which one function is written like this, behind the walls."""
    job = replace(Job(assignment.name, seed=seed), run_checks=False, pictures="none", preload=False)
    content = from_script(solution(assignment, {exercise: source}), assignment.exercises)
    results = {result.exercise: result for result in judge_notebook(content, job, assignment).exercises}
    lost = tuple(name for name, result in results.items() if name != exercise and not result.passed)
    return Finding(results[exercise].points, failed(results[exercise]), named(results[exercise]), lost)


def failed(result: ExerciseResult) -> tuple[str, ...]:
    """Return the criteria that failed."""
    return tuple(entry.criterion for entry in result.criteria if entry.verdict in ("fail", "error"))


def named(result: ExerciseResult) -> tuple[str, ...]:
    """Return the mistakes that were named."""
    return tuple(mistake["mistake"] for mistake in result.mistakes)
