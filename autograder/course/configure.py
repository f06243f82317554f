"""Making an nbgrader course ours: `nbgrader_config.py` calls `configure`, and plain nbgrader commands do the rest."""

import os
import sys
import warnings
from pathlib import Path
from typing import Any

from sqlalchemy import make_url
from sqlalchemy.exc import SAWarning, SQLAlchemyError

from autograder.course.handed_in.collecting import Collect
from autograder.course.handed_in.files import keep_files_out
from autograder.course.handing_out.generate import AssignmentExporter
from autograder.course.ids import refuse_names
from autograder.course.pages.release import ReleaseFeedback
from autograder.course.pages.settings import configure_pages
from autograder.course.plain import SubmissionExporter
from autograder.course.records.export import CsvExport
from autograder.course.records.gradebook import keep_engines

_OURS = (
    ("GenerateAssignment", "exporter_class", AssignmentExporter),
    ("ExchangeFactory", "release_feedback", ReleaseFeedback),
    ("Autograde", "exporter_class", SubmissionExporter),
)


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
        if given not in (None, ours, f"{ours.__module__}.{ours.__name__}"):
            raise SystemExit(
                f"nbgrader_config.py sets c.{section}.{name} to {given}, in whose place configure(c) has its own: "
                "leave one of the two out"
            )
        config[section][name] = ours
    config.ExchangeFactory.setdefault("collect", Collect)
    config.ExportApp.setdefault("plugin_class", CsvExport)
    config.NotebookExporter.optimistic_validation = True  # once, not after each preprocessor


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
