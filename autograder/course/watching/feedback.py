"""The feedback of single students, made and released as soon as their work is graded."""

import html

from nbgrader.auth import Authenticator
from nbgrader.converters import GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.exchange import ExchangeError

from autograder.course.course import Course
from autograder.course.errors import RunError
from autograder.course.pages.release import ReleaseFeedback
from autograder.course.records import outcomes, receipts
from autograder.course.records.receipts import Receipt

_UNREADABLE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{assignment}: your notebook could not be read</title>
<style>body {{ font: 1rem/1.5 sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem; }}</style></head>
<body><main><h1>{assignment}: your notebook could not be read</h1>
<p>Nothing of it was graded, and it has cost you nothing yet. What is wrong:</p><ul>{problems}</ul>
<p>What to do: open the notebook in Jupyter, save it, and hand it in again under the name that it had.
If Jupyter cannot open it either, fetch the assignment anew and copy your cells into it.</p></main>
{receipt}</body></html>
"""


class Feedback:
    """Makes and releases feedback.

    Args:
        course: whose.
    """

    def __init__(self, course: Course) -> None:
        self._course = course
        self._app = course.converter.parent

    def give(self, student: str, receipt: Receipt) -> str | None:
        """Make and release a student's feedback; return why there is none, or None.

        Raises:
            RunError: the exchange cannot be used.
        """
        unreadable = self._is_unreadable(student, receipt)
        reason = self._write_notice(student, receipt) if unreadable else self._make(student)
        return self._release(student, unmarked=unreadable) if reason is None else reason

    def _is_unreadable(self, student: str, receipt: Receipt) -> bool:
        known = outcomes.read(self._course.root, self._course.assignment.name, student) or {}
        return bool(receipt.problems) and known.get("outcome") != "graded"

    def _make(self, student: str) -> str | None:
        coursedir = self._course.coursedir
        before, coursedir.student_id = coursedir.student_id, student
        try:
            converter = GenerateFeedback(coursedir=coursedir, parent=self._app)
            converter.force = True
            converter.start()
        except (NbGraderException, SystemExit) as error:
            return f"no feedback could be made ({error})"
        finally:
            coursedir.student_id = before
        return None

    def _write_notice(self, student: str, receipt: Receipt) -> str | None:
        """Write, in the place of the feedback, that nothing could be read."""
        problems = "".join(f"<li>{html.escape(problem)}</li>" for problem in receipt.problems)
        page = _UNREADABLE.format(
            assignment=html.escape(receipt.assignment), problems=problems, receipt=receipts.shown(receipt)
        )
        folder = self._course.folder(self._course.coursedir.feedback_directory, student)
        reason = self._make(student)
        if reason is None:
            for notebook in receipt.notebooks:
                (folder / f"{notebook.name}.html").write_text(page, encoding="utf-8")
        return reason

    def _release(self, student: str, *, unmarked: bool) -> str | None:
        course, config = self._course, self._app.config
        release = ReleaseFeedback(
            only=[student],
            unmarked=unmarked,
            coursedir=course.coursedir,
            authenticator=Authenticator(config=config),
            parent=self._app,
        )
        try:
            release.start()
        except ExchangeError as error:
            if not release.held:
                raise RunError(f"no feedback can be released: {error}") from error
        return release.held.get(student)
