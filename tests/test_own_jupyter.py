"""The table of what differs from a student's own Jupyter, line by line, in a kernel and behind both walls."""

import re
from dataclasses import dataclass
from pathlib import Path

import nbclient
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.sandbox.launch import Sandbox, wall_of
from autograder.sandbox.limits import Limits
from autograder.sandbox.session import CellRun, Session, Setup

PAGE = Path(__file__).parent.parent / "docs" / "your-own-jupyter.md"
LIMITS = Limits(cell_seconds=8.0)
UNTRIED = ("network", "asks", "runs on", "ends the kernel", "as many as there are")  # in a test's own kernel
HUGE = "np.ones(10**10)"  # which a small machine has not
_CODE = re.compile(r"`([^`]+)`")

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("own-jupyter")]


@dataclass(frozen=True)
class Line:
    """A line of a table: what is written, what it does in a kernel, and when it is graded."""

    source: str
    own: str
    graded: str


def lines() -> list[Line]:
    """Read both tables."""
    found = []
    for row in PAGE.read_text().splitlines():
        columns = [column.strip() for column in row.strip().strip("|").split(" | ")]
        if row.startswith("| `"):
            columns[-1] = columns[-1].strip("| ")
            source = "\n".join(_CODE.findall(columns[0]))
            found.append(Line(source, columns[1], columns[2] if len(columns) > 2 else columns[1]))
    return found


LINES = lines()


@pytest.fixture(scope="module")
def kernel(slow, tmp_path_factory) -> list[str]:
    """Return which error each line ends with in a kernel, or `works`."""
    folder = tmp_path_factory.mktemp("own")
    cells = [new_code_cell("" if one.own in UNTRIED or HUGE in one.source else one.source) for one in LINES]
    notebook = new_notebook(cells=cells)
    where = {"metadata": {"path": str(folder)}}
    nbclient.NotebookClient(notebook, allow_errors=True, timeout=60, kernel_name="python3", resources=where).execute()
    errors = [[one.ename for one in cell.outputs if one.output_type == "error"] for cell in notebook.cells]
    return [found[0] if found else "works" for found in errors]


@pytest.fixture(scope="module", params=["nested", pytest.param("single", marks=pytest.mark.full)])
def graded(request, slow) -> list[CellRun]:
    """Return how each line ends when it is graded, behind each of the walls."""
    sandbox = Sandbox(wall_of(request.param), LIMITS, ("numpy",))
    with sandbox, Session(sandbox, LIMITS, Setup(names={"__name__": "__main__"})) as session:
        session.prepare()
        return [
            session.run_cell(number, one.source, 2.0 if one.own == "runs on" else LIMITS.cell_seconds)
            for number, one in enumerate(LINES, start=1)
        ]


def test_the_tables_are_read():
    """Every line of both tables has a test."""
    assert len(LINES) == PAGE.read_text().count("\n| `") > 40


@pytest.mark.full
@pytest.mark.parametrize("number", range(len(LINES)), ids=[one.source.splitlines()[-1][:40] for one in LINES])
def test_a_line_says_what_a_kernel_does(kernel, number):
    """What is said of a student's own Jupyter is what a kernel does."""
    line = LINES[number]
    if line.own not in UNTRIED and HUGE not in line.source:
        assert kernel[number] == line.own.strip("`")


@pytest.mark.parametrize("number", range(len(LINES)), ids=[one.source.splitlines()[-1][:40] for one in LINES])
def test_a_line_says_what_happens_when_it_is_graded(graded, number):
    """What is said of grading happens, with the sentence that the line quotes."""
    run, line = graded[number], LINES[number]
    errors = [one for one in run.outputs if one["output_type"] == "error"]
    kind, _, said = line.graded.partition(": ")
    if kind.startswith("works"):
        assert errors == []
        assert run.status == "ok"
        return
    assert kind.strip("`") in [one["ename"].removeprefix("_Array") for one in errors]
    assert said in errors[0]["evalue"]
