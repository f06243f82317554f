"""The batch with other databases and other executors comes to the same; workers that must not judge are refused."""

import os
import shutil
import signal
from pathlib import Path

import pytest
from classes import expect_one_line, expect_the_same, hand_in_few, make
from dask_cluster import PATIENCE, cluster, wait_for
from scratch import ROOT, Course

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("batch-elsewhere")]  # they share a course


@pytest.fixture(scope="module")
def few(tmp_path_factory) -> Course:
    """Let a few hand in."""
    return hand_in_few(make(tmp_path_factory.mktemp("few") / "course"))


@pytest.fixture(scope="module")
def graded(few, tmp_path_factory) -> Course:
    """Let the batch grade them on this machine, with SQLite."""
    course = few.copy(tmp_path_factory.mktemp("graded") / "course")
    assert course.batch().returncode == 1  # one of them handed in no notebook
    return course


@pytest.mark.full
def test_dask_workers_come_to_the_same(few, graded, tmp_path):
    """Judged by two Dask workers, which share no folder with the course, all is as if judged on this machine."""
    course = few.copy(tmp_path / "course")
    with cluster(tmp_path / "dask", 2) as address:
        result = course.batch("--scheduler", address)
    assert (result.returncode, result.stderr) == (1, "")  # one of them handed in no notebook
    expect_the_same(course, graded)


@pytest.mark.full
def test_killed_dask_worker_costs_nothing(few, graded, tmp_path):
    """A worker of the cluster that is killed meanwhile is replaced by its nanny, and its submission judged again."""
    course = few.copy(tmp_path / "course")
    with cluster(tmp_path / "dask", 2) as address:
        run = course.start_batch("--scheduler", address)
        wait_for(course.finished)
        from distributed import Client  # noqa: PLC0415 - takes its time

        with Client(address, set_as_default=False) as client:
            victim = next(iter(client.run(os.getpid).values()))
        os.kill(victim, signal.SIGKILL)
        assert run.wait(PATIENCE) == 1
    expect_the_same(course, graded)


def no_workers(folder: Path) -> tuple[int, dict[str, str]]:
    """Return a cluster without workers."""
    return 0, {}


def no_walls(folder: Path) -> tuple[int, dict[str, str]]:
    """Return a worker that cannot wall student code off."""
    return 1, {"PATH": str(folder)}


def another_version(folder: Path) -> tuple[int, dict[str, str]]:
    """Return a worker with another version of the package."""
    shutil.copytree(ROOT / "autograder", folder / "other" / "autograder")
    with (folder / "other" / "autograder" / "judge" / "judge.py").open("a") as module:
        module.write("\n# another version\n")
    return 1, {"PYTHONPATH": str(folder / "other")}


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (no_workers, "has no workers: start some with 'dask worker"),
        (no_walls, "1 of 1 workers cannot judge"),
        (another_version, "another version of autograder"),
    ],
)
def test_workers_that_must_not_judge_are_refused(few, tmp_path, spoil, said):
    """Before anything is written the run ends with one line, where no worker can judge as this machine would."""
    course = few.copy(tmp_path / "course")
    before = course.rows()
    count, environment = spoil(tmp_path)
    with cluster(tmp_path / "dask", count, environment) as address:
        expect_one_line(course.batch("--scheduler", address), 3, said)
    assert (course.rows(), course.files()) == (before, {})


@pytest.mark.full
def test_postgresql_comes_to_the_same(postgres, graded, tmp_path):
    """With the gradebook in PostgreSQL the rows are those of SQLite, by the batch and by nbgrader's own command."""
    db_url = postgres.create("elsewhere")
    course = hand_in_few(make(tmp_path / "course", db_url))
    result = course.batch()
    assert (result.returncode, result.stderr) == (1, "")  # one of them handed in no notebook
    expect_the_same(course, graded, db_url)
    assert course.autograde("--force", "--student", "1001").returncode == 0
    expect_the_same(course, graded, db_url)


def test_postgresql_that_cannot_be_reached_is_one_line(few, tmp_path):
    """A database that is not there ends the run before anything is written, with one line."""
    course = few.copy(tmp_path / "course")
    with (course.folder / "nbgrader_config.py").open("a") as config:
        config.write(f"c.CourseDirectory.db_url = 'postgresql://nobody:secret@/none?host={tmp_path}'\n")
    result = course.batch()
    expect_one_line(result, 3, "the gradebook cannot be used")
    assert "secret" not in result.stderr
    assert course.files() == {}
