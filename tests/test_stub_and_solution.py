"""For every exercise the stub fails and the solution gets full marks, in the notebook and as a `.py`."""

import json
from pathlib import Path

import pytest

from autograder.grading.assignment import find, names
from autograder.judge.judge import Job, judge, judge_notebooks, to_judge
from autograder.judge.notebook import source_of
from autograder.judge.solution import read_solution

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
EXERCISES = [(name, exercise) for name in names() for exercise in find(name).exercises]


def notebook_bytes(folder, name):
    """Return an assignment's notebook, from source/ or from release/."""
    return (ROOT / folder / name / f"{find(name).notebook}.ipynb").read_bytes()


def script(folder, name):
    """Return the cells that students fill in, as they would stand in a `.py`."""
    cells = json.loads(notebook_bytes(folder, name))["cells"]
    filled = [cell for cell in cells if cell["metadata"].get("nbgrader", {}).get("solution")]
    return "import numpy as np\n\n" + "\n\n".join(source_of(cell) for cell in filled if cell["cell_type"] == "code")


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Judge each assignment's released and instructor's notebook, as a notebook and as a script; by exercise."""
    judged = {}
    for name in names():
        assignment, files = find(name), {}
        for file in assignment.files:
            files[file] = (ROOT / "source" / name / file).read_bytes()
        for folder in ("source", "release"):
            whole = judge(to_judge({name: json.loads(notebook_bytes(folder, name))}), Job(name, files=files))
            path = tmp_path_factory.mktemp(f"{name}-{folder}") / "solution.py"
            path.write_text(script(folder, name))
            content, module = read_solution(path, assignment)
            bare = judge_notebooks({name: content}, Job(name, module=module), assignment)
            for form, judgement in (("notebook", whole), ("py", bare)):
                for result in judgement.exercises:
                    judged[name, result.exercise, folder, form] = result
    return judged


@pytest.mark.parametrize("form", ["notebook", "py"])
@pytest.mark.parametrize(("name", "exercise"), EXERCISES)
def test_the_solution_gets_full_marks(results, name, exercise, form):
    """The instructor's solution passes every criterion."""
    result = results[name, exercise, "source", form]
    assert [criterion.message for criterion in result.criteria if criterion.verdict != "pass"] == []
    assert result.points == result.max_points > 0


@pytest.mark.parametrize("form", ["notebook", "py"])
@pytest.mark.parametrize(("name", "exercise"), EXERCISES)
def test_the_stub_fails(results, name, exercise, form):
    """The unfilled stub earns nothing, and the message says that it is unfilled."""
    result = results[name, exercise, "release", form]
    assert result.points == 0
    assert {criterion.verdict for criterion in result.criteria} <= {"fail", "skip"}
    assert f"{exercise} is not filled in yet" in result.criteria[0].message
