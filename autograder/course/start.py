"""How a worker process begins; it is imported by who starts one, and loads what judges only in the worker itself."""

import contextlib
import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerContext

from autograder.sandbox.collecting import uncollected

ASSIGNMENT = "AUTOGRADER_READY_FOR"  # the variable by which the fork server is told what to get ready for


def forks_of_one(assignment: str) -> ForkServerContext:
    """Return what starts workers as forks of one process that is ready for an assignment; it is started by the first.

    A process has one fork server: what that has loaded is what the first assignment needed.
    """
    os.environ[ASSIGNMENT] = assignment
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["autograder.course.template"])
    return context


@contextlib.contextmanager
def interrupts_held() -> Iterator[None]:
    """Start processes in which Ctrl+C waits, so that it cannot end them before they leave it to who started them."""
    resource_tracker.ensure_running()  # started by the first process else, it would let interrupts in again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def interrupts_deferred() -> Iterator[None]:
    """Take Ctrl+C, and SIGTERM, only after a block of imports: a library that is being loaded may swallow them."""
    came: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda number, _frame: came.append(number)) for number in numbers]
    try:
        with uncollected():
            yield
            gc.freeze()  # as in autograder.cli
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
    for one in came:
        signal.raise_signal(one)


def leave_interrupts() -> None:
    """Ignore Ctrl+C, which is the parent's to handle; what this process starts takes it again if it likes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def start_worker() -> None:
    """Prepare a worker: it ends when its parent does, and not by Ctrl+C."""
    leave_interrupts()
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def get_ready(assignment: str) -> None:
    """Load in advance for the first submission; if something is wrong, the judgement of that submission says so."""
    from autograder.grading.assignment import GRADERS  # noqa: PLC0415
    from autograder.judge.ready import get_ready as load  # noqa: PLC0415

    with contextlib.suppress(Exception):
        load(assignment, GRADERS)
