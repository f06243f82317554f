"""Making an nbgrader course ours: `nbgrader_config.py` calls `configure`, and plain nbgrader commands do the rest."""

import os
import sys
import warnings
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SAWarning

from autograder.course.export import CsvExport
from autograder.course.files import keep_files_out
from autograder.course.generate import AssignmentExporter
from autograder.course.gradebook import keep_engines
from autograder.course.pages.release import ReleaseFeedback
from autograder.course.pages.settings import configure_pages
from autograder.course.plain import SubmissionExporter

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
    keep_engines(lambda: bool(config.CourseDirectory.get("groupshared")))
    keep_files_out()
    configure_pages(config)
    for section, name, ours in _OURS:
        given = config[section].get(name)
        if given not in (None, ours, f"{ours.__module__}.{ours.__name__}"):
            raise SystemExit(
                f"nbgrader_config.py sets c.{section}.{name} to {given}, in whose place configure(c) has its own: "
                "leave one of the two out"
            )
        config[section][name] = ours
    config.ExportApp.setdefault("plugin_class", CsvExport)
    config.NotebookExporter.optimistic_validation = True  # once, not after each preprocessor


def programs_on_path() -> None:
    """Let nbgrader find `alembic`, which it starts by name for a new gradebook, where the environment is not active."""
    programs, path = str(Path(sys.executable).parent), os.environ.get("PATH", "")
    if programs not in path.split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join(filter(None, [programs, path]))
