"""Where students' work is: by the course's own structure of folders, in nbgrader's order, and nowhere else."""

import json
import os
from pathlib import Path

import pytest
import small
import warm
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.course.places import work_of

ROOT = Path(__file__).parent.parent
BELOW = "{nbgrader_step}/{assignment_id}/{student_id}"
STRUCTURES = {
    "nbgrader's own": "{nbgrader_step}/{student_id}/{assignment_id}",
    "students below assignments": BELOW,
    "deeper": "all/{nbgrader_step}/of/{student_id}/{assignment_id}",
    "steps last": "{student_id}/{assignment_id}/{nbgrader_step}",
}


def directory(root: Path, structure: str) -> CourseDirectory:
    """Return the folders of a course as nbgrader knows them."""
    return CourseDirectory(config=Config({"CourseDirectory": {"root": str(root), "directory_structure": structure}}))


@pytest.mark.parametrize("name", STRUCTURES)
def test_work_is_found_whatever_the_structure(tmp_path, name):
    """Each student's folder is found under the student's ID, in order, in a course whose own path is a pattern, too."""
    root = tmp_path / "a [course]"
    coursedir = directory(root, STRUCTURES[name])
    for student in ("b+1", "a.2", ".hidden", "c"):
        Path(coursedir.format_path("submitted", student, "hw")).mkdir(parents=True)
    Path(coursedir.format_path("submitted", "a.2", "hw-2")).mkdir(parents=True)
    Path(coursedir.format_path("autograded", "d", "hw")).mkdir(parents=True)
    Path(coursedir.format_path("submitted", ".ipynb_checkpoints", "hw")).mkdir(parents=True)
    found = work_of(coursedir, "submitted", "*", "hw")
    assert list(found) == [".hidden", "a.2", "b+1", "c"]
    assert found["c"] == Path(coursedir.format_path("submitted", "c", "hw"))
    assert list(work_of(coursedir, "submitted", "[ab]*", "hw")) == ["a.2", "b+1"]


@pytest.mark.slow
def test_a_course_with_students_below_assignments_is_graded(tmp_path):
    """Marks, outcomes and feedback are those of any other course."""
    small.write(tmp_path, "double")
    for student, body in (("right", "return 2 * x"), ("wrong", "return 3 * x")):
        small.hand_in(tmp_path, "double", student, body)
        (tmp_path / "submitted" / "double").mkdir(exist_ok=True)
        (tmp_path / "submitted" / student / "double").rename(tmp_path / "submitted" / "double" / student)
        (tmp_path / "submitted" / student).rmdir()
    (tmp_path / "submitted" / "double" / "wrong" / "link").symlink_to("/etc/passwd")
    config = (ROOT / "nbgrader_config.py").read_text() + f"\nc.CourseDirectory.directory_structure = {BELOW!r}\n"
    (tmp_path / "nbgrader_config.py").write_text(config)
    for command in ("nbgrader generate_assignment", "autograder autograde", "nbgrader generate_feedback"):
        program, step = command.split()
        done = warm.run(program, [step, "double"], tmp_path, os.environ)
        assert done.returncode == 0, done.stderr[-2000:]
    outcomes = {path.stem: json.loads(path.read_text()) for path in (tmp_path / "outcomes" / "double").glob("*.json")}
    assert {student: one["points"] for student, one in outcomes.items()} == {"right": 3, "wrong": 0}
    assert (tmp_path / "feedback" / "double" / "wrong" / "double.html").is_file()
    assert [path.name for path in (tmp_path / "dropped" / "wrong" / "double").iterdir()] == ["0-link"]
