"""`autograder autograde`: a class of thousands into nbgrader's gradebook, on every core or a cluster."""

import signal
from argparse import Namespace

from autograder.course.batch.pool import Pool, usual_workers
from autograder.course.start import interrupts_deferred


def run(options: Namespace) -> int:
    """Grade what is new or changed; see `autograder.commands.batch.run`.

    The workers load what judges while this process loads nbgrader, which takes both of them a second or two.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl+C does: with one line, and no worker left
    if options.scheduler:
        return _grade(options, None)
    options.workers = options.workers or usual_workers()
    pool = Pool(options.workers, options.assignment)
    try:
        return _grade(options, pool)
    finally:
        pool.shutdown(cancel_futures=True)


def _grade(options: Namespace, pool: Pool | None) -> int:
    with interrupts_deferred():
        from autograder.commands import batch  # noqa: PLC0415

    return batch.run(options, pool)
