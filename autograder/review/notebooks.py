"""What a student's graded notebook holds: the functions, the answers in words, the cards, and what the cells showed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbconvert.filters import strip_ansi

from autograder.course.html import clean_html
from autograder.grading.criteria import PREFIX
from autograder.judge.notebook import NotebookError, code_cells, read, source_of
from autograder.review.elsewhere import Elsewhere, elsewhere
from autograder.review.functions import Written, find
from autograder.review.syntax import Tree, tree, words_of
from autograder.sandbox.answers import Places
from autograder.sandbox.limits import READING
from autograder.sandbox.printable import printable

_PNG = re.compile(r"[A-Za-z0-9+/=\s]*")


@dataclass(frozen=True)
class Output:
    """An output of a cell: `text` plain, ANSI and control characters gone; `image` a PNG as data: URL, or nothing."""

    text: str
    image: str = ""


@dataclass(frozen=True)
class Source:
    """A function as a student wrote it, with its helpers: its text, its syntax tree, and a warning for the reviewer."""

    text: str
    tree: Tree
    warning: str = ""


@dataclass(frozen=True)
class Code:
    """A student's own words of a notebook: functions by exercise, where a cell defines them, and answers by cell.

    `problem` says why nothing better could be read, where that took too long.
    """

    sources: dict[str, Source]
    answers: dict[str, str]
    problem: str = ""


@dataclass(frozen=True)
class Shown:
    """What the notebook shows under one exercise: the feedback card as clean HTML, and the outputs before it."""

    card: str
    outputs: tuple[Output, ...]


NOTHING = Code({}, {})
_CUT = "\n… [cut here: it was too long]"
_UNREAD = "This notebook could not be read in time: {}. The text is that of the exercise's cell."


def code(path: Path, exercises: tuple[str, ...], answered: tuple[str, ...], places: Mapping[str, Places]) -> Code:
    """Return the functions and answers that a student wrote; nothing where the notebook cannot be opened.

    Args:
        path: of the graded notebook.
        exercises: all of the assignment.
        answered: the cells of the questions that are answered in words.
        places: where the functions that were judged had been defined, by exercise.
    """
    cells = _cells(path)
    if cells is None:
        return NOTHING
    sources: dict[str, Source] = {}
    before: dict[int, str] = {}
    for number, cell in enumerate(code_cells({"cells": cells}, exercises), start=1):
        if cell.exercise is None:
            before[number] = cell.source
            continue
        found = find(before.items(), cell.exercise, exercises) or _in_its_place(cells, cell.exercise, before)
        judged = elsewhere(cell.exercise, places.get(cell.exercise, {}), found, before)
        if found is not None or judged is not None:
            sources[cell.exercise] = _source("" if found is None else found.text, judged)
    return Code(sources, _answers(cells, answered))


def raw(path: Path, exercises: tuple[str, ...], answered: tuple[str, ...], why: str) -> Code:
    """Return the exercises' cells as they are, for a notebook that cannot be read in time, and why that is so."""
    warning = _UNREAD.format(why)
    cells = _cells(path)
    if cells is None:
        return Code({}, {}, warning)
    found = {name: _in_its_place(cells, name, {}) for name in exercises}
    texts = {name: cut(one.text, READING.raw) for name, one in found.items() if one is not None}
    sources = {name: Source(text, words_of(text), warning) for name, text in texts.items()}
    return Code(sources, _answers(cells, answered), warning)


def _in_its_place(cells: list[dict[str, Any]], exercise: str, numbered: Mapping[int, str]) -> Written | None:
    """Return the text of an exercise's own cell: it may be no Python, or define something else."""
    for text in (source_of(one) for one in cells if _id(one) == exercise):
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
    return {_id(cell): cut(source_of(cell), READING.answer) for cell in cells if _id(cell) in answered}


def cut(text: str, most: int) -> str:
    """Return the beginning of a text that is too long, with a word that it was cut."""
    return text if len(text) <= most else text[:most] + _CUT


def shown(path: Path, exercises: tuple[str, ...]) -> dict[str, Shown]:
    """Return what a graded notebook shows, by exercise; nothing where it is not there or cannot be read."""
    found: dict[str, Shown] = {}
    outputs: list[Output] = []
    for cell in _cells(path) or ():
        of_cell = [one for one in cell.get("outputs") or () if isinstance(one, dict)]
        exercise = _id(cell).removeprefix(PREFIX)
        if _id(cell) == PREFIX + exercise and exercise in exercises:
            found[exercise] = Shown(_card(of_cell), _few([*outputs, *_outputs(of_cell[1:])]))
            outputs = []
        else:
            outputs += _outputs(of_cell)
    return found


def _few(outputs: list[Output]) -> tuple[Output, ...]:
    more = len(outputs) - READING.outputs
    return (*outputs[: READING.outputs], *([Output(f"… and {more} more outputs")] if more > 0 else []))


def _cells(path: Path) -> list[dict[str, Any]] | None:
    try:
        with path.open("rb") as file:
            data = file.read(READING.notebook_bytes + 1)
        cells: list[dict[str, Any]] = read(data)["cells"]
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
        text = printable(strip_ansi(text[: READING.output]))
        if image and _PNG.fullmatch(image):
            yield Output(text, f"data:image/png;base64,{''.join(image.split())}")
        elif text.strip():
            yield Output(text)


def _text(value: Any) -> str:
    """Return what nbformat may keep as a list of lines, as one text."""
    return "".join(map(str, value)) if isinstance(value, list) else str(value)
