"""Where an assignment's outcomes, gradebook and notebooks are, as the course's own configuration says."""

import functools
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.apps import NbGrader
from nbgrader.coursedir import CourseDirectory
from traitlets.config.application import Application

from autograder.course.outcomes import FOLDER
from autograder.course.settings import Autograder
from autograder.grading.assignment import Assignment, AssignmentError
from autograder.review.model import ReviewError

_CONFIG = "nbgrader_config.py"


@dataclass(frozen=True, eq=False)
class Course:
    """An assignment of a course: `coursedir` is nbgrader's, which knows folders and gradebook. Each is one object."""

    root: Path
    assignment: Assignment
    coursedir: CourseDirectory

    @property
    def db_url(self) -> str:
        """The gradebook's address."""
        return str(self.coursedir.db_url)

    @property
    def course_id(self) -> str:
        """The course's id, which nbgrader leaves empty where there is only one."""
        return str(self.coursedir.course_id)

    @property
    def outcomes(self) -> Path:
        """Where the outcomes lie."""
        return self.root / FOLDER / self.assignment.name

    @property
    def source(self) -> Path:
        """The instructor's notebook."""
        return self._path(str(self.coursedir.source_directory), ".") / f"{self.assignment.notebook}.ipynb"

    @property
    def solution(self) -> Path:
        """The notebook that `nbgrader generate_solution` writes for students."""
        return self._path(str(self.coursedir.solution_directory), ".") / f"{self.assignment.notebook}.ipynb"

    def autograded(self, student: str) -> Path:
        """Return where a student's graded notebook lies."""
        return self._path(str(self.coursedir.autograded_directory), student) / f"{self.assignment.notebook}.ipynb"

    def submitted(self, student: str) -> Path:
        """Return the folder of what a student handed in."""
        return self._path(str(self.coursedir.submitted_directory), student)

    def _path(self, step: str, student: str) -> Path:
        return Path(self.coursedir.format_path(step, student, self.assignment.name))


def course(root: Path, assignment: str) -> Course:
    """Return an assignment of the course in a folder.

    Raises:
        ReviewError: there is no course there, its configuration cannot be read, or there is no such assignment.
    """
    root = root.resolve()
    try:
        changed = (root / _CONFIG).stat().st_mtime_ns
    except OSError as error:
        raise ReviewError(f"there is no {_CONFIG} in {root}: say which folder is the course") from error
    coursedir = _coursedir(root, changed)
    try:
        return _course(root, Autograder(config=coursedir.config).find(root, assignment), coursedir)
    except AssignmentError as error:
        raise ReviewError(str(error)) from error


_course = functools.lru_cache(16)(Course)


@functools.lru_cache(16)
def _coursedir(root: Path, _changed: int) -> CourseDirectory:
    """Read a course's configuration as nbgrader does, without the command line and the log file of a command."""
    app: Any = NbGrader(log_level=logging.ERROR)
    app.raise_config_file_errors, app.load_cwd_config = True, False
    try:
        app.load_config_file()  # the machine's
        Application.load_config_file(app, _CONFIG, path=str(root))
    except Exception as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())
        raise ReviewError(f"{root / _CONFIG}: {said}") from error
    return CourseDirectory(parent=app, root=str(root))
