"""An nbgrader course, opened as nbgrader's own command does it: its configuration, folders and gradebook."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import alembic.script
import nbgrader
from nbconvert.exporters import NotebookExporter
from nbgrader.api import MissingEntry
from nbgrader.apps import AutogradeApp
from nbgrader.converters import Autograde
from sqlalchemy import inspect, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from autograder.course.batch.errors import RunError, UsageError
from autograder.course.exporter import SubmissionExporter, one_line
from autograder.course.gradebook import Writer, engine_for
from autograder.course.outcomes import Outcome
from autograder.course.preprocessors import JudgeNotebook
from autograder.course.source_cells import Source, read_source
from autograder.grading.assignment import Assignment

_CONFIG = "nbgrader_config.py"
_MIGRATIONS = Path(nbgrader.__file__).parent / "alembic"


class _Exporter(NotebookExporter):
    """The parent that our preprocessors expect: it keeps what the last of them hands on."""

    outcome: Outcome | None = None

    def hold(self, outcome: Outcome) -> None:
        """Keep the outcome of the submission at hand."""
        self.outcome = outcome


class OpenedCourse:
    """The course in a folder, and one of its assignments.

    Raises:
        UsageError: there is no such course, or it is not configured as ours are.
        AssignmentError: there are no graders for the assignment.
    """

    def __init__(self, root: Path, assignment: str, student: str = "*") -> None:
        self.root = root
        self._app = _application(root)
        self.coursedir = self._app.coursedir
        self.coursedir.assignment_id, self.coursedir.student_id = assignment, student
        self.converter = Autograde(coursedir=self.coursedir, parent=self._app)
        if not issubclass(self.converter.exporter_class, SubmissionExporter):
            raise UsageError(f"{root / _CONFIG} does not call autograder.course.configure.configure(c)")
        self.exporter = _Exporter(parent=self.converter, config=self.converter.config)
        self.sanitize = self._instances(self.converter.sanitize_preprocessors)
        self.autograde = self._instances(self.converter.autograde_preprocessors)
        self.assignment: Assignment = self.judging().find(assignment)
        for log in (self.exporter.log, logging.getLogger("tornado.application")):
            log.addFilter(one_line)

    def _instances(self, classes: Sequence[Any]) -> list[Any]:
        before = len(self.exporter._preprocessors)  # noqa: SLF001 - registering returns nothing
        for one in classes:
            self.exporter.register_preprocessor(one)
        return list(self.exporter._preprocessors[before:])  # noqa: SLF001

    def judging(self) -> JudgeNotebook:
        """Return the preprocessor that holds how the course judges."""
        for preprocessor in self.autograde:
            if isinstance(preprocessor, JudgeNotebook):
                return preprocessor
        raise UsageError(f"{self.root / _CONFIG} leaves JudgeNotebook out of c.Autograde.autograde_preprocessors")

    def folder(self, step: str, student: str) -> Path:
        """Return where one step of nbgrader's keeps a student's work."""
        return Path(self.coursedir.format_path(step, student, self.assignment.name))

    def writer(self) -> Writer:
        """Return the gradebook, open for writing."""
        return Writer(self.coursedir.db_url, self.coursedir.course_id)

    def check_gradebook(self) -> Source:
        """Return what the gradebook knows of the assignment, after making sure that it can be written; write nothing.

        Raises:
            RunError: it is not there, of another version, or held by somebody else.
            UsageError: it does not know the assignment.
        """
        url = make_url(self.coursedir.db_url)
        shown = url.render_as_string(hide_password=True)
        known = f"nbgrader generate_assignment {self.assignment.name}"
        if url.get_backend_name() == "sqlite" and not (url.database and Path(url.database).is_file()):
            raise RunError(f"{shown}: there is no gradebook; run '{known}' first")
        try:
            self._check_version(shown)
            with self.writer() as gradebook:
                return read_source(gradebook, self.assignment.notebook, self.assignment.name)
        except SQLAlchemyError as error:
            raise RunError(gradebook_problem(shown, error)) from error
        except MissingEntry as error:
            raise UsageError(f"{shown}: the gradebook does not know {self.assignment.name!r}; run '{known}'") from error

    def _check_version(self, shown: str) -> None:
        wanted = alembic.script.ScriptDirectory(str(_MIGRATIONS)).get_current_head()
        engine = engine_for(self.coursedir.db_url, echo=False, future=True)
        with engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                raise RunError(f"{shown}: this is no gradebook of nbgrader's, or one from before its version 0.5")
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            if found != wanted:
                raise RunError(
                    f"{shown}: the gradebook has schema {found}, and nbgrader {nbgrader.__version__} wants {wanted}; "
                    "back it up, then run 'nbgrader db upgrade'"
                )
            if engine.dialect.name == "sqlite":  # takes the lock that a write would, and gives it back
                connection.rollback()
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                connection.rollback()


def gradebook_problem(shown: str, error: BaseException) -> str:
    """Return in one line what the database said, and what to do."""
    said = " ".join(str(getattr(error, "orig", None) or error).split())
    if "locked" in said:
        return f"{shown}: somebody else holds the gradebook ({said}); try again when they are done"
    return f"{shown}: the gradebook cannot be used ({said})"


def judge_settings(root: Path) -> JudgeNotebook:
    """Return how the course in a folder judges, as its configuration says.

    Raises:
        UsageError: there is no course, or its configuration cannot be read.
    """
    return JudgeNotebook(config=_application(root).config)


def _application(root: Path) -> Any:
    """Return nbgrader's own command, with its configuration read and nothing done."""
    if not (root / _CONFIG).is_file():
        raise UsageError(f"there is no {_CONFIG} in {root}: run this in the course's folder")
    app = AutogradeApp(log_level=logging.ERROR)
    app.raise_config_file_errors = True
    try:
        app.initialize([])
    except Exception as error:
        raise UsageError(f"{root / _CONFIG}: {type(error).__name__}: {error}") from error
    return app
