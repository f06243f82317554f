"""The instructor's notebooks as `adopt` sees them: code cells, who writes them, and their hidden tests."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder.judge.kernels import kernel_of
from autograder.judge.notebook import HiddenTests, code_cells, read, source_of
from autograder.sandbox.session import KernelError


@dataclass(frozen=True)
class CodeCell:
    """A code cell of the instructor's.

    Attributes:
        index: among all cells of its notebook.
        text: all of it.
        visible: the part that is handed out.
        is_students: whether students fill it in.
        grade_id: of an ordinary grade cell, else nothing.
        points: what an ordinary grade cell is worth.
    """

    index: int
    text: str
    visible: str
    is_students: bool
    grade_id: str
    points: float

    @property
    def has_hidden_tests(self) -> bool:
        """Whether it is an ordinary grade cell that holds more than is handed out."""
        return bool(self.grade_id) and self.visible != self.text


@dataclass(frozen=True)
class SourceNotebook:
    """A notebook under `source/`.

    Attributes:
        path: of its file.
        content: of the file.
        exercises: of the assignment, which have graders already.
        hidden: what marks hidden tests.
        kernel: in which all notebooks run, whatever they say themselves, or nothing.
    """

    path: Path
    content: dict[str, Any]
    exercises: tuple[str, ...]
    hidden: HiddenTests
    kernel: str = ""

    @property
    def name(self) -> str:
        """The name of the notebook."""
        return self.path.stem

    @cached_property
    def odd_kernel(self) -> str:
        """Why no grader could ask its functions, in words that follow a cell's id, or nothing."""
        try:
            kernel = kernel_of(self.content, self.kernel)
        except KernelError as error:
            return f"cannot be run: {error}"
        return "" if kernel is None else f"runs in the kernel {kernel.name!r}, of which a grader can ask nothing"

    @cached_property
    def cells(self) -> list[CodeCell]:
        """The code cells, in their order."""
        found = []
        for cell in code_cells(self.content, self.exercises, self.hidden, self.name):
            nbgrader = self.content["cells"][cell.index].get("metadata", {}).get("nbgrader", {})
            is_students, text = bool(nbgrader.get("solution")), source_of(self.content["cells"][cell.index])
            grade_id, points = (cell.ordinary.grade_id, cell.ordinary.points) if cell.ordinary else ("", 0.0)
            visible = text if is_students else self.hidden.removed(text)
            found.append(CodeCell(cell.index, text, visible, is_students, grade_id, points))
        return found

    @property
    def grade_ids(self) -> list[str]:
        """The ids of all autograded cells, with graders and without."""
        flags = [cell.get("metadata", {}).get("nbgrader", {}) for cell in self.content["cells"]]
        return [str(one.get("grade_id")) for one in flags if one.get("grade") and not one.get("solution")]

    def without_hidden_tests(self, indices: Collection[int]) -> dict[str, Any]:
        """Return the content in which these cells hold no hidden tests."""
        cells = list(self.content["cells"])
        for index in indices:
            text = self.hidden.removed(source_of(cells[index]))
            is_list = isinstance(cells[index]["source"], list)
            cells[index] = {**cells[index], "source": text.splitlines(keepends=True) if is_list else text}
        return {**self.content, "cells": cells}


def to_bytes(content: dict[str, Any]) -> bytes:
    """Return a notebook as Jupyter writes it."""
    return (json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def read_notebooks(
    folder: Path, exercises: tuple[str, ...], hidden: HiddenTests, kernel: str = ""
) -> list[SourceNotebook]:
    """Return the notebooks in a folder, in the order in which they run.

    Raises:
        NotebookError: one of them cannot be read; the text says which.
        OSError: so does this.
    """
    paths = sorted(folder.glob("*.ipynb"))
    return [SourceNotebook(path, read(path.read_bytes()), exercises, hidden, kernel) for path in paths]
