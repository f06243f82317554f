"""Worker processes of this machine behind `concurrent.futures.Executor`.

Of the standard library's `ProcessPoolExecutor` each worker has one to itself: where a worker dies it is then known
which submission it had, and no other loses its own.
"""

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from autograder.course.errors import RunError
from autograder.course.start import forks_of_one, get_ready, interrupts_held, start_worker

_STARTS = 5  # in a row that may fail before it is clear that none will succeed
_PAUSE = 0.1  # seconds before the next of them
_EXIT_SECONDS = 5.0  # until it is known how a process that has ended did so
_UNKNOWN = 255  # an exit code that multiprocessing gives where the fork server, which alone would know, was killed
# Sent by people, service managers and kernels short of memory; what goes wrong in a process itself ends it otherwise.
_FROM_OUTSIDE = {-signal.SIGKILL, -signal.SIGTERM, -signal.SIGHUP, _UNKNOWN}


def usual_workers() -> int:
    """Return how many workers a batch has where nothing else is asked for: one per core that this process may use."""
    return len(os.sched_getaffinity(0))


class WorkerDiedError(RuntimeError):
    """The worker ended while it had this task."""


class WorkerKilledError(WorkerDiedError):
    """It was ended from outside, by a signal."""


@dataclass
class _Task:
    call: Callable[[], Any]
    future: "Future[Any]" = field(default_factory=Future)


class Pool(Executor):
    """As many processes as asked for; one that dies is replaced, and its task gets a `WorkerDiedError`.

    Where the worker was ended from outside, it gets a `WorkerKilledError`; where none can be started, a `RunError`.

    Args:
        workers: how many.
        assignment: what they get ready for, before they are given anything.
    """

    def __init__(self, workers: int, assignment: str) -> None:
        self._assignment = assignment
        self._context = forks_of_one(assignment)
        self._lock = threading.RLock()
        self._queue: deque[_Task] = deque()
        self._idle: list[ProcessPoolExecutor] = []
        self._all: set[ProcessPoolExecutor] = set()
        self._closed = False
        self._none_starts = False
        # The first waits until what they are forked from is ready; who makes a pool does not.
        threading.Thread(target=self._start_all, args=(workers,), daemon=True).start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Let the next worker that is free do it."""
        task = _Task(partial(fn, *args, **kwargs))
        with self._lock:
            self._queue.append(task)
            self._dispatch()
            self._give_up()
        return task.future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - as given
        """End the workers; with `cancel_futures` at once, whatever they are at."""
        with self._lock:
            self._closed = True
            workers = list(self._all)
            for task in self._queue if cancel_futures else ():
                task.future.cancel()
        for worker in workers:
            # Gone once it has been shut down, and the only way to them before Python 3.14.
            processes = list((worker._processes or {}).values()) if cancel_futures else []  # noqa: SLF001
            for process in processes:
                process.kill()
            # Waited for where they are killed: a pool's own thread must not close its pipe while the interpreter ends.
            worker.shutdown(wait=wait or bool(processes), cancel_futures=cancel_futures)

    def _start_all(self, workers: int) -> None:
        for _ in range(workers):
            self._start(0)

    def _start(self, failures: int) -> None:
        """Start a worker; it is given tasks once it is ready, so that none is blamed for a worker that never was."""
        worker = ProcessPoolExecutor(1, mp_context=self._context, initializer=start_worker)
        with self._lock:
            if self._closed:
                return
            self._all.add(worker)
        try:
            with interrupts_held():
                ready = worker.submit(get_ready, self._assignment)
            # Open here as well, it would keep us waiting for the rest of an answer whose worker was killed halfway.
            worker._result_queue._writer.close()  # type: ignore[attr-defined]  # noqa: SLF001
        except (OSError, EOFError):  # what it was to be forked from has ended, and is soon started again
            time.sleep(_PAUSE)
            with self._lock:
                self._replace(worker, failures + 1)
        else:
            ready.add_done_callback(partial(self._up, worker, failures))

    def _up(self, worker: ProcessPoolExecutor, failures: int, ready: "Future[None]") -> None:
        with self._lock:
            if not self._closed and not ready.cancelled() and ready.exception() is None:
                self._idle.append(worker)
                self._dispatch()
            elif not self._closed:
                self._replace(worker, failures + 1)

    def _replace(self, worker: ProcessPoolExecutor, failures: int) -> None:
        if self._closed:
            return
        # Not shut down: it is broken, and who calls this may be the thread that is about to clean it up.
        self._all.discard(worker)
        if failures < _STARTS:
            self._start(failures)
        elif not self._all:
            self._none_starts = True
            self._give_up()

    def _give_up(self) -> None:
        while self._none_starts and self._queue and not self._all:
            error = RunError("no worker process can be started here: run it again when there is room for one")
            self._queue.popleft().future.set_exception(error)

    def _dispatch(self) -> None:
        while self._idle and self._queue and not self._closed:
            worker, task = self._idle.pop(), self._queue.popleft()
            if task.future.cancelled():
                self._idle.append(worker)
                continue
            try:
                inner = worker.submit(task.call)
            except BrokenProcessPool:  # it died while it had nothing to do
                self._replace(worker, 0)
                self._queue.appendleft(task)
                continue
            inner.add_done_callback(partial(self._done, worker, task))

    def _done(self, worker: ProcessPoolExecutor, task: _Task, inner: "Future[Any]") -> None:
        error = inner.exception() if not inner.cancelled() else None
        if isinstance(error, BrokenProcessPool):
            error = _death_of(worker)
        with self._lock:
            if isinstance(error, WorkerDiedError):
                self._replace(worker, 0)
            else:
                self._idle.append(worker)
                self._dispatch()
        if inner.cancelled():
            task.future.set_exception(WorkerDiedError("the run was ended"))
        elif error is not None:
            task.future.set_exception(error)
        else:
            task.future.set_result(inner.result())


def _death_of(worker: ProcessPoolExecutor) -> WorkerDiedError:
    (process,) = worker._processes.values()  # noqa: SLF001 - nothing else tells
    process.join(_EXIT_SECONDS)
    if process.exitcode in _FROM_OUTSIDE:
        return WorkerKilledError("the worker that judged it was killed")
    return WorkerDiedError("the worker that judged it ended")
