"""How long a student waits for `autograder watch`: from a submission to its feedback, with many coming one by one."""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from test_watch import Watched

from autograder.course.records import receipts


def main() -> None:
    """Print the median and the longest time from a submission to its feedback."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=300, help="submissions (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=120.0, help="over which they come (default: %(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        watched = Watched(Path(folder))
        running = watched.start()
        try:
            _measure(watched, options.n, options.seconds)
        finally:
            running.terminate()
            try:
                running.wait(30)
            except subprocess.TimeoutExpired:
                running.kill()


def _measure(watched: Watched, number: int, seconds: float) -> None:
    came: dict[str, float] = {}
    began = time.time()
    for n in range(number):
        time.sleep(max(0.0, began + n * seconds / number - time.time()))
        student = str(1001 + n)
        watched.submit(student, "right_stable" if n % 2 else "wrong_no_mean")
        came[student] = time.time()
    watched.until(lambda: all(map(watched.is_released, came)))
    paths = {student: receipts.path_of(watched.course.folder, "neuron", student) for student in came}
    waited = sorted(paths[student].stat().st_mtime - when for student, when in came.items())
    print(f"{number} submissions over {came[str(1000 + number)] - began:.0f} s: feedback after")
    print(f"median {statistics.median(waited):6.1f} s")
    print(f"longest {waited[-1]:5.1f} s")


if __name__ == "__main__":
    main()
