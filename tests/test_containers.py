"""A class is graded in real containers, as a user and as root: each mark is what it is on a machine of one's own."""

import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from classes import hand_in_class, make
from contained import in_container
from scratch import OPEN, ROOT, Course
from test_isolation import STANDS

from autograder.sandbox.walls.standing import WALLS

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("containers")]  # they share a course

FEW = {"1002", "1022"}
_GRADE = str(ROOT / "tests" / "containers" / "grade.py")


def graded(students: set[str] | None) -> Iterator[tuple[Course, Course]]:
    """Yield a course that some, or all, have handed in to, and a copy of it that was graded here."""
    with tempfile.TemporaryDirectory(prefix="containers-", dir=OPEN) as folder:
        Path(folder).chmod(0o755)
        course = make(Path(folder) / "course")
        hand_in_class(course, students)
        here = course.copy(Path(folder) / "here")
        done = here.batch()
        assert done.returncode == 0, done.stderr
        subprocess.run(["chmod", "-R", "a+rX", str(course.folder)], check=True)
        yield course, here


@pytest.fixture(scope="module")
def few() -> Iterator[tuple[Course, Course]]:
    """A course with two students."""
    yield from graded(FEW)


@pytest.fixture(scope="module")
def everybody() -> Iterator[tuple[Course, Course]]:
    """A course with the demo's class."""
    yield from graded(None)


def expect_the_same_marks(courses: tuple[Course, Course], user: str, profile: str, *ways: str) -> None:
    """Grade a course in a container in some ways; compare gradebook and outcomes with those that it has here."""
    course, here = courses
    there = in_container(user, profile, "python", _GRADE, str(course.folder), *ways)
    assert there.returncode == 0, there.stdout[-3000:] + there.stderr[-3000:]
    strongest = next(wall for wall in WALLS if wall in STANDS[user, profile])
    found = [json.loads(line) for line in there.stdout.splitlines()]
    assert [one["way"] for one in found] == list(ways)
    for one in found:
        walls = {outcome.pop("wall") for outcome in one["outcomes"].values()}
        assert walls - {None} == {strongest}  # None where nothing was run
        assert one["rows"] == here.rows()
        assert differences(one["outcomes"], here.outcomes()) == {}


def differences(found: dict[str, dict], expected: dict[str, dict]) -> dict[tuple[str, str], tuple]:
    """Return what differs in outcomes but the wall's name, by student and field."""
    assert set(found) == set(expected)
    return {
        (student, field): (found[student].get(field), value)
        for student, outcome in expected.items()
        for field, value in outcome.items()
        if field != "wall" and found[student].get(field) != value
    }


def test_few_have_the_same_marks_behind_docker_s_restrictions(few):
    """Where namespaces are refused, an ordinary user's `autograder autograde` gives the same marks."""
    expect_the_same_marks(few, "user", "docker", "batch")


@pytest.mark.full
@pytest.mark.parametrize(("user", "profile"), list(STANDS), ids=map("-".join, STANDS))
def test_class_has_the_same_marks_by_each_command(everybody, user, profile):
    """The class of thirty in each container, by the batch, by `nbgrader autograde` and by Formgrader's button."""
    expect_the_same_marks(everybody, user, profile, "batch", "nbgrader", "formgrader")
