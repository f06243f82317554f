"""Why a name is missing, in words of the notebook: its cell, its line, and the cell that stopped before."""

import pytest

from autograder.judge.notebook import Cell
from autograder.judge.running.causes import Causes, label
from autograder.sandbox.answers import Raised, Where
from autograder.sandbox.session import CellRun

OK = CellRun("ok", [])


def failed(number, line, text, kind="ModuleNotFoundError", message="No module named 'seaborn'"):
    """Return a cell's run that ended with an error in a line."""
    return CellRun("error", [], Raised(kind, message, Where(number, line, text)))


def causes(*pairs):
    """Return the causes of a notebook, given as the texts of its cells and how they ended."""
    cells = [Cell(3 * number, text, heading="1. `sigmoid`") for number, (text, _) in enumerate(pairs)]
    return Causes(cells, {3 * number: run for number, (_, run) in enumerate(pairs) if run is not None})


def name_error(name):
    """Return the error of a name that is not there."""
    return Raised("NameError", f"name '{name}' is not defined", Where(2, 1, f"{name}.e"))


IMPORTS = "import seaborn as sns\nimport math"
STOPPED = failed(1, 1, "import seaborn as sns")


def test_the_cell_that_stopped_before_an_import_is_named():
    """A name that a cell would have imported is missed because of that cell, and the line at which it stopped."""
    said = causes((IMPORTS, STOPPED), ("math.e", OK)).of(name_error("math"))
    assert said == (
        ". The cell In [1] under “1. `sigmoid`”, which imports it, stopped at `import seaborn as sns` "
        "(ModuleNotFoundError: No module named 'seaborn')"
    )


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([("h\ndef cost(w):\n    pass", failed(1, 1, "h", "NameError", "name"))], "at `h` (NameError: name)"),
        ([("def cost(w):\n    return (", failed(1, 2, "return (", "SyntaxError", "'(' was never closed"))], "line 2"),
        ([("import time\ntime.sleep(99)\ncost = 1", CellRun("timeout", []))], "was stopped: it took too long"),
        ([("import os\nos._exit(0)\ncost = 1", CellRun("died", []))], "ended its process"),
        ([("a, cost = f()", failed(1, 1, "a, cost = f()", "ValueError", "no"))], "stopped at `a, cost = f()`"),
        ([("from mine import cost", failed(1, 1, "from mine import cost"))], "which imports it"),
        ([("def Cost(w):\n    pass", OK)], "; there is `Cost`: is that the one?"),
        ([("def my_cost(w):\n    pass", OK), ("def costs(w):\n    pass", OK)], "; there is `costs`: is that the one?"),
    ],
)  # fmt: skip
def test_why_a_function_is_missing(pairs, said):
    """The cell that would have defined it is named, with how it stopped; else the name that it may have been given."""
    assert said in causes(*pairs).of_missing("cost", "cost")


def test_the_text_of_a_function_is_the_last_one_of_that_name():
    """Its lines are those below its head that stand further in; comments and other functions are no part of it."""
    first, rest = (
        "def cost(w):\n    return old",
        "x = 1\ndef cost(w):\n\n    # np.log\n    return new  # b\ndef costs():\n    f",
    )
    assert causes((first, OK), (rest, OK)).text_of("cost").split("\n") == [
        "def cost(w):", "", "    ", "    return new  "
    ]  # fmt: skip
    assert causes((first, OK)).text_of("costs") == ""


def test_a_function_below_its_check_is_found():
    """What is defined after its check is not missing but late."""
    cells = [Cell(0, "pass", "cost"), Cell(2, "def cost(w):\n    pass")]
    assert (
        Causes(cells, {2: OK}).of_missing("cost", "cost") == "; the cell In [2] defines it, and comes after the check"
    )


@pytest.mark.parametrize(
    "pairs",
    [
        [("import seaborn", STOPPED), ("x = 1", OK)],  # it has nothing to do with it
        [("def cost(w):\n    pass\nprint(cost(1))", failed(1, 3, "print(cost(1))"))],  # it was there by then
        [("cost = 1\n1 / 0", failed(1, 2, "1 / 0")), ("cost = 2", OK)],
        [("%%writefile a.py\ndef cost(w):\n    pass", OK)],
        [("def f():\n    cost = 1", OK)],
    ],
)
def test_nobody_is_blamed_who_is_not_the_cause(pairs):
    """A cell that failed is no cause of what it does not define, or had defined before."""
    assert causes(*pairs).of_missing("cost", "cost") == ""


def test_a_stub_that_is_filled_in_below_its_check_is_told_so():
    """Where the function is defined once more after its check, the cell that does so is named."""
    cells = [Cell(0, "def cost(w):\n    raise NotImplementedError"), Cell(1, "check()", exercise="cost")]
    ran = {0: OK, 1: OK, 2: OK}
    known = Causes([*cells, Cell(2, "def cost(w):\n    return 1", heading="Mine")], ran)
    assert known.below("cost", "cost") == "; the cell In [3] under “Mine” defines it, and comes after the check"
    assert Causes(cells, ran).below("cost", "cost") == ""


def test_a_near_name_is_offered():
    """A name that is spelled almost as one that there is makes one think."""
    assert causes(("logits = 1", OK), ("logit", OK)).of(name_error("logit")) == ". There is `logits`"
    assert causes(("x = 1", OK)).of(Raised("ValueError", "name 'logit' is not defined", None)) == ""


def test_a_file_has_no_cells():
    """What is called a cell of a notebook is the file where there is no notebook."""
    assert label(Cell(0, "", file=True), 1) == "the file"
