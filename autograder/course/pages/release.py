"""Releasing feedback: the pages of the assignment's own notebooks, each to the student whose secret it is."""

import contextlib
import fnmatch
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.exchange import ExchangeFactory, abc
from nbgrader.exchange.default import Exchange, ExchangeReleaseFeedback
from nbgrader.utils import notebook_hash
from traitlets import Type

from autograder.course.handed_in.files import read_secret
from autograder.course.records.unmarked import unmarked
from autograder.judge.files import read_regular
from autograder.judge.notebook import NotebookError
from autograder.sandbox.limits import PageLimits

_SHARED = "{} and {} others handed in the same submission_secret.txt: they could read each other's feedback"
_HELD, _MISSING = "%s: feedback not released: %s", "mark these by hand first (Formgrader): {}"
_NO_SECRET = "there is no submission_secret.txt as 'nbgrader submit' writes it"  # noqa: S105 - a sentence
_ELSEWHERE = (
    "this course uses the exchange {}, but its feedback would go into nbgrader's own: "
    "set that exchange in the course's nbgrader_config.py as well, before configure(c)"
)
_MODE, _SHARED_MODE = 0o644, 0o664


class ReleaseFeedback(ExchangeReleaseFeedback):
    """Releases only our pages, and reaches students who had renamed their notebook.

    A student of whom a grade is missing, or whose page or secret cannot be used, gets no feedback; everybody else does,
    and the command says at its end who was held back.
    """

    through = Type(
        None,
        klass=abc.ExchangeReleaseFeedback,
        allow_none=True,
        help="Another exchange's class, which then releases the feedback of everybody who is not held back.",
    ).tag(config=True)

    def start(self) -> None:
        """Release the feedback: into nbgrader's own exchange, or through the one that the course has set.

        Raises:
            ExchangeError: somebody's was held back, or the course's exchange is another one than its feedback's.
        """
        exchange = ExchangeFactory(config=self.config).exchange
        if self.through is not None:
            self._release_through(self.through)
        elif issubclass(exchange, Exchange):
            super().start()
        else:
            self.fail(_ELSEWHERE.format(f"{exchange.__module__}.{exchange.__name__}"))

    def _release_through(self, exchange: type) -> None:
        """Let another exchange release it, but for students of whom a grade is missing."""
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            missing = unmarked(gradebook, self.coursedir.assignment_id)
        held = list(filter(self._is_asked_for, missing))
        for student in held:
            self.log.error(_HELD, student, _MISSING.format(", ".join(missing[student])))
        with self._without(held):
            exchange(coursedir=self.coursedir, authenticator=self.authenticator, parent=self.parent).start()
        self._say_who_is_held(held)

    @contextlib.contextmanager
    def _without(self, students: Iterable[str]) -> Iterator[None]:
        """Leave students out, as nbgrader's option does; an id with a comma, at which it is cut, cannot be left out."""
        before = self.coursedir.student_id_exclude
        if odd := [student for student in students if "," in student]:
            self.fail(f"{odd[0]} has to be held back, whose id has a comma: mark it by hand first (Formgrader)")
        self.coursedir.student_id_exclude = ",".join([*filter(None, [before]), *students])
        try:
            yield
        finally:
            self.coursedir.student_id_exclude = before

    def copy_files(self) -> None:
        """Copy each page of an assignment's notebook to where its student's `nbgrader fetch_feedback` looks for it."""
        submitted = self._notebooks()
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            missing = unmarked(gradebook, self.coursedir.assignment_id)
        held: list[str] = []
        secrets = {student: read_secret(self._feedback(student)) for student in submitted}
        times = Counter(filter(None, secrets.values()))
        for student in filter(self._is_asked_for, submitted):
            pages = [page for name in submitted[student] if (page := self._feedback(student) / f"{name}.html").exists()]
            secret = secrets[student]
            reason = self._reason(student, secret, times, missing) if pages else None
            if reason is not None:
                self.log.error(_HELD, student, reason)
                held.append(student)
            elif secret:
                released = [self._release(student, page, secret) for page in pages]
                held += [] if all(released) else [student]
        self._say_who_is_held(held)

    def _say_who_is_held(self, held: list[str]) -> None:
        if held:
            self.fail(
                f"the feedback of {len(held)} was held back, see above: {', '.join(held)}; the others' is released"
            )

    def _reason(
        self, student: str, secret: str | None, times: Counter[str], missing: dict[str, list[str]]
    ) -> str | None:
        """Return why a student's feedback cannot be released, or None."""
        if student in missing:
            return _MISSING.format(", ".join(missing[student]))
        if secret is None:
            return _NO_SECRET
        return _SHARED.format(student, times[secret] - 1) if times[secret] > 1 else None

    def _notebooks(self) -> dict[str, list[str]]:
        """Return the names of the assignment's notebooks, by student; nobody but the gradebook says what they are."""
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            return {
                submission.student.id: [notebook.name for notebook in submission.notebooks]
                for submission in gradebook.assignment_submissions(self.coursedir.assignment_id)
            }

    def _is_asked_for(self, student: str) -> bool:
        excluded = self.coursedir.student_id_exclude.split(",")
        return student not in excluded and fnmatch.fnmatchcase(student, self.coursedir.student_id or "*")

    def _release(self, student: str, page: Path, secret: str) -> bool:
        """Release a page; say whether that was possible."""
        try:
            html = read_regular(page, PageLimits().page_bytes)
            for name in {page.stem, *self._renamed(student, page.stem)}:
                self._write(html, f"{notebook_hash(secret=secret, notebook_id=name)}.html")
        except (NotebookError, OSError, ValueError) as error:
            self.log.error("%s: feedback not released: %s: %s; generate it anew", student, page.name, error)
            return False
        self.log.info("Feedback of %s for %s was released", student, page.stem)
        return True

    def _renamed(self, student: str, notebook: str) -> Iterator[str]:
        """Yield the name that the student's own copy has, where it is the only one and another."""
        assignment = self.coursedir.assignment_id
        folder = Path(self.coursedir.format_path(self.coursedir.submitted_directory, student, assignment))
        names = [path.stem for path in folder.glob("*.ipynb")]
        if notebook not in names and len(names) == 1:
            yield names[0]

    def _write(self, html: bytes, name: str) -> None:
        """Write a page that is there whole or not at all."""
        descriptor, building = tempfile.mkstemp(dir=self.dest_path)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(html)
            Path(building).chmod(_SHARED_MODE if self.coursedir.groupshared else _MODE)
            Path(building).replace(Path(self.dest_path) / name)
        except BaseException:
            Path(building).unlink(missing_ok=True)
            raise

    def _feedback(self, student: str) -> Path:
        coursedir = self.coursedir
        return Path(coursedir.format_path(coursedir.feedback_directory, student, coursedir.assignment_id))
