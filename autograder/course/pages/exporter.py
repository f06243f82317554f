"""Feedback pages, made in a confined process: `c.GenerateFeedback.exporter_class`."""

import functools
from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter
from nbgrader.api import MissingEntry
from nbgrader.converters.base import NbGraderException

from autograder.confined import ConfinedError, confined
from autograder.course.pages.render import Making, PageError, page_of_file, page_of_text
from autograder.course.pages.stand_in import stand_in
from autograder.sandbox.limits import FEEDBACK, Confinement

_MODULES = ("autograder.course.pages.render", "autograder.course.pages.filters", "nbgrader.preprocessors", "bs4")


def make_page(
    making: Making,
    filename: str,
    resources: dict[str, Any],
    limits: Confinement,
) -> str:
    """Return the page of a graded notebook.

    Raises:
        ConfinedError: it cannot be made; the text says why.
    """
    return confined(limits, _MODULES)(page_of_file, making, filename, resources)


def make_stand_in(making: Making, text: str, resources: dict[str, Any], limits: Confinement) -> str:
    """Return the page of a notebook of ours; see `make_page`."""
    return confined(limits, _MODULES)(page_of_text, making, text, resources)


class FeedbackExporter(HTMLExporter):
    """An `HTMLExporter` whose pages are made in a confined process, one that fails being replaced by a short one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._listed: list[Any] = []  # from now on

    def register_preprocessor(self, preprocessor: Any, enabled: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Keep what nbgrader registers for the process that makes the pages."""
        if not hasattr(self, "_listed"):
            return super().register_preprocessor(preprocessor, enabled)
        self._listed.append(preprocessor)
        return None

    @functools.cached_property
    def _making(self) -> Making:
        try:
            return Making.of(self.config, self._listed)
        except PageError as error:
            self.log.error("%s", error)
            raise SystemExit(1) from error  # nbgrader would print a traceback for each student

    def from_filename(
        self,
        filename: str,
        resources: dict[str, Any] | None = None,
        **options: Any,  # noqa: ARG002 - nbconvert's call
    ) -> tuple[str, dict[str, Any]]:
        """Return the page of a graded notebook, or one with its marks and comments that says why there is no other."""
        resources = dict(resources or {})
        resources["metadata"] = {"name": Path(filename).stem, "path": str(Path(filename).parent)}
        try:
            html = make_page(self._making, filename, dict(resources), FEEDBACK)
        except ConfinedError as error:
            self.log.warning("%s: a page without the notebook stands in for its feedback: %s", filename, error)
            html = self._stand_in(resources, str(error))
        return html, {**resources, "output_extension": self.file_extension}

    def _stand_in(self, resources: dict[str, Any], reason: str) -> str:
        ours = resources["nbgrader"]
        course_id = self.parent.coursedir.course_id
        try:
            text = stand_in(ours["db_url"], course_id, ours["assignment"], ours["notebook"], reason)
            return make_stand_in(self._making, text, resources, FEEDBACK)
        except (ConfinedError, MissingEntry) as error:
            raise NbGraderException(f"no feedback can be made: {error}") from error
