"""Refusals in `nbgrader generate_assignment`: a course that disagrees with itself, and a release with a solution."""

import shutil
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.converters.base import NbGraderException

from autograder.course.check_source import Checks, CourseError
from autograder.course.errors import UsageError
from autograder.course.settings import Autograder
from autograder.course.trial import problems


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
        """Convert a notebook and refuse a result in which a solution stands."""
        output, resources = super().from_filename(filename, resources=resources, **options)
        try:
            self._checks.released(resources["metadata"]["name"], output.encode())
        except CourseError as error:
            self.log.error("%s", error)
            coursedir = self.parent.coursedir
            release = coursedir.format_path(coursedir.release_directory, ".", coursedir.assignment_id)
            shutil.rmtree(release, ignore_errors=True)
            raise SystemExit(1) from error  # nbgrader would print a traceback for any other exception
        return output, resources
