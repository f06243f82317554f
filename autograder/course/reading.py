"""A submission as a notebook that nbgrader's passes can take, whatever it is: it never fails on what was handed in."""

from pathlib import Path
from typing import Any

from nbformat import NotebookNode, from_dict
from nbgrader.coursedir import CourseDirectory

from autograder.course import intake
from autograder.course.rebuild import normalize
from autograder.grading.assignment import Assignment
from autograder.judge.notebook import NotebookError

KEY = "autograder"  # where the notebook's own metadata carries what the first of nbgrader's passes found to the second


def read_submitted(path: Path, coursedir: CourseDirectory, assignment: Assignment) -> NotebookNode:
    """Return what was handed in at `path`, or an empty notebook with the reason in it."""
    notes: list[str] = []
    cells: list[Any] = []
    refused = digest = None
    try:
        found = intake.read_submission(path, assignment.limits)
        cells, notes, digest = found.content["cells"], list(found.notes), found.digest
    except NotebookError as error:
        refused = str(error)
    folder = path.parent
    notes += intake.notes_on_files(folder, handed_out(coursedir, assignment), intake.aside_folder(folder))
    return _notebook(cells, {KEY: {"notes": notes, "refused": refused, "digest": digest}})


def read_sanitized(path: Path, assignment: Assignment) -> NotebookNode:
    """Return what the first pass left at `path`, with all that it says of itself."""
    try:
        content = intake.read_submission(path, assignment.limits).content
    except NotebookError as error:
        return _notebook([], {KEY: {"notes": [], "refused": str(error)}})
    return _notebook(content["cells"], content.get("metadata"))


def handed_out(coursedir: CourseDirectory, assignment: Assignment) -> set[str]:
    """Return the names of the files that students got with the notebook."""
    source = Path(coursedir.format_path(coursedir.source_directory, ".", assignment.name))
    return {str(path.relative_to(source)) for path in source.rglob("*") if path.is_file()}


def _notebook(cells: list[Any], metadata: Any) -> NotebookNode:
    return from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": normalize(cells)})
