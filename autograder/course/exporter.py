"""Reads a submission for `nbgrader autograde`, whatever it is: `c.Autograde.exporter_class`."""

from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode, from_dict
from nbgrader.converters.base import NbGraderException

from autograder.course import intake, outcomes
from autograder.course.rebuild import normalize
from autograder.grading.assignment import Assignment, AssignmentError, find
from autograder.judge.notebook import NotebookError
from autograder.sandbox.bubblewrap import WallError, probe

KEY = "autograder"  # where the notebook's own metadata carries notes from one pass of nbgrader's to the next


class SubmissionExporter(NotebookExporter):
    """A `NotebookExporter` that never fails on what a student handed in.

    What cannot be read is replaced by an empty notebook, which gets the assignment's cells put back, and the
    submission ends in `needs_review`. Before the first notebook it makes sure that student code can be walled off.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        coursedir = self.parent.coursedir
        try:
            self.assignment: Assignment = find(coursedir.assignment_id)
            probe()
        except (AssignmentError, WallError) as error:
            self.log.error("%s", error)
            raise NbGraderException(str(error)) from error
        outcomes.announce(coursedir)

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **options: Any
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Read, normalize and convert a notebook; an unreadable one becomes an empty one with the reason in it."""
        path = Path(filename)
        resources = {} if resources is None else resources
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        converted: tuple[NotebookNode, dict[str, Any]] = self.from_notebook_node(
            self._read(path), resources=resources, **options
        )
        return converted

    def _handed_out(self) -> set[str]:
        """Return the names of the files that students got with the notebook."""
        coursedir = self.parent.coursedir
        source = Path(coursedir.format_path(coursedir.source_directory, ".", self.assignment.name))
        return {str(path.relative_to(source)) for path in source.rglob("*") if path.is_file()}

    def _read(self, path: Path) -> NotebookNode:
        notes: list[str] = []
        refused = None
        try:
            found = intake.read_submission(path, self.assignment.limits)
            cells, notes, metadata = found.content["cells"], list(found.notes), found.content.get("metadata")
        except NotebookError as error:
            cells, refused, metadata = [], str(error), None
        if self.parent._sanitizing:  # noqa: SLF001 - which pass it is stands nowhere else
            notes += intake.notes_on_files(path.parent, self._handed_out(), intake.aside_folder(path.parent))
            metadata = {KEY: {"notes": notes, "refused": refused}}
        return from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": normalize(cells)})
