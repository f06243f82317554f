"""The feedback of single students, made and released as soon as their work is graded."""

import os
import threading
from typing import Any

from nbgrader.auth import Authenticator
from nbgrader.converters import GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.exchange import ExchangeError

from autograder.course.course import Course
from autograder.course.errors import RunError
from autograder.course.handed_in.files import copy_own, read_secret
from autograder.course.pages import making
from autograder.course.pages.release import MISSING, ReleaseFeedback
from autograder.course.records import outcomes
from autograder.course.records.machine_grades import unmarked
from autograder.course.records.receipts import Receipt
from autograder.course.watching import notices, unseen
from autograder.sandbox.limits import FEEDBACK


class HeldBackError(Exception):
    """A student's feedback is held back; the text says why."""


def get_ready() -> None:
    """Start what makes pages, beside all else."""
    threading.Thread(target=making.get_ready, args=(FEEDBACK,), daemon=True).start()


class Feedback:
    """Makes and releases feedback; what nbgrader says of it is in the lines of the watch.

    Args:
        course: whose.
    """

    def __init__(self, course: Course) -> None:
        self._course = course
        self._app = course.converter.parent

    def open_marks(self, students: list[str]) -> dict[str, str]:
        """Return, of students whose work is graded, why their feedback is held back: a human is to mark something."""
        with self._course.writer() as gradebook:
            found = unmarked(gradebook, self._course.assignment.name, students)
        return {student: MISSING.format(", ".join(cells)) for student, cells in found.items()}

    def give(self, student: str, receipt: Receipt) -> str:
        """Make and release a student's feedback; return in words where it is.

        Raises:
            HeldBackError: there is none that can be released.
            RunError: the exchange cannot be used.
        """
        notice = self._is_unreadable(student, receipt)
        if not notice and (held := self.open_marks([student])):
            raise HeldBackError(held[student])
        if not notice or any(self._course.autograded(student).glob("*.ipynb")):
            self._make(student)
        if notice:
            self._write_notice(student, receipt)
        if not any(self._course.submitted(student).glob("*.ipynb")):
            return "without a notebook nbgrader shows its student no page: tell them yourself"
        if read_secret(self._course.submitted(student)) is None and self._uses_secrets:
            where = os.path.relpath(self._course.feedback(student), self._course.root)
            return f"feedback in {where}, as it did not come through the exchange"
        self._release(student, unmarked=notice)
        return "feedback released"

    def tell(self, student: str, page: str) -> None:
        """Release a page that is no feedback, where nbgrader's own exchange is used.

        Raises:
            RunError: the exchange cannot be used.
        """
        if read_secret(self._course.submitted(student)) is not None:
            self._start(self._releasing(student, notice=page))

    def _is_unreadable(self, student: str, receipt: Receipt) -> bool:
        """Say whether a submission is left to a human because of what cannot be read of it, and of nothing else."""
        known = outcomes.read(self._course.root, self._course.assignment.name, student) or {}
        if known.get("outcome") == "graded" or not receipt.unreadable:
            return False
        said = str(known.get("reason") or "")
        return not receipt.is_readable or all(str(one.problem) in said for one in receipt.unreadable)

    def _make(self, student: str) -> None:
        coursedir = self._course.coursedir
        before, coursedir.student_id = coursedir.student_id, student
        unseen.forget()
        try:
            converter = GenerateFeedback(coursedir=coursedir, parent=self._app, log=unseen.LOG)
            converter.force = True
            converter.start()
        except (NbGraderException, SystemExit) as error:
            raise HeldBackError(f"no page of it could be made ({unseen.last_error() or error})") from error
        finally:
            coursedir.student_id = before

    def _write_notice(self, student: str, receipt: Receipt) -> None:
        """Write, in the place of the feedback on notebooks that cannot be read, that they cannot."""
        folder = self._course.feedback(student)
        copy_own(self._course.submitted(student), folder)
        for notebook in receipt.unreadable:
            path = folder / f"{notebook.name}.html"
            path.unlink(missing_ok=True)
            path.write_text(notices.unreadable(receipt), encoding="utf-8")

    def _release(self, student: str, *, unmarked: bool) -> None:
        release = self._releasing(student, unmarked=unmarked)
        self._start(release)
        if student in release.held:
            raise HeldBackError(release.held[student])

    def _releasing(self, student: str, **options: Any) -> ReleaseFeedback:
        return ReleaseFeedback(
            only=[student],
            coursedir=self._course.coursedir,
            authenticator=Authenticator(config=self._app.config),
            parent=self._app,
            log=unseen.LOG,
            **options,
        )

    def _start(self, release: ReleaseFeedback) -> None:
        try:
            release.start()
        except ExchangeError as error:
            if not release.held:
                raise RunError(f"no feedback can be released: {error}") from error

    @property
    def _uses_secrets(self) -> bool:
        """Whether feedback goes through nbgrader's own exchange, where the secret names the student's page."""
        return ReleaseFeedback(parent=self._app).through is None
