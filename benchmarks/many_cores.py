"""How far many cores go: the batch with ever more workers, a large class, Dask workers, and the writer by itself.

    .venv/bin/python benchmarks/many_cores.py [--workers N …] [-n N] [--class N] [--dask N …]
    .venv/bin/python benchmarks/many_cores.py --writer-alone [-n N] [--simulated N] [--db URL]

All of it takes submissions of the demo's plain styles, and asks neither the network nor a compiler for anything. The
first row is stock nbgrader, in the same run: quote the ratios to it. `--writer-alone` judges each style once, then lets
simulated workers give these judgements at once: what is left is all that one writer does for a submission.
"""

import argparse
import contextlib
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import throughput
from scratch import Course
from stock import ASSIGNMENTS, Assignment
from test_batch_elsewhere import cluster

from autograder.course.batch.backend import Backend
from autograder.course.batch.plan import alone, plan
from autograder.course.batch.run import Judging, grade
from autograder.course.errors import RunError
from autograder.course.opening import open_course
from autograder.course.submission import Submissions
from autograder.judge.judge import Job
from autograder.judge.sending.worker import Release, judge_here

MIB = 1 << 20
NAME = "neuron"
COLUMNS = (
    *(("", 32), ("count", 8), ("ms each", 10), ("a second", 10), ("CPU ms", 9), ("MiB", 7)),
    *(("to stock", 10), ("to first", 10)),
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    cores = len(os.sched_getaffinity(0))
    curve = [number for number in (1, 2, 4, 8, 16, 32) if number <= cores]
    parser.add_argument("--workers", type=int, nargs="+", default=curve, metavar="N", help=f"(default {curve})")
    parser.add_argument("-n", type=int, default=300, help="submissions per worker, or for the writer (default 300)")
    parser.add_argument("--class", type=int, default=5000, dest="large", metavar="N", help="0 for none (default 5000)")
    parser.add_argument("--dask", type=int, nargs="*", default=[1, 2], metavar="N", help="Dask workers (default 1 2)")
    parser.add_argument("--writer-alone", action="store_true", help="with simulated workers")
    parser.add_argument("--simulated", type=int, default=16, metavar="N", help="simulated workers (default 16)")
    parser.add_argument(
        "--db", default="", metavar="URL", help="an empty database in place of the course's SQLite file"
    )
    options = parser.parse_args()
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with tempfile.TemporaryDirectory(prefix="many-cores-") as folder:
        if options.writer_alone:
            writer_alone(Path(folder), options.n, options.simulated, options.db)
        else:
            curve_over_workers(Path(folder), options)


def curve_over_workers(folder: Path, options: argparse.Namespace) -> None:
    """Print a row for stock nbgrader, for each number of workers, for the large class and for each of Dask workers."""
    made = ASSIGNMENTS[NAME](folder)
    table = Table(made, folder)
    table.add("stock nbgrader", made.stock, made.styles, throughput.SERIAL)
    table.stock, table.first = table.last, None
    for workers in options.workers:
        table.ours(f"{workers} workers", workers * options.n, ["--workers", str(workers)])
    if options.large:
        most = max(options.workers)
        table.ours(f"{most} workers, a class of {options.large}", options.large, ["--workers", str(most)])
    table.first = None
    for count in options.dask:
        with ExitStack() as stack:  # the CPU seconds are those of the client alone
            address = stack.enter_context(cluster(folder / f"cluster-{count}", count))
            table.ours(f"{count} Dask workers", options.n * count, ["--scheduler", address])


class Table:
    """The rows, as they are measured: each beside stock nbgrader's, and the first of its kind."""

    def __init__(self, made: Assignment, folder: Path) -> None:
        self._made = made
        self._folder = folder
        self.stock: float | None = None
        self.first: float | None = None
        self.last = 0.0
        print("".join(f"{head:>{width}}" for head, width in COLUMNS))

    def ours(self, name: str, number: int, options: list[str]) -> None:
        """Measure a run of the batch over a class of its own, and print its row."""
        course = self._made.ours.copy(self._folder / name.replace(" ", "-"))
        self.add(name, course, number, [*throughput.BATCH, *options])

    def add(self, name: str, course: Course, number: int, command: list[str]) -> None:
        """Measure a run and print its row."""
        run = throughput.way(self._made, course, number, command).run()
        self.last = run.seconds / number
        self.first = self.first or self.last
        cpu, memory = 1000 * run.cpu / number, run.memory / MIB
        ratios = (self.stock or self.last) / self.last, self.first / self.last
        numbers = (1000 * self.last, 1 / self.last, cpu, memory, *ratios)
        cells = (f"{value:>{width}.1f}" for value, (_, width) in zip(numbers, COLUMNS[2:], strict=True))
        print(f"{name:>{COLUMNS[0][1]}}{number:>{COLUMNS[1][1]}}" + "".join(cells), flush=True)


class Simulated(Executor):
    """Workers that give at once what a real one gave for the same notebook."""

    def __init__(self) -> None:
        self._known: dict[bytes, bytes] = {}

    def learn(self, data: bytes, job: Job, release: Release) -> None:
        """Judge a notebook, unless an equal one has been."""
        if data not in self._known:
            self._known[data] = judge_here(data, job, release)

    def submit(self, _fn: Callable[..., Any], /, *args: Any, **_named: Any) -> "Future[Any]":
        """Return a judgement that is done."""
        future: Future[Any] = Future()
        future.set_result(self._known[args[0]])
        return future


def writer_alone(folder: Path, number: int, workers: int, db: str) -> None:
    """Print what one writer takes for a submission, wall and CPU, when workers are never waited for."""
    made = ASSIGNMENTS[NAME](folder)
    if db:
        _move(made.ours, db)
    for index in range(number):
        made.hand_in(made.ours, f"s{index:06}", index * 7 % made.styles)
    with contextlib.chdir(made.ours.folder):
        course = open_course(made.ours.folder, NAME)
        course.log_in_one_line()
        sources = course.sources()
        job, submissions, simulated = course.job(sources), Submissions(course, sources), Simulated()
        judging = Judging(Backend(simulated, job, workers, (RunError,)), course.assignment)
        for index in range(min(number, made.styles)):
            simulated.learn(submissions.read(f"s{index:06}").data or b"", job, judging.release)
        with alone(course), course.writer() as gradebook:
            todo = plan(course, sources, gradebook, force=False)
            began, cpu = time.perf_counter(), _cpu()
            done = sum(1 for _ in grade(todo, submissions, judging, gradebook))
            wall, cpu = time.perf_counter() - began, _cpu() - cpu
    print(
        f"the writer alone, {workers} simulated workers, {done} submissions: "
        f"{1000 * wall / done:.1f} ms each, {1000 * cpu / done:.1f} of them CPU; {done / wall:.0f} a second"
    )


def _move(course: Course, db: str) -> None:
    """Give a course a gradebook in another database."""
    config = course.folder / "nbgrader_config.py"
    config.write_text(config.read_text() + f"\nc.CourseDirectory.db_url = {db!r}\n")
    done = course.nbgrader("generate_assignment", NAME, "--force")
    if done.returncode != 0:
        raise RuntimeError(done.stderr)


def _cpu() -> float:
    """Return the CPU seconds of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
