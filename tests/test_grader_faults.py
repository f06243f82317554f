"""A grader that fails: nobody loses a point, a human is asked, and nothing leaves the course before."""

import json
import os
from pathlib import Path

import pytest
import small
import warm
from nbgrader.api import Gradebook

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("grader-faults")]  # they share a course

ROOT = Path(__file__).parent.parent
GRADER = '''
from autograder.grading import GraderFault, criterion

@criterion(points=1)
def test_value(student):
    """Doubles."""
    assert student.double(2) == 4

@criterion(points=2)
def test_broken(student):
    """Is broken when the answer is odd."""
    if student.double(1) % 2:
        raise KeyError("a fault of the grader")
'''


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course with an assignment of its own, graded for a right and for an unlucky student."""
    root = tmp_path_factory.mktemp("faults")
    small.write(root, "double", GRADER)
    exchange = root / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    config = (ROOT / "nbgrader_config.py").read_text() + f"\nc.Exchange.root = {str(exchange)!r}\n"
    (root / "nbgrader_config.py").write_text(config)
    for student, body in (("right", "return 2 * x"), ("unlucky", "return 2 * x if x > 1 else 3")):
        small.hand_in(root, "double", student, body)
    for command in ("generate_assignment", "autograde", "generate_feedback"):
        done = nbgrader(root, command, "double")
        assert done.returncode == 0, done.stderr[-2000:]
    return root


def nbgrader(root, *arguments):
    """Run a command of nbgrader's."""
    return warm.run("nbgrader", [*arguments], root, os.environ)


def outcome(root, student):
    """Return a student's outcome."""
    return json.loads((root / "outcomes" / "double" / f"{student}.json").read_text())


def test_the_verdict_is_error_and_the_points_are_open(course):
    """The outcome says `error` for that criterion, and leaves points open for it, the exercise and the whole."""
    found = outcome(course, "unlucky")
    (exercise,) = found["exercises"]
    assert [entry["verdict"] for entry in exercise["criteria"]] == ["pass", "error"]
    assert (exercise["criteria"][1]["points"], exercise["points"], found["points"]) == (None, None, None)
    assert outcome(course, "right")["points"] == 3


def test_the_score_is_empty_and_waits_for_a_human(course):
    """The gradebook holds no automatic score for that cell, and asks for a manual one; others are untouched."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "neuron-course") as gradebook:
        grade = gradebook.find_grade("test_double", "double", "double", "unlucky")
        assert (grade.auto_score, grade.needs_manual_grade) == (None, True)
        grade = gradebook.find_grade("test_double", "double", "double", "right")
        assert (grade.auto_score, grade.needs_manual_grade) == (3.0, False)


def test_feedback_and_export_name_it_and_release_waits(course):
    """The page says that a human will look, the export names the cell, and this feedback alone waits for a mark."""
    page = (course / "feedback" / "unlucky" / "double" / "double.html").read_text()
    assert "needs a human" in page
    exported = nbgrader(course, "export")
    assert "double: unlucky: test_double has no mark yet" in exported.stderr
    refused = nbgrader(course, "release_feedback", "double")
    assert refused.returncode != 0
    assert "unlucky: feedback not released: mark these by hand first (Formgrader): test_double" in refused.stderr
    assert "right: feedback not" not in refused.stderr
    assert "Traceback" not in refused.stderr
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "neuron-course") as gradebook:
        grade = gradebook.find_grade("test_double", "double", "double", "unlucky")
        grade.manual_score, grade.needs_manual_grade = 2.0, False
        gradebook.db.commit()
    assert nbgrader(course, "release_feedback", "double").returncode == 0


def test_another_platform_gets_no_score(course):
    """`check` ends with 1 and names the exercise; what it prints for Gradescope has the reason and no score."""
    work = course / "submitted" / "unlucky" / "double" / "double.ipynb"
    command = ["check", "--assignment", "double", "--format", "gradescope", str(work)]
    done = warm.run("autograder", command, course, os.environ)
    data = json.loads(done.stdout)
    assert (done.returncode, data["tests"], "score" in data) == (1, [], False)
    assert "Not marked yet: its graders failed for double" in data["output"]
    assert f"{work}: its graders failed for double" in done.stderr
