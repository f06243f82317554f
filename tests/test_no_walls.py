"""Without walls, which has to be asked for by name, marks are the same; what the machine refuses costs nobody any."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from classes import hand_in_class, make
from hand_ins import RIGHT
from processes import held
from scratch import ASSIGNMENT, AUTOGRADER, NBGRADER, OPEN, ROOT, Course, as_user

from autograder.demo.roster import the_class
from autograder.judge.outcome import NO_WALLS

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("batch")]  # its workers have generated the course already

OTHERS = 20


@pytest.fixture(scope="module")
def generated(tmp_path_factory) -> Course:
    """Make a course in which nobody has handed in."""
    return make(tmp_path_factory.mktemp("none") / "course")


@contextmanager
def ordinary_course(generated: Course, students: set[str]) -> Iterator[tuple[Course, list[str]]]:
    """Let some hand in to the course of an ordinary user with other processes; yield what to put before commands."""
    with tempfile.TemporaryDirectory(prefix="none-", dir=OPEN) as folder:
        Path(folder).chmod(0o755)
        course = generated.copy(Path(folder) / "home" / "course")
        course.environment["XDG_CACHE_HOME"] = str(course.folder)
        hand_in_class(course, students)
        prefix = list(as_user(course))
        readable = [*prefix, sys.executable, "-c", "import autograder"]
        if subprocess.run(readable, capture_output=True, check=False, cwd=course.folder).returncode != 0:
            pytest.skip("another user cannot run this interpreter")
        with held(prefix, OTHERS):
            yield course, prefix


def expect_walled_marks(generated: Course, tmp_path: Path, students: set[str]) -> None:
    """Grade a class behind walls and one without; compare mark by mark."""
    walled = generated.copy(tmp_path / "walled")
    hand_in_class(walled, students)
    assert walled.batch().returncode == 0
    with ordinary_course(generated, students) as (course, prefix):
        result = course._run([*prefix, *AUTOGRADER, "autograde", ASSIGNMENT, "--isolation", "none"])
        assert (result.returncode, result.stderr) == (0, "")
        assert course.marks() == walled.marks()
        ours, theirs = course.outcomes(), walled.outcomes()
    assert {student: found["points"] for student, found in ours.items()} == {
        student: found["points"] for student, found in theirs.items()
    }
    assert all(NO_WALLS in found["notes"] for found in ours.values())
    assert not any(NO_WALLS in found["notes"] for found in theirs.values())


@pytest.mark.full
def test_class_gets_the_same_marks_without_walls(generated, tmp_path):
    """A user with twenty other processes grades the class without walls: each mark is what it is behind walls."""
    expect_walled_marks(generated, tmp_path, {student.id for student in the_class("neuron")})


def test_nbgrader_s_own_command_asks_for_no_wall_where_none_is_wanted(generated):
    """`nbgrader autograde` obeys the same setting, also where there is no bubblewrap, and the outcome says so."""
    with ordinary_course(generated, {"1002"}) as (course, prefix):
        without_bubblewrap = ["env", f"PATH={Path(sys.executable).parent}"]
        result = course._run(
            [*prefix, *without_bubblewrap, *NBGRADER, "autograde", ASSIGNMENT, "--Autograder.isolation=none"]
        )
        assert result.returncode == 0, result.stderr
        (outcome,) = course.outcomes().values()
        assert outcome["points"] == 20.0
        assert NO_WALLS in outcome["notes"]


MEMORY = "big = np.empty(400 << 20, 'u1')\n"
FILES = "files = [open('/dev/null') for _ in range(60)]\n"
# What a user's own limits leave, and what a right solution does that needs more, though less than its own limits.
SHORT = {
    "processes": (f"--nproc={OTHERS + 7}", ""),
    "processes for its walls": (f"--nproc={OTHERS + 11}", ""),
    "memory": ("--as=500000000", MEMORY),
    "open files": ("--nofile=40", FILES),
}


@pytest.mark.parametrize("isolation", ["none", pytest.param("nested", marks=pytest.mark.full)])
def test_what_the_machine_refuses_costs_no_points(tmp_path, isolation):
    """A right solution that the machine has no room for is left to a human; where there is room it has all points."""
    with tempfile.TemporaryDirectory(prefix="short-", dir=OPEN) as folder:
        Path(folder).chmod(0o755)
        home = Path(folder) / "home"
        home.mkdir()
        prefix = list(as_user(SimpleNamespace(folder=home)))
        with held(prefix, OTHERS):
            found = {name: _checked(prefix, home, isolation, *case) for name, case in SHORT.items()}
            rich = _checked(prefix, home, isolation, "--nproc=1000", MEMORY + FILES)
    assert rich == (20.0, {"pass"})
    assert found["memory"] == found["open files"] == (None, {"error"})
    assert all(points in (None, 20.0) for points, _ in found.values()), found


def _checked(prefix: list[str], home: Path, isolation: str, limit: str, more: str) -> tuple[float | None, set[str]]:
    """Return points and verdicts of a right solution that does something more; none where the command ended at once."""
    path = home / "solution.py"
    path.write_text(RIGHT + more, encoding="utf-8")
    environment = {**os.environ, "HOME": str(home), "XDG_CACHE_HOME": str(home), "OPENBLAS_NUM_THREADS": "1"}
    command = [*prefix, "prlimit", limit, *AUTOGRADER, "check", "--json", "--isolation", isolation, str(path)]
    result = subprocess.run(
        command, env={**environment, "TMPDIR": str(home)}, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if not result.stdout:
        assert result.returncode != 0
        return None, set()
    judged = json.loads(result.stdout)
    return judged["points"], {found["verdict"] for entry in judged["exercises"] for found in entry["criteria"]}
