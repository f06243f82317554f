"""The first screen of a feedback page: exercises by name, what to mend first, and what below it is folded away."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from autograder.course.handed_in.folding import HIDES
from autograder.course.pages.first_screen import EXERCISES, FOLDS, Overview


def nbgrader(grade_id, points=None, score=0.0, **more):
    """Return the metadata of a cell as nbgrader's preprocessors leave it."""
    flags = {"grade": points is not None, "solution": False, "locked": points is not None, "task": False}
    marks = {} if points is None else {"points": points, "score": score}
    return {"nbgrader": {"grade_id": grade_id, **flags, **marks, **more}}


def overview(*cells):
    """Return the exercises of a notebook, and what is folded in each of its cells."""
    nb, resources = Overview().preprocess(new_notebook(cells=list(cells)), {})
    return resources[EXERCISES], [cell.metadata[FOLDS] for cell in nb.cells]


def failed(message=""):
    """Return the output of an assertion that fails."""
    traceback = ["-----", "Cell In[1], line 2", "      1 x = 1", "----> 2 assert f(1) == 2", "      3 y"]
    return new_output("error", ename="AssertionError", evalue=message, traceback=traceback)


def test_exercises_are_listed_by_name():
    """A judged cell has its exercise's name, others their heading without markup and points, or else their grade_id."""
    card = {"autograder": {"exercise": "cost", "mend": "The mean is missing"}}
    first = new_output("execute_result", {"text/plain": "1.0", "text/html": "<p>card</p>"}, metadata=card)
    exercises, _ = overview(
        new_markdown_cell("# Problem set\n\n## 1. Squares of `n` and $x^2$ (2 points)\n\n```\n# no heading\n```"),
        new_code_cell("assert 1", metadata=nbgrader("test_squares", 2.0, 2.0)),
        new_markdown_cell("## Sums"),
        new_code_cell("assert 1", metadata=nbgrader("sums <1>", 1.0), outputs=[failed()]),
        new_code_cell("assert 2", metadata=nbgrader("sums_2", 1.0), outputs=[failed("too\nsmall")]),
        new_code_cell("assert 3", metadata=nbgrader("test_cost", 6.0, 1.0), outputs=[first]),
        new_markdown_cell(
            "### In words · 4 points\n\nmine", metadata=nbgrader("words", 4.0, solution=True, comment="Why?")
        ),
    )
    assert [one.name for one in exercises] == [
        "1. Squares of n and <math><msup><mi>x</mi><mn>2</mn></msup></math>",
        "sums &lt;1&gt;",
        "sums_2",
        "cost",
        "In words",
    ]
    assert [one.address for one in exercises] == ["#test_squares", "#sums%20%3C1%3E", "#sums_2", "#test_cost", "#words"]
    assert [one.state for one in exercises] == ["right", *["mend"] * 4]
    assert [one.said for one in exercises] == [
        "",
        "AssertionError in: assert f(1) == 2",
        "AssertionError: too small",
        "The mean is missing",
        "Why?",
    ]


@pytest.mark.parametrize("part", ["# ", "!", "[", "-", "]( "])
def test_a_hostile_heading_takes_no_time(part):
    """A heading of any length and signs is read up to a length: its patterns would need seconds for all of it."""
    exercises, _ = overview(new_markdown_cell(f"# a{part * 9_000}x", metadata=nbgrader("words", 4.0, solution=True)))
    assert len(exercises[0].name) <= 80


@pytest.mark.parametrize(
    "metadata", [{HIDES: ["input"]}, {HIDES: ["cell"]}, nbgrader("setup", locked=True)], ids=["input", "cell", "set-up"]
)
def test_hidden_cells_are_folded(metadata):
    """A cell that its notebook hides, and a set-up cell are folded, not left out."""
    graded = new_code_cell("assert 1", metadata=nbgrader("x", 1.0) | metadata | nbgrader("x", 1.0))
    _, (hidden, exercise, after, more) = overview(
        new_code_cell("a\nb", metadata=metadata), graded, new_markdown_cell("after"), new_code_cell("more")
    )
    assert hidden["cell"].endswith("2 lines of code")
    assert "cell" not in exercise  # its mark is always shown
    assert after == {"rest": "2 cells"}
    assert more == {}


def test_output_of_a_hidden_input_stays():
    """Where only its input is hidden, what a cell shows is shown; where its output is hidden, that is folded."""
    shown = new_output("stream", text="shown")
    _, (first, second) = overview(
        new_code_cell("a", metadata={HIDES: ["input"]}, outputs=[shown]),
        new_code_cell("a", metadata={HIDES: ["output"]}, outputs=[shown]),
    )
    assert set(first) == {"input"}
    assert set(second) == {"output"}
