"""Settings of the pages that show students' work: our filters, and scripts from the server itself only.

The policy that browsers enforce besides is set by a server extension, `autograder.course.server`.
"""

import os
from pathlib import Path
from typing import Any

from traitlets.config.loader import LazyConfigValue

_FILTERS = ("markdown2html", "clean_html", "highlight_code", "ansi2html", "strip_files_prefix")
TEMPLATES = Path(__file__).parent.parent / "templates"


def configure_pages(config: Any) -> None:
    """Let feedback and Formgrader show students' work as data, and ask no other host for anything.

    Args:
        config: what `get_config()` returns in an `nbgrader_config.py`.
    """
    config.GenerateFeedback.exporter_class = "autograder.course.pages.exporter.FeedbackExporter"
    config.HTMLExporter.sanitize_html = True
    config.HTMLExporter.filters = {
        **_given(config.HTMLExporter.get("filters")),
        **{name: f"autograder.course.pages.filters.{name}" for name in _FILTERS},
    }
    _find_templates()


def _given(filters: Any) -> dict[str, Any]:
    """Return the filters that the course has set before, whichever way."""
    return dict(filters.get_value({}) if isinstance(filters, LazyConfigValue) else filters or {})


def _find_templates() -> None:
    """Put our templates before Jupyter's own: they take no MathJax."""
    paths = [path for path in os.environ.get("JUPYTER_PATH", "").split(os.pathsep) if path]
    if str(TEMPLATES) not in paths:
        os.environ["JUPYTER_PATH"] = os.pathsep.join([str(TEMPLATES), *paths])
