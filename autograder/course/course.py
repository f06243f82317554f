"""An nbgrader course: its configuration, folders and gradebook, opened for one of its assignments."""

import logging
import os
import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import nbgrader
from nbgrader.api import MissingEntry
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import find_all_files
from sqlalchemy import inspect, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from autograder.course.errors import RunError, UsageError
from autograder.course.handed_in.intake import digest_of
from autograder.course.places import work_of
from autograder.course.records import outcomes
from autograder.course.records.gradebook import Writer, engine_for, gradebook_problem
from autograder.course.records.source_cells import Source, read_sources
from autograder.course.settings import Autograder
from autograder.course.stages import Stages, stages_of
from autograder.grading.assignment import Assignment
from autograder.judge.judge import Job
from autograder.sandbox.printable import printable

_MIGRATIONS = Path(nbgrader.__file__).parent / "alembic" / "versions"
_REVISION = re.compile(r"^(revision|down_revision) = ['\"](\w+)['\"]", re.MULTILINE)
_MAX_ERROR = 200


class Course:
    """A course and one of its assignments, as one of nbgrader's commands has them.

    Args:
        converter: nbgrader's, which knows the configuration; its exporter is the parent of the preprocessors.

    Raises:
        AssignmentError: the assignment's settings cannot be used.
        UsageError: something in the configuration cannot go together with the judge.
    """

    def __init__(self, converter: Autograde) -> None:
        self.converter = converter
        self.coursedir = converter.coursedir
        self.root = Path(self.coursedir.root)
        self.settings = Autograder(parent=converter)
        self.assignment = self.settings.find(self.root, str(self.coursedir.assignment_id))
        self.limit(self.settings.limits_of(self.assignment))

    def log_in_one_line(self) -> None:
        """Let whatever is logged while submissions are graded be one line each."""
        for log in (self.converter.log, logging.getLogger("tornado.application")):  # the second is the gradebook's
            log.addFilter(one_line)

    def limit(self, limits: Mapping[str, float]) -> None:
        """Set limits, by name, for reading what was handed in and for judging it."""
        self.assignment = replace(self.assignment, limits=self.assignment.limits.override(dict(limits)))

    @cached_property
    def stages(self) -> Stages:
        """The course's own preprocessors."""
        return stages_of(self.converter, self.converter.exporter)

    @property
    def force(self) -> bool:
        """Whether what has been graded is to be graded again."""
        return bool(self.converter.force)

    def submitted(self, student: str) -> Path:
        """Return where a student's work lies as it was handed in."""
        return self.folder(self.coursedir.submitted_directory, student)

    def autograded(self, student: str) -> Path:
        """Return where a student's graded work lies."""
        return self.folder(self.coursedir.autograded_directory, student)

    def feedback(self, student: str) -> Path:
        """Return where a student's feedback pages lie."""
        return self.folder(self.coursedir.feedback_directory, student)

    def folder(self, step: str, student: str) -> Path:
        """Return where one step of nbgrader's keeps a student's work."""
        return Path(self.coursedir.format_path(step, student, self.assignment.name))

    def work(self, step: str, students: str) -> dict[str, Path]:
        """Return where one step of nbgrader's keeps the work of students, an ID or a pattern, by student."""
        return work_of(self.coursedir, step, students, self.assignment.name)

    def digest_of(self, student: str) -> str:
        """Return what changes when what a student handed in does."""
        folder = self.submitted(student)
        return digest_of(folder, self.assignment.limits, whole=self.assignment.files is None)

    @property
    def outcomes(self) -> Path:
        """The folder of the assignment's outcomes."""
        return outcomes.folder_of(self.root, self.assignment.name)

    @property
    def handed_out(self) -> Path:
        """The instructor's folder of the assignment."""
        return self.folder(self.coursedir.source_directory, ".")

    @property
    def own_files(self) -> tuple[str, ...]:
        """The names of the files that a submission keeps as its own: `c.Autograde.exclude_overwriting`."""
        return tuple(self.converter.exclude_overwriting.get(self.assignment.name, ()))

    def job(self, sources: Mapping[str, Source]) -> Job:
        """Return how the assignment's submissions are judged.

        Raises:
            OSError: a file that each of them is given cannot be read.
        """
        job = job_of(self.coursedir, self.settings, self.assignment, self.own_files)
        # Without hidden tests: what is known lies in every student process.
        known = [job.hidden_tests.removed(code) for source in sources.values() for code in source.locked_code()]
        return replace(job, known=tuple(known))

    def writer(self) -> Writer:
        """Return the gradebook, open for writing."""
        return Writer(self.coursedir.db_url, self.coursedir.course_id)

    def sources(self) -> dict[str, Source]:
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
                return read_sources(gradebook, self.assignment.name)
        except SQLAlchemyError as error:
            raise RunError(gradebook_problem(shown, error)) from error
        except MissingEntry as error:
            raise UsageError(f"{shown}: the gradebook does not know {self.assignment.name!r}; run '{known}'") from error

    def _check_version(self, shown: str) -> None:
        wanted = newest_schema()
        engine = engine_for(self.coursedir.db_url)
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


def newest_schema() -> str:
    """Return the revision of a gradebook's schema that this nbgrader wants: the one on which no other builds.

    Alembic would tell the same, after it has been loaded for a fifth of a second.
    """
    texts = [path.read_text(encoding="utf-8") for path in _MIGRATIONS.glob("*.py")]
    found = [pair for text in texts for pair in _REVISION.findall(text)]
    built_on = {name for kind, name in found if kind == "down_revision"}
    newest: str
    (newest,) = {name for kind, name in found if kind == "revision"} - built_on
    return newest


def job_of(
    coursedir: CourseDirectory, settings: Autograder, assignment: Assignment, own_files: Collection[str] = ()
) -> Job:
    """Return how submissions of an assignment are judged.

    Args:
        coursedir: of the course.
        settings: of the course.
        assignment: which.
        own_files: that a submission keeps as its own.

    Raises:
        OSError: a file that each of them is given cannot be read.
        UsageError: a path that they are to read is not there, or would show what must stay hidden.
    """
    folder = Path(coursedir.format_path(coursedir.source_directory, ".", assignment.name))
    if assignment.files is not None:
        files = {name: folder / name for name in assignment.files}
    else:
        paths = find_all_files(str(folder), [*coursedir.ignore, "*.ipynb"])
        files = {os.path.relpath(path, folder): Path(path) for path in paths}
    return Job(
        assignment.name,
        settings.folder(Path(coursedir.root)),
        seed=settings.seed,
        isolation=settings.isolation,
        least_wall=settings.least_wall,
        files={name: path.read_bytes() for name, path in files.items() if name not in own_files},
        limits=settings.limits_of(assignment),
        ordinary=True,
        hidden_tests=settings.hidden_tests(),
        tell_all=settings.hidden_messages,
        keep_files=True,
        readable=settings.readable(coursedir),
        kernel=settings.kernel(),
    )


def one_line(record: logging.LogRecord) -> bool:
    """Make a line fit for a terminal, and of a traceback its last one, which names the error; none is dropped."""
    said = printable(record.getMessage())
    record.msg, record.args = said, ()
    if os.environ.get("AUTOGRADER_DEBUG"):
        return True
    if said.startswith("Traceback"):
        named = [line for line in said.splitlines() if line and not line.startswith(("[", "(", " "))]
        record.msg = named[-1]
    if record.exc_info and record.exc_info[1] is not None:
        error = " ".join(printable(repr(record.exc_info[1])).split())
        record.msg = f"{said.splitlines()[0]}: {error[:_MAX_ERROR]}"
        record.exc_info = None
    return True
