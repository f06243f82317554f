"""How long a student process takes to be ready for its first cell, beside a Jupyter kernel's start in the same run.

    .venv/bin/python benchmarks/child_start.py [--starts N]

Walls that do not stand here are left out. All ways take turns, so that a change in the machine's speed meets each
alike; quote the ratios.
"""

import argparse
import statistics
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack

from jupyter_client.manager import KernelManager

from autograder.sandbox.launch import Sandbox, wall_of
from autograder.sandbox.limits import Limits
from autograder.sandbox.session import Session, Setup
from autograder.sandbox.walls.standing import WALLS, attempt

PRELOAD = ("numpy", "matplotlib.pyplot")
REST_SECONDS = 0.05  # what a submission's cells and calls take at least, in which a spare child is raised
END_SECONDS = 0.15  # in which the kernel takes down what has ended: the way that is measured next does not pay for it


def student_process(sandbox: Sandbox) -> Callable[[], float]:
    """Return what starts one student process and measures it, in milliseconds."""

    def start() -> float:
        began = time.perf_counter()
        with Session(sandbox, Limits(), Setup()) as session:
            session.prepare()
            took = time.perf_counter() - began
            time.sleep(REST_SECONDS)
        time.sleep(END_SECONDS)
        return 1000 * took

    return start


def kernel() -> float:
    """Start a Jupyter kernel, wait until it is ready, and measure it, in milliseconds."""
    began = time.perf_counter()
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(stderr=subprocess.DEVNULL)
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    took = time.perf_counter() - began
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    return 1000 * took


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--starts", type=int, default=200, help="starts of a child; slower ways get a tenth of it")
    starts = parser.parse_args().starts
    with ExitStack() as stack:
        ways = {"Jupyter kernel": (kernel, 10)}
        for wall in filter(lambda one: attempt(one).stands, WALLS):
            each = wall == "single"
            for spare in (False,) if each else (True, False):
                how = "one for each" if each else "one kept ready" if spare else "forked when asked"
                sandbox = stack.enter_context(Sandbox(wall_of(wall), Limits(), PRELOAD, spare=spare))
                ways[f"{wall}, {how}"] = (student_process(sandbox), 10 if each else 1)
        taken = measure(ways, starts)
    report(taken)


def measure(ways: dict[str, tuple[Callable[[], float], int]], starts: int) -> dict[str, list[float]]:
    """Let the ways take turns, after a first start of each that does not count."""
    for start, _ in ways.values():
        start()
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(starts):
        for name, (start, every) in ways.items():
            if number % every == 0:
                taken[name].append(start())
    return taken


def report(taken: dict[str, list[float]]) -> None:
    """Print median, spread and the ratio to a kernel's start."""
    kernels = statistics.median(taken["Jupyter kernel"])
    print(f"{'ready for its first cell':<32}{'median':>9}{'min':>9}{'max':>9}  ms{'starts':>8}{'kernel/this':>13}")
    for name, times in taken.items():
        median = statistics.median(times)
        row = (
            f"{name:<32}{median:>9.1f}{min(times):>9.1f}{max(times):>9.1f}    {len(times):>8}{kernels / median:>13.1f}"
        )
        print(row)


if __name__ == "__main__":
    main()
