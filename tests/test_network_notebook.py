"""The notebook `network`, as a student runs it: finished, unfinished, and in other right styles."""

import contextlib
import io
import json
import re
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "source" / "network"
STYLES = sorted((ROOT / "tests" / "network_styles").glob("*.py"))
EXERCISES = ("feedforward", "cost", "output_error", "hidden_error", "backprop", "gradient_step")
SOLUTION = re.compile(r"### BEGIN SOLUTION\n.*?### END SOLUTION", re.DOTALL)
ONE_EPOCH = "\ntrain.__defaults__ = (1, *train.__defaults__[1:])"
FEW_DIGITS = "\nload = lambda whole=load: tuple(values[:240] for values in whole())"
NO_BIASES = """
right = backprop

def backprop(weights, biases, X, Y):
    dC_dW, dC_db = right(weights, biases, X, Y)
    return dC_dW, [0 * dC_db[0], *dC_db[1:]]
"""


@pytest.fixture(autouse=True)
def beside_its_files(monkeypatch):
    """Run in the notebook's folder, and draw on no screen."""
    monkeypatch.chdir(FOLDER)
    mpl.use("Agg")
    yield
    plt.close("all")


class Notebook:
    """The notebook's code cells, run one after another in one namespace.

    Attributes:
        names: what the cells have defined.
        printed: what each cell has printed, by its id.
        errors: what stopped a cell, by its id.
    """

    def __init__(self):
        self.names, self.printed, self.errors = {}, {}, {}
        cells = json.loads((FOLDER / "network.ipynb").read_text(encoding="utf-8"))["cells"]
        self.cells = {cell["id"]: "".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"}

    def run(self):
        """Run all cells; one that stops does not keep the others from being run."""
        for name, source in self.cells.items():
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                try:
                    exec(compile(source, name, "exec"), self.names)
                except Exception as error:  # noqa: BLE001 - as in a notebook
                    self.errors[name] = error
            self.printed[name] = printed.getvalue()
        return self


@pytest.fixture(scope="module")
def finished():
    """Return the notebook with our solution, run."""
    with contextlib.chdir(FOLDER):
        mpl.use("Agg")
        return Notebook().run()


def last_number(line):
    """Return the last number of a line."""
    return float(re.findall(r"[\d.]+", line)[-1])


def test_every_cell_runs(finished):
    """With the solution no cell stops, and every visible check passes."""
    assert finished.errors == {}
    assert "Not yet" not in "".join(finished.printed.values())


def test_the_network_reads_digits(finished):
    """Both costs read at least 97 % of the digits held back; from the bad start the quadratic cost stays far behind."""
    _, *usual, bad, worst = finished.printed["training"].splitlines()
    assert min(map(last_number, (line.rstrip(" %") for line in [*usual, bad]))) >= 97
    assert last_number(worst) < 90


def test_layers_show_what_one_number_hides():
    """Where ∂C/∂b of layer 1 is forgotten, its own number is 1, and the number for everything looks right."""
    notebook = Notebook()
    notebook.cells["backprop"] += NO_BIASES
    notebook.cells["digits"] += ONE_EPOCH
    table = notebook.run().printed["slopes"].splitlines()
    assert [last_number(line) for line in table[2:4]] == [1, 0]
    assert 0 < last_number(table[4]) < 0.01


def test_the_solution_agrees_with_finite_differences(finished):
    """In the first table each number is 0."""
    table = finished.printed["slopes"].splitlines()
    assert [re.findall(r"\d\.\d+", line) for line in table[2:4]] == [["0.00000"] * 2] * 2


@pytest.mark.parametrize("missing", [EXERCISES, *((name,) for name in EXERCISES)], ids="-".join)
def test_what_is_unfinished_is_named(missing):
    """Only visible checks stop where a function is unfinished; the other cells say which one it is, or need it not."""
    notebook = Notebook()
    for name in missing:
        notebook.cells[name] = SOLUTION.sub("raise NotImplementedError()", notebook.cells[name])
    notebook.cells["digits"] += ONE_EPOCH
    notebook.run()
    assert {f"test_{name}" for name in missing} <= set(notebook.errors) <= {f"test_{name}" for name in EXERCISES}
    named = rf"Not yet: ({'|'.join(missing)}) is not filled in"
    comparing, training = (bool(re.match(named, notebook.printed[name])) for name in ("slopes", "training"))
    assert [comparing, training] == [missing != ("gradient_step",), missing != ("cost",)]
    assert [notebook.printed[name].startswith("Not yet") for name in ("mistakes", "hidden_neuron")] == [training] * 2


def test_a_missing_file_is_named(tmp_path, monkeypatch):
    """Without the data the last cells say which file is missing."""
    monkeypatch.chdir(tmp_path)
    notebook = Notebook().run()
    assert notebook.errors == {}
    assert notebook.printed["training"].startswith("Not yet: digits.csv.gz not found.")


@pytest.mark.slow  # computes for long: each trains a network
@pytest.mark.parametrize("style", STYLES, ids=lambda path: path.stem)
def test_other_styles_are_right(style, finished):
    """Solutions in another style pass the visible checks, agree layer by layer, and train the network alike."""
    notebook = Notebook()
    notebook.cells |= dict.fromkeys(EXERCISES, "")
    notebook.cells["feedforward"] = style.read_text(encoding="utf-8")
    notebook.cells["digits"] += FEW_DIGITS + ONE_EPOCH
    notebook.run()
    assert notebook.errors == {}
    assert "Not yet" not in "".join(notebook.printed.values())
    assert all(last_number(line) < 0.005 for line in notebook.printed["slopes"].splitlines()[2:5])
    ours, theirs = finished.names, notebook.names
    few_digits = theirs["load"]()
    (weights, _), _ = ours["train"](few_digits, quadratic=False, spread=1, epochs=1)
    for W, other in zip(weights, theirs["network"][0], strict=True):
        assert abs(W - other).max() < 1e-4
