"""What a worker does: it is a process of this machine or of another one, and shares no disk with whoever asks."""

import threading
from dataclasses import dataclass

from autograder.grading.assignment import AssignmentError, find
from autograder.judge.judge import Job, judge
from autograder.judge.outcome import Judgement
from autograder.judge.release import graders_digest, package_digest
from autograder.judge.sandboxes import sandbox_for
from autograder.sandbox.bubblewrap import WallError, probe

_one_at_a_time = threading.Lock()  # pytest, and the zygote's pipe, take one submission; threads of a worker take turns


class StrangerError(RuntimeError):
    """This worker has another version of the package or of the graders than who asks."""


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


def release_of(assignment: str) -> Release:
    """Return which code would judge in this process.

    Raises:
        AssignmentError: there is no such assignment.
    """
    return Release(package_digest(), graders_digest(find(assignment)))


def report(job: Job) -> Report:
    """Say which code would judge here, and whether student code can be walled off; never raises."""
    try:
        release = release_of(job.assignment)
        if job.isolation != "none":
            probe()
        assignment = find(job.assignment)
        with _one_at_a_time:
            sandbox_for(job.isolation, assignment.limits.override(job.limits), assignment.preload, job.known).mode()
    except (AssignmentError, WallError, OSError) as error:
        return Report(None, " ".join(str(error).split()))
    return Report(release)


def judge_here(data: bytes, job: Job, release: Release) -> Judgement:
    """Judge one notebook, see `autograder.judge.judge.judge`; a worker that came later refuses here.

    Raises:
        StrangerError: this worker has other code.
        WallError: student code cannot be walled off here.
    """
    if release_of(job.assignment) != release:
        raise StrangerError("a worker has another version of autograder or of its graders: install the same everywhere")
    with _one_at_a_time:
        return judge(data, job)
