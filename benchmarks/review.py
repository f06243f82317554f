"""How long the instructor's review takes to see a class of thousands: loading, grouping, and what each page needs.

    .venv/bin/python benchmarks/review.py [-n N] [--keep FOLDER]

The class is made, not graded: outcomes, gradebook rows and graded notebooks as `autograder autograde` leaves them, of
every catalogued mistake and right variant in many spellings, so that few functions are written alike. What a page needs
is asked three times; the first is by a server that has just grouped the class, and the slowest of the others counts.
"""

import argparse
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tests")]

from many import graded_class  # noqa: E402 - as the tests' own class is made
from scratch import ASSIGNMENT, Course  # noqa: E402

from autograder.review import actions  # noqa: E402
from autograder.review.alike.groups import groups, how_members_differ  # noqa: E402
from autograder.review.changing.actions import Adjustment  # noqa: E402
from autograder.review.overview import overview  # noqa: E402
from autograder.review.queue import queue  # noqa: E402
from autograder.review.reading.classroom import Classroom  # noqa: E402
from autograder.review.reading.pseudonyms import pseudonymous  # noqa: E402
from autograder.review.reference import reviewed  # noqa: E402
from autograder.review.story import story  # noqa: E402

MIB = 1 << 10  # ru_maxrss is in KiB


def main() -> None:
    """Make the class, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, default=5000, help="submissions (default 5000)")
    parser.add_argument(
        "--keep", metavar="FOLDER", help="make the class here and leave it; measured again if it is there"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="review-") as scratch:
        folder = Path(options.keep or scratch) / "course"
        if not folder.exists():
            timed(f"made {options.n} graded submissions", lambda: graded_class(Course.make(folder), options.n))
        measure(folder)


def measure(folder: Path) -> None:
    """Print how long everything takes, in the order in which a server meets it."""
    load = lambda: Classroom.load(folder, ASSIGNMENT)  # noqa: E731
    classroom = timed("load the class", load)
    total = time.perf_counter()
    for exercise in classroom.exercises:
        found = timed(f"group {exercise.name}", lambda name=exercise.name: groups(classroom, name))
        print(f"{'':>46} {len(found)} groups, {sum(len(one.spellings) for one in found)} spellings")
    print(f"{time.perf_counter() - total:>9.2f} s  all four exercises grouped (at most 20 s)")
    timed("group the written answers", lambda: queue(classroom))
    pages(folder, classroom)
    changes(folder, classroom)
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB:>9.0f} MiB at the most")


def pages(folder: Path, classroom: Classroom) -> None:
    """Print what the data of each page takes once the class is grouped: at most 300 ms."""
    biggest = groups(classroom, "cost")[0]
    someone = classroom.students[len(classroom.students) // 2].id
    timed("overview", lambda: overview(Classroom.load(folder, ASSIGNMENT)), times=3)
    timed("overview, the hardest first", lambda: overview(classroom, "hardest"), times=3)
    timed("a page of students", lambda: classroom.page(17, sort="cost.saturation"), times=3)
    timed("groups of an exercise", lambda: groups(Classroom.load(folder, ASSIGNMENT), "cost"), times=3)
    timed("how a group's members differ", lambda: how_members_differ(classroom, biggest), times=3)
    timed("one submission", lambda: story(Classroom.load(folder, ASSIGNMENT), someone), times=3)
    timed("queue", lambda: queue(Classroom.load(folder, ASSIGNMENT)), times=3)
    timed("reference", lambda: reviewed(Classroom.load(folder, ASSIGNMENT)), times=3)
    timed("under pseudonyms", lambda: pseudonymous(classroom))


def changes(folder: Path, classroom: Classroom) -> None:
    """Print what changing the largest group takes, and loading the class after that."""
    biggest = max(groups(classroom, "cost"), key=len)
    shown = timed(
        f"preview of {len(biggest)} members", lambda: actions.preview(classroom, biggest.target, "Well done.")
    )
    timed("apply", lambda: actions.resume(classroom, actions.begin(classroom, shown.id, "benchmark").id))
    again = timed("load the class after that", lambda: Classroom.load(folder, ASSIGNMENT))
    timed("overview after that", lambda: overview(again))
    timed("log", lambda: actions.log(again), times=3)
    timed("undo", lambda: actions.resume(again, actions.begin_undo(again, shown.id, "benchmark").id))
    touch(folder, random.Random(1))  # noqa: S311 - no secret
    again = timed("load the class after ten regrades", lambda: Classroom.load(folder, ASSIGNMENT))
    timed("group cost after that", lambda: groups(again, "cost"))
    one = actions.preview(again, biggest.target, adjustment=Adjustment("add", 0.5))
    print(f"{'':>12}{len(one.steps)} could be adjusted")


def touch(folder: Path, rng: random.Random) -> None:
    """Write ten outcomes anew, as a regrade does."""
    for path in rng.sample(sorted((folder / "outcomes" / ASSIGNMENT).glob("*.json")), 10):
        data = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps(data), encoding="utf-8")


def timed(what: str, run: Callable[[], Any], *, times: int = 1) -> Any:
    """Run it, print how long it took, and return what it came to; of several runs the slowest but the first counts."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        found = run()
        taken.append(time.perf_counter() - began)
    first = "" if times == 1 else f", the first {1000 * taken[0]:.0f} ms"
    seconds = max(taken[1:] or taken)
    shown = f"{seconds:>9.2f} s " if seconds >= 1 else f"{1000 * seconds:>9.0f} ms"
    print(f"{shown}  {what}{first}", flush=True)
    return found


if __name__ == "__main__":
    main()
