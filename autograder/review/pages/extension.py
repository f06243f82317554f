"""Our pages in a Jupyter server, and the way from Formgrader's pages to them."""

from typing import Any

from jinja2 import ChoiceLoader, DictLoader, PrefixLoader
from jupyter_server.utils import url_path_join

from autograder.review.pages.handlers import ADDRESSES
from autograder.review.pages.links import PATH

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


def link_formgrader(web_app: Any) -> None:
    """Let Formgrader's sidebar lead to the review, where this server has Formgrader."""
    environment = web_app.settings.get("nbgrader_jinja2_env")
    if environment is None:
        return
    ours = DictLoader({name: _LINKED % (name, PATH) for name in _SIDEBARS})
    environment.loader = ChoiceLoader([ours, environment.loader, PrefixLoader({"nbgrader": environment.loader})])
