"""`nbgrader generate_assignment`: what the checks of `check_source` refuse is not released."""

import shutil
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.converters.base import NbGraderException

from autograder.course.errors import UsageError
from autograder.course.handing_out.check_source import Checks, CourseError, unseen_attachments
from autograder.course.handing_out.trial import problems
from autograder.course.settings import Autograder


class AssignmentExporter(NotebookExporter):
    """`c.GenerateAssignment.exporter_class`: checks the source before, and each notebook after."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        coursedir, settings = self.parent.coursedir, Autograder(parent=self)
        try:
            self._checks = Checks(coursedir, settings, str(coursedir.assignment_id))
            self._checks.source()
            self._try(settings)
        except (CourseError, UsageError, OSError) as error:
            self.log.error("%s", error)
            raise NbGraderException(str(error)) from error

    def _try(self, settings: Autograder) -> None:
        """Grade the instructor's own notebooks, and warn of what students would run into."""
        for problem in problems(self._checks, self.parent.coursedir, settings):
            self.log.warning("%s: %s", self._checks.assignment.name, problem)

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **options: Any
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Convert a notebook, drop what a model answer had attached, and refuse a result in which a solution stands."""
        output, resources = super().from_filename(filename, resources=resources, **options)
        output = _without_unseen(output)
        try:
            self._checks.released(resources["metadata"]["name"], output.encode())
        except CourseError as error:
            self.log.error("%s", error)
            coursedir = self.parent.coursedir
            release = coursedir.format_path(coursedir.release_directory, ".", coursedir.assignment_id)
            shutil.rmtree(release, ignore_errors=True)
            raise SystemExit(1) from error  # nbgrader would print a traceback for any other exception
        return output, resources


def _without_unseen(output: str) -> str:
    """Return a notebook without the attachments of model answers: their text is cleared, so nothing shows them."""
    nb = nbformat.reads(output, as_version=nbformat.NO_CONVERT)
    unseen = [(cell, name) for cell in nb.cells for name in unseen_attachments(cell)]
    for cell, name in unseen:
        del cell.attachments[name]
        if not cell.attachments:
            del cell["attachments"]
    return str(nbformat.writes(nb)) if unseen else output
