"""The batch killed at any moment, with its workers and its connections, comes to what it would have come to."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field

import pytest
from classes import RELEASED, expect_the_same, make
from hand_ins import fill
from malformed import hand_in
from processes import descendants, parent_of, runs, servers_and_workers
from scratch import ASSIGNMENT, ROOT, Course

from autograder.course.records.outcomes import UNFINISHED

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("batch-faults")]  # they share a course

PATIENCE = 1800.0
STYLES = ("right_stable", "wrong_no_mean", "right_loops", "noisy", "wrong_sign", "right_einsum")


def class_of(course: Course, number: int) -> Course:
    """Let that many hand in."""
    for index in range(number):
        hand_in(course.submission(f"s{index:03}"), fill(RELEASED, STYLES[index % len(STYLES)], "They cancel."))
    return course


def workers_of(run: subprocess.Popen) -> list[int]:
    """Return the processes of a run that judge."""
    forked = servers_and_workers(run.pid)
    return [pid for pid, parent in forked.items() if parent in forked]


@dataclass
class Killer:
    """Runs the batch to its end, however often it is killed, at moments drawn from a seed."""

    course: Course
    rng: random.Random
    cut_connections: object = None
    struck: dict[str, int] = field(default_factory=dict)

    def grade(self, number: int, kills: int) -> None:
        """Strike each time that some more submissions have been graded; then let the run come to its end."""
        marks = sorted(self.rng.randrange(number) for _ in range(kills))
        run = self.course.start_batch()
        for mark in marks:
            run = self._wait_for(run, mark)
            time.sleep(self.rng.uniform(0.0, 0.3))
            self._strike(run)
        deadline = time.monotonic() + PATIENCE
        while run.wait(PATIENCE) != 0:
            assert time.monotonic() < deadline
            run = self.course.start_batch()

    def _wait_for(self, run: subprocess.Popen, mark: int) -> subprocess.Popen:
        deadline = time.monotonic() + PATIENCE
        while self.course.finished() < mark:
            assert time.monotonic() < deadline, "the run gets nowhere"
            if run.poll() is not None:
                run = self.course.start_batch()
            time.sleep(0.05)
        return run

    def _strike(self, run: subprocess.Popen) -> None:
        kind = self.rng.choice(["run", "worker", *(["connection"] if self.cut_connections else [])])
        self.struck[kind] = self.struck.get(kind, 0) + 1
        if kind == "run":
            children = descendants(run.pid)
            run.kill()
            run.wait()
            deadline = time.monotonic() + PATIENCE
            while [pid for pid in children if runs(pid)]:
                assert time.monotonic() < deadline, "a process of a run outlives it"
                time.sleep(0.01)
        elif kind == "worker":
            if workers := workers_of(run):
                os.kill(self.rng.choice(workers), signal.SIGKILL)
        else:
            self.cut_connections()


@pytest.mark.parametrize(
    ("number", "kills"),
    [pytest.param(6, 3, marks=pytest.mark.full), pytest.param(300, 50, marks=pytest.mark.full)],
    ids=["a few", "fifty"],
)
def test_kills_cost_nothing(postgres, tmp_path, number, kills):
    """Whatever is killed and however often, marks, files and outcomes are those of a run that nothing disturbed."""
    undisturbed = class_of(make(tmp_path / "undisturbed"), number)
    assert undisturbed.batch().returncode == 0
    name = f"kills_{number}"
    db_url = postgres.create(name)
    course = class_of(make(tmp_path / "course", db_url), number)
    killer = Killer(course, random.Random(kills), lambda: postgres.cut_connections(name))
    killer.grade(number, kills)
    assert sum(killer.struck.values()) == kills
    expect_the_same(course, undisturbed, db_url)


@pytest.mark.parametrize("seed", [pytest.param(seed, marks=() if seed < 1 else pytest.mark.full) for seed in range(10)])
def test_killed_run_goes_on_where_it_ended(tmp_path, seed):
    """With SQLite, too: killed once, and started again, a run grades only the rest, and comes to the same."""
    undisturbed = class_of(make(tmp_path / "undisturbed"), 6)
    course = undisturbed.copy(tmp_path / "course")
    assert undisturbed.batch().returncode == 0
    killer = Killer(course, random.Random(seed))
    killer.grade(6, 2)
    expect_the_same(course, undisturbed)


@pytest.mark.parametrize(
    "whom",
    [
        pytest.param(lambda worker: worker, id="worker", marks=pytest.mark.full),
        pytest.param(parent_of, id="forked from", marks=pytest.mark.full),
    ],
)
def test_workers_killed_from_outside_do_not_count(tmp_path, whom):
    """A submission that has lost several workers, each killed by somebody else, is graded as if nothing had been."""
    undisturbed = make(tmp_path / "undisturbed")
    slow = fill(RELEASED, "wrong_sign", "They cancel.")
    cell = next(one for one in slow["cells"] if one["metadata"].get("nbgrader", {}).get("grade_id") == "sigmoid")
    cell["source"] += "\nimport time\n\ntime.sleep(1)\n"
    hand_in(undisturbed.submission("s000"), slow)
    course = undisturbed.copy(tmp_path / "course")
    assert undisturbed.batch().returncode == 0
    run = course.start_batch("--workers", "1")
    for _ in range(3):
        worker = judging(run)
        os.kill(whom(worker), signal.SIGKILL)
        while runs(worker):
            assert run.poll() is None
            time.sleep(0.01)
    assert run.wait(PATIENCE) == 0
    expect_the_same(course, undisturbed)


def judging(run: subprocess.Popen) -> int:
    """Wait for a worker of a run that has students' processes."""
    while True:
        assert run.poll() is None
        for worker in workers_of(run):
            if descendants(worker):
                return worker
        time.sleep(0.05)


@pytest.mark.full
def test_run_whose_workers_never_start_grades_nobody(tmp_path):
    """Where all workers die before they are ready the run ends, and blames no submission; the next one grades all."""
    undisturbed = class_of(make(tmp_path / "undisturbed"), 3)
    course = undisturbed.copy(tmp_path / "course")
    assert undisturbed.batch().returncode == 0
    run = course.start_batch()
    while run.poll() is None:
        for pid in servers_and_workers(run.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)
    assert run.returncode == 3
    assert {one["reason"] for one in course.outcomes().values()} <= {UNFINISHED}
    assert course.batch().returncode == 0
    expect_the_same(course, undisturbed)


LETHAL = """

@criterion(points=0.0)
def test_first(student):
    \"\"\"Ends the worker that judges a certain answer.\"\"\"
    import os
    import signal

    if student.sigmoid(12345.0) == 57:
        {death}
"""


@pytest.mark.parametrize(
    ("death", "said"),
    [
        ("os._exit(1)", "the worker that judged it ended twice"),
        pytest.param(
            "signal.raise_signal(signal.SIGKILL)",
            "5 workers that judged it were killed: grade it again with --force",
            marks=pytest.mark.full,
        ),
    ],
)
def test_submission_that_kills_its_workers_needs_review(tmp_path, death, said):
    """One whose worker dies each time is left to a human, without a score; the others are graded."""
    course = class_of(make(tmp_path / "course"), 3)
    folder = course.folder / "graders" / ASSIGNMENT
    shutil.copytree(ROOT / "autograder" / "assignments" / ASSIGNMENT, folder)
    grader = folder / "test_sigmoid.py"
    head = "from autograder.grading import criterion\n"
    grader.write_text(
        grader.read_text().replace("from autograder", head + "from autograder", 1) + LETHAL.format(death=death)
    )
    poison = fill(RELEASED, "right_stable", "")
    cell = next(one for one in poison["cells"] if one["metadata"].get("nbgrader", {}).get("grade_id") == "sigmoid")
    cell["source"] = "def sigmoid(z):\n    return 57.0\n"
    hand_in(course.submission("s001-poison"), poison)
    result = course.batch()
    assert (result.returncode, result.stderr) == (0, "")
    assert said in result.stdout
    assert "3 graded, 1 needs review" in result.stdout
    assert set(course.marks()["s001-poison"].values()) == {None}
    assert course.finished() == 3
