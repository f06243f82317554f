"""Opening the course in a folder, as nbgrader's own command does it; what is asked for may lie elsewhere."""

import logging
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbgrader.apps import AutogradeApp
from nbgrader.converters import Autograde
from nbgrader.exchange import ExchangeFactory

from autograder.course.check_source import Checks, CourseError
from autograder.course.course import Course
from autograder.course.errors import UsageError
from autograder.course.plain import SubmissionExporter
from autograder.course.settings import Autograder
from autograder.course.trial import problems

CONFIG = "nbgrader_config.py"


def open_course(root: Path, assignment: str, student: str = "*", *, force: bool = False) -> Course:
    """Return the course in a folder as `nbgrader autograde` would have it.

    Raises:
        UsageError: there is no such course, or it is not configured as ours are.
        AssignmentError: the assignment's settings cannot be used.
    """
    app = _application(root)
    app.coursedir.assignment_id, app.coursedir.student_id = assignment, student
    converter = Autograde(coursedir=app.coursedir, parent=app, force=force)
    if not issubclass(converter.exporter_class, SubmissionExporter):
        raise UsageError(f"{root / CONFIG} does not call autograder.course.configure.configure(c)")
    converter.exporter = converter.exporter_class(parent=converter, config=converter.config)
    return Course(converter)


def check_course(root: Path) -> str:
    """Check every assignment of the course in a folder; return in words what was found right.

    Raises:
        UsageError: there is no course, or its configuration cannot be read.
        CourseError: something disagrees.
    """
    app = _application(root)
    settings = Autograder(parent=app)
    names = _assignments(app)
    for name in names:
        checks = Checks(app.coursedir, settings, name)
        checks.source()
        checks.kernels()
        checks.release()
    return f"{', '.join(names) or 'no assignments'}: cells, graders and points agree"


def open_folders(root: Path) -> Iterator[str]:
    """Yield, in words, the files and folders of the course that other users of this machine may read or write.

    Raises:
        UsageError: there is no course, or its configuration cannot be read.
    """
    app = _application(root)
    folders = app.coursedir
    names = [folders.source_directory, folders.submitted_directory, folders.autograded_directory]
    graders = Autograder(config=app.config).folder(root)
    private = [root / "gradebook.db", graders, *(root / name for name in names), root / "outcomes", root / "history"]
    if all(above.stat().st_mode & stat.S_IXOTH for above in (root, *root.parents)):
        for path in private:
            yield from _open_to_others(path)
    inbound = Path(ExchangeFactory(config=app.config).exchange(coursedir=folders, config=app.config).root)
    inbound = inbound / folders.course_id / "inbound"
    if inbound.is_dir() and inbound.stat().st_mode & stat.S_IROTH:
        yield f"exchange: every user may see who has handed in: chmod o-r {inbound}"


def _open_to_others(path: Path) -> Iterator[str]:
    mode = path.stat().st_mode if path.exists() else 0
    what = "write" if mode & stat.S_IWOTH else "read" if mode & stat.S_IROTH else None
    if what is not None:
        yield f"course: every user of this machine may {what} {path.name}: chmod o-rwx {path}"


def try_course(root: Path) -> Iterator[str]:
    """Grade the instructor's own notebooks of every assignment; yield in words what students would run into.

    Raises:
        UsageError: there is no course, or its configuration cannot be read or cannot hold.
    """
    app = _application(root)
    settings = Autograder(parent=app)
    for name in _assignments(app):
        try:
            for problem in problems(Checks(app.coursedir, settings, name), app.coursedir, settings):
                yield f"{name}: {problem}"
        except (CourseError, OSError) as error:
            yield f"{name}: its notebooks could not be tried: {error}"


def _assignments(app: Any) -> list[str]:
    """Return the names of the assignments of a course."""
    source = Path(app.coursedir.format_path(app.coursedir.source_directory, ".", "."))
    return sorted(path.name for path in source.glob("*") if path.is_dir() and any(path.glob("*.ipynb")))


def settings_of(root: Path) -> Autograder:
    """Return how the course in a folder judges, as its configuration says.

    Raises:
        UsageError: there is no course, or its configuration cannot be read.
    """
    return Autograder(config=_application(root).config)


def _application(root: Path) -> Any:
    """Return nbgrader's own command, with the course's configuration read and nothing done."""
    if not (root / CONFIG).is_file():
        raise UsageError(f"there is no {CONFIG} in {root}: run this in the course's folder")
    app = AutogradeApp(log_level=logging.ERROR)
    app.raise_config_file_errors, app.load_cwd_config = True, False  # a server is started anywhere
    try:
        app.initialize([], root=str(root))
    except (Exception, SystemExit) as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())
        raise UsageError(f"{root / CONFIG}: {said}") from error
    return app
