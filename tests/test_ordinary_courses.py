"""Courses in which everything has another name, or that train models: the marks are stock nbgrader's."""

import odd
import ordinary
import pytest
from ordinary import marks, notebook, run

pytestmark = [pytest.mark.slow, pytest.mark.full]


def test_a_bent_course_gives_stock_nbgraders_marks(tmp_path):
    """Other folders, delimiters, stubs, headers, steps, ignored and excluded files, ids: alike, and nothing leaks."""
    stock, ours = tmp_path / "stock", tmp_path / "ours"
    stock.mkdir()
    odd.write_bent(stock)
    run(stock, "nbgrader", "generate_assignment", odd.BENT)
    right = {"f": "def f(x):\n    return 2 * x", "why": "Because.", "coded": "answer = 2"}
    odd.hand_in_bent(stock, "right", right)
    odd.hand_in_bent(stock, "sly", {"f": "def f(x):\n    return [0, 2, 4][x]"}, ("q",))
    odd.hand_in_bent(stock, "guest", {})
    ordinary.ours_beside(stock, ours)
    run(stock, "nbgrader", "autograde", odd.BENT)
    run(ours, "autograder", "autograde", odd.BENT)
    run(ours, "nbgrader", "generate_feedback", odd.BENT)
    theirs, found = marks(stock), marks(ours)
    assert found == theirs
    assert found[odd.BENT, "sly", "p", "hidden"] == (0.0, False)
    assert found[odd.BENT, "right", "p", "hidden"] == (2.0, False)
    assert "f(3) == 6" not in (ours / "back" / "sly" / odd.BENT / "p.html").read_text()
    assert "f(3) == 6" in (stock / "graded" / "sly" / odd.BENT / "p.ipynb").read_text()


def test_models_and_gigabytes(tmp_path):
    """A small model of scikit-learn that is trained before the hidden tests, and 2 GB of numbers, earn what they do."""
    stock, ours = tmp_path / "stock", tmp_path / "ours"
    source = stock / "source" / "heavy"
    source.mkdir(parents=True)
    (source / "heavy.ipynb").write_text(notebook(*odd.HEAVY))
    (stock / "nbgrader_config.py").write_text("c = get_config()\nc.Execute.timeout = 120\n")
    run(stock, "nbgrader", "generate_assignment", "heavy")
    for student, factor in (("right", 2), ("wrong", 3)):
        ordinary.hand_in(stock, "heavy", student, {"heavy": {"f": f"def f(x):\n    return {factor} * x\n"}})
    ordinary.ours_beside(stock, ours)
    run(stock, "nbgrader", "autograde", "heavy")
    run(ours, "autograder", "autograde", "heavy", "--workers", "1")
    assert marks(ours, "") == marks(stock, "")
    assert marks(ours)["heavy", "right", "heavy", "trains"] == (1.0, False)
    assert marks(ours)["heavy", "wrong", "heavy", "trains"] == (0.0, False)
    assert marks(ours)["heavy", "wrong", "heavy", "two_gigabytes"] == (1.0, False)
