"""Attacks by the name of a folder: whatever a student id is, the others of the class are graded, by both commands."""

import hashlib
import json
import os
from pathlib import Path

import pytest
import warm
from arena import RIGHT as SOLUTION
from scratch import ASSIGNMENT, GRADED, Course
from submissions import NAME, RIGHT

from autograder.course.ids import refusal
from autograder.course.records import history

pytestmark = pytest.mark.xdist_group("attacks-ids")

HONEST = ("bitdiddle", "o'neill, j. {x}", "ö" * 101, "ü" * 127, "x" * 128)
ODD_FILE = "odd-file"
REFUSED = (
    "x" * 253,
    "y" * 129,
    os.fsdecode(b"\xff\xfe"),
    os.fsdecode(b"\xff" * 250),
    "line\nend",
    "line\r",
    ".hidden",
    "[bd]*,bitdiddle",
    "?" * 255,
    f".{hashlib.sha256(b'x' * 253).hexdigest()[:32]}",
)


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Course:
    """Let honest students and those of odd names hand in the same right notebook."""
    course = Course.make(tmp_path_factory.mktemp("ids") / "course")
    for student in (*HONEST, *REFUSED):
        (course.submission(student) / NAME).write_text(json.dumps(RIGHT))
    (course.folder / "submitted" / "no-folder").write_text("")
    with (course.submission(ODD_FILE) / os.fsdecode(b"\xff\x1b.ipynb")).open("wb") as file:
        file.truncate(11 << 20)  # too large to be read: the reason names it
    return course


@pytest.fixture(scope="module", params=["batch", pytest.param("nbgrader", marks=pytest.mark.full)])
def graded(request, course, tmp_path_factory) -> Course:
    """Grade the class by one of the two commands."""
    found = course.copy(tmp_path_factory.mktemp(request.param) / "course")
    result = found.batch() if request.param == "batch" else found.autograde()
    assert result.returncode == (1 if request.param == "batch" else 0), result.stderr  # some cannot be graded
    assert "Traceback" not in result.stderr
    return found


def outcome(course: Course, student: str) -> dict:
    """Return the outcome of a student."""
    path = course.folder / "outcomes" / ASSIGNMENT / f"{history.file_name(student)}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def test_odd_ids_cost_nobody_else_anything(graded):
    """Everybody whose id nbgrader can deal with gets the marks of the work, with a class of others that it cannot."""
    for student in HONEST:
        assert outcome(graded, student)["outcome"] == "graded"
        assert graded.marks()[student] == GRADED


def test_refused_ids_are_told_what_to_do(graded):
    """Who cannot be graded under that name has an outcome of their own that says so, and nothing in the gradebook."""
    for student in REFUSED:
        found = outcome(graded, student)
        assert (found["outcome"], found["reason"][-17:]) == ("needs_review", "rename the folder")
        assert student not in graded.marks()
        assert not (graded.folder / "autograded" / student).exists()
    files = list((graded.folder / "outcomes" / ASSIGNMENT).iterdir())
    assert len(files) == len(HONEST) + len(REFUSED) + 1


def test_file_whose_name_is_no_text_is_told_in_text(graded):
    """A notebook of a name that has no encoding, and that cannot be read, has its outcome as any other."""
    found = outcome(graded, ODD_FILE)
    assert (found["outcome"], "larger than" in found["reason"]) == ("needs_review", True)


def test_second_run_goes_on(graded):
    """Grading once more, all of them, ends as well and keeps the history of each."""
    result = graded.batch("--force")
    assert (result.returncode, "Traceback" in result.stderr) == (1, False)
    assert outcome(graded, HONEST[-1])["outcome"] == "graded"


@pytest.mark.parametrize("student", ["a" * 255, os.fsdecode(b"\x80" * 255), "ö" * 127, ".x", "a", "a.tmp", "-rf"])
def test_file_of_an_id_has_a_name_that_fits(tmp_path, student):
    """Whatever an id is, its files can be made, and no id that is graded has another's file."""
    name = history.file_name(student)
    for suffix in (".json", ".jsonl"):
        (tmp_path / f"{name}{suffix}").write_text("")
    assert name == student or refusal(name) is not None


def test_file_of_any_name_is_checked(tmp_path):
    """`check` judges a file whatever it is called, and each file after it."""
    names = ["x" * 252 + ".py", os.fsdecode(b"\xff\n.py"), "a\x1b[31m.py", "right.py"]
    for name in names:
        (tmp_path / name).write_text(SOLUTION)
    result = warm.run("autograder", ["check", "--json", *names], tmp_path, os.environ)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["points"] for line in lines] == [20.0] * len(names)
    assert Path(lines[-1]["solution"]).name == "right.py"
