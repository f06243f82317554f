"""The cards and the outputs of a student's graded notebook."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbconvert.filters import strip_ansi

from autograder.card.formulas import in_html
from autograder.course.pages.grade_cells import SHOWN
from autograder.course.pages.html import clean_html
from autograder.judge.notebook import code_cells
from autograder.review.reading.notebooks import cells_of
from autograder.sandbox.limits import READING
from autograder.sandbox.printable import printable

_PNG = re.compile(r"[A-Za-z0-9+/=\s]*")


@dataclass(frozen=True)
class Output:
    """An output of a cell: `text` plain, ANSI and control characters gone; `image` a PNG as data: URL, or nothing."""

    text: str
    image: str = ""


@dataclass(frozen=True)
class Shown:
    """What the notebook shows under one grade cell: the feedback card as clean HTML, and the outputs up to it.

    An ordinary cell has no card, and its own outputs come last.
    """

    card: str
    outputs: tuple[Output, ...]


def shown(path: Path, exercises: tuple[str, ...], *, hidden: bool) -> dict[str, Shown]:
    """Return cards and outputs of a graded notebook; nothing where it is not there or cannot be read.

    Args:
        path: of the notebook.
        exercises: that have graders.
        hidden: whether ordinary cells show what came of their hidden tests; else, as to students, what came without.

    Returns:
        What stands under each exercise, and under each ordinary cell.
    """
    found: dict[str, Shown] = {}
    outputs: list[Output] = []
    cells = cells_of(path) or []
    for cell in code_cells({"cells": cells}, exercises):
        whole = cells[cell.index]
        of_cell = [one for one in whole.get("outputs") or () if isinstance(one, dict)]
        if cell.exercise is not None:
            found[cell.exercise] = Shown(_card(of_cell), _few([*outputs, *_outputs(of_cell[1:])]))
            outputs = []
        elif cell.ordinary is not None:
            told = whole.get("metadata", {}).get(SHOWN)
            of_cell = of_cell if hidden or not isinstance(told, dict) else told["outputs"]
            found[cell.ordinary.grade_id] = Shown("", _few([*outputs, *_outputs(of_cell)]))
            outputs = []
        else:
            outputs += _outputs(of_cell)
    return found


def _few(outputs: list[Output]) -> tuple[Output, ...]:
    more = len(outputs) - READING.outputs
    return (*outputs[: READING.outputs], *([Output(f"… and {more} more outputs")] if more > 0 else []))


def _card(outputs: list[dict[str, Any]]) -> str:
    """Return the card, which is the first output of a grade cell."""
    data = outputs[0].get("data", {}) if outputs else {}
    return in_html(clean_html(_text(data.get("text/html", ""))))


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
