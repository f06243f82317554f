"""How fast a class is graded: stock nbgrader, plain nbgrader with our configuration, and the batch, on this machine.

    .venv/bin/python benchmarks/throughput.py [--assignment NAME …] [-n N] [--rounds R] [--growth N …] [--cluster]

All ways take turns, so that a change in the machine's speed meets each alike; quote the ratios. Stock nbgrader grades a
course of its own, with assertions in the notebooks instead of our graders. It gets a fifth of the class, in whole
rounds of the styles: in `neuron`, whose last cells it runs as it always does, training takes ten times as long with
loops as without.
"""

import argparse
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

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "attacks")]

from scratch import AUTOGRADER, NBGRADER, Course  # noqa: E402 - as the attacks on stock nbgrader are tried
from stock import ASSIGNMENTS, Assignment  # noqa: E402

MIB = 1 << 20
SHARE = 5
SERIAL = [*NBGRADER, "autograde"]
BATCH = [*AUTOGRADER, "autograde"]


@dataclass(frozen=True)
class Way:
    """A course with submissions, and the command that grades them."""

    course: Course
    count: int
    command: list[str]

    def run(self) -> Measured:
        """Grade all of them, as if for the first time."""
        folder = self.course.folder
        for name in ("autograded", "outcomes"):
            shutil.rmtree(folder / name, ignore_errors=True)
        shutil.copy(folder / "gradebook.before", folder / "gradebook.db")
        return measure.run(self.command, folder, self.course.environment)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--assignment", nargs="+", choices=ASSIGNMENTS, default=["neuron"], help="one table each (default neuron)"
    )
    parser.add_argument("-n", type=int, default=200, help="submissions (default 200)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each way (default 3)")
    parser.add_argument(
        "--growth", type=int, nargs="+", metavar="N", help="the batch alone, with ever more submissions"
    )
    parser.add_argument("--cluster", action="store_true", help="the batch alone, with one Dask worker and with two")
    options = parser.parse_args()
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for name in options.assignment:
        print(f"{name}:")
        with tempfile.TemporaryDirectory(prefix="throughput-") as folder:
            made = ASSIGNMENTS[name](Path(folder))
            if options.cluster:
                spread(made, Path(folder), options.n, options.rounds)
            elif options.growth:
                grow(made, Path(folder), options.growth, options.rounds)
            else:
                compare(made, Path(folder), options.n, options.rounds)


def compare(made: Assignment, folder: Path, number: int, rounds: int) -> None:
    """Let all ways take turns."""
    few = min(number, math.ceil(number / SHARE / made.styles) * made.styles)
    ways = {
        "stock nbgrader": way(made, made.stock, few, SERIAL),
        "nbgrader, ours": way(made, made.ours.copy(folder / "plain"), number, SERIAL),
        "autograder autograde": way(made, made.ours.copy(folder / "batch"), number, BATCH),
    }
    if made.name == "neuron":
        training = _with_training(made.ours.copy(folder / "training"))
        ways["nbgrader, ours, all cells"] = way(made, training.copy(folder / "plain-all"), number, SERIAL)
        ways["autograder, all cells"] = way(made, training.copy(folder / "batch-all"), number, BATCH)
    report(ways, take_turns(ways, rounds))


def grow(made: Assignment, folder: Path, numbers: list[int], rounds: int) -> None:
    """Let the batch grade ever larger classes."""
    ways = {
        f"{number} submissions": way(made, made.ours.copy(folder / str(number)), number, BATCH) for number in numbers
    }
    report(ways, take_turns(ways, rounds))


def spread(made: Assignment, folder: Path, number: int, rounds: int) -> None:
    """Let one Dask worker judge, and two.

    The CPU seconds are those of the client alone.
    """
    from test_batch_elsewhere import cluster  # noqa: PLC0415 - a scheduler and workers, as the tests have them

    with ExitStack() as stack:
        ways = {}
        for count in (1, 2):
            name = f"Dask workers: {count}"
            address = stack.enter_context(cluster(folder / f"cluster-{count}", count))
            ways[name] = way(made, made.ours.copy(folder / name), number, [*BATCH, "--scheduler", address])
        report(ways, take_turns(ways, rounds))


def way(made: Assignment, course: Course, count: int, command: list[str]) -> Way:
    """Let a class hand in, its styles mixed."""
    for index in range(count):
        made.hand_in(course, f"s{index:06}", index * 7 % made.styles)
    shutil.copy(course.folder / "gradebook.db", course.folder / "gradebook.before")
    return Way(course, count, [*command, made.name])


def _with_training(course: Course) -> Course:
    """Give a course graders of its own: ours, but the cells after the last grade cell run, too."""
    copy = course.folder / "graders" / "neuron"
    shutil.copytree(ROOT / "autograder" / "assignments" / "neuron", copy)
    settings = copy / "assignment.toml"
    key = "run_after_last_grade_cell = "
    settings.write_text(settings.read_text().replace(f"{key}false", f"{key}true"))
    return course


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
