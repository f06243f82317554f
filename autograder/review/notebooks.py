"""What a student's graded notebook holds: the functions, the answers in words, the cards, and what the cells showed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbconvert.filters import strip_ansi

from autograder.course.html import clean_html
from autograder.grading.criteria import PREFIX
from autograder.judge.notebook import NotebookError, code_cells, read, source_of
from autograder.review.functions import written
from autograder.sandbox.printable import printable

_MAX_TEXT = 20_000  # characters of an output that a page shows
_PNG = re.compile(r"[A-Za-z0-9+/=\s]*")


@dataclass(frozen=True)
class Output:
    """An output of a cell: `text` plain, ANSI and control characters gone; `image` a PNG as data: URL, or nothing."""

    text: str
    image: str = ""


@dataclass(frozen=True)
class Code:
    """A student's own words of a notebook: source by exercise, None where nothing defines it, and answers by cell."""

    sources: dict[str, str | None]
    answers: dict[str, str]


@dataclass(frozen=True)
class Shown:
    """What the notebook shows under one exercise: the feedback card as clean HTML, and the outputs before it."""

    card: str
    outputs: tuple[Output, ...]


NOTHING = Code({}, {})


def code(path: Path, exercises: tuple[str, ...], answered: tuple[str, ...]) -> Code:
    """Return what a student wrote; nothing where the notebook is not there or cannot be read.

    Args:
        path: of the graded notebook.
        exercises: all of the assignment.
        answered: the cells of the questions that are answered in words.
    """
    cells = _cells(path)
    if cells is None:
        return NOTHING
    sources: dict[str, str | None] = {}
    before: list[str] = []
    for cell in code_cells({"cells": cells}, exercises):
        if cell.exercise is None:
            before.append(cell.source)
        elif (text := written(before, cell.exercise, exercises)) is not None:
            sources[cell.exercise] = text
        else:  # it is no Python, or defines something else: what stands where it should
            sources[cell.exercise] = next((source_of(one) for one in cells if _id(one) == cell.exercise), None)
    return Code(sources, {_id(cell): source_of(cell) for cell in cells if _id(cell) in answered})


def shown(path: Path, exercises: tuple[str, ...]) -> dict[str, Shown]:
    """Return what a graded notebook shows, by exercise; nothing where it is not there or cannot be read."""
    found: dict[str, Shown] = {}
    outputs: list[Output] = []
    for cell in _cells(path) or ():
        of_cell = [one for one in cell.get("outputs") or () if isinstance(one, dict)]
        exercise = _id(cell).removeprefix(PREFIX)
        if _id(cell) == PREFIX + exercise and exercise in exercises:
            found[exercise] = Shown(_card(of_cell), (*outputs, *_outputs(of_cell[1:])))
            outputs = []
        else:
            outputs += _outputs(of_cell)
    return found


def _cells(path: Path) -> list[dict[str, Any]] | None:
    try:
        cells: list[dict[str, Any]] = read(path.read_bytes())["cells"]
    except (OSError, NotebookError):
        return None
    return cells


def _id(cell: dict[str, Any]) -> str:
    """Return the name that nbgrader knows a cell by: in a graded notebook the metadata is what we wrote."""
    return str(cell.get("metadata", {}).get("nbgrader", {}).get("grade_id", ""))


def _card(outputs: list[dict[str, Any]]) -> str:
    """Return the card, which is the first output of a grade cell."""
    data = outputs[0].get("data", {}) if outputs else {}
    return clean_html(_text(data.get("text/html", "")))


def _outputs(outputs: list[dict[str, Any]]) -> Iterator[Output]:
    for output in outputs:
        data = output.get("data") or {}
        image = _text(data.get("image/png", ""))
        text = _text(output.get("text") or data.get("text/plain", ""))
        if output.get("output_type") == "error":
            text = (
                "\n".join(map(str, output.get("traceback") or ())) or f"{output.get('ename')}: {output.get('evalue')}"
            )
        text = printable(strip_ansi(text[:_MAX_TEXT]))
        if image and _PNG.fullmatch(image):
            yield Output(text, f"data:image/png;base64,{''.join(image.split())}")
        elif text.strip():
            yield Output(text)


def _text(value: Any) -> str:
    """Return what nbformat may keep as a list of lines, as one text."""
    return "".join(map(str, value)) if isinstance(value, list) else str(value)
