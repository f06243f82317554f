"""Graders that belong to a course: found in its own folder, under any name that nbgrader allows, before ours."""

import json
import os
import shutil
from pathlib import Path

import pytest
import small
import warm
from classes import hand_in_few, make
from dask_cluster import cluster
from ordinary import marks, run

ROOT = Path(__file__).parent.parent
NAMES = ("ps-1", "hw 2.1", "übung")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course whose hidden folders have names that are no Python names."""
    root = tmp_path_factory.mktemp("own")
    (root / "nbgrader_config.py").write_text((ROOT / "nbgrader_config.py").read_text())
    for name in NAMES:
        small.write(root, name)
    return root


@pytest.mark.full
@pytest.mark.parametrize("name", NAMES)
def test_any_name_that_nbgrader_allows(course, name):
    """An assignment of such a name is handed out and graded; its grader imports its neighbour relatively."""
    small.hand_in(course, name, "ada", "return 2 * x")
    small.hand_in(course, name, "bob", "return 3 * x")
    run(course, "nbgrader", "generate_assignment", name)
    run(course, "autograder", "autograde", name)
    found = {path.stem: json.loads(path.read_text())["points"] for path in (course / "outcomes" / name).glob("*.json")}
    assert found == {"ada": 3.0, "bob": 0.0}


def test_the_courses_folder_has_another_name(course, tmp_path):
    """`c.Autograder.graders` names the folder; plain nbgrader finds it there, and nothing in `graders`."""
    copy = tmp_path / "course"
    shutil.copytree(course, copy)
    (copy / "graders").rename(copy / "hidden")
    with (copy / "nbgrader_config.py").open("a") as file:
        file.write('\nc.Autograder.graders = "hidden"\n')
    shutil.rmtree(copy / "submitted", ignore_errors=True)
    small.hand_in(copy, "ps-1", "ada", "return 2 * x")
    run(copy, "nbgrader", "generate_assignment", "ps-1", "--force")
    run(copy, "nbgrader", "autograde", "ps-1", "--force")
    assert json.loads((copy / "outcomes" / "ps-1" / "ada.json").read_text())["points"] == 3.0


@pytest.mark.full
@pytest.mark.xdist_group("batch-elsewhere")
def test_cluster_judges_by_the_courses_graders(tmp_path):
    """Dask workers, which share no folder with the course, judge by the course's graders and not by the package's."""
    course = hand_in_few(make(tmp_path / "course"))
    own = course.folder / "graders" / "neuron"
    shutil.copytree(ROOT / "autograder" / "assignments" / "neuron", own)
    grader = own / "test_sigmoid.py"
    grader.write_text(grader.read_text().replace("Gives", "Truly gives"))
    with cluster(tmp_path / "dask", 1) as address:
        result = course.batch("--scheduler", address)
    assert (result.returncode, result.stderr) == (1, "")  # one of them handed in no notebook
    graded = [json.loads(path.read_text()) for path in (course.folder / "outcomes" / "neuron").glob("*.json")]
    labels = [one["label"] for data in graded for exercise in data["exercises"] for one in exercise["criteria"]]
    assert any(label.startswith("Truly gives") for label in labels)


def test_graders_travel_in_the_job(tmp_path):
    """A hidden folder that went to another machine has the same digest there, and is found by its name."""
    from autograder.grading.assignment import find, read  # noqa: PLC0415 - as below
    from autograder.judge.sending.packed import pack, unpack  # noqa: PLC0415
    from autograder.judge.sending.release import graders_digest  # noqa: PLC0415

    small.write(tmp_path, "hw 2.1")
    packed = pack(read(tmp_path / "graders" / "hw 2.1"))
    shutil.rmtree(tmp_path / "graders")
    there = find("hw 2.1", unpack(packed))
    assert not there.folder.is_relative_to(tmp_path)
    assert graders_digest(there) == packed.digest


def test_changed_graders_are_loaded_anew(tmp_path):
    """In one process a changed file is what judges next, and so is a module that the grader imports."""
    from autograder.grading.assignment import read  # noqa: PLC0415 - as late as a long-lived server would
    from autograder.grading.graders import Graders  # noqa: PLC0415

    small.write(tmp_path, "ps-1")
    folder = tmp_path / "graders" / "ps-1"
    assert read(folder).module("reference").double(2) == 4
    (folder / "reference.py").write_text("def double(x):\n    return 2 * x + 0 * len('changed')\n")
    (folder / "test_double.py").write_text(small.GRADER.replace("points=3", "points=4"))
    with Graders(folder, 1) as graders:
        assert graders.max_points("double") == 4


OF_A = small.GRADER.replace("from .reference", "from ..reference")
OF_B = OF_A.replace("student.double(2) == double(2)", "student.double(3) == 3 * double(1)")  # another exercise


@pytest.fixture(scope="module")
def two(course):
    """Two notebooks with one grade_id, each with its own grader, handed in by three students and graded."""
    small.write_two(course, "two", {"a/test_double.py": OF_A, "b/test_double.py": OF_B})
    run(course, "nbgrader", "generate_assignment", "two")
    for student, bodies in {
        "both": ("return 2 * x", "return 2 * x"),
        "a": ("return 2 * x", "return 0"),
        "b": ("return 4", "return 6"),
    }.items():
        folder = course / "submitted" / student / "two"
        folder.mkdir(parents=True)
        for book, body in zip("ab", bodies, strict=True):
            (folder / f"{book}.ipynb").write_text(small.notebook(body))
    run(course, "autograder", "autograde", "two")
    return course


def test_a_notebook_has_its_own_grader(two):
    """Where notebooks share an id, each cell is judged by the grader in its notebook's folder, and says so."""
    found = {path.stem: json.loads(path.read_text()) for path in (two / "outcomes" / "two").glob("*.json")}
    points = {
        student: [(one["notebook"], one["judged"], one["points"]) for one in data["exercises"]]
        for student, data in found.items()
    }
    assert points == {
        "both": [("a", "outside", 3.0), ("b", "outside", 3.0)],
        "a": [("a", "outside", 3.0), ("b", "outside", 0.0)],
        "b": [("a", "outside", 3.0), ("b", "outside", 3.0)],
    }


def test_their_marks_are_in_the_gradebook(two):
    """The gradebook has each notebook's own mark, and each notebook its own card."""
    found = {key[1:]: mark for key, (mark, _) in marks(two, "course").items() if key[0] == "two"}
    assert found["a", "a", "test_double"] == 3.0
    assert found["a", "b", "test_double"] == 0.0
    for book in "ab":
        graded = json.loads((two / "autograded" / "both" / "two" / f"{book}.ipynb").read_text())
        (cell,) = (one for one in graded["cells"] if one["metadata"]["nbgrader"]["grade"])
        assert cell["outputs"][0]["data"]["text/plain"] == "3.0"


def test_one_grader_for_two_notebooks_is_refused(course):
    """Equal ids without own graders are refused in one line, which names both and where graders belong."""
    small.write_two(course, "one", {"test_double.py": small.GRADER})
    done = warm.run("nbgrader", ["generate_assignment", "one"], course, os.environ)
    (line,) = {one for one in done.stderr.splitlines() if "several" in one and "ERROR" in one}
    assert done.returncode == 1
    assert "test_double in a.ipynb, test_double in b.ipynb" in line
    assert "graders/one/a/test_double.py and graders/one/b/test_double.py" in line
