"""Releasing feedback: the pages of the assignment's own notebooks, each to the student whose secret it is."""

import fnmatch
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.exchange.default import ExchangeReleaseFeedback
from nbgrader.utils import notebook_hash

from autograder.course.files import read_secret
from autograder.course.unmarked import unmarked
from autograder.judge.files import read_regular
from autograder.judge.notebook import NotebookError
from autograder.sandbox.limits import PageLimits

_SHARED = "{} and {} others handed in the same submission_secret.txt: they could read each other's feedback"
_NO_SECRET = "there is no submission_secret.txt as 'nbgrader submit' writes it"  # noqa: S105 - a sentence
_MODE, _SHARED_MODE = 0o644, 0o664


class ReleaseFeedback(ExchangeReleaseFeedback):
    """Refuses while a grade is missing, releases only our pages, and reaches students who had renamed their notebook.

    A student whose page or secret cannot be used gets no feedback, and everybody else does.
    """

    def init_src(self) -> None:
        """Look for missing grades before anything is copied."""
        super().init_src()
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            missing = unmarked(gradebook, self.coursedir.assignment_id)
        student = self.coursedir.student_id
        missing = [name for name in missing if student in ("*", "", name.partition(":")[0])]
        if missing:
            self.fail(f"not released: mark these by hand first (Formgrader): {', '.join(missing)}")

    def copy_files(self) -> None:
        """Copy each page of an assignment's notebook to where its student's `nbgrader fetch_feedback` looks for it."""
        submitted = self._notebooks()
        secrets = {student: read_secret(self._feedback(student)) for student in submitted}
        times = Counter(filter(None, secrets.values()))
        for student in filter(self._is_asked_for, submitted):
            pages = [page for name in submitted[student] if (page := self._feedback(student) / f"{name}.html").exists()]
            secret = secrets[student]
            if pages and secret is None:
                self.log.error("%s: feedback not released: %s", student, _NO_SECRET)
            elif pages and secret and times[secret] > 1:
                self.log.error("%s: feedback not released: %s", student, _SHARED.format(student, times[secret] - 1))
            elif secret:
                for page in pages:
                    self._release(student, page, secret)

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

    def _release(self, student: str, page: Path, secret: str) -> None:
        try:
            html = read_regular(page, PageLimits().page_bytes)
            for name in {page.stem, *self._renamed(student, page.stem)}:
                self._write(html, f"{notebook_hash(secret=secret, notebook_id=name)}.html")
        except (NotebookError, OSError, ValueError) as error:
            self.log.error("%s: feedback not released: %s: %s; generate it anew", student, page.name, error)
        else:
            self.log.info("Feedback of %s for %s was released", student, page.stem)

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
