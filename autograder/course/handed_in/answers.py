"""Written answers that are not where they belong: a human sees them beside the cell that was put back, or left empty.

Editors lose a cell's metadata; people answer in a cell of their own, in a copy, or in the text of the question.
"""

from collections.abc import Sequence

from autograder.course.handed_in.handed_out import HandedOut
from autograder.course.handed_in.passages import Passage, passages
from autograder.course.handed_in.rebuild import JsonCell, grade_id_of, unique_id
from autograder.course.handed_in.texts import same
from autograder.course.records.source_cells import SourceCell
from autograder.judge.notebook import DOUBTFUL, FOUND
from autograder.sandbox.printable import printable

_MOST = 6  # passages beside one question
_LONGEST = 8_000  # characters of one
_ALIKE = 0.35  # 1 is the same words
_CUT = "\n\n[cut here: the whole text stands in its own cell]"
_MISSING = "the cell of this question was missing and was put back"
_UNTOUCHED = "the cell of this question is as it was handed out"
_FENCE = "```"


def show_beside(
    rebuilt: list[JsonCell],
    submitted: list[JsonCell],
    source: list[SourceCell],
    handed: HandedOut,
    documents: Sequence[Passage] = (),
) -> list[str]:
    """Mark written answers that a human has to look for, and put beside each what may be it.

    Args:
        rebuilt: the cells as they will be graded; they are changed.
        submitted: the cells as they were handed in, normalized.
        source: the managed cells of the assignment.
        handed: what students were handed.
        documents: files that were handed in beside the notebook and may hold an answer.

    Returns:
        A note for each.
    """
    known = {cell.grade_id: cell for cell in source}
    real = {cell["id"] for cell in rebuilt if grade_id_of(cell) is not None}
    written = [cell for cell in source if cell.grade and cell.solution]
    found = [*passages(submitted, known, real, handed), *documents] if written else []
    there = {cell["id"] for cell in submitted}
    notes = []
    for question in written:
        position = next(i for i, cell in enumerate(rebuilt) if grade_id_of(cell) == question.grade_id)
        cell = rebuilt[position]
        missing = cell["id"] not in there
        if not missing and not same(cell["source"], question.source):
            continue
        beside = _beside(rebuilt, position, found)
        likely = [one for one in found if _may_answer(one, question, near=one in beside, missing=missing)]
        if not likely and (not missing or any(same(cell["source"], question.source) for cell in submitted)):
            continue  # nothing was written: nbgrader says so
        likely = _likeliest(likely, question, beside)
        cell["metadata"] = {**cell["metadata"], DOUBTFUL: True}
        shown = _cells(question.grade_id, likely[:_MOST], _MISSING if missing else _UNTOUCHED, rebuilt)
        rebuilt[position + 1 : position + 1] = shown
        notes.append(_note(question.grade_id, likely))
    return notes


def _beside(cells: list[JsonCell], position: int, found: list[Passage]) -> list[Passage]:
    """Return the passages in the cells next to a question: text as far as it goes on, or one cell of code."""
    own = {one.cell_id: one for one in found}
    near = []
    for step in (1, -1):
        at = position + step
        while 0 <= at < len(cells) and grade_id_of(cells[at]) is None and (one := own.get(cells[at]["id"])):
            near.append(one)
            at += step if one.is_text else len(cells)
    return near


def _may_answer(passage: Passage, question: SourceCell, *, near: bool, missing: bool) -> bool:
    """Say whether a passage may be the answer: what is near may be short; what was lost is looked for anywhere."""
    if question.cell_type == "code":
        return near or missing
    return passage.is_text and passage.says_something and (near or missing or passage.is_long)


def _likeliest(found: list[Passage], question: SourceCell, near: list[Passage]) -> list[Passage]:
    """Return passages, the likeliest first; where one has the question's own words, only such ones."""
    alike = {one.cell_id: one.likeness(question.source) for one in found}
    if max(alike.values(), default=0.0) >= _ALIKE:
        found = [one for one in found if alike[one.cell_id] >= _ALIKE]
    return sorted(found, key=lambda one: (one not in near, -alike[one.cell_id]))


def _cells(grade_id: str, found: list[Passage], why: str, cells: list[JsonCell]) -> list[JsonCell]:
    ids = {cell["id"] for cell in cells}
    shown: list[JsonCell] = []
    for number, passage in enumerate(found):
        first = f"*From {passage.place()}; {why}. A person reads this and gives the mark.*"
        cell_id = unique_id(f"found-{number}", ids)
        cell: JsonCell = {"cell_type": "markdown", "id": cell_id, "metadata": {FOUND: grade_id}}
        cell["source"] = f"{printable(first)}\n\n{_quoted(passage)}"
        if passage.attachments:
            cell["attachments"] = passage.attachments
        shown.append(cell)
    return shown


def _quoted(passage: Passage) -> str:
    text = passage.text if len(passage.text) <= _LONGEST else passage.text[:_LONGEST] + _CUT
    if passage.kind != "code" or (passage.is_text and not text.lstrip().startswith("#")):
        return text
    fence = _FENCE
    while fence in text:
        fence += "`"
    return f"{fence}\n{text}\n{fence}"


def _note(grade_id: str, found: list[Passage]) -> str:
    if not found:
        return f"no answer to {grade_id} was found; a human has to look at it"
    places = "; ".join(printable(one.place()) for one in found[:_MOST])
    return f"the answer to {grade_id} may stand in {places}; it is shown beside the question, for a human to mark"
