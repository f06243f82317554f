"""Asks a confined process for a page."""

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
    try:
        data = read_regular(Path(filename), PageLimits().notebook_bytes)
    except NotebookError as error:
        raise ConfinedError(f"{Path(filename).name}: {error}") from error
    return confined(limits, _MODULES)(page, making, data, resources)


def make_stand_in(making: Making, place: Place, resources: dict[str, Any], limits: Confinement) -> str:
    """Return the page of an assignment's graded cells that stands in for one that cannot be made.

    Args:
        making: how pages are made.
        place: the gradebook's address, the course's id, the names of assignment and notebook, and the reason.
        resources: what the template is told besides.
        limits: of the process.

    Raises:
        ConfinedError: it cannot be made either.
    """
    try:
        text = stand_in(*place)
    except MissingEntry as error:
        raise ConfinedError(f"the gradebook does not know it ({error})") from error
    return confined(limits, _MODULES)(page, making, text, resources)
