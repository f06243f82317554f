"""The set-up cell in the instructor's notebook: found, compared, written."""

import json
import uuid
from pathlib import Path
from typing import Any

from autograder.checks import cell
from autograder.grading.assignment import Assignment, AssignmentError
from autograder.judge.notebook import source_of

_GRADE_ID = "setup"
# Short to the eye: in Colab, JupyterLab and VS Code, books made of notebooks, and nbconvert, in this order.
FOLDED: dict[str, Any] = {
    "cellView": "form",
    "jupyter": {"source_hidden": True},
    "tags": ["hide-input"],
    "transient": {"remove_source": True},
}
_NBGRADER = {
    "grade": False,
    "grade_id": _GRADE_ID,
    "locked": True,
    "schema_version": 3,
    "solution": False,
    "task": False,
}


class SourceNotebook:
    """An assignment's notebook under `source/`.

    Args:
        assignment: whose.
        course: the folder that has `source/`.

    Raises:
        AssignmentError: there is no such notebook, or it cannot be read.
    """

    def __init__(self, assignment: Assignment, course: Path) -> None:
        self.path = course / "source" / assignment.name / f"{assignment.notebook}.ipynb"
        self._mark = cell.mark(assignment)
        try:
            self._notebook: dict[str, Any] = json.loads(self.path.read_bytes())
            self._cells: list[dict[str, Any]] = self._notebook["cells"]
        except FileNotFoundError as error:
            raise AssignmentError(f"{self.path} is not there; run this from the course's folder") from error
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise AssignmentError(f"{self.path} is no notebook: {type(error).__name__}: {error}") from error

    def has(self, text: str) -> bool:
        """Say whether the set-up cell says this."""
        return [source_of(one) for one in self._cells if self._is_set_up(one)] == [text]

    def write(self, text: str) -> None:
        """Let the set-up cell say this; where there is none, it comes above the first code cell.

        Raises:
            AssignmentError: there are several.
        """
        found = [one for one in self._cells if self._is_set_up(one)]
        if len(found) > 1:
            raise AssignmentError(f"{self.path}: {len(found)} cells begin with {self._mark!r}; delete all but one")
        lines = text.splitlines(keepends=True)
        if found:
            found[0]["source"] = lines
        else:
            place = next((n for n, one in enumerate(self._cells) if one["cell_type"] == "code"), len(self._cells))
            self._cells.insert(place, _new(lines))
        content = json.dumps(self._notebook, ensure_ascii=False, indent=1) + "\n"
        self.path.write_text(content, encoding="utf-8")

    def _is_set_up(self, one: dict[str, Any]) -> bool:
        return one["cell_type"] == "code" and source_of(one).startswith(f"{self._mark}\n")


def _new(lines: list[str]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": uuid.uuid4().hex[:8],
        "metadata": {**FOLDED, "nbgrader": dict(_NBGRADER)},
        "outputs": [],
        "source": lines,
    }
