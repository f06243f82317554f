"""How often a submission was graded, what it came to each time, and why it was graded again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autograder.course.records import history, outcomes
from autograder.review.reading.classroom import Classroom


@dataclass(frozen=True)
class Regrade:
    """One grading: when, what it came to, which criteria changed by it, and why it was done, in words."""

    when: str
    state: str
    reason: str | None
    points: float | None
    max_points: float | None
    changed: tuple[str, ...]
    why: str


def regrades(classroom: Classroom, student: str) -> tuple[Regrade, ...]:
    """Return the gradings of a submission, the newest first; `student` is no pseudonym."""
    lines = history.read(classroom.root, classroom.assignment, student)
    now = outcomes.read(classroom.root, classroom.assignment, student)
    if now is not None:
        path = outcomes.path_of(classroom.root, classroom.assignment, student)
        lines.append(history.brief(now, path.stat().st_mtime))
    before: list[Mapping[str, Any]] = [{}, *lines]
    return tuple(_regrade(old, new) for old, new in zip(before, lines, strict=False))[::-1]


def _regrade(old: Mapping[str, Any], new: Mapping[str, Any]) -> Regrade:
    return Regrade(
        str(new.get("graded")),
        str(new.get("outcome")),
        new.get("reason"),
        new.get("points"),
        new.get("max_points"),
        tuple(_changes(old.get("verdicts") or {}, new.get("verdicts") or {})) if old else (),
        _why(old, new),
    )


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return each criterion whose verdict changed, as `cost.value: fail → pass`."""
    was, now = _flat(old), _flat(new)
    return [
        f"{name}: {was.get(name, 'absent')} → {now.get(name, 'absent')}"
        for name in {**was, **now}
        if was.get(name) != now.get(name)
    ]


def _flat(verdicts: Mapping[str, Any]) -> dict[str, str]:
    return {
        f"{exercise}.{criterion}": str(found[0])
        for exercise, criteria in verdicts.items()
        for criterion, found in criteria.items()
    }


def _why(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    if not old:
        return "graded for the first time"
    reasons = [] if old.get("digest") == new.get("digest") else ["another notebook was handed in"]
    if (old.get("versions") or {}).get("graders") != (new.get("versions") or {}).get("graders"):
        reasons.append("the graders or the assignment's settings were others")
    return "; ".join(reasons) or "graded again, the same notebook by the same graders"
