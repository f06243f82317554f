"""Assignments without graders: every mark as stock nbgrader gives it, but for the deviations that the docs list."""

import json
import shutil
from pathlib import Path

import ordinary
import pytest
from ordinary import SECRET, code, hand_in, marks, notebook, run

from autograder.judge.notebook import Ordinary
from autograder.judge.ordinary import marked
from autograder.sandbox.session import CellRun

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("ordinary")]

RIGHT = "def squares(n):\n    if n < 1:\n        raise ValueError\n    return [i ** 2 for i in range(1, n + 1)]\n"
SUM = "def sum_of_squares(n):\n    return sum(squares(n))\n"
# Fails the hidden test alone: wrong only where the visible ones do not look.
SLY = RIGHT + "old = squares\ndef squares(n):\n    return [0] if n in (3, 4) else old(n)\n"
HELPER = "assert helper(2) == 4\n### BEGIN HIDDEN TESTS\nassert secret_helper(2) == 5\n### END HIDDEN TESTS"


def odd_assignment(folder: Path) -> None:
    """Write an assignment of the ways in which instructors write tests."""
    folder.mkdir(parents=True)
    (folder / "tool.py").write_text("def halved(x):\n    return x / 2\n")
    (folder / "data.txt").write_text("4\n")
    cells = [
        code("from tool import halved\nnumber = int(open('data.txt').read())"),
        code("def f(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION", "f", solution=True),
        code("assert f(1) == 2", "plain", 1),
        code(
            "def helper(x):\n    return f(x)\n### BEGIN HIDDEN TESTS\ndef secret_helper(x):\n    return f(x) + 1\n"
            "assert helper(3) == 6\n### END HIDDEN TESTS",
            "defines",
            1,
        ),
        code(
            "assert helper(2) == 4\n### BEGIN HIDDEN TESTS\nassert secret_helper(2) == 5\n### END HIDDEN TESTS",
            "uses",
            1,
        ),
        code("open('made.txt', 'w').write('x')\nassert open('made.txt').read() == 'x'", "makes_a_file", 1),
        code("2 * (f(1) == 2) / 4 + 0.25", "partial", 1),
        code("import matplotlib.pyplot as plt\nplt.plot([f(x) for x in range(3)])\nassert f(2) == 4", "plots", 1),
        code("import numpy as np\nnp.float64(0.5)", "numpy_number", 1),
        code("import sys\nprint('careful', file=sys.stderr)\nassert f(1) == 2", "warns", 1),
        code("import time\ntime.sleep(60) if f(1) == 57 else None", "slow", 1),
    ]
    (folder / "odd.ipynb").write_text(notebook(*cells))


@pytest.fixture(scope="module")
def stock(tmp_path_factory) -> Path:
    """Nbgrader's own course with hand-ins, graded by nbgrader alone."""
    folder = tmp_path_factory.mktemp("ordinary") / "stock"
    ordinary.quickstart(folder)
    odd_assignment(folder / "source" / "odd")
    config = folder / "nbgrader_config.py"
    config.write_text(config.read_text() + "\nc.Execute.timeout = 8\n")
    for name in ("ps1", "odd"):
        run(folder, "nbgrader", "generate_assignment", name)
    whole = {"squares": RIGHT, "sum_of_squares": SUM}
    hand_in(folder, "ps1", "right", {"problem1": whole, "problem2": {"part-a": "Because.", "part-b": "It does."}})
    hand_in(
        folder, "ps1", "wrong", {"problem1": {"squares": "def squares(n):\n    return []\n", "sum_of_squares": SUM}}
    )
    hand_in(folder, "ps1", "sly", {"problem1": {**whole, "squares": SLY}})
    hand_in(folder, "ps1", "blank", {})
    hand_in(folder, "ps1", "half", {"problem1": whole}, ("problem2",))
    for student, body in (
        ("right", "return 2 * x"),
        ("wrong", "return 3 * x"),
        ("slow", "return 57 if x == 1 else 2 * x"),
    ):
        hand_in(folder, "odd", student, {"odd": {"f": f"def f(x):\n    {body}\n"}})
    ordinary.ours_beside(folder, folder.with_name("ours"))
    for name in ("ps1", "odd"):
        run(folder, "nbgrader", "autograde", name, fails=True)
    return folder


@pytest.fixture(scope="module")
def ours(stock) -> Path:
    """The same course with `configure(c)`, graded by the batch, with feedback."""
    folder = stock.with_name("ours")
    for name in ("ps1", "odd"):
        run(folder, "autograder", "autograde", name)
    run(folder, "nbgrader", "generate_feedback", "ps1")
    return folder


# Where ours differs from stock nbgrader: a NumPy number is a number, and what is written to stderr costs nothing.
DEVIATIONS = {"numpy_number": (0.5, False), "warns": (1.0, False)}


def expect_stock(ours: Path, stock: Path, *assignments: str) -> None:
    """Compare all marks with stock nbgrader's."""
    theirs, found = marks(stock), marks(ours)
    assert theirs.keys() == found.keys()
    for key, mark in theirs.items():
        if key[0] in assignments and not (key[3] in DEVIATIONS and found[key] == DEVIATIONS[key[3]]):
            assert found[key] == mark, key


def test_the_batch_gives_stock_nbgraders_marks(ours, stock):
    """Right, wrong, blank, one notebook of two, hidden tests, files, helpers, plots, partial points, time: alike."""
    expect_stock(ours, stock, "ps1", "odd")
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


def test_plain_nbgrader_gives_the_same(ours, stock, tmp_path):
    """`nbgrader autograde` with `configure(c)` writes what the batch writes."""
    folder = tmp_path / "plain"
    shutil.copytree(ours, folder)
    run(folder, "nbgrader", "autograde", "odd", "--force")
    expect_stock(folder, stock, "odd")
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
