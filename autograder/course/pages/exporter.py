"""Feedback pages, made in a confined process: `c.GenerateFeedback.exporter_class`."""

import functools
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import nbgrader
from nbconvert.exporters import HTMLExporter
from nbgrader.api import Gradebook
from nbgrader.converters.base import NbGraderException
from traitlets.config import Config

from autograder.confined import ConfinedError
from autograder.course.pages.making import make_page, make_stand_in
from autograder.course.pages.render import Making, PageError
from autograder.course.pages.settings import TEMPLATES
from autograder.course.records import receipts
from autograder.course.settings import Autograder
from autograder.sandbox.limits import FEEDBACK

_NBGRADERS = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates"


def _with_template(config: Config) -> Config:
    """Return the configuration with our page in place of nbgrader's; a template that the course has chosen stays."""
    given = [Path(folder) for folder in config.HTMLExporter.extra_template_basedirs]
    if given == [_NBGRADERS]:
        config = deepcopy(config)
        config.HTMLExporter.extra_template_basedirs = [str(TEMPLATES / "nbconvert" / "templates"), *map(str, given)]
    return config


class FeedbackExporter(HTMLExporter):
    """An `HTMLExporter` whose pages are made in a confined process, one that fails being replaced by a short one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._listed: list[Any] = []  # from now on
        own = self.parent.pre_convert_hook
        self.parent.pre_convert_hook = functools.partial(self._begin, own)

    def _begin(self, own: Callable[..., None] | None, assignment: str, student: str, notebooks: list[str]) -> None:
        """Take out what is no notebook of the assignment's, then run the course's own hook.

        Args:
            own: the hook that the course has.
            assignment: nbgrader's.
            student: nbgrader's.
            notebooks: their paths; this very list is what nbgrader converts next.
        """
        coursedir = self.parent.coursedir
        with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
            known = {notebook.name for notebook in gradebook.find_assignment(assignment).notebooks}
        notebooks[:] = [path for path in notebooks if Path(path).stem in known]
        if own is not None:
            own(assignment=assignment, student=student, notebooks=notebooks)

    def register_preprocessor(self, preprocessor: Any, enabled: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Keep what nbgrader registers for the process that makes the pages."""
        if not hasattr(self, "_listed"):
            return super().register_preprocessor(preprocessor, enabled)
        self._listed.append(preprocessor)
        return None

    @functools.cached_property
    def _making(self) -> Making:
        try:
            return Making.of(_with_template(self.config), self._listed, Autograder(config=self.config).hidden_tests())
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
            html = self._stand_in(filename, resources, str(error))
        return self._with_receipt(html, resources), {**resources, "output_extension": self.file_extension}

    def _with_receipt(self, html: str, resources: dict[str, Any]) -> str:
        """Return a page with what was received at its foot."""
        ours = resources["nbgrader"]
        receipt = receipts.read(Path(self.parent.coursedir.root), ours["assignment"], ours["student"])
        before, end, after = html.rpartition("</body>")
        return html if receipt is None or not end else f"{before}{receipts.shown(receipt)}{end}{after}"

    def _stand_in(self, filename: str, resources: dict[str, Any], reason: str) -> str:
        ours = resources["nbgrader"]
        course_id = self.parent.coursedir.course_id
        try:
            place = (ours["db_url"], course_id, ours["assignment"], ours["notebook"], reason)
            return make_stand_in(self._making, filename, dict(resources), FEEDBACK, place)
        except ConfinedError as error:
            raise NbGraderException(f"no feedback can be made: {error}") from error
