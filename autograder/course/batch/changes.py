"""What grading again would change, criterion by criterion, before anything is written."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from autograder.course.batch import nbgraders
from autograder.course.batch.run import Judging
from autograder.course.course import Course
from autograder.course.deadlines.longer import extended
from autograder.course.deadlines.penalties import costs
from autograder.course.deadlines.times import iso
from autograder.course.records import outcomes
from autograder.course.records.gradebook import Writer
from autograder.course.records.marks import totals
from autograder.course.submission import Prepared, Submissions
from autograder.judge.outcome import Judgement, engine_failed
from autograder.judge.sending.release import graders_digest

_TOP = ("outcome", "reason", "points", "max_points")
_OF_CRITERION = ("verdict", "points", "max_points")


@dataclass(frozen=True)
class Change:
    """What becomes of one submission; `before` is None where it has not been graded yet.

    Attributes:
        student: whose it is.
        before: outcome, reason, points and the penalty for being late as they are.
        after: the same as they would be.
        criteria: which criteria change, each with its exercise, both verdicts and points, and the new message.
        regraded_by: what differs between the two gradings, in words.
        extension: until when this student may hand in, later than all others, in ISO 8601; or None.
    """

    student: str
    before: dict[str, Any] | None
    after: dict[str, Any]
    criteria: list[dict[str, Any]]
    regraded_by: str
    extension: str | None = None

    @property
    def is_one(self) -> bool:
        """Whether anything changes at all."""
        return self.before != self.after or bool(self.criteria)

    def to_json(self) -> dict[str, Any]:
        """Return the object that `--dry-run --json` prints."""
        return {**vars(self), "changed": self.is_one}


def changes(
    course: Course, students: list[str], submissions: Submissions, judging: Judging, gradebook: Writer
) -> Iterator[Change]:
    """Judge submissions as a run with `--force` would, write nothing, and yield what each would change."""
    graders, late = graders_digest(course.assignment), costs(gradebook, course.assignment.name)
    longer = {one.student: iso(one.until) for one in extended(course, gradebook) if one.until is not None}
    marks = totals(gradebook, course.assignment.name)
    problems: list[Change] = []

    def read() -> Iterator[Prepared]:
        """Yield each submission as it is read; what cannot be read becomes a problem."""
        for student in students:
            try:
                prepared = submissions.read(student)
            except Exception as error:  # noqa: BLE001 - one submission that cannot be read stops no other
                known = outcomes.read(course.root, course.assignment.name, student)
                problems.append(compare(student, known, engine_failed(course.assignment.name, error), "cannot be read"))
            else:
                yield prepared

    for prepared, judgement in itertools.chain.from_iterable(judging(read())):
        student = prepared.student
        found = submissions.completed(prepared, judgement)
        known = outcomes.read(course.root, course.assignment.name, student)
        folder = course.submitted(student)
        if nbgraders.is_one(course, student, folder, known, marks):
            known = nbgraders.outcome_of(course, student, folder, gradebook, submissions.cells).to_json()
        both = late.get(student, 0.0), submissions.late_penalty(prepared, found, gradebook)
        change = compare(student, known, found, _why(known, graders, prepared.digest), both)
        yield replace(change, extension=longer.get(student))
    yield from problems


def compare(
    student: str, known: dict[str, Any] | None, judgement: Judgement, why: str, late: tuple[float, float] = (0.0, 0.0)
) -> Change:
    """Return what differs between an outcome that was written and a judgement.

    Args:
        student: whose they are.
        known: the outcome, or None.
        judgement: as it would be now.
        why: what differs between the two gradings, in words.
        late: the penalties for being late, as it is and as it would be.
    """
    if known is not None and known.get("reason") == outcomes.UNFINISHED:
        known = None
    new = judgement.to_json(student)
    before = None if known is None else {name: known.get(name) for name in _TOP} | {"late_penalty": late[0]}
    old, now = _criteria(known or {}), _criteria(new)
    differing = [key for key in {**old, **now} if _brief(old.get(key)) != _brief(now.get(key))]
    changed = [] if known is None else [_changed(key, old, now) for key in differing]
    return Change(student, before, {name: new[name] for name in _TOP} | {"late_penalty": late[1]}, changed, why)


def _criteria(outcome: dict[str, Any]) -> dict[tuple[str, str, str], dict[str, Any]]:
    return {
        (str(result.get("notebook")), result["exercise"], criterion["criterion"]): criterion
        for result in outcome.get("exercises") or ()
        for criterion in result["criteria"]
    }


def _brief(criterion: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if criterion is None else {name: criterion.get(name) for name in _OF_CRITERION}


def _changed(key: tuple[str, str, str], old: dict[Any, Any], new: dict[Any, Any]) -> dict[str, Any]:
    notebook, exercise, criterion = key
    message = new.get(key, {}).get("message") or ("" if key in new else "there is no such criterion any more")
    both = {"before": _brief(old.get(key)), "after": _brief(new.get(key))}
    return {"notebook": notebook, "exercise": exercise, "criterion": criterion, **both, "message": message}


def _why(known: dict[str, Any] | None, graders: str, digest: str | None) -> str:
    if known is None or known.get("reason") == outcomes.UNFINISHED:
        return "not graded yet"
    reasons = [] if known.get("digest") == digest else ["another notebook was handed in"]
    if known.get("versions", {}).get("graders") != graders:
        reasons.append("the graders or the assignment's settings are others")
    return "; ".join(reasons) or "the same notebook and graders"
