"""Grade cells without a grader, judged by what they do when they run: nbgrader's rule, and what may be said of it.

nbgrader's rule: of a cell's outputs, in their order, the first error earns nothing, and the first result that is a
number earns that many points; without either, all points are earned. Three deviations: what is written to stderr costs
nothing, a NumPy number is a number, and a number that is none of the points there are goes to a human.
"""

import ast
import builtins
import math
import re
from collections.abc import Sequence
from typing import Any

from autograder.grading.results import ExerciseResult
from autograder.judge.notebook import Ordinary
from autograder.sandbox.session import CellRun

_NUMBER = re.compile(r"(?:np\.\w+\()?([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?inf|nan)\)?")
_FIELD = "…"
_KNOWN = {
    name for name, found in vars(builtins).items() if isinstance(found, type) and issubclass(found, BaseException)
}
_MAX_TEXT = 300

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
    points, message = _points(run, cell.points)
    if points != cell.points and not message:
        message = _said(cell, shown, run, tell_all=tell_all)
    return ExerciseResult(cell.grade_id, points, cell.points, (), notebook=notebook, judged="inside", message=message)


def _points(run: CellRun, most: float) -> tuple[float | None, str]:
    """Return the points, or None and why a human has to say."""
    if run.refused is not None:
        return None, f"this could not be judged ({run.refused}); your teacher will look at it"
    for output in run.outputs:
        if output["output_type"] == "error":
            return 0.0, ""
        if output["output_type"] == "execute_result":
            return _partial(output, most) if run.status == "ok" else (0.0, "")
    return (most, "") if run.status == "ok" else (0.0, "")


def _partial(output: Output, most: float) -> tuple[float | None, str]:
    found = _NUMBER.fullmatch(str(output["data"].get("text/plain", "")).strip())
    if found is None:
        return most, ""
    points = float(found[1])
    if math.isnan(points) or not 0.0 <= points <= most:
        return None, f"the test gives {found[1]} of {most:g} points; your teacher will look at it"
    return points, ""


def _said(cell: Ordinary, shown: CellRun, run: CellRun, *, tell_all: bool) -> str:
    """Return what to say of a cell that did not earn all its points."""
    visible = _error(shown.outputs)
    if visible is not None:
        return _text(visible)
    error = _error(run.outputs)
    if error is None:
        return ""
    if tell_all:
        return _text(error)
    for form, told in _messages(cell.full):
        if form.fullmatch(error["evalue"]):
            return told
    kind = error["ename"] if error["ename"] in _KNOWN or error["ename"] == "Timeout" else "an error"
    return f"A hidden test failed: {kind}"


def _error(outputs: Sequence[Output]) -> Output | None:
    return next((output for output in outputs if output["output_type"] == "error"), None)


def _text(error: Output) -> str:
    """Return an error as it is told; some kernels give it no name, and say no more than an exit status."""
    return f"{error['ename'] or 'Error'}: {error['evalue'].strip()}"[:_MAX_TEXT].rstrip(": ")


def _messages(source: str) -> list[tuple[re.Pattern[str], str]]:
    """Return the messages that a cell's own text spells out: what each looks like, and how it is told.

    Nothing else is told: student code runs beside the test, and could make any other message carry the test's text out.
    """
    try:
        tree = ast.parse("\n".join(line for line in source.splitlines() if not line.lstrip().startswith(("%", "!"))))
    except SyntaxError:
        return []
    found = []
    for node in ast.walk(tree):
        told: list[ast.expr | None] = []
        if isinstance(node, ast.Assert):
            told = [node.msg]
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            told = [*node.exc.args[:1]]
        for one in told:
            if isinstance(one, ast.Constant) and isinstance(one.value, str):
                found.append((re.compile(re.escape(one.value)), one.value))
            elif isinstance(one, ast.JoinedStr):
                found.append(_template(one))
    return found


def _template(text: ast.JoinedStr) -> tuple[re.Pattern[str], str]:
    literal = [str(part.value) if isinstance(part, ast.Constant) else None for part in text.values]
    form = "".join(".*" if part is None else re.escape(part) for part in literal)
    return re.compile(form, re.DOTALL), "".join(_FIELD if part is None else part for part in literal)
