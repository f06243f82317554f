"""Nothing stays graded by what is no longer so: files, points, graders, gradebook, and runs that were interrupted."""

import json
import os
import shutil
import signal
import sqlite3
import time

import pytest
import warm
from nbgrader.api import Gradebook
from scratch import AUTOGRADER, Course
from small import GRADER, hand_in, write

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stale")]

NAME = "double"
FEW = ("ada", "bob", "eve")
BATCH = [*AUTOGRADER, "autograde"]
CONFIG = """c = get_config()
from autograder.course.configure import configure
c.CourseDirectory.course_id = "small"
configure(c)
"""


class Small(Course):
    """A course with the smallest assignment that has a grader."""

    def grade(self, *options):
        """Run `autograder autograde`; return its status and what it printed."""
        done = warm.run("autograder", ["autograde", NAME, "--workers", "1", *options], self.folder, self.environment)
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout + done.stderr

    def points(self):
        """Return each student's points: by the outcomes, and in the gradebook."""
        outcomes = {path.stem: json.loads(path.read_text()) for path in self.folder.glob(f"outcomes/{NAME}/*.json")}
        with Gradebook(self.db_url, "small") as gradebook:
            marks = {one.student.id: one.score for one in gradebook.assignment_submissions(NAME)}
        return {student: one["points"] for student, one in outcomes.items()}, marks

    def copy(self, folder):
        """Return a copy of this course as it is now."""
        return Small(super().copy(folder).folder)

    def change_graders(self):
        """Let whoever doubles earn nothing any more: the grader expects the triple."""
        path = self.folder / "graders" / NAME / "test_double.py"
        path.write_text(GRADER.replace("== double(2)", "== 6"))


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Return a graded course of three who are right."""
    course = Small(tmp_path_factory.mktemp("stale") / "course")
    course.folder.mkdir()
    (course.folder / "nbgrader_config.py").write_text(CONFIG)
    write(course.folder, NAME)
    assert course.nbgrader("generate_assignment", NAME).returncode == 0
    for student in FEW:
        hand_in(course.folder, NAME, student, "return 2 * x")
    assert course.grade()[0] == 0
    return course


@pytest.fixture
def course(graded, tmp_path):
    """Return a copy of it."""
    return graded.copy(tmp_path / "course")


def test_a_changed_notebook_is_graded_though_its_time_is_the_same(course):
    """What was handed in again with the old timestamp, as a platform's archive leaves it, is seen by its content."""
    path = course.folder / "submitted" / "bob" / NAME / f"{NAME}.ipynb"
    path.write_text(path.read_text().replace("2 * x", "3 * x"))
    assert "1 graded, 2 as they were" in course.grade()[1]
    assert course.points()[0]["bob"] == 0


def test_other_graders_are_told_and_force_grades_again(course):
    """A run says how many are stale and why, and leaves them; `--force` grades them, and nothing is stale any more."""
    course.change_graders()
    status, said = course.grade()
    assert (status, "3 stale: graders changed; --force grades them again" in said) == (0, True)
    assert set(course.points()[0].values()) == {3.0}
    assert "3 graded" in course.grade("--force")[1]
    assert set(course.points()[0].values()) == {0.0}
    assert "stale" not in course.grade()[1]


@pytest.mark.full
def test_other_marks_in_the_gradebook_are_stale(course):
    """A gradebook from a backup holds marks of another time."""
    with sqlite3.connect(course.folder / "gradebook.db") as database:
        database.execute("UPDATE grade SET auto_score = 1.0 WHERE id = (SELECT min(id) FROM grade)")
    assert "1 stale: the gradebook holds other marks" in course.grade()[1]


@pytest.mark.full
def test_a_lost_gradebook_is_filled_again(course):
    """What the new gradebook does not know is graded again, as is a student who was removed."""
    (course.folder / "gradebook.db").unlink()
    assert course.nbgrader("generate_assignment", NAME, "--force").returncode == 0
    assert "3 graded" in course.grade()[1]
    assert course.points()[1] == dict.fromkeys(FEW, 3.0)
    assert course.nbgrader("db", "student", "remove", "eve", "--force").returncode == 0
    assert "1 graded, 2 as they were" in course.grade()[1]
    assert course.points()[1] == dict.fromkeys(FEW, 3.0)


@pytest.mark.parametrize("where", ["graders", pytest.param("source", marks=pytest.mark.full)])
def test_points_that_disagree_are_refused(course, where):
    """Where notebook, gradebook and grader do not agree nothing is judged, and the run says who says what."""
    if where == "graders":
        path = course.folder / "graders" / NAME / "test_double.py"
        path.write_text(path.read_text().replace("points=3", "points=4"))
    else:
        path = course.folder / "source" / NAME / f"{NAME}.ipynb"
        path.write_text(path.read_text().replace('"points": 3', '"points": 4'))
    before = course.files()
    status, said = course.grade("--force")
    assert (status, said.count("\n")) == (2, 1)
    assert "test_double is worth 3 points in the gradebook, and 4" in said
    assert course.files() == before


def test_hand_ins_without_a_notebook_are_told(course):
    """They stand in the table and in --json, with what was found; folders that are no students are nobody."""
    for student, file in (("zoe", "hw/double.ipynb"), ("max", "double.zip"), ("__MACOSX", "x"), ("kim", "essay.docx")):
        path = course.folder / "submitted" / student / NAME / file
        path.parent.mkdir(parents=True)
        path.write_text("{}")
    status, said = course.grade("--json")
    told = {one["student"]: one["reason"] for one in map(json.loads, said.splitlines())}
    assert (status, set(told)) == (1, {"zoe", "max", "kim"})
    assert "'hw/double.ipynb' lies in a folder; hand in double.ipynb itself" in told["zoe"]
    assert "'double.zip' is an archive" in told["max"]
    assert "'essay.docx'" in course.grade()[1]


@pytest.mark.full
def test_limits_reach_reading(course):
    """A notebook with more cells than `--limits` allows is not read further."""
    course.grade("--force", "--limits", "notebook_cells=1")
    outcome = json.loads((course.folder / "outcomes" / NAME / "ada.json").read_text())
    assert "2 cells, more than 1" in outcome["reason"]


@pytest.mark.parametrize(("number", "stops"), [(2, 1), pytest.param(97, 10, marks=pytest.mark.full)])
def test_an_interrupted_force_goes_on(graded, tmp_path, number, stops):
    """After Ctrl+C and a kill a plain run says what is left, and `--force` grades the rest, and nobody twice."""
    course = graded.copy(tmp_path / "course")
    many = [f"s{one:02}" for one in range(number)]
    for student in many:
        shutil.copytree(course.folder / "submitted" / "ada", course.folder / "submitted" / student)
    course.grade()
    course.change_graders()
    for stop in range(stops):
        run = course._start(["env", "--default-signal=INT", *BATCH, NAME, "--force", "--workers", "1"])
        before = len(regraded(course))
        while run.poll() is None and len(regraded(course)) < before + 2:
            time.sleep(0.01)
        os.kill(run.pid, signal.SIGKILL if stop % 2 else signal.SIGINT)
        run.wait()
    done = regraded(course)
    left = len(many) + len(FEW) - len(done)
    assert left > 0
    said = course.grade()[1]
    assert "stale: graders changed; --force grades them again" in said
    assert "a run with --force was interrupted: --force goes on with the" in said
    status, said = course.grade("--force")
    assert (status, "going on with a run that was interrupted" in said) == (0, True)
    assert all(
        (course.folder / "outcomes" / NAME / f"{one}.json").stat().st_mtime_ns == when for one, when in done.items()
    )
    assert set(course.points()[0].values()) == {0.0} == set(course.points()[1].values())
    assert f"{len(many) + len(FEW)} graded" in course.grade("--force")[1]


def regraded(course):
    """Return who was graded by the new graders, and when."""
    paths = [path for path in course.folder.glob(f"outcomes/{NAME}/*.json") if '"points": 0.0' in path.read_text()]
    return {path.stem: path.stat().st_mtime_ns for path in paths}
