"""How fast a class is graded: stock nbgrader, plain nbgrader with our configuration, and the batch, on this machine.

    .venv/bin/python benchmarks/throughput.py [-n N] [--rounds R] [--growth N …] [--cluster]

All ways take turns, so that a change in the machine's speed meets each alike; quote the ratios. Stock nbgrader grades a
course of its own, with assertions in the notebook instead of our graders, and runs all cells, as it always does. It
gets a fifth of the class, in whole rounds of the styles: with loops, training takes ten times as long as without.
"""

import argparse
import json
import math
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import measure
from measure import Measured

from autograder.demo.roster import Student, the_class
from autograder.demo.submission import HandIns

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "attacks")]

from effects import stock_course  # noqa: E402 - as the attacks on stock nbgrader are tried
from scratch import ASSIGNMENT, AUTOGRADER, NBGRADER, Course  # noqa: E402

MIB = 1 << 20
SHARE = 5
# The first is a minute of waiting for stock nbgrader, which would flatter us; the second makes its run fail.
LEFT_OUT = {"endless", "leaves"}
SERIAL = [*NBGRADER, "autograde", ASSIGNMENT]
BATCH = [*AUTOGRADER, "autograde", ASSIGNMENT]


@dataclass(frozen=True)
class Way:
    """A course with submissions, and the command that grades them."""

    course: Course
    count: int
    command: list[str]
    environment: dict[str, str]

    def run(self) -> Measured:
        """Grade all of them, as if for the first time."""
        folder = self.course.folder
        for name in ("autograded", "outcomes"):
            shutil.rmtree(folder / name, ignore_errors=True)
        shutil.copy(folder / "gradebook.before", folder / "gradebook.db")
        return measure.run(self.command, folder, self.environment)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, default=200, help="submissions (default 200)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each way (default 3)")
    parser.add_argument(
        "--growth", type=int, nargs="+", metavar="N", help="the batch alone, with ever more submissions"
    )
    parser.add_argument("--cluster", action="store_true", help="the batch alone, with one Dask worker and with two")
    options = parser.parse_args()
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with tempfile.TemporaryDirectory(prefix="throughput-") as folder:
        if options.cluster:
            spread(Path(folder), options.n, options.rounds)
        elif options.growth:
            grow(Path(folder), options.growth, options.rounds)
        else:
            compare(Path(folder), options.n, options.rounds)


def compare(folder: Path, number: int, rounds: int) -> None:
    """Let all ways take turns."""
    rounds_of_styles = math.ceil(number / SHARE / len(styles()))
    few = min(number, rounds_of_styles * len(styles()))
    released = Course.make(folder / "released")
    training = {"AUTOGRADER_ASSIGNMENTS": str(_with_training(folder))}
    ways = {
        "stock nbgrader": way(stock_course(folder / "stock"), few, SERIAL),
        "nbgrader, ours": way(released.copy(folder / "plain"), number, SERIAL),
        "autograder autograde": way(released.copy(folder / "batch"), number, BATCH),
        "nbgrader, ours, all cells": way(released.copy(folder / "plain-all"), number, SERIAL, training),
        "autograder, all cells": way(released.copy(folder / "batch-all"), number, BATCH, training),
    }
    report(ways, take_turns(ways, rounds))


def grow(folder: Path, numbers: list[int], rounds: int) -> None:
    """Let the batch grade ever larger classes."""
    released = Course.make(folder / "released")
    ways = {f"{number} submissions": way(released.copy(folder / str(number)), number, BATCH) for number in numbers}
    report(ways, take_turns(ways, rounds))


def spread(folder: Path, number: int, rounds: int) -> None:
    """Let one Dask worker judge, and two, without the cells after the last grade cell and with them.

    The CPU seconds are those of the client alone.
    """
    from test_batch_elsewhere import cluster  # noqa: PLC0415 - a scheduler and workers, as the tests have them

    released = Course.make(folder / "released")
    training = {"AUTOGRADER_ASSIGNMENTS": str(_with_training(folder))}
    for what, more in (("", {}), (", all cells", training)):
        with ExitStack() as stack:
            ways = {}
            for count in (1, 2):
                name = f"Dask workers: {count}{what}"
                address = stack.enter_context(cluster(folder / f"cluster-{count}{what}", count, more))
                ways[name] = way(released.copy(folder / name), number, [*BATCH, "--scheduler", address], more)
            report(ways, take_turns(ways, rounds))


def way(course: Course, count: int, command: list[str], more: dict[str, str] | None = None) -> Way:
    """Let a class hand in, its styles mixed as in the demo."""
    released = json.loads((course.folder / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_text())
    texts = [json.dumps(HandIns(ASSIGNMENT).fill(released, one.solution, one.answer), indent=1) for one in styles()]
    for index in range(count):
        (course.submission(f"s{index:06}") / f"{ASSIGNMENT}.ipynb").write_text(texts[index * 7 % len(texts)])
    shutil.copy(course.folder / "gradebook.db", course.folder / "gradebook.before")
    return Way(course, count, command, {**course.environment, **(more or {})})


def styles() -> list[Student]:
    """Return the demo's students who hand in a plain notebook; others hand in what theirs did, in turn."""
    plain = [one for one in the_class(ASSIGNMENT) if one.twist == "hand_in" and one.solution]
    return [one for one in plain if one.solution not in LEFT_OUT]


def _with_training(folder: Path) -> Path:
    """Return a folder with the assignment as ours is, but for the cells after the last grade cell, which run, too."""
    copy = folder / "assignments" / ASSIGNMENT
    shutil.copytree(ROOT / "autograder" / "assignments" / ASSIGNMENT, copy)
    settings = copy / "assignment.toml"
    key = "run_after_last_grade_cell = "
    settings.write_text(settings.read_text().replace(f"{key}false", f"{key}true"))
    return copy.parent


def take_turns(ways: dict[str, Way], rounds: int) -> dict[str, list[Measured]]:
    """Run each way once a round."""
    taken: dict[str, list[Measured]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, one in ways.items():
            taken[name].append(one.run())
    return taken


def report(ways: dict[str, Way], taken: dict[str, list[Measured]]) -> None:
    """Print a row for each way; the ratio is that of the first one's seconds for a submission to its own."""
    heads = ("count", "ms each", "min", "max", "per minute", "CPU ms each", "parent MiB", "ratio", "CPU ratio")
    print(f"{'':<27}" + "".join(f"{head:>13}" for head in heads))
    first = next(iter(ways))
    base, base_cpu = (_median(taken[first], ways[first].count, what) for what in (_wall, _cpu))
    for name, one in ways.items():
        each, cpu = (_median(taken[name], one.count, what) for what in (_wall, _cpu))
        spread = sorted(_wall(run) / one.count for run in taken[name])
        memory = max(run.memory for run in taken[name]) / MIB
        numbers = (1000 * each, 1000 * spread[0], 1000 * spread[-1], 60 / each, 1000 * cpu, memory)
        ratios = (base / each, base_cpu / cpu)
        row = "".join(f"{number:>13.0f}" for number in (one.count, *numbers))
        print(f"{name:<27}{row}" + "".join(f"{ratio:>13.2f}" for ratio in ratios), flush=True)


def _wall(run: Measured) -> float:
    return run.seconds


def _cpu(run: Measured) -> float:
    return run.cpu


def _median(runs: list[Measured], count: int, what: Callable[[Measured], float]) -> float:
    return statistics.median(what(run) for run in runs) / count


if __name__ == "__main__":
    main()
