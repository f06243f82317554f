"""How long a student waits for `autograder watch`: many hand in one by one, and the watch is killed now and then.

    .venv/bin/python benchmarks/watching.py [-n N] [--seconds S] [--kills K]

Submissions are put where `nbgrader submit` puts them. The watch, with some of its workers, is killed at random moments
and started again at once. What is printed is the time from a submission to its page in the exchange, after it was
made sure that each was graded once, and each page released once.
"""

import argparse
import contextlib
import ctypes
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from watched import Dropping, Watched, kill

_SUBREAPER = 36  # of prctl(2)
_ENDING = 3  # seconds that the workers of a watch may take to notice that it has ended
PATIENCE = 900  # seconds until all must be answered after the last was handed in


def main() -> None:
    """Print the median, the 90th percentile and the longest time from a submission to its feedback."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, default=300, help="submissions (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=120.0, help="over which they come (default: %(default)s)")
    parser.add_argument("--kills", type=int, default=10, help="of the watch and its workers (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the moments of these (default: %(default)s)")
    options = parser.parse_args()
    chance = random.Random(options.seed)  # noqa: S311 - of no secret
    when = sorted(chance.uniform(0, options.seconds) for _ in range(options.kills))
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)  # what a killed watch leaves behind ends as a child of this process
    with tempfile.TemporaryDirectory() as folder:
        watched = Watched(Path(folder))
        handing_in = Dropping(watched, options.n)
        own = _processor_seconds()
        running = watched.start(every="1")
        try:
            running = _hand_in(watched, handing_in, running, options.seconds, (when, chance))
            watched.until(lambda: handing_in.answered() == options.n, PATIENCE)
        finally:
            _end(running)
        handing_in.expect_once(options.kills)
        waited = handing_in.waited()
    used = _processor_seconds() - own
    print(f"{options.n} submissions over {options.seconds:g} s, {options.kills} kills: each graded and released once")
    print(f"median       {statistics.median(waited):6.1f} s")
    print(f"90 %         {waited[int(0.9 * (options.n - 1))]:6.1f} s")
    print(f"longest      {waited[-1]:6.1f} s")
    print(f"processors   {used:6.1f} s, of the watch and all that it starts")


def _hand_in(
    watched: Watched,
    handing_in: Dropping,
    running: subprocess.Popen,
    seconds: float,
    killing: tuple[list[float], random.Random],
) -> subprocess.Popen:
    """Let all hand in, evenly; kill and start the watch at the given moments; return the last that was started."""
    when, chance = killing
    number = len(handing_in.students)
    turns = [*((n * seconds / number, n) for n in range(number)), *((moment, -1) for moment in when)]
    began = time.monotonic()
    for moment, n in sorted(turns):
        time.sleep(max(0.0, began + moment - time.monotonic()))
        if n >= 0:
            handing_in.one(n)
        else:
            kill(running, chance)
            running = watched.start(every="1")
    return running


def _processor_seconds() -> float:
    """Return how long processors have worked for processes that were started from here and have ended."""
    time.sleep(_ENDING)
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _end(running: subprocess.Popen) -> None:
    running.terminate()
    try:
        running.wait(30)
    except subprocess.TimeoutExpired:
        running.kill()


if __name__ == "__main__":
    main()
