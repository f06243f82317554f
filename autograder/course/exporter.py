"""Reads a submission for `nbgrader autograde`, whatever it is: `c.Autograde.exporter_class`."""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.converters.base import NbGraderException

from autograder.course import intake, outcomes
from autograder.course.preprocessors import JudgeNotebook
from autograder.course.reading import read_sanitized, read_submitted
from autograder.grading.assignment import Assignment, AssignmentError
from autograder.sandbox.bubblewrap import WallError, probe
from autograder.sandbox.printable import printable

_MAX_ERROR = 200

Hook = Callable[..., None]


def one_line(record: logging.LogRecord) -> bool:
    """Make a line fit for a terminal, and of a traceback its last one, which names the error; none is dropped."""
    text = printable(record.getMessage())
    record.msg, record.args = text, ()
    if os.environ.get("AUTOGRADER_DEBUG"):
        return True
    if text.startswith("Traceback"):
        named = [line for line in text.splitlines() if line and not line.startswith(("[", "(", " "))]
        record.msg = named[-1]
    if record.exc_info and record.exc_info[1] is not None:
        error = " ".join(printable(repr(record.exc_info[1])).split())
        record.msg = f"{text.splitlines()[0]}: {error[:_MAX_ERROR]}"
        record.exc_info = None
    return True


class SubmissionExporter(NotebookExporter):
    """A `NotebookExporter` that never fails on what a student handed in.

    What cannot be read is replaced by an empty notebook, which gets the assignment's cells put back, and the
    submission ends in `needs_review`. Before the first notebook it makes sure that student code can be walled off,
    unless the course has asked for no walls.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        coursedir = self.parent.coursedir
        try:
            settings = JudgeNotebook(parent=self)
            self.assignment: Assignment = settings.find(coursedir.assignment_id)
            if settings.isolation != "none":
                probe()
            self._leave_out(outcomes.announce(coursedir, self.assignment))
        except (AssignmentError, WallError, OSError) as error:
            self.log.error("%s", error)
            raise NbGraderException(str(error)) from error
        for log in (self.log, logging.getLogger("tornado.application")):  # the second is that of nbgrader's gradebook
            log.addFilter(one_line)
        self._outcome: outcomes.Outcome | None = None
        self.parent.pre_convert_hook = both(self._begin, self.parent.pre_convert_hook)
        self.parent.post_convert_hook = both(self._finish, self.parent.post_convert_hook)

    def _leave_out(self, students: set[str]) -> None:
        """Take submissions out of those that nbgrader is about to convert; its own list of ids cannot hold a comma."""
        found = self.parent.assignments
        self.parent.assignments = {path: found[path] for path in found if Path(path).parent.name not in students}

    def hold(self, outcome: outcomes.Outcome) -> None:
        """Keep the outcome of the submission at hand until nbgrader has written all else of it."""
        self._outcome = outcome

    def _begin(self, assignment: str, student: str, notebooks: list[str]) -> None:  # noqa: ARG002 - nbgrader's call
        """Prepare one submission for nbgrader, whose `pre_convert_hook` this is."""
        folder = Path(notebooks[0]).parent
        self._outcome = None
        try:
            intake.before_convert(self.assignment, notebooks)
            outcomes.begin(Path(self.parent.coursedir.root), self.assignment, folder.parent.name, folder)
        except Exception as error:  # noqa: BLE001 - nbgrader would say nothing of it
            self.log.error("%s: %s", folder, error)

    def _finish(self, assignment: str, student: str, notebooks: list[str]) -> None:  # noqa: ARG002 - nbgrader's call
        """Write the outcome: nbgrader calls its `post_convert_hook` when all else of a submission has been written."""
        if self._outcome is None:
            return
        try:
            outcomes.write(Path(self.parent.coursedir.root), self._outcome)
        except Exception as error:  # noqa: BLE001 - as above
            self.log.error("%s: the outcome cannot be written: %s", notebooks[0], error)

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **options: Any
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Read, normalize and convert a notebook; an unreadable one becomes an empty one with the reason in it."""
        path = Path(filename)
        resources = {} if resources is None else resources
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        converted: tuple[NotebookNode, dict[str, Any]] = self.from_notebook_node(
            self._read(path), resources=resources, **options
        )
        return converted

    def _read(self, path: Path) -> NotebookNode:
        if self.parent._sanitizing:  # noqa: SLF001 - which pass it is stands nowhere else
            return read_submitted(path, self.parent.coursedir, self.assignment)
        return read_sanitized(path, self.assignment)


def both(ours: Hook, theirs: Hook | None) -> Hook:
    """Return a hook that does ours and then the course's own, where it has one."""

    def hook(assignment: str, student: str, notebooks: list[str]) -> None:
        ours(assignment=assignment, student=student, notebooks=notebooks)
        if theirs is not None:
            theirs(assignment=assignment, student=student, notebooks=notebooks)

    return hook
