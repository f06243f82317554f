"""Who judges: processes of this machine, or a Dask cluster, both behind `concurrent.futures.Executor`."""

from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autograder.course.batch.pool import Pool, WorkerDiedError
from autograder.course.errors import RunError
from autograder.grading.assignment import Assignment
from autograder.judge.judge import Job
from autograder.judge.sending.encoding import Criteria
from autograder.judge.sending.packed import pack
from autograder.judge.sending.typed import MalformedError
from autograder.judge.sending.worker import Release, read_report, release_of, report
from autograder.sandbox.limits import CARRIED
from autograder.sandbox.printable import printable
from autograder.sandbox.walls.bubblewrap import WallError
from autograder.sandbox.walls.standing import choose

_CONNECT_SECONDS = 10
_NO_DASK = "--scheduler needs dask.distributed: pip install 'nbgrader-autograder[cluster]'"


@dataclass(frozen=True)
class Backend:
    """An executor with its workers.

    Attributes:
        executor: takes submissions.
        job: how they are judged, as the workers are told.
        workers: how many are judged at the same time.
        deaths: what a future raises whose worker died.
        criteria: that every judgement must have; None where the workers are forks of this process.
        patience: seconds to wait for any answer, or None for as long as it takes.
    """

    executor: Executor
    job: Job
    workers: int
    deaths: tuple[type[BaseException], ...]
    criteria: Criteria | None = None
    patience: float | None = None


@contextmanager
def processes(pool: Pool, workers: int, job: Job) -> Iterator[Backend]:
    """Judge on this machine, in the processes of a pool.

    Raises:
        RunError: student code cannot be walled off here.
    """
    try:
        wall = choose(job.isolation, job.least_wall)
    except WallError as error:
        raise RunError(str(error)) from error
    yield Backend(pool, replace(job, isolation=wall), workers, (WorkerDiedError, BrokenExecutor))


@contextmanager
def cluster(address: str, job: Job) -> Iterator[Backend]:
    """Judge on the workers of a Dask scheduler, after all of them have said that they can.

    Raises:
        RunError: it cannot be reached, has no workers, or some of them cannot judge.
    """
    try:
        from distributed import Client  # noqa: PLC0415 - an extra

        from autograder.course.batch import inert  # noqa: PLC0415
    except ImportError as error:
        raise RunError(_NO_DASK) from error
    job = _without_paths(job)
    with inert.unpickling():
        try:
            client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise RunError(f"no Dask scheduler answers at {address}: start one, or leave out --scheduler") from error
        try:
            workers = _checked(client, address, job)
            client.run_on_scheduler(_blame_at_once)
            executor, criteria = client.get_executor(pure=False), _criteria(job.hidden(), job.seed)
            yield Backend(executor, job, workers, (inert.KilledWorker,), criteria, CARRIED.answer_seconds)
        finally:
            client.close()


def _without_paths(job: Job) -> Job:
    """Return a job for workers that share no disk with the course: graders of its own travel in the job."""
    own = job.hidden()
    if isinstance(job.graders, Path) and own.folder.is_relative_to(job.graders):
        return replace(job, graders=pack(own))
    return job


def _criteria(assignment: Assignment, seed: int) -> Criteria:
    """Return the criteria of each exercise, by this machine's own graders."""
    from autograder.grading.graders import Graders  # noqa: PLC0415 - loads what judges

    with Graders(assignment.folder, seed) as graders:
        return {name: graders.criteria(name) for name in graders.exercises}


def _checked(client: Any, address: str, job: Job) -> int:
    """Return how many workers there are, all of which can judge as this machine would."""
    try:
        reports: dict[str, Any] = client.run(report, job, on_error="return")
    except (AssertionError, TypeError, KeyError) as error:  # of Dask's own, where an answer has no form at all
        raise RunError(f"the scheduler at {address} does not answer as one ({type(error).__name__})") from error
    if not reports:
        raise RunError(f"the scheduler at {address} has no workers: start some with 'dask worker {address}'")
    ours = release_of(job.hidden())
    problems = {worker: why for worker, said in reports.items() if (why := _problem(said, ours)) is not None}
    if problems:
        worker, why = next(iter(problems.items()))
        raise RunError(f"{len(problems)} of {len(reports)} workers cannot judge: {printable(f'{worker}: {why}')}")
    return len(reports)


def _problem(said: Any, ours: Release) -> str | None:
    if isinstance(said, BaseException):
        return f"autograder cannot be loaded there ({said})"
    try:
        found = read_report(said)
    except MalformedError:
        return "it says nothing of itself that can be read"
    if found.problem is not None:
        return found.problem
    if found.release != ours:
        return "it has another version of autograder, its graders or what they stand on; install the same everywhere"
    return None


def _blame_at_once(dask_scheduler: Any) -> None:
    """Let the scheduler tell of a task whose worker died, which then is judged again at the end of the run."""
    dask_scheduler.allowed_failures = 0
