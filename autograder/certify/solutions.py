"""Solutions made of catalogue entries, and what the judge makes of them behind its walls."""

from collections.abc import Mapping
from dataclasses import dataclass

from autograder.diagnosis.catalogue import Mistake
from autograder.diagnosis.exercise import exercises
from autograder.diagnosis.naming import wrong_source
from autograder.grading.assignment import Assignment
from autograder.grading.results import ExerciseResult
from autograder.judge.judge import Job, judge_notebooks
from autograder.judge.notebook import from_script

_IMPORTS = "import math\nimport numpy as np\n"


@dataclass(frozen=True)
class Finding:
    """What the judge said of one function.

    Attributes:
        points: of its exercise; None under `error`.
        failed: the criteria that failed; those that were skipped for it are not among them.
        skipped: those that were not judged, for they need one that failed.
        named: the mistakes that it was told.
        lost: exercises other than its own that lost something, though they were right.
    """

    points: float | None
    failed: tuple[str, ...]
    skipped: tuple[str, ...]
    named: tuple[str, ...]
    lost: tuple[str, ...] = ()


def first_source(assignment: Assignment, *made: Mistake) -> str:
    """Return the source of a mistake, or of several made together, as the catalogue has them."""
    known = exercises(assignment)
    return wrong_source(known[made[0].exercise], made, known)


def solution(assignment: Assignment, changed: Mapping[str, str]) -> str:
    """Return the source of a solution with these functions and, for the other exercises, the right ones."""
    known = exercises(assignment)
    parts = {name: known[name].text.right_source() for name in assignment.exercises}
    helpers = next(iter(known.values())).text.reference.helpers(list(known))
    return "\n\n".join([_IMPORTS, helpers, *{**parts, **changed}.values()])


def judge_functions(assignment: Assignment, sources: Mapping[str, str], seed: int) -> dict[str, Finding]:
    """Judge a solution in which these exercises' functions are written like this, behind the walls."""
    job = Job(assignment.name, seed=seed, run_checks=False, pictures="none", preload=False)
    content = from_script(solution(assignment, sources), assignment.exercises)
    results = {
        result.exercise: result for result in judge_notebooks({assignment.notebook: content}, job, assignment).exercises
    }
    lost = tuple(name for name, result in results.items() if name not in sources and not result.passed)
    return {name: finding(results[name], lost) for name in sources}


def finding(result: ExerciseResult, lost: tuple[str, ...] = ()) -> Finding:
    """Return what was said of one exercise."""
    failed = tuple(entry.criterion for entry in result.criteria if entry.verdict in ("fail", "error"))
    skipped = tuple(entry.criterion for entry in result.criteria if entry.verdict == "skip")
    named = tuple(mistake["mistake"] for mistake in result.mistakes)
    return Finding(result.points, failed, skipped, named, lost)
