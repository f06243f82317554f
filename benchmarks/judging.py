"""How long judging takes once the student process is up: right solutions, and wrong ones with what their cards show.

    .venv/bin/python benchmarks/judging.py [--assignment NAME] [--rounds N]

What is measured is the judging of all exercises of a solution whose cells have run, up to the cards' HTML: for a
wrong one the second trial with right functions, the diagnosis, the counterexample and the pictures are in it. The
solutions take turns, so that a change in the machine's speed meets each alike.
"""

import argparse
import contextlib
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from autograder.card import html as card
from autograder.card.pictures import png
from autograder.demo.hand_ins import HandIns
from autograder.grading.assignment import Assignment, find
from autograder.judge.collected import collected
from autograder.judge.exercises import ExerciseJudge
from autograder.judge.judge import DEFAULT_SEED
from autograder.judge.notebook import code_cells, put_last
from autograder.judge.running.run import Runner
from autograder.judge.running.sandboxes import sandbox_for
from autograder.judge.solution import read_solution
from autograder.sandbox.session import Setup
from autograder.sandbox.walls.standing import choose


@dataclass(frozen=True)
class Chosen:
    """Solutions of the demo's class, and how many milliseconds at most the median right and wrong one may take."""

    right: tuple[str, ...]
    wrong: tuple[str, ...]
    right_ms: float
    wrong_ms: float


CHOSEN = {
    "neuron": Chosen(
        ("right_stable", "right_where", "right_columns", "right_differences"),
        ("wrong_sign", "wrong_no_mean", "wrong_no_bias", "wrong_sigma_prime", "wrong_brackets", "wrong_log2"),
        30.0,
        150.0,
    ),
    "network": Chosen(
        ("right_stable", "right_columns", "right_loops"),
        ("wrong_factor_kept", "wrong_layer_1", "wrong_layer_2", "wrong_no_sigma", "wrong_no_slope", "wrong_uphill"),
        40.0,
        200.0,
    ),
}


@dataclass(frozen=True)
class Judged:
    """One judging: milliseconds, exercises that were not right, and pictures on their cards."""

    milliseconds: float
    wrong: int
    pictures: int


def judge(name: str, assignment: Assignment) -> Judged:
    """Run a solution's cells, then judge it and make its cards; only the latter is measured."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "solution.py"
        path.write_text(HandIns(assignment.name).script(name), encoding="utf-8")
        content, module = read_solution(path, assignment)
    sandbox = sandbox_for(choose(), assignment.limits, assignment.preload)
    setup = Setup(names={"__name__": module})
    with contextlib.closing(Runner(sandbox, assignment.limits, setup)) as runner:
        graders = collected(assignment, DEFAULT_SEED)
        cells = code_cells(content, assignment.exercises)
        run = runner.run(put_last(cells, assignment.exercises, len(content["cells"])))
        png.cache_clear()  # each picture is drawn anew, as if nobody had made the mistake before
        began = time.perf_counter()
        judge_exercise = ExerciseJudge(
            graders, dict.fromkeys(assignment.exercises, run), assignment, DEFAULT_SEED, pictures="drawn"
        )
        results = [judge_exercise(exercise) for exercise in assignment.exercises]
        for result in results:
            card.html(result)
        took = 1000 * (time.perf_counter() - began)
    wrong = [result for result in results if not result.passed]
    return Judged(took, len(wrong), sum(len(result.evidence.pictures) for result in wrong))


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=30, help="how often each solution is judged")
    parser.add_argument("--assignment", choices=CHOSEN, default="neuron", help="whose solutions (default neuron)")
    options = parser.parse_args()
    assignment, chosen = find(options.assignment), CHOSEN[options.assignment]
    taken: dict[str, list[Judged]] = {name: [] for name in (*chosen.right, *chosen.wrong)}
    for name in taken:
        judge(name, assignment)  # loads graders, catalogue and Matplotlib; does not count
    for _ in range(options.rounds):
        for name, times in taken.items():
            times.append(judge(name, assignment))
    report(taken, chosen)


def report(taken: dict[str, list[Judged]], chosen: Chosen) -> None:
    """Print median, quartiles and spread of each solution, and of both kinds beside what they may take."""
    print(
        f"{'judging, milliseconds':<24}{'median':>8}{'quartiles':>16}{'min':>8}{'max':>8}{'wrong':>7}{'pictures':>10}"
    )
    for name, times in taken.items():
        print(row(name, times) + f"{times[0].wrong:>7}{times[0].pictures:>10}")
    for kind, names, limit in (
        ("all right", chosen.right, chosen.right_ms),
        ("all wrong", chosen.wrong, chosen.wrong_ms),
    ):
        print(row(kind, [entry for name in names for entry in taken[name]]) + f"   at most {limit:g} (median)")


def row(name: str, times: list[Judged]) -> str:
    """Return the numbers of one row."""
    numbers = [entry.milliseconds for entry in times]
    low, median, high = statistics.quantiles(numbers, n=4, method="inclusive")
    return f"{name:<24}{median:>8.1f}{f'{low:.1f}–{high:.1f}':>16}{min(numbers):>8.1f}{max(numbers):>8.1f}"


if __name__ == "__main__":
    main()
