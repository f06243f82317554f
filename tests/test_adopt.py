"""`autograder adopt`: hidden tests move into graders where the marks stay what they were, and cannot be forged then."""

import json
import shutil
from pathlib import Path

import adopting
import ordinary
import pytest
from adopting import MOVES, SOLUTIONS, STAYS
from ordinary import code, hand_in, marks, notebook, run

from autograder.adopt.backup import undo
from autograder.adopt.files import file_of
from autograder.adopt.notebooks import read_notebooks
from autograder.adopt.plan import plan
from autograder.course.errors import UsageError
from autograder.grading.assignment import find
from autograder.judge.notebook import HIDDEN_TESTS

pytestmark = [pytest.mark.full, pytest.mark.slow, pytest.mark.xdist_group("adopt")]

ANYTHING = (
    "class Anything:\n    __hash__ = None\n    def __eq__(self, other):\n        return True\n"
    "    def __getattr__(self, name):\n        return lambda *a, **k: self\n"
)
COPIES = "def sorted_in_place(items):\n    items = sorted(items)"
WHOLE = "def double(x):\n    return int(2 * x) if isinstance(x, float) else 2 * x"
OWN = "class RootError(ValueError):\n    pass\n\n" + SOLUTIONS["root"].replace("raise ValueError", "raise RootError")
HONEST = {
    "right": SOLUTIONS,
    "blank": {},
    "off": {**SOLUTIONS, "double": "def double(x):\n    return 2 * x + (x == 21)", "sorted_in_place": COPIES},
    "own": {**SOLUTIONS, "root": OWN, "double": WHOLE},
    "other": {**SOLUTIONS, "root": SOLUTIONS["root"].replace("ValueError", "TypeError")},
    "never": {**SOLUTIONS, "root": "def root(x):\n    return None", "double": "def double(x):\n    return x[0]"},
}
FORGED = {
    "replaces": {
        **SOLUTIONS,
        "root": "import numpy.testing\nassert_allclose = numpy.testing.assert_allclose = lambda *a, **k: None\n"
        "near = lambda *a: True\ndef root(x):\n    return 0",
        "double": f"{ANYTHING}\ndef double(x):\n    return Anything()",
    },
    "transforms": {
        **SOLUTIONS,
        "double": "import unittest\nunittest.TestCase.assertEqual = lambda *a: None\ndef double(x):\n    return 0\n"
        "get_ipython().ast_transformers.append(type('T', (), {'visit': lambda self, tree: "
        "(tree.body.clear() if len(tree.body) > 1 else None, tree)[1]})())",
    },
}


@pytest.fixture(scope="module")
def before(tmp_path_factory) -> Path:
    """A course with ordinary assignments, graded."""
    folder = tmp_path_factory.mktemp("adopt") / "course"
    ordinary.quickstart(folder)
    adopting.write(folder / "source")
    config = folder / "nbgrader_config.py"
    config.write_text(config.read_text() + ordinary.OURS)
    run(folder, "nbgrader", "generate_assignment", "kinds")
    for student, edits in {**HONEST, **FORGED}.items():
        hand_in(folder, "kinds", student, {"kinds": edits})
    run(folder, "autograder", "autograde", "kinds")
    return folder


@pytest.fixture(scope="module")
def said(before) -> str:
    """What `adopt` says; the course itself is what it was before."""
    after = before.with_name("after")
    shutil.copytree(before, after)
    done = run(after, "autograder", "adopt", "kinds", fails=True)
    assert done.returncode == 1, done.stderr  # for some stay
    return done.stdout


@pytest.fixture(scope="module")
def after(before, said) -> Path:
    """The same course after `adopt`, and the two commands that it names."""
    folder = before.with_name("after")
    run(folder, "nbgrader", "generate_assignment", "kinds", "--force")
    run(folder, "autograder", "autograde", "kinds", "--force")
    return folder


def _of(found: dict, student: str) -> dict[str, float | None]:
    return {key[3]: mark for key, (mark, _) in found.items() if key[:2] == ("kinds", student)}


def _paragraphs(text: str) -> list[str]:
    return text.replace("\n       ", " ").splitlines()


def test_what_moves_and_what_stays(said):
    """Each cell with hidden tests is named, with the reason where it stays; the output fits a terminal."""
    lines = _paragraphs(said)
    moved = {line.split()[2] for line in lines if line.startswith("moves")}
    stays = {line.split()[2].rstrip(":"): line for line in lines if line.startswith("stays")}
    assert (moved, stays.keys()) == (MOVES.keys(), STAYS.keys())
    for name, (_, reason) in STAYS.items():
        assert reason in stays[name]
    assert max(map(len, said.splitlines())) <= 80
    assert "next: nbgrader generate_assignment kinds --force" in said


def test_honest_marks_stay_what_they_were(before, after):
    """Whoever hands in what, right, wrong, blank: each grade cell earns what it earned, moved or not."""
    one, two = marks(before), marks(after)
    for student in HONEST:
        assert _of(two, student) == _of(one, student), student
    assert {_of(two, student)["asserts"] for student in HONEST} == {0.0, 1.0}


@pytest.mark.parametrize(
    ("student", "cells"), [("replaces", ("asserts", "test_lines", "testing")), ("transforms", ("asserts", "unit"))]
)
def test_forged_marks_are_gone(before, after, student, cells):
    """An answer that equals everything, and tests that the student's cell replaced, earn nothing any more."""
    one, two = _of(marks(before), student), _of(marks(after), student)
    assert [one[cell] for cell in cells] == [1.0] * len(cells)
    assert [two[cell] for cell in cells] == [0.0] * len(cells)


def test_students_get_the_same_notebook(before, after):
    """The hidden tests are gone from the source; the release is what it was."""
    where = Path("kinds") / "kinds.ipynb"
    one, two = (json.loads((folder / "release" / where).read_text())["cells"] for folder in (before, after))
    assert [cell["source"] for cell in one] == [cell["source"] for cell in two]
    assert "double(21)" not in (after / "source" / where).read_text()


def test_what_a_student_is_told(after):
    """A message that the test's own text spells out is told; of others the error's type, and nothing of the test."""
    found = json.loads((after / "outcomes" / "kinds" / "off.json").read_text())
    told = {one["exercise"]: one for one in found["exercises"]}
    criterion = told["asserts"]["criteria"][0]
    assert (told["asserts"]["judged"], criterion["label"]) == ("outside", "Doubles numbers.")
    assert criterion["message"] == "double(21) is 42"
    other = json.loads((after / "outcomes" / "kinds" / "other.json").read_text())
    entry = next(one for one in other["exercises"] if one["exercise"] == "raises")
    assert entry["criteria"][0]["message"] == "root raised TypeError in a hidden test"


@pytest.mark.full
def test_dry_run_writes_nothing(before):
    """It shows graders and cells as they would be; nbgrader's own example moves its hidden test."""
    seen = {path: path.stat().st_mtime_ns for path in before.rglob("*")}
    done = run(before, "autograder", "adopt", "ps1", "--dry-run")
    assert 'def test_cell(squares):\n    """Check that squares returns the correct output' in done.stdout
    assert "-assert squares(4)[-1] == 16" in done.stdout
    assert {path: path.stat().st_mtime_ns for path in before.rglob("*") if ".nbgrader" not in path.name} == seen


@pytest.mark.full
def test_it_can_be_undone(before, after, tmp_path):
    """`--undo` puts back every file, and refuses where one was changed since."""
    folder = tmp_path / "course"
    shutil.copytree(after, folder)
    grader = folder / "graders" / "kinds" / "test_unit.py"
    text = grader.read_text()
    grader.write_text(text + "\n")
    with pytest.raises(UsageError, match="changed since"):
        undo(folder / "graders" / "kinds")
    grader.write_text(text)
    done = run(folder, "autograder", "adopt", "kinds", "--undo")
    assert "as before: source/kinds/kinds.ipynb" in done.stdout
    where = Path("source") / "kinds" / "kinds.ipynb"
    assert (folder / where).read_bytes() == (before / where).read_bytes()
    assert not (folder / "graders" / "kinds").exists()


@pytest.mark.full
def test_what_was_moved_stays_moved(after):
    """Looked at once more, what was moved is no ordinary cell, and what stays is named again; `lint` finds no fault."""
    hidden = after / "graders"
    notebooks = read_notebooks(after / "source" / "kinds", find("kinds", hidden).exercises, HIDDEN_TESTS)
    found = plan(notebooks)
    # What the proof alone can tell is not proved here.
    assert {move.cell.grade_id for move in found.moves} == {"wrong", "sets"}
    assert len(found.stays) == len(STAYS) - 2
    assert "nothing is wrong" in run(after, "autograder", "lint", "kinds").stderr


def test_equal_ids_get_graders_of_their_own(tmp_path):
    """Where two notebooks share an id, each cell's grader goes into its notebook's folder; `x` and `test_x` are one."""
    for name in ("first", "second"):
        solution = code("def f(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION", "f", solution=True)
        cells = [code(adopting.hidden("assert f(1) == 1"), grade_id, 1) for grade_id in ("test_a", "b", "test_b")]
        (tmp_path / f"{name}.ipynb").write_text(notebook(solution, *cells))
    found = plan(read_notebooks(tmp_path, (), HIDDEN_TESTS))
    assert [file_of(move.exercise) for move in found.moves] == ["first/test_a.py", "second/test_a.py"]
    assert {stay.reason for stay in found.stays} == {"would have the grader of another cell (b and test_b are one)"}


def test_another_kernel_stays(tmp_path):
    """Of a notebook whose kernel is not ours nothing can be asked."""
    content = json.loads(notebook(code(adopting.hidden("assert f(1) == 1"), "a", 1)))
    content["metadata"]["kernelspec"]["name"] = "fortran"
    (tmp_path / "a.ipynb").write_text(json.dumps(content))
    (stay,) = plan(read_notebooks(tmp_path, (), HIDDEN_TESTS)).stays
    assert stay.reason == "cannot be run: the kernel 'fortran' is not installed on the machine that grades"


def test_usage(before):
    """What is not there is told in one line, with exit status 2."""
    done = run(before, "autograder", "adopt", "none", fails=True)
    assert (done.returncode, done.stderr) == (2, "autograder: there is no notebook in source/none\n")
    with pytest.raises(UsageError, match="nothing was moved here"):
        undo(before / "graders" / "kinds")
