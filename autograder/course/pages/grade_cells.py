"""Putting a judgement into a notebook: points and card first in each grade cell, everything else as it was shown."""

from typing import Any

from nbformat import NotebookNode, from_dict

from autograder.card import html as card
from autograder.card.mend import mend
from autograder.grading.results import ExerciseResult
from autograder.judge.outcome import Judgement

SHOWN = "autograder"  # in a cell's metadata: what its student is shown in place of its outputs
FIRST = "autograder"  # in the metadata of our output: the exercise, and what to mend first

Output = dict[str, Any]


def show(nb: NotebookNode, name: str, judgement: Judgement) -> None:
    """Write outputs, points and cards into the cells of the notebook of this name."""
    found, shown = judgement.outputs.get(name, {}), judgement.shown.get(name, {})
    count = 0
    for index, cell in enumerate(nb.cells):
        if cell.cell_type != "code":
            continue
        outputs = found.get(index, [])
        count += 1
        cell.execution_count = count if index in found else None
        nbgrader = cell.metadata.get("nbgrader", {})
        if nbgrader.get("grade") and not nbgrader.get("solution"):
            result = judgement.result(name, nbgrader["grade_id"])
            if result is None or result.judged == "outside":
                outputs = graded(result, float(nbgrader["points"]), outputs, judgement)
            elif index in shown or result.points is None:
                cell.metadata[SHOWN] = {"outputs": shown.get(index, outputs), "message": result.message}
        cell.outputs = [from_dict(output) for output in outputs]


def graded(
    result: ExerciseResult | None, max_points: float, outputs: list[Output], judgement: Judgement
) -> list[Output]:
    """Return a grade cell's outputs: the mark, then what its visible checks showed, as text.

    nbgrader takes the first `execute_result` as the mark, gives 0 for an error or anything on stderr before it, and
    full marks for what is no plain number: so the first is ours, a Python float between 0 and the maximum.
    """
    points = result.points if result is not None else None
    mark = 0.0 if points is None else min(max(float(points), 0.0), max_points)
    html = card.html(result) if result is not None else card.notice(judgement.reason or "no grader for this cell")
    data = {"text/plain": repr(mark), "text/html": html}
    told = {} if result is None else {FIRST: {"exercise": result.exercise, "mend": mend(result)}}
    first: Output = {"output_type": "execute_result", "execution_count": None, "data": data, "metadata": told}
    return [first, *(plain(output) for output in outputs)]


def plain(output: Output) -> Output:
    """Return an output of the visible checks as nothing that nbgrader would score, or a reader take for our card."""
    if output["output_type"] == "error":
        return _stdout(f"{output['ename']}: {output['evalue']}\n")
    if output["output_type"] == "stream":
        return _stdout(output["text"])
    return _stdout(output["data"].get("text/plain", "") + "\n")


def _stdout(text: str) -> Output:
    return {"output_type": "stream", "name": "stdout", "text": text}
