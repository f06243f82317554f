"""The functions and the answers in words that a student's graded notebook holds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.judge.notebook import DOUBTFUL, FOUND, NotebookError, code_cells, read, source_of
from autograder.review.reading.elsewhere import Elsewhere, elsewhere
from autograder.review.reading.functions import Definitions, Written
from autograder.review.reading.syntax import Tree, tree, words_of
from autograder.sandbox.answers import Places
from autograder.sandbox.limits import READING


@dataclass(frozen=True)
class Source:
    """A function as a student wrote it, with its helpers: its text, its syntax tree, and a warning for the reviewer."""

    text: str
    tree: Tree
    warning: str = ""


@dataclass(frozen=True)
class Code:
    """A student's own words of a notebook.

    Attributes:
        sources: functions by exercise, where a cell defines them; by ordinary cell, what was written above it.
        answers: to questions that are marked by hand, by cell.
        problem: why nothing better could be read, where that took too long.
        solved: by ordinary cell, the names of the cells for solutions above it.
    """

    sources: dict[str, Source]
    answers: dict[str, str]
    problem: str = ""
    solved: dict[str, tuple[str, ...]] = field(default_factory=dict)


NOTHING = Code({}, {})
_NO_TREE = tree("")
_CUT = "\n… [cut here: it was too long]"
_UNREAD = "This notebook could not be read in time: {}. The text is that of the exercise's cell."


def together(found: Mapping[str, Code], name_of: Callable[[str, str], str]) -> Code:
    """Return what was read of several notebooks, by name, as one; `name_of` says what a cell of one is called then."""
    return Code(
        {name_of(book, name): one for book, code in found.items() for name, one in code.sources.items()},
        {name_of(book, name): one for book, code in found.items() for name, one in code.answers.items()},
        " ".join(dict.fromkeys(code.problem for code in found.values() if code.problem)),
        {name_of(book, name): one for book, code in found.items() for name, one in code.solved.items()},
    )


@dataclass(frozen=True)
class Sought:
    """A notebook to be read.

    Attributes:
        path: of the graded notebook.
        exercises: all of the assignment.
        answered: the cells of the questions that are answered in words.
        places: where the functions that were judged had been defined, by exercise.
    """

    path: Path
    exercises: tuple[str, ...]
    answered: tuple[str, ...]
    places: dict[str, Places]


def code(sought: Sought) -> Code:
    """Return the functions and answers that a student wrote; nothing where the notebook cannot be opened."""
    cells, exercises = cells_of(sought.path), sought.exercises
    if cells is None:
        return NOTHING
    sources: dict[str, Source] = {}
    before: dict[int, str] = {}
    known = Definitions()
    for number, cell in enumerate(code_cells({"cells": cells}, exercises, name=sought.path.stem), start=1):
        if cell.exercise is None:
            before[number] = cell.source
            known.add(number, cell.source)
            continue
        found = known.find(cell.exercise, exercises) or _in_its_place(cells, cell.exercise, before)
        judged = elsewhere(cell.exercise, sought.places.get(cell.exercise, {}), found, before)
        if found is not None or judged is not None:
            sources[cell.exercise] = _source("" if found is None else found.text, judged)
    above, solved = _above(cells, exercises)
    return Code(above | sources, _answers(cells, sought.answered), solved=solved)


def raw(sought: Sought, why: str) -> Code:
    """Return the exercises' cells as they are, for a notebook that cannot be read in time, and why that is so."""
    warning = _UNREAD.format(why)
    cells = cells_of(sought.path)
    if cells is None:
        return Code({}, {}, warning)
    found = {name: _in_its_place(cells, name, {}) for name in sought.exercises}
    texts = {name: cut(one.text, READING.raw) for name, one in found.items() if one is not None}
    sources = {name: Source(text, words_of(text), warning) for name, text in texts.items()}
    above, solved = _above(cells, sought.exercises)
    return Code(above | sources, _answers(cells, sought.answered), warning, solved)


def _above(
    cells: list[dict[str, Any]], exercises: tuple[str, ...]
) -> tuple[dict[str, Source], dict[str, tuple[str, ...]]]:
    """Return by ordinary cell what the student wrote above it, and the names of the cells that are for solutions.

    That is what stands from the first such cell after the last test; tests that follow each other have it in common.
    """
    sources: dict[str, Source] = {}
    solved: dict[str, tuple[str, ...]] = {}
    written: list[tuple[str, str]] = []
    is_tested = False
    for cell in code_cells({"cells": cells}, exercises):
        nbgrader = cells[cell.index].get("metadata", {}).get("nbgrader", {})
        if cell.ordinary is not None or cell.exercise is not None:
            is_tested = True
        elif not nbgrader or nbgrader.get("solution"):
            if is_tested and nbgrader:
                written, is_tested = [], False
            written.append((str(nbgrader.get("grade_id", "")), cell.source))
        if cell.ordinary is not None and written:
            text = "\n\n\n".join(source.rstrip() for _, source in written if source.strip())
            sources[cell.ordinary.grade_id] = Source(cut(text, READING.source), _NO_TREE)
            solved[cell.ordinary.grade_id] = tuple(name for name, _ in written if name)
    return sources, solved


def _in_its_place(cells: list[dict[str, Any]], exercise: str, numbered: Mapping[int, str]) -> Written | None:
    """Return the text of an exercise's own cell: it may be no Python, or define something else."""
    for text in (source_of(one) for one in cells if name_of(one) == exercise):
        numbers = [number for number, source in numbered.items() if source == text]
        return Written(text, {str(number): (number, 0, len(text)) for number in numbers})
    return None


def _source(text: str, judged: Elsewhere | None) -> Source:
    """Return a text as it is shown, with the cells that defined the judged function where these are others."""
    if judged is not None:
        text = f"{text}\n\n\n{judged.text}"
    shown = cut(text, READING.source)
    return Source(shown, tree(shown), "" if judged is None else judged.warning)


def _answers(cells: list[dict[str, Any]], answered: tuple[str, ...]) -> dict[str, str]:
    """Return what was answered; what was found elsewhere stands in the place of a cell without an answer of its own."""
    given = {name_of(cell): source_of(cell) for cell in cells if name_of(cell) in answered}
    doubtful = [name_of(cell) for cell in cells if cell.get("metadata", {}).get(DOUBTFUL)]
    for name in doubtful:
        found = [source_of(cell) for cell in cells if cell.get("metadata", {}).get(FOUND) == name]
        if found:
            given[name] = "\n\n".join(found)
    return {name: cut(text, READING.answer) for name, text in given.items()}


def cut(text: str, most: int) -> str:
    """Return the beginning of a text that is too long, with a word that it was cut."""
    return text if len(text) <= most else text[:most] + _CUT


def cells_of(path: Path) -> list[dict[str, Any]] | None:
    """Return a notebook's cells, or None where it is not there, too large, or no notebook."""
    try:
        with path.open("rb") as file:
            data = file.read(READING.notebook_bytes + 1)
        cells: list[dict[str, Any]] = read(data)["cells"]
    except (OSError, NotebookError):
        return None
    return cells


def name_of(cell: dict[str, Any]) -> str:
    """Return the name that nbgrader knows a cell by: in a graded notebook the metadata is what we wrote."""
    return str(cell.get("metadata", {}).get("nbgrader", {}).get("grade_id", ""))
