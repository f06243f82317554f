"""Attacks by what a judged function returns: each costs its own student at the most, in all three ways of grading.

Each function gives right answers of another kind than an array of them, or no answers at all but a burden. Which of
them are judged without a fault at all is in `test_fuzz_answers`.
"""

import copy
import json
import subprocess
import sys

import pytest
from arena import RIGHT as SOLUTION
from handing_in import before_each_check
from scratch import GRADED, Course
from submissions import NAME, RIGHT, WRONG

pytestmark = pytest.mark.xdist_group("attacks-answers")

HONEST = ("abel", "zuse")  # first and last of the class
ANSWERS = {
    "ragged": "[np.zeros((2, 3)), np.zeros((2, 4))]",
    "no-numbers": "np.zeros((1 << 39, 0))",
    "rows-without-numbers": "[[np.zeros((1 << 39, 0))], {(): np.zeros((0, 1 << 39))}]",
    "broadcast": "(np.zeros((1, 10**5)), np.zeros((10**5, 1)))",
    "deep": "__import__('functools').reduce(lambda inner, _: [inner, inner, 0.5], range(7), 1.0)",
    "digits": "[10**999] * 3",
    "dict": "{None: [1.0], 'a': {2.5: (np.inf, np.zeros((2,) * 12))}}",
    "strange": "np.array([1.0, [2.0], None, 'x' * 10**5], dtype=object)",
    "masked": "np.ma.masked_array(np.ones((3, 3)), mask=True)",
    "long": "np.longdouble('1e4000') * np.ones(4)",
    "many": "[[]] * 10**4",
}


def spoilt(answer: str) -> dict:
    """Return a right notebook whose gradient comes as something else."""
    source = f"import numpy as np\n\ndef dC_dw(w, b, X, y):\n    return {answer}\n"
    return before_each_check(copy.deepcopy(RIGHT), source)


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Course:
    """Let honest students and attackers hand in."""
    course = Course.make(tmp_path_factory.mktemp("answers") / "course")
    for student in HONEST:
        (course.submission(student) / NAME).write_text(json.dumps(WRONG))
    for name, answer in ANSWERS.items():
        (course.submission(f"m-{name}") / NAME).write_text(json.dumps(spoilt(answer)))
    return course


@pytest.fixture(scope="module", params=["batch", pytest.param("nbgrader", marks=pytest.mark.full)])
def graded(request, course, tmp_path_factory) -> Course:
    """Grade the class by one of the two commands."""
    found = course.copy(tmp_path_factory.mktemp(request.param) / "course")
    result = found.batch("--workers", "2") if request.param == "batch" else found.autograde()
    assert (result.returncode, "Traceback" in result.stderr) == (0, False), result.stderr
    return found


def test_answers_cost_their_own_student_at_the_most(graded):
    """Each attacker is graded, loses the exercise's points alone, and nobody has to look at it."""
    for name in ANSWERS:
        outcome = graded.outcomes()[f"m-{name}"]
        assert (outcome["outcome"], outcome["reason"]) == ("graded", None)
        marks = graded.marks()[f"m-{name}"]
        assert {**marks, "test_dC_dw": None} == {**GRADED, "test_dC_dw": None}
        assert 0.0 <= marks["test_dC_dw"] <= 2.5, name
        assert not [note for note in outcome["notes"] if "could not be" in note]


def test_honest_students_have_their_card(graded):
    """The honest, before and after them, have the marks and the explanation that they have alone."""
    first, last = (graded.outcomes()[student] for student in HONEST)
    assert first["exercises"] == last["exercises"]
    assert any(exercise["counterexample"] for exercise in first["exercises"])


@pytest.mark.full
def test_check_judges_every_file(tmp_path):
    """A list of files, one of which after the other returns such answers, has a line for each, and the text a card."""
    files = []
    for name, answer in ANSWERS.items():
        files.append(f"{name}.py")
        text = f"{SOLUTION}\ndef dC_dw(w, b, X, y):\n    return {answer}\n"
        (tmp_path / files[-1]).write_text(text)
    (tmp_path / "right.py").write_text(SOLUTION)
    for options in (["--json"], []):
        files = files if options else files[:2]
        command = [sys.executable, "-m", "autograder.cli", "check", *options, *files, "right.py"]
        result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300)
        assert (result.returncode, result.stderr) == (0, "")
        if options:
            lines = [json.loads(line) for line in result.stdout.splitlines()]
            assert [line["solution"] for line in lines] == [*files, "right.py"]
            assert lines[-1]["points"] == 20.0
        else:
            assert result.stdout.count("dC_dw: ") == len(files) + 1
