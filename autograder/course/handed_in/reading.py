"""A notebook that was handed in, with the cells that it should have: it never fails on what was handed in."""

import contextlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, from_dict

from autograder.course.handed_in import intake
from autograder.course.handed_in.answers import show_beside
from autograder.course.handed_in.handed_out import HandedOut, fold
from autograder.course.handed_in.passages import FILE, Passage
from autograder.course.handed_in.pictures import add_pictures
from autograder.course.handed_in.rebuild import normalize, rebuild
from autograder.course.records.source_cells import Source
from autograder.judge.files import read_regular
from autograder.judge.notebook import NotebookError, clean, inside, source_of
from autograder.sandbox.limits import Limits
from autograder.sandbox.printable import printable

_NOTHING = HandedOut()
_WIDGETS = "application/vnd.jupyter.widget-state+json"
_MOST_WIDGETS = 1_000


@dataclass(frozen=True)
class Read:
    """A notebook of a submission.

    Attributes:
        notebook: with the assignment's cells; of one that cannot be read, nothing else.
        notes: what was mended.
        refused: why it cannot be read.
    """

    notebook: NotebookNode
    notes: tuple[str, ...] = ()
    refused: str | None = None


def read_submitted(  # noqa: PLR0913 - what is known of a notebook that was handed in
    folder: Path,
    name: str,
    sources: Mapping[str, Source],
    limits: Limits,
    handed: HandedOut = _NOTHING,
    *,
    expected: Collection[str] | None = None,
) -> Read | None:
    """Return a notebook of a submission, or None where it was not handed in with the others.

    Args:
        folder: of the submission.
        name: of the notebook.
        sources: what the gradebook knows of the assignment's notebooks, by name.
        limits: on what is read.
        handed: what students were handed of this notebook.
        expected: the files that belong to the assignment; None where any others are used.
    """
    try:
        found = intake.read_submission(folder / f"{name}.ipynb", limits, sources)
    except intake.MissingError:
        return None
    except NotebookError as error:
        return Read(_rebuilt([], sources[name], handed)[0], refused=str(error))
    if len(sources) == 1 and all(handed.has(source_of(cell)) for cell in found.content["cells"]):
        found = intake.only_other(found, limits)
    names = [one for one in intake.documents(folder, expected) if not _was_handed_out(one, handed)]
    documents = [_document(folder, one, limits) for one in names]
    documents += _typed_into_widgets(found.content.get("metadata"))
    notebook, notes = _rebuilt(found.content["cells"], sources[name], handed, folder, documents)
    return Read(notebook, (*found.notes, *notes))


def _rebuilt(
    cells: Collection[Any],
    source: Source,
    handed: HandedOut,
    folder: Path | None = None,
    documents: Sequence[Passage] = (),
) -> tuple[NotebookNode, list[str]]:
    submitted = normalize(list(cells))
    rebuilt, notes = rebuild(submitted, source.cells, handed.hidden)
    notes += show_beside(rebuilt, submitted, source.cells, handed, documents)
    fold(rebuilt, handed)
    notes += add_pictures(rebuilt, folder, handed)
    metadata = {"kernelspec": source.kernelspec} if source.kernelspec else {}
    return from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": rebuilt}), notes


def _was_handed_out(name: str, handed: HandedOut) -> bool:
    """Say whether a file lies beside the instructor's own notebook, as a sheet of instructions may."""
    return handed.folder is not None and (handed.folder / name).is_file()


def _document(folder: Path, name: str, limits: Limits) -> Passage:
    """Return a file that may hold an answer; its text, where it is one."""
    text = ""
    if name.casefold().endswith(intake.TEXTS):
        with contextlib.suppress(NotebookError):
            text = clean(read_regular(folder / name, limits.file_bytes).decode("utf-8", "replace"))
    where = f"the file “{printable(name)}”, which was handed in beside the notebook"
    return Passage(f"file-{name}", FILE, where, text, text, is_text=True)


def _typed_into_widgets(metadata: Any) -> list[Passage]:
    """Return the texts that the saved state of a notebook's widgets holds."""
    states = inside(metadata, "widgets", _WIDGETS, "state")
    widgets = list(states.values())[:_MOST_WIDGETS] if isinstance(states, dict) else []
    values = [inside(one, "state", "value") for one in widgets]
    texts = [clean(one) for one in values if isinstance(one, str)]
    return [
        Passage(f"widget-{number}", FILE, "the saved state of a widget", text, text, is_text=True)
        for number, text in enumerate(texts)
        if text.strip()
    ]
