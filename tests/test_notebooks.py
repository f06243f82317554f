"""The notebooks that students get: short tasks, figures with words, no stored outputs."""

import json
import re
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

from autograder.checks.notebook import FOLDED

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "source").glob("*/*.ipynb"))
TASK = re.compile(r"## \d+\. ")
FORMULA = re.compile(r"\$\$.*?\$\$|\$.*?\$", re.DOTALL)


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def cells(request):
    """Return one notebook's cells, each with its text."""
    content = json.loads(request.param.read_text(encoding="utf-8"))
    return [cell | {"text": "".join(cell["source"])} for cell in content["cells"]]


def test_the_first_task_comes_soon(cells):
    """At most four cells stand before the first task."""
    assert next(number for number, cell in enumerate(cells) if TASK.match(cell["text"])) <= 4


def test_tasks_are_short(cells):
    """A task has at most 120 words, a formula counted as one."""
    tasks = [cell["text"].partition("### BEGIN SOLUTION")[0] for cell in cells if TASK.match(cell["text"])]
    assert {task.splitlines()[0]: count for task in tasks if (count := len(FORMULA.sub("x", task).split())) > 120} == {}
    assert tasks


def test_figures_have_words(cells):
    """A picture has a text in its place, of ten words or more; a cell that draws also prints what is to be seen."""
    texts = [
        alt for cell in cells if cell["cell_type"] == "markdown" for alt in re.findall(r"!\[(.*?)\]", cell["text"])
    ]
    assert texts
    assert all(len(alt.split()) >= 10 for alt in texts)
    drawing = [number for number, cell in enumerate(cells) if "plt.show()" in cell["text"]]
    assert drawing
    assert all("print(" in cells[number]["text"] for number in drawing)


def test_nothing_is_stored(cells):
    """No cell has an output or a number of execution, so that a change of the notebook is a change of its text."""
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["id"] for cell in code if cell["outputs"] or cell["execution_count"] is not None] == []


def test_the_set_up_cell_is_short_to_the_eye(cells):
    """The long set-up cell is folded away in Colab, JupyterLab, VS Code, Jupyter Book and nbconvert."""
    (metadata,) = (cell["metadata"] for cell in cells if cell["id"] == "setup")
    (text,) = (cell["text"] for cell in cells if cell["id"] == "setup")
    assert text.startswith("#@title Run this first: ")
    assert {name: metadata[name] for name in FOLDED} == FOLDED


@pytest.mark.parametrize("name", ["neuron", "network"])
def test_a_notebook_alone_says_what_is_missing(name, monkeypatch, tmp_path, capsys):
    """One notebook without its folder runs to its end, and one line names the file and where it is."""
    mpl.use("Agg")
    monkeypatch.chdir(tmp_path)
    path = ROOT / "source" / name / f"{name}.ipynb"
    names = {}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    plt.close("all")
    said = [line for line in capsys.readouterr().out.splitlines() if ".csv" in line]
    assert len(said) == 1
    assert "folder" in said[0]
