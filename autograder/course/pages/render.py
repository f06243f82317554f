"""Makes a page of a graded notebook; runs in a confined process, which nothing of the page outlives."""

import functools
import os
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat.v4
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from traitlets.config import Config

from autograder.course.pages.budget import Budget, set_budget
from autograder.course.pages.first_screen import Overview
from autograder.course.pages.mending import parse_only_to_mend
from autograder.course.pages.notebook import bound, hide_tests, leave_cards
from autograder.course.records.gradebook import keep_engines
from autograder.judge.notebook import HiddenTests

_SEARCHED = "JUPYTER_PATH"  # where templates are looked for


class PageError(Exception):
    """No page can be made of a notebook; the text says why."""


@dataclass(frozen=True)
class Making:
    """How a course makes its pages, as bytes that another process can read.

    Args:
        settings: the pickled configuration of the exporter, and its preprocessors.
        folder: from which relative paths of the configuration count.
        searched: where Jupyter looks for templates.
        hidden: what marks hidden tests, of which a page for students shows nothing; None in a page for instructors.
    """

    settings: bytes
    folder: str
    searched: str
    hidden: HiddenTests | None = None

    @classmethod
    def of(cls, config: Config, preprocessors: list[Any], hidden: HiddenTests | None = None) -> "Making":
        """Return how a page is made with this configuration and these preprocessors.

        Raises:
            PageError: something of them cannot be handed to another process.
        """
        bases = [HTMLExporter, *(one for one in preprocessors if isinstance(one, type))]
        needed = {base.__name__ for one in bases for base in one.__mro__} | {"NbConvertBase"}
        sections = {
            name: _pickled(f"c.{name}", section)
            for name, section in config.items()
            if name in needed or name.endswith("Preprocessor")
        }
        settings = pickle.dumps((sections, _pickled("c.GenerateFeedback.preprocessors", preprocessors)))
        return cls(settings, str(Path.cwd()), os.environ.get(_SEARCHED, ""), hidden)


def _pickled(name: str, value: Any) -> bytes:
    try:
        return pickle.dumps(value)
    except Exception as error:
        msg = f"nbgrader_config.py: {name} holds what no other process can load ({error}); name functions of a module"
        raise PageError(msg) from error


def page(making: Making, text: bytes | str, resources: dict[str, Any], failed: str | None = None) -> str:
    """Return the page of a graded notebook.

    Args:
        making: how pages are made.
        text: of the notebook.
        resources: what the template is told besides.
        failed: why the page of all of it could not be made, where no more than marks and cards is to be shown.

    Raises:
        PageError: it would be too large.
    """
    budget = Budget()
    nb: NotebookNode = nbformat.v4.reads(text if isinstance(text, str) else text.decode())
    if making.hidden is not None:
        hide_tests(nb, making.hidden)
    if failed is not None:
        leave_cards(nb, failed)
    bound(nb, budget)
    set_budget(resources, budget)
    os.chdir(making.folder)
    html, _ = _exporter(making).from_notebook_node(nb, resources)
    if len(html.encode("utf-8", "replace")) > budget.limits.page_bytes:
        raise PageError(f"it would be larger than {budget.limits.page_bytes / 1e6:g} MB")
    return str(html)


@functools.lru_cache(4)
def _exporter(making: Making) -> HTMLExporter:
    """Return the exporter, whose templates are read once."""
    keep_engines()
    parse_only_to_mend()
    os.environ[_SEARCHED] = making.searched
    sections, preprocessors = pickle.loads(making.settings)  # noqa: S301 - of the process that asks for the page
    config = Config({name: pickle.loads(data) for name, data in sections.items()})  # noqa: S301
    exporter = HTMLExporter(config=config)
    for one in pickle.loads(preprocessors):  # noqa: S301
        exporter.register_preprocessor(one)
    if making.hidden is not None:  # the last one: marks and comments are in the cells by now
        exporter.register_preprocessor(Overview, enabled=True)
    return exporter
