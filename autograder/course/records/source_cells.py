"""The cells of an assignment as the gradebook knows them: what a submission's metadata is rebuilt from."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from nbgrader.api import Gradebook, Notebook

from autograder.judge.notebook import exercise_of

SCHEMA_VERSION = 3
MISSING_SOLUTION = "# This cell was missing from the submission; nothing stands in its place."


@dataclass(frozen=True)
class SourceCell:
    """One cell that nbgrader manages; `points` where it is graded."""

    grade_id: str
    cell_type: str
    source: str
    checksum: str | None
    locked: bool
    grade: bool
    solution: bool
    task: bool
    points: float | None

    def metadata(self) -> dict[str, Any]:
        """Return the cell's metadata, whole."""
        nbgrader: dict[str, Any] = {
            "schema_version": SCHEMA_VERSION,
            "grade_id": self.grade_id,
            "grade": self.grade,
            "solution": self.solution,
            "locked": self.locked,
            "task": self.task,
            "cell_type": self.cell_type,
            "checksum": self.checksum,
        }
        if self.points is not None:
            nbgrader["points"] = self.points
        return {"nbgrader": nbgrader}

    def restored(self) -> dict[str, Any]:
        """Return a cell to put where this one is missing; a function's stub would overwrite what was written."""
        only_code = self.solution and not self.grade and self.cell_type == "code"
        cell: dict[str, Any] = {"cell_type": self.cell_type, "metadata": self.metadata()}
        cell["source"] = MISSING_SOLUTION if only_code else self.source
        if self.cell_type == "code":
            cell |= {"outputs": [], "execution_count": None}
        return cell


@dataclass(frozen=True)
class Source:
    """A notebook of an assignment as the gradebook knows it: its managed cells in their order, and its kernel."""

    cells: list[SourceCell]
    kernelspec: dict[str, Any] | None

    def locked_code(self) -> tuple[str, ...]:
        """Return the sources, hidden tests included, of the cells of Python that no student may change."""
        if (self.kernelspec or {}).get("language", "python") != "python":
            return ()
        return tuple(cell.source for cell in self.cells if cell.locked and cell.cell_type == "code")


def digests(sources: Mapping[str, Source], exercises: Collection[str]) -> dict[str, str]:
    """Return what changes when marks would: digests of all points, and of the test cells without a grader.

    Args:
        sources: what the gradebook knows of the assignment's notebooks.
        exercises: those with a grader.
    """
    cells = [(name, cell) for name, source in sources.items() for cell in source.cells if cell.points is not None]
    tests = [
        (name, cell.grade_id, cell.source)
        for name, cell in cells
        if cell.cell_type == "code" and not cell.solution and exercise_of(cell.grade_id, exercises, name) is None
    ]
    return {"points": _digest([(name, cell.grade_id, cell.points) for name, cell in cells]), "tests": _digest(tests)}


def _digest(what: list[Any]) -> str:
    return hashlib.sha256(json.dumps(sorted(what)).encode()).hexdigest()


def read_sources(gradebook: Gradebook, assignment: str) -> dict[str, Source]:
    """Return what the gradebook knows of an assignment's notebooks, by name and in the order in which they run.

    Raises:
        nbgrader.api.MissingEntry: nothing.
    """
    entry = gradebook.find_assignment(assignment)
    return {notebook.name: _source(notebook) for notebook in sorted(entry.notebooks, key=lambda one: str(one.name))}


def read_source(gradebook: Gradebook, notebook: str, assignment: str) -> Source:
    """Return what the gradebook knows of one notebook.

    Raises:
        nbgrader.api.MissingEntry: nothing.
    """
    return _source(gradebook.find_notebook(notebook, assignment))


def _source(entry: Notebook) -> Source:
    graded = {cell.name: cell.max_score for cell in entry.grade_cells}
    tasks = {cell.name: cell.max_score for cell in entry.task_cells}
    solutions = {cell.name for cell in entry.solution_cells}
    cells = [
        SourceCell(
            grade_id=cell.name,
            cell_type=cell.cell_type,
            source=cell.source,
            checksum=cell.checksum,
            locked=cell.locked,
            grade=cell.name in graded,
            solution=cell.name in solutions,
            task=cell.name in tasks,
            points=graded.get(cell.name, tasks.get(cell.name)),
        )
        for cell in entry.source_cells
    ]
    return Source(cells, json.loads(entry.kernelspec) if entry.kernelspec else None)
