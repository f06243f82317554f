"""Asks a confined process for a page."""

import contextlib
import os
from pathlib import Path
from typing import Any

from nbgrader.api import MissingEntry

from autograder.confined import ConfinedError, confined
from autograder.course.pages.render import Making, page
from autograder.course.pages.stand_in import stand_in
from autograder.judge.files import read_regular
from autograder.judge.notebook import NotebookError
from autograder.sandbox.limits import Confinement, PageLimits

_MODULES = ("autograder.course.pages.render", "autograder.course.pages.filters", "nbgrader.preprocessors", "bs4")

Place = tuple[str, str, str, str, str]


def get_ready(limits: Confinement) -> None:
    """Start the process, so that the first page need not wait until it has loaded what it needs."""
    with contextlib.suppress(ConfinedError):
        confined(limits, _MODULES)(os.getpid)


def make_page(making: Making, filename: str, resources: dict[str, Any], limits: Confinement) -> str:
    """Return the page of a graded notebook.

    Args:
        making: how pages are made.
        filename: of the notebook.
        resources: what the template is told besides.
        limits: of the process.

    Raises:
        ConfinedError: it cannot be made; the text says why.
    """
    return confined(limits, _MODULES)(page, making, _read(filename), resources)


def make_stand_in(making: Making, filename: str, resources: dict[str, Any], limits: Confinement, place: Place) -> str:
    """Return the page that stands in for one that cannot be made: of marks, comments and, if possible, our cards.

    That with cards has less time than the page that failed, so that all are made within 10 s. That of marks alone takes
    the time that it needs: nothing stands in for it.

    Args:
        making: how pages are made.
        filename: of the notebook.
        resources: what the template is told besides.
        limits: of the process, but for its time.
        place: the gradebook's address, the course's id, the names of assignment and notebook, and why the page of the
            whole notebook cannot be made.

    Raises:
        ConfinedError: neither can be made either.
    """
    make, bounds = confined(limits, _MODULES), PageLimits()
    with contextlib.suppress(ConfinedError):
        return make.within(bounds.cards_seconds, page, making, _read(filename), resources, place[-1])
    try:
        text = stand_in(*place)
    except MissingEntry as error:
        raise ConfinedError(f"the gradebook does not know it ({error})") from error
    return make.within(bounds.marks_seconds, page, making, text, resources)


def _read(filename: str) -> bytes:
    try:
        return read_regular(Path(filename), PageLimits().notebook_bytes)
    except NotebookError as error:
        raise ConfinedError(f"{Path(filename).name}: {error}") from error
