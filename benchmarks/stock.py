"""Assignments for stock nbgrader and for ours: the same notebooks, for stock nbgrader with the tests in their cells."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import effects
import ordinary
from scratch import Course

from autograder.demo.hand_ins import HandIns
from autograder.demo.roster import Student, the_class

# The first is a minute of waiting for stock nbgrader, which would flatter us; the second makes its run fail.
LEFT_OUT = {"endless", "leaves"}
_STOCK = 'c = get_config()\nc.CourseDirectory.course_id = "stock"\n'
# In the place of the visible checks, which refuse to be graded by stock nbgrader.
_HIDDEN = """
### BEGIN HIDDEN TESTS
_draw = np.random.default_rng(7)
_W, _b = [_draw.normal(size=size) for size in ((4, 3), (2, 4))], [_draw.normal(size=size) for size in (4, 2)]
_X, _Y = _draw.normal(size=(5, 3)), _draw.integers(0, 2, size=(5, 2)).astype(float)
_A = [_X]
for _w, _c in zip(_W, _b):
    _A.append(1 / (1 + np.exp(-(_A[-1] @ _w.T + _c))))
_d = _A[2] - _Y
_h = _d @ _W[1] * _A[1] * (1 - _A[1])
_dW, _db = [_h.T @ _X / 5, _d.T @ _A[1] / 5], [_h.mean(axis=0), _d.mean(axis=0)]
def _alike(found, expected):
    return all(np.allclose(one, other) for one, other in zip(found, expected, strict=True))
{check}
### END HIDDEN TESTS
"""
_CHECKS = {
    "test_feedforward": "assert _alike(feedforward(_W, _b, _X), _A)",
    "test_cost": "_C = -np.mean(np.sum(_Y * np.log(_A[2]) + (1 - _Y) * np.log(1 - _A[2]), axis=1))\n"
    "assert np.isclose(cost(_W, _b, _X, _Y), _C)",
    "test_output_error": "assert np.allclose(output_error(_A[2], _Y), _d)",
    "test_hidden_error": "assert np.allclose(hidden_error(_d, _W[1], _A[1]), _h)",
    "test_backprop": "_found = backprop(_W, _b, _X, _Y)\nassert _alike(_found[0], _dW) and _alike(_found[1], _db)",
    "test_gradient_step": "_found = gradient_step(_W, _b, _X, _Y, 0.5)\n"
    "assert _alike(_found[0], [w - 0.5 * d for w, d in zip(_W, _dW)])\n"
    "assert _alike(_found[1], [b - 0.5 * d for b, d in zip(_b, _db)])",
}
_SQUARES = "def squares(n):\n    if n < 1:\n        raise ValueError('n is too small')\n    return [{} for i in {}]\n"
_SUM = "def sum_of_squares(n):\n    return sum(squares(n))\n"


@dataclass(frozen=True)
class Assignment:
    """One assignment in two courses, with what its students hand in.

    Attributes:
        name: of the assignment.
        stock: the course of stock nbgrader.
        ours: the course that calls `configure(c)`.
        styles: number of ways to hand in.
        hand_in: hands in a style, given a course, a student and the style's number.
    """

    name: str
    stock: Course
    ours: Course
    styles: int
    hand_in: Callable[[Course, str, int], object]


def neuron(folder: Path) -> Assignment:
    """Make `neuron`, of which stock nbgrader runs every cell, as it always does, and ours those up to the last test."""
    return _of_ours("neuron", effects.stock_course(folder / "stock"), Course.make(folder / "ours"))


def network(folder: Path) -> Assignment:
    """Make `network`, which ends with the last test for both."""
    ours = Course.make(folder / "ours")
    _generate(ours, "network")
    stock = Course(folder / "stock")
    source = stock.folder / "source" / "network"
    shutil.copytree(ours.folder / "source" / "network", source)
    (stock.folder / "nbgrader_config.py").write_text(_STOCK)
    path = source / "network.ipynb"
    notebook = json.loads(path.read_text())
    last = max(number for number, cell in enumerate(notebook["cells"]) if _grade_id(cell) in _CHECKS)
    written = [cell for cell in notebook["cells"][last + 1 :] if _grade_id(cell)]
    notebook["cells"] = [*map(_with_tests, notebook["cells"][: last + 1]), *written]
    path.write_text(json.dumps(notebook))
    _generate(stock, "network")
    return _of_ours("network", stock, ours)


def ps1(folder: Path) -> Assignment:
    """Make nbgrader's own example, two notebooks without graders, with a hidden test added."""
    stock = folder / "stock"
    stock.parent.mkdir(parents=True, exist_ok=True)
    ordinary.quickstart(stock)
    ordinary.ours_beside(stock, folder / "ours")
    courses = [Course(stock), Course(folder / "ours")]
    for course in courses:
        _generate(course, "ps1")
    power, one_too_few = _SQUARES.format("i ** 2", "range(1, n + 1)"), _SQUARES.format("i ** 2", "range(1, n)")
    cells = [{"squares": power, "sum_of_squares": _SUM}, {"squares": one_too_few, "sum_of_squares": _SUM}, {}]

    def hand_in(course: Course, student: str, style: int) -> None:
        ordinary.hand_in(course.folder, "ps1", student, {"problem1": cells[style]})

    return Assignment("ps1", *courses, len(cells), hand_in)


ASSIGNMENTS: dict[str, Callable[[Path], Assignment]] = {"neuron": neuron, "network": network, "ps1": ps1}


def _of_ours(name: str, stock: Course, ours: Course) -> Assignment:
    """Return an assignment that the package brings; its class hands in what the demo's does."""
    found = list(_styles(name))

    def hand_in(course: Course, student: str, style: int) -> None:
        released = json.loads((course.folder / "release" / name / f"{name}.ipynb").read_text())
        filled = HandIns(name).fill(released, found[style].solution, found[style].answer)
        folder = course.folder / "submitted" / student / name
        folder.mkdir(parents=True)
        (folder / f"{name}.ipynb").write_text(json.dumps(filled, indent=1))

    return Assignment(name, stock, ours, len(found), hand_in)


def _styles(name: str) -> Iterator[Student]:
    """Yield the demo's students who hand in a plain notebook; others hand in what theirs did, in turn."""
    for one in the_class(name):
        if one.twist == "hand_in" and one.solution and one.solution not in LEFT_OUT:
            yield one


def _generate(course: Course, name: str) -> None:
    done = course.nbgrader("generate_assignment", name)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)


def _grade_id(cell: dict[str, Any]) -> str | None:
    found: str | None = cell["metadata"].get("nbgrader", {}).get("grade_id")
    return found


def _with_tests(cell: dict[str, Any]) -> dict[str, Any]:
    check = _CHECKS.get(_grade_id(cell) or "")
    return cell | {"source": _HIDDEN.format(check=check)} if check else cell
