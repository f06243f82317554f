"""The visible checks: the notebook's set-up cell is what its assignment says, and says the right thing to students."""

import ast
import json
import re
import shutil
import warnings
from pathlib import Path

import numpy as np
import pytest

from autograder import cli
from autograder.checks import cell, helpers
from autograder.checks.inputs import Checks
from autograder.checks.notebook import SourceNotebook
from autograder.diagnosis.catalogue import mistakes, variants
from autograder.diagnosis.exercise import exercises
from autograder.diagnosis.naming import wrong_function
from autograder.grading.assignment import find, names

ROOT = Path(__file__).parent.parent
NEURON = find("neuron")


@pytest.fixture(scope="module")
def text():
    """Return the neuron's cell."""
    return cell.text(NEURON)


@pytest.fixture
def check(text):
    """Return what the cell defines as `check`."""
    return below(text)


def below(text, star=""):
    """Return what the cell defines as `check`, once another one below has run."""
    defined = {}
    exec(compile(text, "<cell>", "exec"), defined)
    exec(star, defined)
    return defined["check"]


def said(check, exercise, function):
    """Return the message of a visible check, or nothing where it passes."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert check(exercise, function) is True
    except Exception as error:  # noqa: BLE001 - the student sees whatever is raised
        return str(error) or type(error).__name__
    return ""


@pytest.mark.parametrize("name", names())
def test_the_notebook_is_up_to_date(name):
    """The set-up cell of each notebook is what `autograder checks` would write."""
    assert SourceNotebook(find(name), ROOT).has(cell.text(find(name)))


def test_the_cell_is_short_and_needs_numpy_alone(text):
    """The neuron's cell has at most 145 lines, none too wide to be read, and imports NumPy and the standard library."""
    lines = text.splitlines()
    assert len(lines) <= 145
    assert max(map(len, lines)) <= 120
    assert re.findall(r"^(?:import|from) (\w+)", text, re.MULTILINE) == ["os", "copy", "numpy"]


def test_the_tables_hold_numbers_and_no_formula(text):
    """What stands above the functions of the cell computes nothing: literals, arrays of them, names of them."""
    tables = [node for node in ast.parse(text).body if isinstance(node, ast.Assign)]
    calls = [ast.unparse(node.func) for table in tables for node in ast.walk(table) if isinstance(node, ast.Call)]
    assert set(calls) == {"np.array", "dict.fromkeys"}
    assert not [node for table in tables for node in ast.walk(table) if isinstance(node, ast.BinOp | ast.Lambda)]


@pytest.mark.parametrize("exercise", NEURON.exercises)
def test_every_right_variant_passes(check, exercise):
    """No way to write a right function that the catalogue knows is refused by a visible check."""
    text = exercises(NEURON)[exercise].text
    own = [variant for variant in variants(NEURON.folder) if variant.exercise == exercise]
    refused = {one.id: said(check, exercise, text.from_source(one.source)) for one in own}
    assert {name: message for name, message in refused.items() if message} == {}


@pytest.mark.parametrize("exercise", NEURON.exercises)
def test_usual_mistakes_are_named_and_others_are_not(check, exercise):
    """A mistake that is marked as usual is told its own title; all others are refused under no usual one's."""
    own = [one for one in mistakes(NEURON.folder) if one.exercise == exercise and one.known]
    titles = {f"{one.title}." for one in own if one.usual}
    for one in own:
        message = said(check, exercise, wrong_function(exercises(NEURON)[exercise], (one,)))
        assert (message == f"{one.title}.") is one.usual, one.id
        assert message not in titles - {f"{one.title}."}, one.id


def test_what_the_worked_input_does_not_tell_apart_is_left_out_and_found(monkeypatch):
    """At z = 0 many mistakes give one half: none of them is named, and lint can say which are not."""
    checks = Checks(NEURON, "sigmoid", ())
    assert checks.mixed_up() == []
    monkeypatch.setitem(checks.__dict__, "worked", (np.array([0.0]),))
    assert "sigmoid-exponent-sign" in {mistake.id for mistake in checks.mixed_up()}
    assert "The sign in the exponent is turned round: this is σ(−z)" not in checks.usual()


def test_a_loss_at_large_values_raises_no_error(check, capsys):
    """The plain formula passes, and the student reads which share of the points hangs on more."""
    assert said(check, "cost", exercises(NEURON)["cost"].text.function()) == ""
    assert "Not right, but no more than 1.0 of the points hang on it." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("exercise", "function", "message", "printed"),
    [
        ("cost", lambda w, b, X, y: None, "no number; is a return missing", ""),
        ("cost", lambda w, b, X, y: (_ for _ in ()).throw(NotImplementedError), "NotImpl", "Not written yet"),
        ("sigmoid", lambda z: 1 / (1 + __import__("math").exp(-z)), "scalars", "np.exp takes both"),
        ("dC_dw", lambda w, b, X, y: X @ y, "core dimension", "The shapes of two arrays"),
        ("dC_dw", lambda w, b, X, y: np.ones((2, 1)), "expected shape (2,), got shape (2, 1)", ""),
        ("dC_db", lambda w, b, X, y: 7 * exercises(NEURON)["dC_db"].text.right(w, b, X, y), "dC_db: 7 times what", ""),
        ("dC_db", lambda w, b, X, y: X.fill(1.0) or 1.0, "has changed its argument X", ""),
        ("dC_db", lambda w, b, X, y: exercises(NEURON)["dC_db"].text.right(w, b, X, y) + 1e-4, "close, but not", ""),
    ],
)
def test_what_else_is_wrong_is_told(check, capsys, exercise, function, message, printed):  # noqa: PLR0913, PLR0917
    """What has no name is told by what is seen of it: shape, ratio, a changed argument, Python's own errors."""
    assert message in said(check, exercise, function)
    assert printed in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (([[1.0, 2.0], np.array([3.0])], {"b": 4.0}), ""),
        (([[1.0, 2.0], [5.0]], {"b": 4.0}), "item 1, item 2: the numbers differ; work it by hand."),
        (([[1.0, 2.0], [3.0]], {"b": [4.0, 1.0]}), "item 2, b: expected a single number, got shape (2,)."),
        (([[0.0, 2.0], [3.0]], {"b": 4.0}), "The first is forgotten."),
        (([[1.0, 2.0], [3.0]],), "expected a list of 2, got a list of 1"),
    ],
)
def test_of_several_arrays_the_first_wrong_one_is_named(monkeypatch, answer, message):
    """Answers of lists and dicts are compared part by part; a message says which part it is."""
    right = (([1.0, 2.0], [3.0]), {"b": 4.0})
    worked = {"f": {"x": 1.0}}
    monkeypatch.setattr(helpers, "WORKED", worked)
    monkeypatch.setattr(helpers, "CHECKS", [("f", worked["f"], "", right, 0)])
    monkeypatch.setattr(helpers, "USUAL", {"The first is forgotten": {"f": (([0.0, 2.0], [3.0]), {"b": 4.0})}})
    assert said(helpers.check, "f", lambda _x: answer) == message


def test_a_usual_mistake_is_named_by_the_worked_input_alone(monkeypatch):
    """What usual mistakes answer to it is not compared with answers to other inputs, which may be built otherwise."""
    monkeypatch.setattr(helpers, "WORKED", {"f": {"x": 1.0}})
    monkeypatch.setattr(helpers, "CHECKS", [("f", (2.0,), "", ([1.0], [2.0]), 0)])
    monkeypatch.setattr(helpers, "USUAL", {"The first is forgotten": {"f": ([0.0], [2.0], [3.0])}})
    assert said(helpers.check, "f", lambda _x: [[1.0], [2.0]]) == ""


@pytest.mark.parametrize("star", ["from numpy import *", "from pylab import *"])
def test_a_star_import_below_changes_nothing(text, capsys, star):
    """A cell below that replaces `all`, `bool` or `copy` by NumPy's changes neither a verdict nor what is said."""
    right, wrong = (lambda z: 1 / (1 + np.exp(-np.clip(z, -700, 700)))), (lambda z: 0.9 / (1 + np.exp(-z)))
    assert said(below(text, star), "sigmoid", right) == ""
    assert "on the way" in capsys.readouterr().out
    assert said(below(text, star), "sigmoid", wrong) == said(below(text), "sigmoid", wrong)


def test_the_command_writes_the_cell_and_nothing_else(tmp_path, monkeypatch, capsys, text):
    """An old cell is refused by --check and written anew; the second time, not a byte changes."""
    shutil.copytree(ROOT / "source", tmp_path / "source")
    path = tmp_path / "source" / "neuron" / "neuron.ipynb"
    new = path.read_bytes()
    path.write_bytes(new.replace(b"1.412926", b"1.512926"))
    old = path.read_bytes()
    monkeypatch.chdir(tmp_path)
    assert (cli.main(["checks", "neuron", "--check"]), path.read_bytes()) == (1, old)
    assert "is out of date; run: autograder checks neuron" in capsys.readouterr().err
    assert (cli.main(["checks", "neuron"]), path.read_bytes()) == (0, new)
    assert (cli.main(["checks", "neuron"]), path.read_bytes()) == (0, new)
    capsys.readouterr()
    assert (cli.main(["checks", "neuron", "--print"]), capsys.readouterr().out) == (0, f"{text}\n")


def test_a_notebook_without_the_cell_gets_one(tmp_path, text):
    """The cell comes above the first code cell, locked, and is found again."""
    path = tmp_path / "source" / "neuron" / "neuron.ipynb"
    path.parent.mkdir(parents=True)
    cells = [{"cell_type": kind, "metadata": {}, "source": "x"} for kind in ("markdown", "code")]
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    SourceNotebook(NEURON, tmp_path).write(text)
    assert SourceNotebook(NEURON, tmp_path).has(text)
    written = json.loads(path.read_text())["cells"]
    assert [one["cell_type"] for one in written] == ["markdown", "code", "code"]
    assert written[1]["metadata"]["nbgrader"]["locked"] is True


def test_no_notebook_is_one_line(tmp_path, monkeypatch, capsys):
    """Outside of a course the command says what is not there, and exits with 2."""
    monkeypatch.chdir(tmp_path)
    assert cli.main(["checks", "neuron"]) == 2
    assert capsys.readouterr().err.endswith("is not there; run this from the course's folder\n")
