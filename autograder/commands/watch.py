"""`autograder watch`: submissions are collected, graded and answered as they come, until it is stopped."""

import functools
import signal
import sys
import time
from argparse import Namespace
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course.batch.pool import Pool, usual_workers
from autograder.course.errors import RunError, UsageError
from autograder.course.start import interrupts_deferred
from autograder.sandbox.printable import printable

if TYPE_CHECKING:
    from autograder.course.watching.watcher import Watched

_PATIENCE = 5  # looks of `--once`, one a second, until nobody is in the middle of handing in
_STOPPED = "stopped: what comes meanwhile is graded when it is started again"


def run(options: Namespace) -> int:
    """Watch assignments; returns the exit status of `--once`: 1 where something was unusable or is held back.

    Raises:
        AssignmentError, UsageError: what was asked for is not there, or not clear.
        RunError: no wall stands here, or another process watches this course; with `--once`, something cannot be used.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl+C does: with one line, and no worker left
    workers = options.workers or usual_workers()
    names = list(dict.fromkeys(options.assignments))
    if options.folder is not None and len(names) > 1:
        raise UsageError(f"--from {options.folder}: for which of the assignments is not said; watch one alone")
    try:
        with ExitStack() as stack:
            pool = Pool(workers, names[0])
            stack.callback(pool.shutdown, cancel_futures=True)
            with interrupts_deferred():
                from autograder.course.watching.watcher import Asked, Watched, watching_alone  # noqa: PLC0415
            asked = Asked(Path.cwd(), workers, options.folder, options.attempts, options.isolation)
            watched = [Watched(name, pool, asked, functools.partial(_say, name)) for name in names]
            for one in watched:
                one.check()
            stack.enter_context(watching_alone(asked.root))
            return _once(watched) if options.once else _for_ever(watched, options.every)
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt(_STOPPED) from stop


def _once(watched: "list[Watched]") -> int:
    """Look at each assignment; again where somebody is just handing in. What cannot be used stops no other."""
    problems: list[RunError] = []
    troubled = False
    for one in watched:
        try:
            for _ in range(_PATIENCE):
                one.look()
                troubled |= one.troubled
                if not one.unfinished:
                    break
                time.sleep(1)
        except RunError as error:
            problems.append(RunError(f"{one.name}: {error}"))
    for problem in problems[1:]:
        print(f"autograder: {problem}", file=sys.stderr, flush=True)
    if problems:
        raise problems[0]
    return int(troubled)


def _for_ever(watched: "list[Watched]", every: float) -> int:
    """Look at each assignment again and again; what cannot be used is waited for, and said once."""
    from autograder.course.watching.feedback import get_ready  # noqa: PLC0415
    from autograder.grading.assignment import AssignmentError  # noqa: PLC0415

    get_ready()
    for one in watched:
        one.get_ready()
    told: dict[str, str] = {}
    while True:
        for one in watched:
            try:
                one.look()
                if told.pop(one.name, None) is not None:
                    _tell(f"{one.name}: goes on")
            # An exchange comes back, a gradebook is set free, somebody ends what they were writing in a file.
            except (AssignmentError, UsageError, RunError, OSError) as error:
                text = " ".join(str(error).split())
                if told.get(one.name) != text:
                    _tell(f"{one.name}: {text}; tried again every {every:g} s")
                told[one.name] = text
        time.sleep(every)


def _say(assignment: str, student: str, text: str) -> None:
    now = datetime.now().astimezone().strftime("%H:%M:%S")
    of = f"{assignment} {student}".rstrip()
    print(printable(f"{now} {of}: {text}"), flush=True)


def _tell(text: str) -> None:
    print(printable(f"autograder: {text}"), file=sys.stderr, flush=True)
