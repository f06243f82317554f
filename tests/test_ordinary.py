"""Assignments without graders: every mark as stock nbgrader gives it, but for the deviations that the docs list."""

import json
import shutil
from pathlib import Path

import odd
import pytest
from ordinary import RIGHT, SECRET, SUM, hand_in, marks, run, stock_marks

from autograder.course.opening import open_course
from autograder.judge.notebook import Ordinary
from autograder.judge.ordinary import marked
from autograder.sandbox.session import CellRun

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("ordinary")]

# Looks for the hidden tests' text wherever its process could have it.
STEAL = """
import gc
def squares(n):
    found = gc.get_objects()
    for _ in range(3):
        found += gc.get_referents(*found[-1_000_000:])
    stolen = {text for text in found if type(text) is str and "the answer " + "to every" in text}
    open("stolen.txt", "w").write(repr(stolen))
    raise ValueError(stolen)
try:
    squares(1)
except ValueError as error:
    print(error)
"""
# Where ours differs from stock nbgrader: a NumPy number is a number, and what is written to stderr costs nothing.
DEVIATIONS = {
    "numpy_number": (0.5, False),
    "numpy_small": (0.25, False),
    "warns": (1.0, False),
    "unittests_loudly": (1.0, False),
}


def expect_stock(ours: Path, *assignments: str) -> None:
    """Compare all marks with stock nbgrader's."""
    theirs, found = stock_marks(), marks(ours)
    assert theirs.keys() == found.keys()
    for key, mark in theirs.items():
        if key[0] in assignments and not (key[3] in DEVIATIONS and found[key] == DEVIATIONS[key[3]]):
            assert found[key] == mark, key


@pytest.mark.full
def test_stock_nbgraders_marks_are_those_that_were_kept(stock, tmp_path):
    """What the other tests compare with is what nbgrader gives today; `python tests/odd.py` keeps it anew."""
    folder = tmp_path / "graded"
    shutil.copytree(stock, folder)
    assert odd.graded_by_stock(folder) == stock_marks()


def test_the_batch_gives_stock_nbgraders_marks(ours):
    """Right, wrong, blank, one notebook of two, hidden tests, files, helpers, plots, partial points, time: alike."""
    expect_stock(ours, "ps1", "odd")
    assert marks(ours)["ps1", "sly", "problem1", "correct_squares"] == (0.0, False)


@pytest.mark.parametrize(
    ("text", "points"),
    [("0.5", 0.5), ("np.float64(0.5)", 0.5), ("2", 2.0), ("True", 2.0), ("nan", None), ("-1", None), ("2.5", None)],
)
def test_a_number_is_that_many_points(text, points):
    """A result that is a number is the points, if there are so many; a human looks at any other number."""
    result = {"output_type": "execute_result", "data": {"text/plain": text}}
    run_of_it = CellRun("ok", [result])
    assert marked("p", Ordinary("a", 2.0, ""), run_of_it, run_of_it).points == points


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (("AssertionError", "f(7) is too small"), "f(7) is too small"),
        (("ValueError", "12 is odd"), "… is odd"),
        (("AssertionError", "assert f(3) == 4"), "A hidden test failed: AssertionError"),
        (("Stolen_assert_f_3_4", ""), "A hidden test failed: an error"),
        (("AssertionError", "f(7) is too small assert f(3) == 4"), "A hidden test failed: AssertionError"),
    ],
)
def test_what_is_said_of_a_hidden_test(error, said):
    """Only messages that the test's own text spells out are told, without the values in them, and no other's words."""
    full = "assert f(3) == 4\nassert f(7) > 7, 'f(7) is too small'\nraise ValueError(f'{f(6)} is odd')"
    output = {"output_type": "error", "ename": error[0], "evalue": error[1], "traceback": []}
    found = marked("p", Ordinary("a", 2.0, full), CellRun("ok", []), CellRun("error", [output]))
    assert (found.points, found.message) == (0.0, said)


def test_plain_nbgrader_gives_the_same(ours, tmp_path):
    """`nbgrader autograde` with `configure(c)` writes what the batch writes."""
    folder = tmp_path / "plain"
    shutil.copytree(ours, folder)
    run(folder, "nbgrader", "autograde", "odd", "--force", "--student", "right")
    expect_stock(folder, "odd")
    assert marks(folder) == marks(ours)


def test_hidden_tests_stay_hidden(ours):
    """A hidden test's own literal message is told; nothing else of its text is in any page, nor its traceback."""
    pages = {path.parent.parent.name: path.read_text() for path in (ours / "feedback").glob("*/ps1/problem1.html")}
    assert set(pages) == {"right", "wrong", "sly", "blank", "half"}
    assert SECRET in pages["sly"]
    assert SECRET not in pages["right"]
    for page in pages.values():
        assert "HIDDEN TESTS" not in page
        assert "squares(4)" not in page
    graded = (ours / "autograded" / "sly" / "ps1" / "problem1.ipynb").read_text()
    assert "squares(4)" in graded


def test_what_is_compiled_ahead_holds_no_hidden_test(ours):
    """The cells that lie in every student process, compiled for all of them, are as students have them."""
    course = open_course(ours, "ps1")
    known = course.job(course.sources()).known
    assert any("squares(1) == [1]" in source for source in known)
    assert not any(SECRET in source for source in known)


@pytest.mark.full
def test_a_thief_finds_nothing(ours, tmp_path):
    """Who searches a student process for the hidden text, before its tests run and then, gets none of it out."""
    folder = tmp_path / "robbed"
    shutil.copytree(ours, folder)
    hand_in(folder, "ps1", "thief", {"problem1": {"squares": RIGHT + STEAL, "sum_of_squares": SUM}})
    run(folder, "nbgrader", "autograde", "ps1", "--student", "thief")
    run(folder, "nbgrader", "generate_feedback", "ps1", "--student", "thief")
    assert SECRET not in (folder / "autograded" / "thief" / "ps1" / "stolen.txt").read_text()
    assert SECRET in (folder / "autograded" / "thief" / "ps1" / "problem1.ipynb").read_text()
    assert SECRET not in (folder / "feedback" / "thief" / "ps1" / "problem1.html").read_text()


def test_one_outcome_covers_all_notebooks(ours):
    """An ordinary cell is an entry of its own, with its notebook, its message and no criteria."""
    found = json.loads((ours / "outcomes" / "ps1" / "sly.json").read_text())
    assert found["outcome"] == "graded"
    entry = next(one for one in found["exercises"] if one["exercise"] == "correct_squares")
    assert (entry["notebook"], entry["judged"], entry["criteria"]) == ("problem1", "inside", [])
    assert (entry["points"], entry["message"]) == (0.0, SECRET)


def test_what_cells_write_stays(ours):
    """A file that a cell wrote lies beside the graded notebook, as on stock nbgrader."""
    assert (ours / "autograded" / "right" / "odd" / "made.txt").read_text() == "x"
    assert (ours / "autograded" / "right" / "odd" / "tool.py").exists()
    assert (ours / "autograded" / "right" / "odd" / "sub" / "seen.txt").read_text() == "4"
    assert not (ours / "autograded" / "right" / "odd" / "sub" / "secret.txt").exists()


def test_nothing_is_noted_of_honest_work(ours):
    """Students who only filled in what they were given get no note that cells had been edited."""
    outcome = json.loads((ours / "outcomes" / "odd" / "right.json").read_text())
    assert outcome["notes"] == []


@pytest.mark.full
def test_validate_is_stock_nbgraders(ours, stock):
    """`nbgrader validate` says of an ordinary notebook what it says without `configure(c)`."""
    said = [
        run(folder, "nbgrader", "validate", str(folder / "submitted" / "wrong" / "odd" / "zlast.ipynb")).stdout
        for folder in (stock, ours)
    ]
    assert said[0] == said[1]
    assert "VALIDATION FAILED ON 3 CELL(S)" in said[0]
