"""What students were handed: the released notebook, or where there is none, the instructor's own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.course.handed_in.folding import HIDES, INPUT, hides
from autograder.course.handed_in.texts import comparable, telling_lines
from autograder.course.records.source_cells import SourceCell
from autograder.judge.notebook import HIDDEN_TESTS, HiddenTests, NotebookError, read, source_of


@dataclass(frozen=True)
class HandedOut:
    """The cells of a notebook as students got it.

    Attributes:
        cells: the texts of all of them.
        lines: of all of them, those that can be known again.
        pictures: the attachments of all of them, by name.
        hides: by the grade_id of a locked cell, which of its parts editors fold away.
        folder: the instructor's own, with the pictures that lay beside the notebook.
        hidden: what marks hidden tests, which nobody was handed.
    """

    cells: frozenset[str] = frozenset()
    lines: frozenset[str] = frozenset()
    pictures: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    hides: Mapping[str, list[str]] = field(default_factory=dict)
    folder: Path | None = None
    hidden: HiddenTests = HIDDEN_TESTS

    def has(self, text: str) -> bool:
        """Say whether a cell was handed out with this text."""
        return text in self.cells or comparable(text) in self.cells


def handed_out(release: Path, source: Path, managed: Sequence[SourceCell], hidden: HiddenTests) -> HandedOut:
    """Return what students were handed.

    Args:
        release: the notebook as it was handed out, if it is still there.
        source: the instructor's own; its managed cells hold what nobody was handed.
        managed: the cells that the gradebook knows.
        hidden: what marks hidden tests in them.
    """
    texts = [hidden.removed(cell.source) for cell in managed]
    pictures: dict[str, dict[str, str]] = {}
    locked, hidden_parts = {cell.grade_id for cell in managed if cell.locked}, {}
    for cell in [*_cells(release), *(cell for cell in _cells(source) if "nbgrader" not in cell.get("metadata", {}))]:
        texts.append(source_of(cell))
        metadata = cell.get("metadata") or {}
        grade_id = (metadata.get("nbgrader") or {}).get("grade_id")
        if grade_id in locked and (parts := hides(metadata)):
            hidden_parts[grade_id] = parts
        for name, bundle in (cell.get("attachments") or {}).items():
            pictures.setdefault(name, bundle)
    lines = frozenset(line for text in texts for line in telling_lines(text))
    return HandedOut(frozenset(map(comparable, texts)), lines, pictures, hidden_parts, source.parent, hidden)


def _cells(path: Path) -> list[dict[str, Any]]:
    try:
        cells: list[dict[str, Any]] = read(path.read_bytes())["cells"]
    except (OSError, NotebookError):
        return []
    return cells


def fold(cells: Iterable[dict[str, Any]], handed: HandedOut) -> None:
    """Mark what editors fold away of locked cells; Formgrader leaves out the text of these."""
    for cell in cells:
        parts = handed.hides.get(cell["metadata"].get("nbgrader", {}).get("grade_id"))
        if parts:
            cell["metadata"][HIDES] = parts
            if INPUT in parts:
                cell["metadata"]["transient"] = {"remove_source": True}
