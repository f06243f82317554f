"""The first screen of a feedback page, and what of the notebook below it is folded away.

Nothing is left out: what its notebook hides, the set-up and all that follows the last exercise open at a click.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from nbconvert.filters import strip_ansi
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry

from autograder.card import formulas
from autograder.course.handed_in.folding import CELL, HIDES, INPUT, OUTPUT
from autograder.course.pages.grade_cells import FIRST, SHOWN
from autograder.sandbox.printable import printable

EXERCISES = "autograder_exercises"  # among a page's resources
FOLDS = "autograder_page"  # in a cell's metadata: what of it is folded, under which words, and what else is said
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.*)$", re.MULTILINE)
_FENCED = re.compile(r"^ {0,3}(```|~~~).*?(^ {0,3}\1|\Z)", re.MULTILINE | re.DOTALL)
_POINTS = re.compile(r"[\s·:,;(\[–-]*\b\d+(\.\d+)?[ \t]*(points?|pts?|marks?)\b.*$", re.IGNORECASE)
_AT = re.compile(r"^-+> \d+ (.*)$", re.MULTILINE)  # the line of code that a traceback points to
_MARKUP = re.compile(r"[*`]|!?\[|\]\([^)]*\)")
_NAME, _LONG_NAME, _SAID, _READ = 80, 400, 240, 20_000  # characters
_LINES = 12  # of a set-up cell that need not be folded
_UNMARKED = "Not marked yet: your teacher will read it."


@dataclass(frozen=True)
class Exercise:
    """A line of the first screen.

    Attributes:
        name: as HTML.
        address: of its cell in the page.
        score: points earned.
        points: the most that can be earned.
        state: "right", "mend", or "waits" for a human.
        said: what to mend first, as HTML.
    """

    name: str
    address: str
    score: float
    points: float
    state: str
    said: str


class Overview(Preprocessor):
    """Lists the exercises of a graded notebook among the resources, and marks in its cells what is folded."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Return the notebook and the resources, both changed."""
        graded = [(index, cell) for index, cell in enumerate(nb.cells) if _is_graded(cell)]
        unmarked, asked = _gradebook(resources.get("nbgrader", {}))
        names = _names(nb.cells, graded, asked)
        resources[EXERCISES] = [_exercise(cell, name, unmarked) for (_, cell), name in zip(graded, names, strict=True)]
        answered = [index for index, cell in enumerate(nb.cells) if _is_graded(cell) or _of(cell).get("solution")]
        first, last = (answered[0], answered[-1]) if answered else (len(nb.cells), len(nb.cells))
        for index, cell in enumerate(nb.cells):
            cell.metadata[FOLDS] = _folds(cell, before=index < first)
            if _of(cell).get("grade_id") in unmarked:
                cell.metadata[FOLDS]["waits"] = _UNMARKED
        if last + 1 < len(nb.cells):
            nb.cells[last + 1].metadata[FOLDS]["rest"] = _count(len(nb.cells) - last - 1, "cell")
        return nb, resources


def _of(cell: NotebookNode) -> dict[str, Any]:
    """Return nbgrader's metadata of a cell."""
    return dict(cell.metadata.get("nbgrader") or {})


def _is_graded(cell: NotebookNode) -> bool:
    return bool(_of(cell).get("grade") or _of(cell).get("task"))


def _gradebook(ours: dict[str, Any]) -> tuple[frozenset[str], dict[str, str]]:
    """Return the grade_ids that no human has marked yet, though one has to, and all cells as they were handed out."""
    if not ours:
        return frozenset(), {}
    try:
        with Gradebook(ours["db_url"]) as gradebook:
            found = gradebook.find_submission_notebook(ours["notebook"], ours["assignment"], ours["student"])
            unmarked = frozenset(grade.name for grade in found.grades if grade.needs_manual_grade)
            return unmarked, {cell.name: str(cell.source or "") for cell in found.notebook.source_cells}
    except MissingEntry:
        return frozenset(), {}


def _exercise(cell: NotebookNode, name: str, unmarked: frozenset[str]) -> Exercise:
    nbgrader = _of(cell)
    score, points = float(nbgrader.get("score") or 0), float(nbgrader.get("points") or 0)
    waits = nbgrader["grade_id"] in unmarked
    state = "waits" if waits else "right" if score >= points else "mend"
    said = "" if state == "right" else _UNMARKED if waits else _said(cell)
    address = f"#{quote(nbgrader['grade_id'])}"
    return Exercise(_in_link(name), address, score, points, state, _in_link(_line(said)))


def _in_link(text: str) -> str:
    """Return text as HTML; what stands in a link takes no step of the keyboard for itself."""
    return formulas.text(text).replace(' tabindex="0" role="group" aria-label="formula"', "")


def _said(cell: NotebookNode) -> str:
    """Return what is first said of an exercise that did not earn all its points."""
    if _of(cell).get("comment"):
        return str(_of(cell)["comment"])
    outputs, shown = cell.get("outputs", ()), cell.metadata.get(SHOWN)
    told = outputs[0].get("metadata", {}).get(FIRST) if outputs else None
    if isinstance(told, dict):
        return str(told["mend"])
    message = str(shown.get("message") or "") if isinstance(shown, dict) else ""
    error = next((output for output in outputs if output.output_type == "error"), None)
    return _error(error) if error is not None and message in ("", error.ename) else message


def _error(output: NotebookNode) -> str:
    """Return an error in one line: with its message, or else with the line of code that raised it."""
    if output.evalue:
        return f"{output.ename}: {output.evalue}"
    at = _AT.findall(strip_ansi("\n".join(output.traceback)[:_READ]))
    return f"{output.ename} in: {at[-1]}" if at else str(output.ename)


def _line(text: str) -> str:
    """Return the beginning of a text as one line."""
    line = printable(" ".join(strip_ansi(text[:_READ]).split()), kept="")
    return line if len(line) <= _SAID else f"{line[: _SAID - 1]}…"


def _names(cells: list[NotebookNode], graded: list[tuple[int, NotebookNode]], asked: dict[str, str]) -> list[str]:
    """Return a name for each graded cell: its exercise, else the heading that is its own, else its grade_id.

    Args:
        cells: of the notebook.
        graded: places and cells.
        asked: the text of each cell as it was handed out, by grade_id: who answers may have written over a heading.
    """
    headings = list(_headings(cells, asked))
    uses = Counter(headings[index] for index, _ in graded)
    return [
        _judged(cell) or (headings[index] if headings[index] and uses[headings[index]] == 1 else _of(cell)["grade_id"])
        for index, cell in graded
    ]


def _judged(cell: NotebookNode) -> str:
    """Return the exercise whose card a cell shows, or nothing."""
    outputs = cell.get("outputs", ())
    told = outputs[0].get("metadata", {}).get(FIRST) if outputs else None
    return str(told["exercise"]) if isinstance(told, dict) else ""


def _headings(cells: list[NotebookNode], asked: dict[str, str]) -> Iterator[str]:
    """Yield the heading under which each cell stands; of a graded cell's own headings, the first."""
    heading = ""
    for cell in cells:
        if cell.cell_type == "markdown":
            graded = _is_graded(cell)
            found = _found(cell.source) or (_found(asked.get(_of(cell)["grade_id"], "")) if graded else [])
            heading = _heading(found[0 if graded else -1]) if found else heading
        yield heading


def _found(source: str) -> list[str]:
    """Return the headings in a text, those in code left out."""
    return _HEADING.findall(_FENCED.sub("", source[:_READ]))


def _heading(source: str) -> str:
    """Return a heading without its markup, and without the points that stand at its end."""
    line = source[:_LONG_NAME].rstrip(" \t#")  # what is longer would take the patterns long, too
    return _MARKUP.sub("", _POINTS.sub("", line)).strip()[:_NAME]


def _folds(cell: NotebookNode, *, before: bool) -> dict[str, str]:
    """Return what of a cell is folded: `cell`, `input`, `output`, each with the words that are shown instead.

    Args:
        cell: any.
        before: whether it stands before the first exercise.
    """
    hidden, kind = cell.metadata.get(HIDES, ()), "text" if cell.cell_type == "markdown" else "code"
    lines = cell.source.count("\n") + 1
    size = _count(lines, "line")
    folds: dict[str, str] = {}
    if _is_set_up(cell, lines, before=before):
        folds[CELL] = f"Set-up: {size} of {kind}"
    elif CELL in hidden or INPUT in hidden:
        whole = CELL in hidden or not cell.get("outputs")
        folds[CELL if whole else INPUT] = f"Hidden in the notebook: {size} of {kind}"
    if OUTPUT in hidden and CELL not in folds:
        folds[OUTPUT] = "Output, hidden in the notebook"
    if _is_graded(cell) and CELL in folds:
        folds[INPUT] = folds.pop(CELL)
    return folds


def _is_set_up(cell: NotebookNode, lines: int, *, before: bool) -> bool:
    nbgrader = _of(cell)
    given = nbgrader.get("locked") and not nbgrader.get("grade") and not nbgrader.get("solution")
    return bool(before and cell.cell_type == "code" and given and (nbgrader["grade_id"] == "setup" or lines > _LINES))


def _count(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number} {what}s"
