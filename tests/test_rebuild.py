"""Rebuilding metadata: whatever a student did to it, each managed cell is there once, and no code is lost."""

import json
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.nbgraderformat import MetadataValidator

from autograder.course.handed_in.answers import show_beside
from autograder.course.handed_in.folding import HIDES
from autograder.course.handed_in.handed_out import HandedOut, fold, handed_out
from autograder.course.handed_in.rebuild import normalize, rebuild
from autograder.course.records.source_cells import SourceCell
from autograder.judge.notebook import DOUBTFUL, HIDDEN_TESTS, code_cells


def source_cell(grade_id, kind, source, **flags):
    """Return a managed cell with these flags set."""
    unset = {"locked": False, "grade": False, "solution": False, "task": False, "points": None, "checksum": "0" * 32}
    return SourceCell(grade_id=grade_id, cell_type=kind, source=source, **(unset | flags))


SOURCE = [
    source_cell("setup", "code", "import numpy", locked=True),
    source_cell("cost", "code", "def cost(): raise NotImplementedError", solution=True),
    source_cell("test_cost", "code", "assert cost()", locked=True, grade=True, points=6.0),
    source_cell("why", "markdown", "YOUR ANSWER HERE", grade=True, solution=True, points=4.0),
]
IDS = [cell.grade_id for cell in SOURCE]


def managed(grade_id, source="mine", **changes):
    """Return a submitted cell that claims to be a managed one."""
    kind = "markdown" if grade_id == "why" else "code"
    nbgrader = {"grade_id": grade_id, "schema_version": 3, "grade": False, "solution": True, "locked": False} | changes
    return {"cell_type": kind, "metadata": {"nbgrader": nbgrader}, "source": source}


def code(source):
    """Return an ordinary code cell."""
    return {"cell_type": "code", "metadata": {}, "source": source}


def ids(cells):
    """Return the grade ids in order."""
    return [cell["metadata"]["nbgrader"]["grade_id"] for cell in cells if "nbgrader" in cell["metadata"]]


def whole():
    """Return a submission as it should be."""
    return [managed("setup", "import numpy"), managed("cost"), managed("test_cost", "assert cost()"), managed("why")]


SUBMITTED = whole()
NOTEBOOK = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}}


def done(cells):
    """Normalize and rebuild."""
    return rebuild(normalize(cells), SOURCE)


def test_hidden_tests_are_no_edit():
    """A grade cell without the hidden tests that the gradebook knows of is as it was handed out."""
    whole = source_cell(
        "t", "code", "assert f()\n### BEGIN HIDDEN TESTS\nassert g()\n### END HIDDEN TESTS", locked=True
    )
    cells, notes = rebuild(normalize([managed("t", "assert f()")]), [whole])
    assert (cells[0]["source"], notes) == (whole.source, [])


def test_an_honest_submission_is_left_alone():
    """A submission as it should be gets no note, and keeps its order and its code."""
    cells, notes = done(whole())
    assert notes == []
    assert ids(cells) == IDS
    assert cells[1]["source"] == "mine"


LONG = "what a function does can be told in many words, as is done in this remark, which has more than twenty of them"


@pytest.mark.parametrize(
    ("remark", "shown"),
    [
        ("# Question 5: it cancels against the other factor", True),
        ("# (b) Answer: it cancels", False),
        ("# it cancels, I think, for both", False),
        (f"# {LONG}", True),
        (f"'''{LONG}'''", True),
        (f"def cost():\n    return 0\n\n    # {LONG}", True),
        (f"def cost():\n    # {LONG}\n    return 0", False),
        (f'def cost():\n    """Return the cost.\n\n    {LONG}\n    """', True),
        ('def cost():\n    """Return the cost, and no more than that."""', False),
        ("# def cost(w, b):\n#     return 0", False),
    ],
)
def test_words_beside_a_function_may_be_the_answer(remark, shown):
    """A long remark or docstring, or one named an answer, is shown beside a question left as it was handed out."""
    submitted = normalize([*whole()[:3], managed("why", "YOUR ANSWER HERE")])
    submitted[1]["source"] = f"def cost(): return 0\n\n{remark}"
    cells, _ = rebuild(submitted, SOURCE)
    notes = show_beside(cells, submitted, SOURCE, HandedOut())
    said = LONG if LONG in remark else remark
    assert [said in cell["source"] for cell in cells[4:]] == [True] * shown
    assert len(notes) == shown


@pytest.mark.parametrize(("call", "shown"), [("display(Markdown", True), ("print", True), ("plt.title", True)])
def test_a_long_text_that_code_shows_may_be_the_answer(call, shown):
    """What is displayed or printed as text is shown beside a question left as it was handed out."""
    submitted = normalize([*whole()[:3], managed("why", "YOUR ANSWER HERE"), code(f'{call}(r"""\n{LONG}\n"""))')])
    cells, _ = rebuild(submitted, SOURCE)
    show_beside(cells, submitted, SOURCE, HandedOut())
    assert [LONG in cell["source"] for cell in cells[4:-1]] == [True] * shown


def test_a_question_that_only_lost_its_metadata_is_as_it_was_handed_out():
    """Where its text is there, untouched, and nothing else was written, nobody has to look."""
    text = {"cell_type": "markdown", "metadata": {}, "source": "YOUR ANSWER HERE"}
    submitted = normalize([*whole()[:3], text])
    cells, _ = rebuild(submitted, SOURCE)
    handed = HandedOut(cells=frozenset(["YOUR ANSWER HERE"]))
    assert show_beside(cells, submitted, SOURCE, handed) == []
    assert DOUBTFUL not in next(cell for cell in cells if ids([cell]) == ["why"])["metadata"]


@pytest.mark.parametrize(
    "changes",
    [
        {"grade": True, "points": "many"},
        {"solution": True, "grade": True, "points": 1e308},
        {"locked": False, "task": True},
        {"schema_version": 99},
        {"points": -1},
    ],
)
def test_forged_flags_and_points_are_replaced(changes):
    """Flags, points and versions come from the gradebook alone."""
    submitted = whole()
    submitted[2] = managed("test_cost", "assert cost()", **changes)
    cells, _ = done(submitted)
    assert cells[2]["metadata"] == SOURCE[2].metadata()


@pytest.mark.parametrize(
    ("edited", "own"),
    [
        ("from numpy import exp\nassert cost()", "from numpy import exp"),
        ("def more():\n    return 1\n\nassert cost()", "def more():\n    return 1\n"),
        ("assert cost()\nprint(cost())", ""),
        ("assert cost() == 1", ""),
        ("# mine\nassert cost()", ""),
        ("\n".join(f"a{number} = 1" for number in range(300)), ""),
        (f"a:{' ' * 500_000}", ""),
    ],
)
def test_what_was_added_to_a_locked_cell_runs(edited, own):
    """Imports and functions added to a cell with a check run above it; other changes are dropped."""
    submitted = whole()
    submitted[2] = managed("test_cost", edited)
    cells, notes = done(submitted)
    assert [cell["source"] for cell in cells if "nbgrader" not in cell["metadata"]] == ([own] if own else [])
    assert [cell["source"] for cell in cells][-2] == "assert cost()"
    assert ("runs in a cell of its own" in notes[0]) == bool(own)


def test_a_locked_cell_gets_its_source_back():
    """An edited check is replaced by the original, and the notes say so."""
    submitted = whole()
    submitted[2] = managed("test_cost", "pass")
    cells, notes = done(submitted)
    assert cells[2]["source"] == "assert cost()"
    assert notes == ["cell test_cost had been edited; the original was used"]


def test_a_scratch_cell_may_be_skipped():
    """Of tags one is kept, of a cell that nbgrader does not manage: that it is not to be run, as Jupyter has it."""
    scratch = {"cell_type": "code", "metadata": {"tags": ["skip-execution", "remove_cell"]}, "source": "1 / 0"}
    cells, notes = done([*whole(), scratch])
    assert (cells[-1]["metadata"]["tags"], notes) == (["skip-execution"], [])
    assert code_cells({"cells": cells}, ())[-1].source == ""


def test_tags_and_foreign_ids_are_dropped():
    """Tags such as skip-execution and ids that the assignment does not know are dropped with a note."""
    submitted = whole()
    submitted[2]["metadata"]["tags"] = ["skip-execution"]
    submitted.insert(0, managed("test_bonus", "x = 1", grade=True, points=100))
    cells, notes = done(submitted)
    assert ids(cells) == IDS
    assert cells[0]["source"] == "x = 1"
    assert not any("tags" in cell["metadata"] for cell in cells)
    assert len(notes) == 2


def test_a_copied_cell_keeps_its_code_and_loses_its_mark():
    """Of two copies the last counts; the other one's code still runs."""
    submitted = whole()
    submitted.insert(2, managed("cost", "second try"))
    cells, notes = done(submitted)
    assert ids(cells) == IDS
    assert [cell["source"] for cell in cells[1:3]] == ["mine", "second try"]
    assert notes == ["an extra copy of cell cost lost its metadata; its content was kept"]


def test_a_deleted_check_comes_back_before_the_next_managed_cell():
    """A check that was deleted is put where all code above the next exercise has run."""
    submitted = whole()
    submitted[2] = code("helper = 1")
    cells, notes = done(submitted)
    assert [cell["source"] for cell in cells] == ["import numpy", "mine", "helper = 1", "assert cost()", "mine"]
    assert notes == ["cell test_cost was missing; it was put back"]


def test_a_deleted_solution_does_not_come_back_as_a_stub():
    """Where the metadata of a solution was lost, its code stands, and no stub overwrites it."""
    submitted = whole()
    submitted[1] = code("def cost(): return 1")
    cells, _ = done(submitted)
    assert not any("NotImplementedError" in cell["source"] for cell in cells)
    assert any(cell["source"] == "def cost(): return 1" for cell in cells)


def test_without_any_metadata_the_checks_come_last():
    """A notebook that lost all metadata, as other editors do, is judged after its last cell."""
    cells, _ = done([code("a = 1"), code("def cost(): return 1")])
    assert [cell["source"] for cell in cells[:2]] == ["a = 1", "def cost(): return 1"]
    assert ids(cells) == IDS


MARKS = [
    ({"jupyter": {"source_hidden": True}}, ["input"]),
    ({"jupyter": {"source_hidden": True, "outputs_hidden": True}}, ["input", "output"]),
    ({"tags": ["hide-input", "mine"]}, ["input"]),
    ({"tags": ["remove_input"]}, ["input"]),
    ({"tags": ["hide-output"]}, ["output"]),
    ({"tags": ["remove_cell"]}, ["cell"]),
    ({"transient": {"remove_source": True}}, ["input"]),
    ({"cellView": "form"}, ["input"]),
    ({"collapsed": True}, ["output"]),
]


@pytest.mark.parametrize(("metadata", "parts"), MARKS, ids=[json.dumps(metadata) for metadata, _ in MARKS])
def test_what_a_notebook_hides_stays_known(metadata, parts, tmp_path):
    """An ordinary cell stays hidden as it was handed in, and a locked one as it was handed out; an answer never is."""
    whole = [{**cell, "metadata": {**cell["metadata"], **metadata}} for cell in [code("1"), *SUBMITTED]]
    (tmp_path / "ps.ipynb").write_text(json.dumps(nbformat.from_dict({**NOTEBOOK, "cells": whole})))
    cells, _ = done([{**code("1"), "metadata": metadata}, *SUBMITTED])
    fold(cells, handed_out(tmp_path / "ps.ipynb", Path("none"), SOURCE, HIDDEN_TESTS))
    found = {cell["metadata"].get("nbgrader", {}).get("grade_id"): cell["metadata"].get(HIDES) for cell in cells}
    assert found == {None: parts, "setup": parts, "cost": None, "test_cost": parts, "why": None}
    assert [cell["metadata"].get("transient") for cell in cells].count({"remove_source": True}) == 2 * (
        "input" in parts
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NBGRADER = st.fixed_dictionaries({}, optional={"grade_id": st.sampled_from(IDS) | JSON, "points": JSON, "grade": JSON})
EDITORS = {key: JSON for metadata, _ in MARKS for key in metadata}
CELL = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw"]) | JSON,
        "metadata": st.fixed_dictionaries({}, optional={"nbgrader": NBGRADER | JSON, **EDITORS}) | JSON,
        "source": st.text(max_size=8) | JSON,
        "id": JSON,
        "attachments": JSON,
    },
)


@given(st.lists(CELL, max_size=8))
def test_any_junk_becomes_a_valid_notebook(cells):
    """Whatever the cells are, the result is a valid notebook with each managed cell once and all other code kept."""
    rebuilt, _ = done(cells)
    notebook = nbformat.from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": rebuilt})
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    assert sorted(ids(rebuilt)) == sorted(IDS)
    assert len({cell["id"] for cell in rebuilt}) == len(rebuilt)
    locked = {cell.grade_id for cell in SOURCE if cell.locked}
    kept = [cell["source"] for cell in rebuilt if set(ids([cell])).isdisjoint(locked)]
    for cell in normalize(cells):
        nbgrader = cell["metadata"].get("nbgrader")
        if not (isinstance(nbgrader, dict) and str(nbgrader.get("grade_id")) in locked):
            assert cell["source"] in kept
