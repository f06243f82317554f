"""Settings of the pages that show students' work: our filters, and scripts from the server itself only.

The policy that browsers enforce besides is set by a server extension, `autograder.course.server`.
"""

import os
from pathlib import Path
from typing import Any

TEMPLATES = Path(__file__).parent / "templates"


def configure_pages(config: Any) -> None:
    """Let feedback and Formgrader show students' work as data, and ask no other host for anything.

    Args:
        config: what `get_config()` returns in an `nbgrader_config.py`.
    """
    config.HTMLExporter.sanitize_html = True
    config.HTMLExporter.filters = {
        "markdown2html": "autograder.course.html.markdown2html",
        "clean_html": "autograder.course.html.clean_html",
        "highlight_code": "autograder.course.html.highlight_code",
    }
    _find_templates()


def _find_templates() -> None:
    """Put our templates before Jupyter's own: they take MathJax from the server, or do without it."""
    paths = [path for path in os.environ.get("JUPYTER_PATH", "").split(os.pathsep) if path]
    if str(TEMPLATES) not in paths:
        os.environ["JUPYTER_PATH"] = os.pathsep.join([str(TEMPLATES), *paths])
