"""A graded notebook, bounded before a page is made of it: not too many outputs, and not too much in their pictures."""

from collections.abc import Iterator
from typing import Any

from nbformat import NotebookNode, from_dict

from autograder.course.pages.budget import FULL, Budget
from autograder.course.pages.grade_cells import SHOWN
from autograder.judge.notebook import HiddenTests

_FILTERED = ("text/html", "text/markdown", "text/plain")  # the filters see to these
_WHY = (
    "**This page cannot show the notebook**: {reason}.\n\nThe marks and comments are right, and the notebook is as it "
    "was handed in."
)
_PICTURE = "image/"
_MANY = "{:,} more outputs of this cell are not shown here. They are in the notebook that was handed in."


def bound(nb: NotebookNode, budget: Budget) -> None:
    """Replace what would be too much in a page, and count the pictures that stay.

    Args:
        nb: the notebook; it is changed.
        budget: of the page that is to be made of it.
    """
    for cell in nb.cells:
        for card in _cards(cell):
            budget.keep_for(card)
    left = _Left(budget)
    for cell in nb.cells:
        if cell.cell_type == "code":
            kept = cell.outputs[: left.outputs]
            beyond = len(cell.outputs) - len(kept)
            left.outputs -= len(kept)
            cell.outputs = [left.bounded(output) for output in kept]
            if beyond:
                cell.outputs.append(_said(_MANY.format(beyond)))


def hide_tests(nb: NotebookNode, hidden: HiddenTests) -> None:
    """Leave of hidden tests, in a page for students, no more than what may be said of them.

    Args:
        nb: the notebook; it is changed.
        hidden: what marks hidden tests.
    """
    for cell in nb.cells:
        cell.source = hidden.removed(cell.source)
        shown = cell.metadata.get(SHOWN)
        if cell.cell_type == "code" and isinstance(shown, dict):
            said_of_it = [_said(shown["message"])] if shown.get("message") else []
            cell.outputs = [*said_of_it, *shown["outputs"]]


def _cards(cell: NotebookNode) -> Iterator[str]:
    """Yield the card that we wrote into a cell: a grade cell's first output is ours."""
    nbgrader = cell.metadata.get("nbgrader", {})
    if cell.cell_type == "code" and nbgrader.get("grade") and not nbgrader.get("solution") and cell.outputs:
        card = cell.outputs[0].get("data", {}).get("text/html")
        if isinstance(card, str):
            yield card


def leave_cards(nb: NotebookNode, reason: str) -> None:
    """Leave of a notebook no more than the cells that have marks or comments, empty, with our cards, and say why.

    Args:
        nb: the notebook; it is changed.
        reason: why there is no page of all of it.
    """
    kept = [said(reason)]
    for cell in nb.cells:
        nbgrader = cell.metadata.get("nbgrader", {})
        if nbgrader.get("grade") or nbgrader.get("solution") or nbgrader.get("task"):
            outputs = cell.outputs[:1] if any(_cards(cell)) else []
            kept.append(from_dict({**cell, "source": "", "outputs": outputs, "attachments": {}}))
    nb.cells = kept


def said(reason: str) -> NotebookNode:
    """Return a cell that says why a page does not show the notebook."""
    cell: NotebookNode = from_dict(
        {"cell_type": "markdown", "id": "said", "metadata": {}, "source": _WHY.format(reason=reason)}
    )
    return cell


class _Left:
    """What may still be shown of a notebook's outputs."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.outputs = budget.limits.outputs
        self._bytes = budget.limits.picture_bytes

    def bounded(self, output: NotebookNode) -> NotebookNode:
        """Return an output without what there is no room for."""
        data = output.get("data")
        if not isinstance(data, dict):
            return output
        if "text/latex" in data:  # the filter that renders markdown renders formulas
            data.setdefault("text/markdown", data.pop("text/latex"))
        for kind in [kind for kind in data if kind not in _FILTERED]:
            if not self._take(len(str(data[kind])) * (1 if kind.startswith(_PICTURE) else 5)):
                return _said(FULL)
        return output

    def _take(self, size: int) -> bool:
        if size > min(self._bytes, self._budget.left):
            return False
        self._bytes -= size
        self._budget.left -= size
        return True


def _said(text: str) -> NotebookNode:
    output: dict[str, Any] = {"output_type": "display_data", "data": {"text/plain": text}, "metadata": {}}
    return from_dict(output)
