"""Refusals in `nbgrader generate_assignment`: a course that disagrees with itself, and a release with a solution."""

import shutil
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.converters.base import NbGraderException

from autograder.course.check_course import CourseError, check_source, refuse_solutions
from autograder.course.settings import Autograder


class AssignmentExporter(NotebookExporter):
    """`c.GenerateAssignment.exporter_class`: checks the source before, and each notebook after."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        coursedir = self.parent.coursedir
        try:
            check_source(
                Path(coursedir.root), coursedir.assignment_id, Autograder(parent=self).folder(Path(coursedir.root))
            )
        except CourseError as error:
            self.log.error("%s", error)
            raise NbGraderException(str(error)) from error

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **options: Any
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Convert a notebook and refuse a result in which a solution stands."""
        output, resources = super().from_filename(filename, resources=resources, **options)
        try:
            refuse_solutions(Path(filename).read_bytes(), output.encode(), Path(filename).name)
        except CourseError as error:
            self.log.error("%s", error)
            coursedir = self.parent.coursedir
            release = coursedir.format_path(coursedir.release_directory, ".", coursedir.assignment_id)
            shutil.rmtree(release, ignore_errors=True)
            raise SystemExit(1) from error  # nbgrader would print a traceback for any other exception
        return output, resources
