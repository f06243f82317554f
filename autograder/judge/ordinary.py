"""Grade cells without a grader, judged by what they do when they run: nbgrader's rule, and what may be said of it.

`running/submission.py` runs them, a second time with their hidden tests. What is here reads what came out.

nbgrader's rule: of a cell's outputs, in their order, the first error earns nothing, and the first result that is a
number earns that many points; without either, all points are earned. Three deviations: what is written to stderr costs
nothing, a NumPy number is a number, and a number that is none of the points there are goes to a human.
"""

import ast
import contextlib
import math
import re
from typing import Any

from autograder.grading.results import ExerciseResult
from autograder.grading.told import told
from autograder.judge.notebook import Ordinary, as_python
from autograder.sandbox.session import CellRun

_NUMBER = re.compile(r"(?:np\.\w+\()?([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?inf|nan)\)?")
_MAX_TEXT = 300
_ALONE = "This cell passed when it was graded, with hidden tests. What follows is what it does without them."

Output = dict[str, Any]


def marked(notebook: str, cell: Ordinary, shown: CellRun, run: CellRun, *, tell_all: bool = False) -> ExerciseResult:
    """Return what an ordinary grade cell earns.

    Args:
        notebook: that it stands in.
        cell: the grade cell.
        shown: how it ran without its hidden tests, for everybody to see.
        run: how it ran with them; the same where it has none.
        tell_all: whether a student is told whatever a hidden test said, and with it what student code makes it say.
    """
    points, message = _points(run, cell, hidden=run is not shown)
    if points != cell.points and not message:
        message = _said(cell, shown, run, tell_all=tell_all)
    elif points == cell.points and run is not shown and _error(shown):
        message = _ALONE
    return ExerciseResult(cell.grade_id, points, cell.points, (), notebook=notebook, judged="inside", message=message)


def _points(run: CellRun, cell: Ordinary, *, hidden: bool) -> tuple[float | None, str]:
    """Return the points, or None and why a human has to say.

    Of a cell with hidden tests only a result of its own last line counts: student code that shows a number from within
    them would tell by it what it has seen there.
    """
    if run.refused is not None:
        return None, f"this could not be judged ({run.refused}); your teacher will look at it"
    for output in run.outputs:
        if output["output_type"] == "error":
            return 0.0, ""
        if output["output_type"] == "execute_result" and not (hidden and not _ends_in_value(cell.full)):
            return _partial(output, cell.points, hidden=hidden) if run.status != "died" else (0.0, "")
    return (cell.points, "") if run.status == "ok" else (0.0, "")


def _partial(output: Output, most: float, *, hidden: bool) -> tuple[float | None, str]:
    found = _NUMBER.fullmatch(str(output["data"].get("text/plain", "")).strip())
    if found is None:
        return most, ""
    points = float(found[1])
    if math.isnan(points) or not 0.0 <= points <= most:
        number = "a number that is none" if hidden else found[1]
        return None, f"the test gives {number} of {most:g} points; your teacher will look at it"
    return points, ""


def _said(cell: Ordinary, shown: CellRun, run: CellRun, *, tell_all: bool) -> str:
    """Return what to say of a cell that did not earn all its points, and which limit it reached."""
    visible = _error(shown)
    said, limit = (_text(visible), shown.limit) if visible else (_said_hidden(cell, run, tell_all=tell_all), run.limit)
    return f"{said} ({limit})" if said and limit else said


def _said_hidden(cell: Ordinary, run: CellRun, *, tell_all: bool) -> str:
    error = _error(run)
    if error is None:
        return ""
    if tell_all:
        return _text(error)
    return told(cell.full, *error)


def _error(run: CellRun) -> tuple[str, str] | None:
    """Return name and text of the first error that a cell shows, or of the one that ended it and that it does not.

    Where it was stopped, the last one is ours and says why; before it stands what the interruption raised.
    """
    for output in run.outputs[-1:] if run.status in ("timeout", "died") else run.outputs:
        if output["output_type"] == "error":
            return output["ename"], output["evalue"]
    return (run.error.type, run.error.message) if run.error else None


def _text(error: tuple[str, str]) -> str:
    """Return an error as it is told; some kernels give it no name, and say no more than an exit status."""
    return f"{error[0] or 'Error'}: {error[1].strip()}"[:_MAX_TEXT].rstrip(": ")


def _ends_in_value(source: str) -> bool:
    """Say whether a cell's last line gives a result, magics included; in another language it may."""
    with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        body = ast.parse(as_python(source)).body
        return bool(body) and isinstance(body[-1], ast.Expr)
    return True
