"""A lying Dask worker, by `dask worker --preload`: it answers each submission with another lie, in this order.

Whatever it hides in a pickle writes down which process has run it.
"""

import os
import pickle
from dataclasses import replace
from typing import Any, NoReturn

import distributed

from autograder.judge.judge import Job, judge
from autograder.judge.sending import worker
from autograder.judge.sending.encoding import to_bytes
from autograder.judge.sending.worker import Release

PLANTED = "AUTOGRADER_TEST_PLANTED"  # a variable: the file in which the processes are written down
CODE = f"import os, sys; open(os.environ['{PLANTED}'], 'a').write(repr(sys.argv) + chr(10))"


class Evil:
    """Runs code where it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what an unpickler calls."""
        return exec, (CODE,)


class EvilError(Exception):
    """Does the same as an exception."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what an unpickler calls."""
        return exec, (CODE,)


def raise_it(_honest: Any) -> NoReturn:
    """Raise an exception that runs code."""
    raise EvilError


def warn_of_it(honest: Any) -> bytes:
    """Send an event that runs code, and one for the instructor's terminal, and answer honestly."""
    me = distributed.get_worker()
    me.log_event("warn", {"message": pickle.dumps(Evil()), "category": pickle.dumps(Evil())})
    me.log_event("print", {"args": ("\x1b[31mprinted by a worker",), "kwargs": {}})
    return to_bytes(honest)


def more_points(honest: Any) -> bytes:
    """Give more points than there are."""
    first, *others = honest.exercises
    criteria = tuple(replace(entry, verdict="pass", points=50.0, max_points=50.0) for entry in first.criteria)
    points = 50.0 * len(criteria)
    raised = replace(first, criteria=criteria, points=points, max_points=points)
    return to_bytes(replace(honest, exercises=(raised, *others)))


def script(honest: Any) -> bytes:
    """Put a script into the place of a picture and a label."""
    first, *others = honest.exercises
    evidence = replace(first.evidence, pictures=({"alt": "", "uri": "https://elsewhere.example/x.png"},))
    return to_bytes(replace(honest, exercises=(replace(first, evidence=evidence), *others)))


LIES = (
    lambda _honest: Evil(),
    raise_it,
    warn_of_it,
    more_points,
    script,
    lambda _honest: b"\xc1 no message",
    lambda _honest: Evil,
    lambda honest: to_bytes({**vars(honest), "exercises": 7}),
    lambda honest: to_bytes({**vars(honest), "exercises": []}),
)
_told = 0


def lie(data: bytes, job: Job, _release: Release) -> Any:
    """Answer with the next lie."""
    global _told  # noqa: PLW0603 - one worker, one thread
    _told += 1
    return LIES[(_told - 1) % len(LIES)](judge(data, job))


def lying_report(_job: Job) -> Any:
    """Say of oneself what runs code."""
    return Evil()


def dask_setup(_worker: Any) -> None:
    """Replace what is asked of this worker."""
    if os.environ.get("AUTOGRADER_TEST_LIE") == "report":
        worker.report = lying_report  # type: ignore[assignment]
    worker.judge_here = lie  # type: ignore[assignment]
