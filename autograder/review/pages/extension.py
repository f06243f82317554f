"""Our pages in a Jupyter server, and the way from Formgrader's pages to them."""

import contextlib
import os
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, DictLoader, PrefixLoader
from jupyter_server.utils import url_path_join

from autograder.review.overview import overview
from autograder.review.pages.handlers import ADDRESSES
from autograder.review.pages.links import PATH
from autograder.review.pages.page import in_thread
from autograder.review.queue import queue
from autograder.review.reading.classroom import Classroom
from autograder.review.reading.model import ReviewError

READ_AHEAD = "AUTOGRADER_REVIEW"  # names an assignment

# Formgrader's templates that have a sidebar; what else it shows is made of these.
_SIDEBARS = ("manage_assignments.tpl", "manage_submissions.tpl", "gradebook_base.tpl", "manage_students_base.tpl")
_LINKED = (
    '{%% extends "nbgrader/%s" %%}{%% block sidebar %%}{{ super() }}<li role="presentation">'
    '<a href="{{ base_url }}/%s/{%% if assignment_id %%}{{ assignment_id | urlencode }}/{%% endif %%}">Review</a></li>'
    "{%% endblock %%}"
)


def add_pages(web_app: Any) -> None:
    """Add the pages' addresses to a server's."""
    base_url = web_app.settings["base_url"]
    web_app.add_handlers(".*$", [(url_path_join(base_url, path), *rest) for path, *rest in ADDRESSES])


async def read_ahead(web_app: Any) -> None:
    """Read and group the class that `autograder review` has named, so that nobody has to wait for it."""
    assignment, formgrader = os.environ.get(READ_AHEAD), web_app.settings.get("nbgrader_formgrader")
    if assignment and formgrader is not None:
        with contextlib.suppress(ReviewError):  # whoever opens the page reads why
            await in_thread(_read, Path(formgrader.coursedir.root), assignment)


def _read(root: Path, assignment: str) -> None:
    classroom = Classroom.load(root, assignment)
    overview(classroom)
    queue(classroom)


def link_formgrader(web_app: Any) -> None:
    """Let Formgrader's sidebar lead to the review, where this server has Formgrader."""
    environment = web_app.settings.get("nbgrader_jinja2_env")
    if environment is None:
        return
    ours = DictLoader({name: _LINKED % (name, PATH) for name in _SIDEBARS})
    environment.loader = ChoiceLoader([ours, environment.loader, PrefixLoader({"nbgrader": environment.loader})])
