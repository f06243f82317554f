"""Making an nbgrader course ours: `nbgrader_config.py` calls `configure`, and plain nbgrader commands do the rest."""

import os
import sys
import warnings
from pathlib import Path
from typing import Any

from sqlalchemy import make_url
from sqlalchemy.exc import SAWarning, SQLAlchemyError
from traitlets.utils.importstring import import_item

from autograder.course.handed_in.files import keep_files_out
from autograder.course.ids import refuse_names
from autograder.course.pages.settings import configure_pages
from autograder.course.records.gradebook import keep_engines

# By name: what judges takes as long to load as all of nbgrader, and most commands need nothing of it.
_OURS = (
    ("GenerateAssignment", "exporter_class", "autograder.course.handing_out.generate.AssignmentExporter"),
    ("Autograde", "exporter_class", "autograder.course.nbgrader_autograde.SubmissionExporter"),
)
_RELEASE = "autograder.course.pages.release.ReleaseFeedback"
_STOCK_RELEASE = (
    "nbgrader.exchange.default.ExchangeReleaseFeedback",
    "nbgrader.exchange.default.release_feedback.ExchangeReleaseFeedback",
)
_COLLECT = "autograder.course.handed_in.collecting.Collect"
_EXPORT = "autograder.course.records.export.CsvExport"


def configure(config: Any) -> None:
    """Set what makes `nbgrader autograde`, the API behind Formgrader and the rest of nbgrader use our judge.

    Args:
        config: what `get_config()` returns in an `nbgrader_config.py`.
    """
    programs_on_path()
    # nbgrader builds its rows in an order that SQLAlchemy warns of, once for each; nobody here can mend that.
    warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")
    _check_driver(str(config.CourseDirectory.get("db_url", "")))
    keep_engines(lambda: bool(config.CourseDirectory.get("groupshared")))
    keep_files_out()
    refuse_names()
    configure_pages(config)
    for section, name, ours in _OURS:
        given = config[section].get(name)
        if given is not None and _name_of(given) != ours:
            raise SystemExit(
                f"nbgrader_config.py sets c.{section}.{name} to {given}, in whose place configure(c) has its own: "
                "leave one of the two out"
            )
        config[section][name] = ours
    _release_feedback(config)
    config.ExchangeFactory.setdefault("collect", _COLLECT)
    config.ExportApp.setdefault("plugin_class", _EXPORT)
    config.NotebookExporter.optimistic_validation = True  # once, not after each preprocessor


def _release_feedback(config: Any) -> None:
    """Let our class release feedback; where the course has set another exchange's, through that one."""
    given = config.ExchangeFactory.get("release_feedback", _RELEASE)
    if _name_of(given) not in (_RELEASE, *_STOCK_RELEASE):
        try:
            config.ReleaseFeedback.through = import_item(given) if isinstance(given, str) else given
        except ImportError as error:
            raise SystemExit(f"nbgrader_config.py: c.ExchangeFactory.release_feedback: {error}") from error
    config.ExchangeFactory.release_feedback = _RELEASE


def _name_of(given: Any) -> str:
    """Return the name of a class that a course has set, by itself or by its name."""
    return f"{given.__module__}.{given.__qualname__}" if isinstance(given, type) else str(given)


def _check_driver(db_url: str) -> None:
    """See that what talks to the course's database is installed: nbgrader would end in a traceback."""
    try:
        make_url(db_url or "sqlite://").get_dialect().import_dbapi()
    except ModuleNotFoundError as error:
        extra = "pip install 'nbgrader-autograder[postgres]'"
        raise SystemExit(f"c.CourseDirectory.db_url needs {error.name}, which is not installed: {extra}") from error
    except SQLAlchemyError as error:
        raise SystemExit(f"c.CourseDirectory.db_url: {' '.join(str(error).split())}") from error


def programs_on_path() -> None:
    """Let nbgrader find `alembic`, which it starts by name for a new gradebook, where the environment is not active."""
    programs, path = str(Path(sys.executable).parent), os.environ.get("PATH", "")
    if programs not in path.split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join(filter(None, [programs, path]))
