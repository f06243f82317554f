"""`autograder watch`: submissions are collected, graded and answered as they come, until it is stopped."""

import functools
import os
import signal
import sys
import time
from argparse import Namespace
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course.batch.pool import Pool
from autograder.course.start import interrupts_deferred
from autograder.sandbox.printable import printable

if TYPE_CHECKING:
    from autograder.course.watching.watcher import Watched


def run(options: Namespace) -> int:
    """Watch assignments; returns the exit status, which is 1 with `--once` where something could not be done.

    Raises:
        AssignmentError, UsageError: what was asked for is not there.
        RunError: another process watches this course.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl+C does: with one line, and no worker left
    workers = options.workers or len(os.sched_getaffinity(0))
    with ExitStack() as stack:
        pools = {}
        for name in dict.fromkeys(options.assignments):
            pools[name] = Pool(workers, name)
            stack.callback(pools[name].shutdown, cancel_futures=True)
        with interrupts_deferred():
            from autograder.course.watching.watcher import Watched, watching_alone  # noqa: PLC0415
        root = Path.cwd()
        stack.enter_context(watching_alone(root))
        given = (workers, options.folder, options.attempts, options.isolation)
        watched = [Watched(root, name, pool, *given, functools.partial(_say, name)) for name, pool in pools.items()]
        return _watch(watched, None if options.once else options.every)


def _watch(watched: "list[Watched]", every: float | None) -> int:
    """Look at each assignment; again and again, unless `every` is None."""
    from autograder.course.errors import RunError  # noqa: PLC0415 - nbgrader is loaded while the workers start

    told: dict[str, str] = {}
    while True:
        for one in watched:
            try:
                one.look()
                told.pop(one.name, None)
            except RunError as error:  # it may pass: the exchange comes back, the gradebook is set free
                if told.get(one.name) != str(error):
                    again = "" if every is None else f"; tried again every {every:g} s"
                    print(f"autograder: {one.name}: {error}{again}", file=sys.stderr, flush=True)
                told[one.name] = str(error)
        if every is None:
            return 1 if told else 0
        try:
            time.sleep(every)
        except KeyboardInterrupt as stop:
            raise KeyboardInterrupt("stopped: what comes meanwhile is graded when it is started again") from stop


def _say(assignment: str, student: str, text: str) -> None:
    now = datetime.now().astimezone().strftime("%H:%M:%S")
    print(printable(f"{now} {assignment} {student}: {text}"), flush=True)
