"""Opening the course in a folder, as nbgrader's own command does it; what is asked for may lie elsewhere."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbgrader.apps import AutogradeApp
from nbgrader.converters import Autograde
from nbgrader.exchange.default import Exchange

from autograder.course import openness
from autograder.course.course import Course
from autograder.course.errors import UsageError
from autograder.course.handing_out.check_source import Checks, CourseError
from autograder.course.handing_out.trial import problems
from autograder.course.ids import refusal_of_assignment
from autograder.course.nbgrader_autograde import SubmissionExporter
from autograder.course.settings import Autograder

CONFIG = "nbgrader_config.py"
_NOT_OURS = "{} does not call configure(c), so nbgrader grades without our graders and walls: run 'autograder init'"


def open_course(root: Path, assignment: str, student: str = "*", *, force: bool = False) -> Course:
    """Return the course in a folder as `nbgrader autograde` would have it.

    Raises:
        UsageError: there is no such course, or it is not configured as ours are.
        AssignmentError: the assignment's settings cannot be used.
    """
    app = application(root)
    if (reason := refusal_of_assignment(assignment)) is not None:
        raise UsageError(reason)
    app.coursedir.assignment_id, app.coursedir.student_id = assignment, student
    converter = Autograde(coursedir=app.coursedir, parent=app, force=force)
    if not issubclass(converter.exporter_class, SubmissionExporter):
        raise UsageError(_NOT_OURS.format(root / CONFIG))
    converter.exporter = converter.exporter_class(parent=converter, config=converter.config)
    return Course(converter)


def check_course(root: Path) -> str:
    """Check every assignment of the course in a folder; return in words what was found right.

    Raises:
        UsageError: there is no course, or its configuration cannot be read.
        CourseError: something disagrees.
    """
    app = application(root)
    if not _is_ours(app):
        raise UsageError(_NOT_OURS.format(root / CONFIG))
    settings = Autograder(parent=app)
    names = assignments_of(app)
    for name in names:
        checks = Checks(app.coursedir, settings, name)
        checks.source()
        checks.kernels()
        checks.release()
    return f"{', '.join(names) or 'no assignments'}: cells, graders and points agree"


def open_to_others(root: Path) -> list[str]:
    """Return, in words, what of the course in a folder everybody on the machine can read.

    Raises:
        UsageError: there is no course, or its configuration cannot be read.
    """
    app = application(root)
    graders = Autograder(parent=app).folder(Path(app.coursedir.root))
    return list(openness.warnings(app.coursedir, Exchange(coursedir=app.coursedir, parent=app), graders))


def try_course(root: Path) -> Iterator[str]:
    """Grade the instructor's own notebooks of every assignment; yield in words what students would run into.

    Raises:
        UsageError: there is no course, or its configuration cannot be read or cannot hold.
    """
    app = application(root)
    settings = Autograder(parent=app)
    for name in assignments_of(app):
        try:
            for problem in problems(Checks(app.coursedir, settings, name), app.coursedir, settings):
                yield f"{name}: {problem}"
        except (CourseError, OSError) as error:
            yield f"{name}: its notebooks could not be tried: {error}"


def assignments_of(app: Any) -> list[str]:
    """Return the names of the assignments of a course."""
    source = Path(app.coursedir.format_path(app.coursedir.source_directory, ".", "."))
    return sorted(path.name for path in source.glob("*") if path.is_dir() and any(path.glob("*.ipynb")))


def settings_of(root: Path) -> Autograder:
    """Return how the course in a folder judges, as its configuration says.

    Raises:
        UsageError: there is no course, or its configuration cannot be read.
    """
    return Autograder(config=application(root).config)


def calls_configure(root: Path) -> bool:
    """Say whether the course in a folder is graded by us, when all of its configuration has been read.

    Raises:
        UsageError: there is no course, or its configuration cannot be read.
    """
    return _is_ours(application(root))


def source_of(root: Path) -> Path:
    """Return where the course in a folder has its assignments.

    Raises:
        UsageError: there is no course, or its configuration cannot be read.
    """
    coursedir = application(root).coursedir
    return Path(coursedir.format_path(coursedir.source_directory, ".", "."))


def _is_ours(app: Any) -> bool:
    return issubclass(Autograde(coursedir=app.coursedir, parent=app).exporter_class, SubmissionExporter)


def application(root: Path) -> Any:
    """Return nbgrader's own command, with the course's configuration read and nothing done."""
    if not (root / CONFIG).is_file():
        raise UsageError(f"there is no {CONFIG} in {root}: run this in the course's folder")
    app = AutogradeApp(log_level=logging.ERROR)
    app.raise_config_file_errors, app.load_cwd_config = True, False  # a server is started anywhere
    try:
        app.initialize([], root=str(root))
    except (Exception, SystemExit) as error:
        said = " ".join(str(error).split())
        if not isinstance(error, SystemExit):
            said = f"{type(error).__name__}: {said}"
        # configure(c) ends what cannot go together with it in words of its own
        raise UsageError(said if said.startswith(CONFIG) else f"{root / CONFIG}: {said}") from error
    return app
