"""Whether a submission is new, changed or stale: its marks belong to an older notebook or older graders."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course.course import Course
from autograder.course.records import outcomes

_SLACK = 1e-6  # points: sums of floats may differ in their last digits


@dataclass(frozen=True)
class State:
    """What marks are compared with.

    Attributes:
        made_of: digests of the graders, points and test cells as they are now.
        marks: the sum of each student's automatic marks in the gradebook.
        force: whether everything is to be graded again.
        done: who has been, by an earlier run with `--force` that was interrupted.
    """

    made_of: Mapping[str, str]
    marks: Mapping[str, float]
    force: bool
    done: Collection[str]


def is_finished(course: Course, student: str, folder: Path, known: dict[str, Any] | None, state: State) -> bool:
    """Return whether an outcome is of the submission as it is now, and its marks and graded notebooks are there.

    Raises:
        OSError: the submission cannot be looked at.
    """
    if known is None or known.get("reason") == outcomes.UNFINISHED or student not in state.marks:
        return False
    if (known.get("timestamp"), known.get("digest")) != (outcomes.timestamp_of(folder), course.digest_of(student)):
        return False
    return any(course.autograded(student).glob("*.ipynb"))


def why(known: Mapping[str, Any], state: State, student: str) -> str | None:
    """Return what has changed since a submission was graded, or None."""
    versions = known.get("versions")
    versions = versions if isinstance(versions, dict) else {}
    if any(versions.get(name) != state.made_of[name] for name in ("graders", "tests")):
        return "graders changed"
    if versions.get("points") != state.made_of["points"]:
        return "points changed"
    points = known.get("points")
    if isinstance(points, int | float) and abs(points - state.marks[student]) > _SLACK:
        return "the gradebook holds other marks"
    return None
