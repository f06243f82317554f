"""The demo: two classes through the whole circle, each student with exactly one outcome, untouched by the others."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.demo.hand_ins import TWISTS, HandIns, assignments
from autograder.demo.roster import the_class
from autograder.review.alike import groups
from autograder.review.reading.classroom import Classroom

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
PROGRAMS = Path(sys.executable).parent
RIGHT = [
    *((name, one) for name in assignments() for one in HandIns(name).solutions if one.startswith("right_")),
    ("neuron", "noisy"),
]
SOME = [("neuron", "noisy")]  # that are validated in the quick run
POINTS = {
    **{f"right_{name}": 20 for name in ("stable", "where", "loops", "einsum", "float32", "columns", "minus", "axis")},
    "right_differences": 20,
    "noisy": 20,
    "right_naive": 19,
    "right_tanh": 19,
    "wrong_column": 18,
    None: 0,
}
LOST = {  # of `network`: the exercises and criteria that each solution fails
    "right_plain": {"cost": ["saturation"]},
    "wrong_no_sigma": {"feedforward": ["value"]},
    "wrong_factor_kept": {"output_error": ["value"]},
    "wrong_no_slope": {"hidden_error": ["value"]},
    "wrong_layer_1": {"backprop": ["value", "twice"]},
    "wrong_layer_1_again": {"backprop": ["value", "twice"]},
    "wrong_layer_2": {"backprop": ["value", "twice"]},
    "wrong_uphill": {"gradient_step": ["value"]},
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
    return told(demo[0], "neuron")


def told(folder, assignment):
    """Return the outcomes of an assignment by student."""
    paths = sorted((folder / "outcomes" / assignment).iterdir())
    return {path.stem: json.loads(path.read_text()) for path in paths}


def wrong_in_network(solution):
    """Return the id of the student who handed in a solution of `network`."""
    (found,) = [student.id for student in the_class("network") if student.solution == solution]
    return found


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
    """What the demo prints fits a terminal 80 columns wide, and names every student and exercise of both classes."""
    lines = demo[1].stdout.splitlines()
    table = [line for line in lines if line[:5].strip().isdigit()]
    students = [student for name in assignments() for student in the_class(name)]
    assert [line.split()[0] for line in table] == [student.id for student in students]
    assert max(map(len, lines)) <= 80
    for student in the_class("network"):
        assert any(line.startswith(f" {student.id}     {student.what}  ") for line in table)
    for name in assignments():
        listed = [f"{number} {one}" for number, one in enumerate(HandIns(name).assignment.exercises, start=1)]
        assert f"{name}: {', '.join(listed)}" in " ".join(demo[1].stdout.split())
    assert "Traceback" not in demo[1].stdout + demo[1].stderr + (demo[0] / "nbgrader.log").read_text()


@pytest.mark.xdist_group("demo")
def test_a_network_loses_points_where_its_mistake_is(demo):
    """Whoever has one function of `network` wrong fails that exercise alone; the unfilled notebook fails all."""
    outcomes = told(demo[0], "network")
    assert {outcome["outcome"] for outcome in outcomes.values()} == {"graded"}
    for student in the_class("network"):
        failed = {
            exercise["exercise"]: [one["criterion"] for one in exercise["criteria"] if one["verdict"] == "fail"]
            for exercise in outcomes[student.id]["exercises"]
            if any(one["verdict"] != "pass" for one in exercise["criteria"])
        }
        if student.solution is None:
            assert (outcomes[student.id]["points"], len(failed)) == (0, 6)
        else:
            assert failed == LOST.get(student.solution, {}), student.solution


@pytest.mark.xdist_group("demo")
def test_the_review_tells_the_layers_apart(demo):
    """Two students wrong in layer 1 are one group, in two spellings; who is wrong in layer 2 is another."""
    classroom = Classroom.load(demo[0], "network")
    first, again, last = map(wrong_in_network, ("wrong_layer_1", "wrong_layer_1_again", "wrong_layer_2"))
    found = groups.group_of(classroom, "backprop", first)
    assert found.students == (first, again)
    assert groups.group_of(classroom, "backprop", last).students == (last,)
    assert [one.title for one in (found, groups.group_of(classroom, "backprop", last))] == [
        f"Wrong, without a name; fails value, twice: ∂C/∂W, layer {layer} is wrong in {numbers} of {numbers} numbers. "
        "∂C/∂b is right; ∂C/∂W is not."
        for layer, numbers in ((1, 12), (2, 6))
    ]
    assert len(groups.groups(classroom, "backprop")) == 4  # besides these the right ones, and the unfilled notebook
    assert sum(len(one) for one in groups.groups(classroom, "backprop")) == len(the_class("network"))
    (_, same), (other, difference) = groups.how_members_differ(classroom, found)
    assert same.changes == 0 < difference.changes
    written = HandIns("network").cells
    assert {found.source, other.source} == {
        written(name)["backprop"] for name in ("wrong_layer_1", "wrong_layer_1_again")
    }
    left = [line for line in difference.lines if line.left is not None]
    right = [line for line in difference.lines if line.right is not None]
    assert "\n".join("".join(part for part, _ in line.left_parts) for line in left) == found.source
    assert "\n".join("".join(part for part, _ in line.right_parts) for line in right) == other.source


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
    ("assignment", "solution"), [pytest.param(*one, marks=() if one in SOME else pytest.mark.full) for one in RIGHT]
)
def test_right_styles_validate(tmp_path, assignment, solution):
    """`nbgrader validate` succeeds on every right style of the demo, warnings included."""
    hand_ins = HandIns(assignment)
    released = json.loads((ROOT / "release" / assignment / f"{assignment}.ipynb").read_text())
    for name in hand_ins.assignment.files:
        shutil.copy(ROOT / "source" / assignment / name, tmp_path)
    for name, content in hand_ins.files(hand_ins.fill(released, solution, "It cancels.")).items():
        (tmp_path / name).write_bytes(content)
    command = [str(PROGRAMS / "nbgrader"), "validate", f"{assignment}.ipynb"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=200)
    assert "Success" in result.stdout
