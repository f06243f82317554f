"""Faults injected from outside: what is killed, full, locked or changed meanwhile costs nobody anything."""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from arena import RIGHT, Arena, marks
from hand_ins import fill
from malformed import hand_in
from processes import descendants, name_of, parent_of, runs
from scratch import ASSIGNMENT, GRADED, ROOT, Course

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults")]  # they share a course

RELEASED = json.loads((ROOT / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_text())
CLASS = ("right_stable", "wrong_no_mean", "right_loops", "noisy", "wrong_sign", "right_einsum")
PATIENCE = 60.0
_SOME = {("bubblewrap", "cell"), ("zygote", "call")}  # in each run; the others in the full suite

# A student process that can be found by its name, in the cell and in the call where the fault is to strike.
NAMED = """
import ctypes, os, time

def wait_to_be_killed(name, seconds=1.0):
    if not os.path.exists("/scratch/once-" + name):
        open("/scratch/once-" + name, "w").close()
        ctypes.CDLL(None).prctl(15, name.encode(), 0, 0, 0)
        time.sleep(seconds)
"""
SLOW_SIGMOID = """
right_sigmoid = sigmoid

def sigmoid(z):
    wait_to_be_killed("victim")
    return right_sigmoid(z)
"""


def wait_for(found: Callable[[], object]) -> None:
    """Wait until something is there."""
    deadline = time.monotonic() + PATIENCE
    while not found():
        assert time.monotonic() < deadline, "what the fault waits for never came"
        time.sleep(0.01)


def victims() -> list[int]:
    """Return the processes of ours that wait to be killed."""
    return [pid for pid in descendants(os.getpid()) if name_of(pid) == "victim"]


def kill_once(level: int) -> threading.Thread:
    """Kill the first victim that comes, or, of what stands between us and it, the process at this level, once."""

    def strike() -> None:
        wait_for(victims)
        line = [victims()[0]]
        while line[0] != os.getpid():
            line.insert(0, parent_of(line[0]))
        os.kill(line[level], signal.SIGKILL)

    thread = threading.Thread(target=strike)
    thread.start()
    return thread


@pytest.fixture(scope="module")
def arena() -> Iterator[Arena]:
    """Keep an arena behind both walls."""
    found = Arena("nested")
    yield found
    found.close()


def test_killed_child_costs_the_cell_it_was_in(arena):
    """A student process killed in a cell is replaced, the other cells run again, and the next student is untouched."""
    striker = kill_once(-1)
    judgement = arena.judge(NAMED, "wait_to_be_killed('victim')", RIGHT)
    striker.join()
    assert judgement.notes == ("the cell In [2] ended its process; the other cells were run again without it",)
    assert marks(judgement) == GRADED_MARKS
    arena.begin()
    arena.look()


GRADED_MARKS = {name.removeprefix("test_"): points for name, points in GRADED.items()}


@pytest.mark.parametrize(
    ("level", "place"),
    [
        pytest.param(level, place, id=f"{whom}-{place}", marks=() if (whom, place) in _SOME else pytest.mark.full)
        for level, whom in enumerate(("bubblewrap", "bubblewrap-inside", "zygote"), 1)
        for place in ("cell", "call")
    ],
)
def test_killed_wall_costs_nothing(arena, level, place):
    """Whatever part of the outer wall is killed, in a cell or in a call, all is done again behind a new one."""
    cells = {"cell": (NAMED, "wait_to_be_killed('victim')", RIGHT), "call": (NAMED, RIGHT, SLOW_SIGMOID)}
    striker = kill_once(level)
    judgement = arena.judge(*cells[place])
    striker.join()
    assert (judgement.outcome, judgement.notes, marks(judgement)) == ("graded", (), GRADED_MARKS)
    arena.look_at_the_honest()


def test_wall_killed_between_two_students_is_put_up_again(arena):
    """A zygote that is gone, or just going, when the next submission comes is replaced."""
    for seconds in (0.0, 0.001, 0.005, 0.02):
        os.kill(arena.sandbox.pid, signal.SIGKILL)
        time.sleep(seconds)
        arena.look_at_the_honest()


@pytest.fixture(scope="module")
def released(tmp_path_factory) -> Course:
    """Make a course with a small class that has handed in."""
    course = Course.make(tmp_path_factory.mktemp("faults") / "course")
    for number, solution in enumerate(CLASS):
        hand_in(course.submission(f"s{number}"), fill(RELEASED, solution, "They cancel."))
    return course


@pytest.fixture(scope="module")
def undisturbed(released, tmp_path_factory) -> dict[str, object]:
    """Return what a run without any fault comes to."""
    course = released.copy(tmp_path_factory.mktemp("undisturbed") / "course")
    assert course.autograde().returncode == 0
    return result(course)


def result(course: Course) -> dict[str, object]:
    """Return all that a run is to leave, outcomes, marks and kept notebooks."""
    kept = sorted(str(path.relative_to(course.folder)) for path in (course.folder / "autograded").rglob("*"))
    left = sorted(path.name for path in (course.folder / "outcomes").rglob("*") if path.suffix != ".json")
    return {"outcomes": course.outcomes(), "marks": course.marks(), "kept": kept, "left": left}


def expect_the_same_after_another_run(course: Course, undisturbed: dict[str, object]) -> None:
    """Run again, and compare all with a run that nothing disturbed."""
    again = course.autograde()
    assert (again.returncode, "Traceback" in again.stderr) == (0, False), again.stderr[-2000:]
    assert result(course) == undisturbed


@pytest.mark.full
@pytest.mark.parametrize("seed", range(20))
def test_killed_run_finishes_when_it_is_started_again(released, undisturbed, tmp_path, seed):
    """Killed at a random moment, the run leaves no process, and another one loses and doubles nothing."""
    course = released.copy(tmp_path / "course")
    rng = random.Random(seed)
    run = course.start("autograde", ASSIGNMENT)
    at = rng.randrange(len(CLASS))
    wait_for(lambda: course.finished() >= at)
    time.sleep(rng.uniform(0.0, 0.5))
    children = descendants(run.pid)
    run.kill()
    run.wait()
    wait_for(lambda: not [pid for pid in children if runs(pid)])
    expect_the_same_after_another_run(course, undisturbed)


@pytest.mark.parametrize("program", ["python", pytest.param("bwrap", marks=pytest.mark.full)])
def test_killed_worker_or_wall_costs_the_run_nothing(released, undisturbed, tmp_path, program):
    """A worker of the run, or the wall of one, killed once in the middle of the class, is replaced at once."""
    course = released.copy(tmp_path / "course")
    run = course.start("autograde", ASSIGNMENT)
    wait_for(lambda: course.finished() >= 2)
    worker = next(pid for pid in descendants(run.pid) if name_of(pid) == "bwrap" and name_of(parent_of(pid)) != "bwrap")
    os.kill(worker if program == "bwrap" else parent_of(worker), signal.SIGKILL)
    assert run.wait() == 0
    assert result(course) == undisturbed


@pytest.mark.full
def test_locked_gradebook_stops_the_run_and_loses_nothing(released, undisturbed, tmp_path):
    """While somebody else holds the gradebook the run ends with one line, writes nothing, and works when it is free."""
    course = released.copy(tmp_path / "course")
    with sqlite3.connect(course.folder / "gradebook.db", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        run = course.autograde()
        other.execute("ROLLBACK")
    assert run.returncode != 0
    assert "Traceback" not in run.stderr
    assert "database is locked" in run.stderr
    assert course.outcomes() == {}
    expect_the_same_after_another_run(course, undisturbed)


@pytest.mark.skipif(os.getuid() != 0, reason="needs a file system of its own")
@pytest.mark.parametrize(
    "spare",
    [
        *(pytest.param(one, marks=pytest.mark.full) for one in (0, 60_000)),
        pytest.param(200_000, marks=pytest.mark.full),
    ],
)
def test_full_disk_stops_the_run_and_loses_nothing(released, undisturbed, tmp_path, spare):
    """On a disk that is full the run ends with one line a fault, and finishes when there is room."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(disk)], check=True)
    try:
        course = released.copy(disk / "course")
        for name in ("jupyter", "data"):  # Jupyter's own folders, as every home has them: it makes them before all else
            (course.folder / name).mkdir(exist_ok=True)
        (course.folder / "jupyter" / "migrated").touch()
        with (disk / "filler").open("wb") as filler:
            filler.truncate(0)
            free = shutil.disk_usage(disk).free
            filler.write(b"x" * (free - spare))
        run = course.autograde()
        assert run.returncode != 0
        assert "Traceback" not in run.stderr, run.stderr
        assert "No space left" in run.stderr or "disk is full" in run.stderr or "disk I/O error" in run.stderr
        (disk / "filler").unlink()
        expect_the_same_after_another_run(course, undisturbed)
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_notebook_that_changes_while_it_is_read_harms_nobody_else(released, undisturbed, tmp_path):
    """A submission written over and over during the run is graded as one of its forms or refused; the others stay."""
    course = released.copy(tmp_path / "course")
    restless = course.submission("s0-restless") / f"{ASSIGNMENT}.ipynb"
    forms = [json.dumps(fill(RELEASED, name, "")) for name in ("right_stable", "wrong_sign")]
    done = threading.Event()

    def write() -> None:
        rng = random.Random(1)
        while not done.is_set():
            text = rng.choice(forms)
            restless.write_text(text[: rng.choice([len(text), len(text) // 2])])

    writer = threading.Thread(target=write)
    writer.start()
    run = course.autograde()
    done.set()
    writer.join()
    assert (run.returncode, "Traceback" in run.stderr) == (0, False)
    outcome = course.outcomes()["s0-restless"]
    allowed = [undisturbed["outcomes"][student]["points"] for student in ("s0", "s4")]
    assert outcome["outcome"] == "needs_review" or outcome["points"] in allowed
    others = {student: outcome for student, outcome in course.outcomes().items() if student != "s0-restless"}
    assert others == undisturbed["outcomes"]
