"""What a worker does: it is a process of this machine or of another one, and shares no disk with whoever asks."""

import threading
from dataclasses import dataclass
from typing import Any

from autograder.grading.assignment import Assignment, AssignmentError
from autograder.judge.judge import Job, judge
from autograder.judge.outcome import Judgement
from autograder.judge.running.sandboxes import needed, sandbox_for
from autograder.judge.sending.encoding import Criteria, from_bytes, judgement_from, to_bytes
from autograder.judge.sending.release import graders_digest, package_digest
from autograder.judge.sending.typed import read_typed
from autograder.sandbox.limits import EXPLAINING
from autograder.sandbox.printable import printable
from autograder.sandbox.walls.bubblewrap import WallError

_one_at_a_time = threading.Lock()  # pytest, and the zygote's pipe, take one submission; threads of a worker take turns


_STRANGER = "a worker has another version of autograder or of its graders: install the same everywhere"


class RefusedError(RuntimeError):
    """A worker judges nothing: it has other code than who asks, or no walls; the text says which."""


@dataclass(frozen=True)
class Release:
    """Which code judges: two workers with equal ones give equal marks."""

    package: str
    graders: str


@dataclass(frozen=True)
class Report:
    """What a worker says of itself before anything is graded: `problem` is why it cannot judge at all."""

    release: Release | None
    problem: str | None = None


@dataclass(frozen=True)
class Refusal:
    """The reason why a worker judges nothing."""

    refusal: str


def release_of(assignment: Assignment) -> Release:
    """Return which code would judge an assignment in this process."""
    return Release(package_digest(), graders_digest(assignment))


def report(job: Job) -> bytes:
    """Say which code would judge here, and whether student code can be walled off; a `Report` as bytes."""
    try:
        assignment = job.hidden()
        release = release_of(assignment)
        with _one_at_a_time:
            preload = needed(assignment.preload, ())
            sandbox_for(job.wall(), assignment.limits, preload, job.known, job.readable).wait()
    except (AssignmentError, WallError, OSError) as error:
        return to_bytes(Report(None, " ".join(str(error).split())))
    return to_bytes(Report(release))


def read_report(data: Any) -> Report:
    """Return the report in some bytes.

    Raises:
        MalformedError: they hold none.
    """
    found: Report = read_typed(Report, from_bytes(data))
    return found


def judge_here(data: bytes, job: Job, release: Release) -> bytes:
    """Judge one notebook, see `autograder.judge.judge.judge`; the judgement, or a `Refusal`, as bytes.

    A worker that came later than the report refuses here, if it has other code or no walls.
    """
    if release_of(job.hidden()) != release:
        return to_bytes(Refusal(_STRANGER))
    try:
        with _one_at_a_time:
            return to_bytes(judge(data, job))
    except WallError as error:
        return to_bytes(Refusal(" ".join(str(error).split())))


def read_judgement(data: Any, assignment: Assignment, criteria: Criteria | None = None) -> Judgement:
    """Return the judgement in some bytes; see `autograder.judge.sending.encoding.judgement_from`.

    Raises:
        MalformedError: they hold none.
        RefusedError: the worker judges nothing.
    """
    raw = from_bytes(data)
    if isinstance(raw, dict) and "refusal" in raw:
        raise RefusedError(printable(read_typed(Refusal, raw).refusal[: EXPLAINING.text]))
    return judgement_from(raw, assignment, criteria)
