"""The demo: a class of 30 through the whole circle, each with exactly one outcome and nobody touched by another."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hand_ins import NEURON, SOLUTIONS, fill
from nbgrader.api import Gradebook

from autograder.demo.roster import the_class
from autograder.demo.submission import TWISTS, HandIns, assignments

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
PROGRAMS = Path(sys.executable).parent
RELEASED = json.loads((ROOT / "release" / "neuron" / "neuron.ipynb").read_text())
RIGHT = [*sorted(path.stem for path in SOLUTIONS.glob("right_*.py")), "noisy"]
SOME = ("noisy",)  # that are validated in the quick run
POINTS = {
    **{f"right_{name}": 20 for name in ("stable", "where", "loops", "einsum", "float32", "columns", "minus", "axis")},
    "right_differences": 20,
    "noisy": 20,
    "right_naive": 19,
    "right_tanh": 19,
    "wrong_column": 18,
    None: 0,
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Run the demo as its user does; the tests look at what it printed and left."""
    folder = tmp_path_factory.mktemp("demo") / "demo-course"
    command = [str(PROGRAMS / "autograder"), "demo", str(folder)]
    environment = {**os.environ, "COLUMNS": "80"}
    result = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, env=environment, check=False, timeout=500
    )
    assert result.returncode == 0, result.stderr
    return folder, result


@pytest.fixture(scope="module")
def outcomes(demo):
    """Return every outcome by student."""
    paths = sorted((demo[0] / "outcomes" / "neuron").iterdir())
    return {path.stem: json.loads(path.read_text()) for path in paths}


def test_there_are_30_students_with_numbers():
    """The class has 30 different ids, all numbers."""
    ids = {student.id for student in the_class("neuron")}
    assert len(ids) == 30
    assert all(name.isdigit() for name in ids)


@pytest.mark.parametrize("name", assignments())
def test_every_solution_of_a_class_fills_every_cell(name):
    """Whatever a class hands in is there, has a function for each exercise, and met with a twist that there is."""
    hand_ins = HandIns(name)
    for student in the_class(name):
        for solution in filter(None, (student.solution, student.before)):
            assert list(hand_ins.cells(solution)) == list(hand_ins.assignment.exercises)
        assert student.twist in TWISTS
        assert student.what


@pytest.mark.xdist_group("demo")
def test_every_student_has_exactly_one_outcome(outcomes):
    """There is one outcome file for each student, and none besides."""
    assert set(outcomes) == {student.id for student in the_class("neuron")}
    assert {outcome["outcome"] for outcome in outcomes.values()} == {"graded", "needs_review"}


@pytest.mark.xdist_group("demo")
@pytest.mark.parametrize("student", [s for s in the_class("neuron") if s.solution in POINTS], ids=lambda s: s.id)
def test_the_right_ones_get_their_points(outcomes, student):
    """Every right style gets full marks but, at most, saturation, whatever happened to the file on its way."""
    if student.twist == "cut_off":
        assert (outcomes[student.id]["outcome"], outcomes[student.id]["points"]) == ("needs_review", None)
    else:
        assert outcomes[student.id]["points"] == POINTS[student.solution]


@pytest.mark.xdist_group("demo")
def test_the_wrong_ones_lose_points(outcomes):
    """Every wrong solution of the class loses points and is told why."""
    for student in the_class("neuron"):
        if (student.solution or "").startswith("wrong_"):
            criteria = [c for e in outcomes[student.id]["exercises"] for c in e["criteria"]]
            assert outcomes[student.id]["points"] < 20
            assert any(c["verdict"] == "fail" and c["message"] for c in criteria)


@pytest.mark.xdist_group("demo")
def test_what_was_mended_is_noted(outcomes):
    """A deleted cell, a copied one and a renamed file are named in the notes."""
    notes = {student.note: " ".join(outcomes[student.id]["notes"]) for student in the_class("neuron") if student.note}
    assert "cell test_cost was missing" in notes["Deleted a grade cell"]
    assert "extra copy of cell cost" in notes["Copied a cell, mark and all"]
    assert "neuron (final).ipynb" in notes["Renamed the file"]
    assert notes["Right, but handed in late"] == ""


@pytest.mark.xdist_group("demo")
def test_one_is_late_and_one_handed_in_again(demo, outcomes):
    """The gradebook knows exactly one late submission, and the second version of the resubmitted one counts."""
    with Gradebook(f"sqlite:///{demo[0] / 'gradebook.db'}", "neuron-course") as gradebook:
        submissions = gradebook.assignment_submissions("neuron")
        late = [submission.student.id for submission in submissions if submission.total_seconds_late > 0]
    assert late == [student.id for student in the_class("neuron") if student.late]
    (again,) = [student.id for student in the_class("neuron") if student.before]
    assert outcomes[again]["points"] == 19


@pytest.mark.xdist_group("demo")
def test_gradebook_feedback_and_csv_are_there(demo, outcomes):
    """Every student has a gradebook row with the outcome's points, a feedback page and a line in the CSV."""
    folder = demo[0]
    lines = (folder / "grades.csv").read_text().splitlines()[1:]
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "neuron-course") as gradebook:
        for student, outcome in outcomes.items():
            score = gradebook.find_submission("neuron", student).score
            assert score == (outcome["points"] or 0.0)
            assert (folder / "feedback" / student / "neuron" / "neuron.html").is_file()
            assert any(f",{student}," in line for line in lines)


@pytest.mark.xdist_group("demo")
def test_it_prints_a_table_80_columns_wide(demo):
    """What the demo prints fits a terminal 80 columns wide and names every student."""
    lines = demo[1].stdout.splitlines()
    table = [line for line in lines if line[:5].strip().isdigit()]
    assert len(table) == 30
    assert max(map(len, table)) <= 80
    assert "Traceback" not in demo[1].stdout + demo[1].stderr + (demo[0] / "nbgrader.log").read_text()


@pytest.mark.xdist_group("demo")
def test_it_overwrites_nothing_but_an_earlier_demo(tmp_path):
    """A folder that is no demo is refused in one line, and keeps what it holds."""
    (tmp_path / "thesis.txt").write_text("mine")
    command = [str(PROGRAMS / "autograder"), "demo", str(tmp_path)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 3
    assert result.stderr.count("\n") == 1
    assert (tmp_path / "thesis.txt").read_text() == "mine"


@pytest.mark.parametrize(
    "solution", [pytest.param(one, marks=() if one in SOME else pytest.mark.full) for one in RIGHT]
)
def test_right_styles_validate(tmp_path, solution):
    """`nbgrader validate` succeeds on every right style of the demo, warnings included."""
    (content,) = NEURON.files(fill(RELEASED, solution, "It cancels.")).values()
    (tmp_path / "neuron.ipynb").write_bytes(content)
    command = [str(PROGRAMS / "nbgrader"), "validate", "neuron.ipynb"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=200)
    assert "Success" in result.stdout
