"""The worker process that judges, reached through a `concurrent.futures.Executor`."""

import multiprocessing
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from autograder.course.start import start_worker
from autograder.grading.assignment import Assignment
from autograder.judge.judge import Job, judge
from autograder.judge.outcome import Judgement, refused

_ATTEMPTS = 2


class Workers:
    """Judges notebooks in worker processes, with new ones when the graders' files have changed."""

    def __init__(self, count: int = 1) -> None:
        self._count = count
        self._executor: Executor | None = None
        self._fingerprint: object = None

    def judge(self, data: bytes, job: Job, assignment: Assignment) -> Judgement:
        """Judge one notebook; see `autograder.judge.judge.judge`.

        A notebook that ends its worker twice gets `needs_review`.
        """
        for _ in range(_ATTEMPTS):
            try:
                return self._current(assignment).submit(judge, data, job).result()
            except BrokenProcessPool:
                self.close()
        return refused(assignment.name, "the worker that judged it ended twice", fault=True)

    def _current(self, assignment: Assignment) -> Executor:
        fingerprint = assignment.fingerprint()
        if self._executor is None or fingerprint != self._fingerprint:
            self.close()
            context = multiprocessing.get_context("spawn")
            self._executor = ProcessPoolExecutor(self._count, mp_context=context, initializer=start_worker)
            self._fingerprint = fingerprint
        return self._executor

    def close(self) -> None:
        """End the workers."""
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = None
