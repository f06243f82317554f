"""Releasing feedback: the pages of the assignment's own notebooks, each to the student whose secret it is."""

import contextlib
import fnmatch
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.exchange import ExchangeFactory, abc
from nbgrader.exchange.default import Exchange, ExchangeReleaseFeedback
from nbgrader.utils import notebook_hash
from traitlets import Type

from autograder.course.handed_in.files import read_secret
from autograder.course.places import work_of
from autograder.course.records.machine_grades import submitted_notebooks, unmarked
from autograder.course.records.private import write_whole
from autograder.judge.files import read_regular
from autograder.judge.notebook import NotebookError
from autograder.sandbox.limits import PageLimits

_SHARED = "{} and {} others handed in the same submission_secret.txt: they could read each other's feedback"
MISSING = "mark these by hand first (Formgrader): {}"
_ELSEWHERE = (
    "this course uses the exchange {}, but its feedback would go into nbgrader's own: "
    "set that exchange in the course's nbgrader_config.py as well, before configure(c)"
)
_NO_SECRET = "there is no submission_secret.txt as 'nbgrader submit' writes it"  # noqa: S105 - a sentence
_MODE, _SHARED_MODE = 0o644, 0o664
_MAX_RENAMED = 20  # notebooks that a student may have handed in under names of their own


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

    def __init__(
        self,
        *args: Any,
        only: Collection[str] | None = None,
        unmarked: bool = False,
        notice: str | None = None,
        **options: Any,
    ) -> None:
        """Release the feedback of those whom nbgrader was asked for, or of these alone.

        Args:
            args: nbgrader's.
            only: named one by one.
            unmarked: whether to release pages that say that there are no marks.
            notice: a page that these get until there is feedback; another exchange than nbgrader's takes none.
            options: nbgrader's.
        """
        super().__init__(*args, **options)
        self._only = only
        self._unmarked = unmarked
        self._notice = notice
        self.held: dict[str, str] = {}  # why, by student

    def start(self) -> None:
        """Release the feedback: into nbgrader's own exchange, or through the one that the course has set.

        Raises:
            ExchangeError: somebody's was held back, or the course's exchange is another one than its feedback's.
        """
        exchange = ExchangeFactory(config=self.config).exchange
        if self.through is not None:
            if self._notice is None:
                self._release_through(self.through)
        elif issubclass(exchange, Exchange):
            super().start()
        else:
            self.fail(_ELSEWHERE.format(f"{exchange.__module__}.{exchange.__name__}"))

    def _release_through(self, exchange: type) -> None:
        """Let another exchange release it, but for students of whom a grade is missing."""
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            students = [student.id for student in gradebook.students]
            asked_for = set(filter(self._is_asked_for, students))
            missing = {} if self._unmarked else unmarked(gradebook, self.coursedir.assignment_id, asked_for)
        for student, cells in missing.items():
            self._hold(student, MISSING.format(", ".join(cells)))
        others = [] if self._only is None else [student for student in students if student not in asked_for]
        with self._without([*self.held, *others]):
            exchange(coursedir=self.coursedir, authenticator=self.authenticator, parent=self.parent).start()
        self._say_who_is_held()

    @contextlib.contextmanager
    def _without(self, students: Iterable[str]) -> Iterator[None]:
        """Leave students out, as nbgrader's option does; an id with a comma, at which it is cut, cannot be left out."""
        before = self.coursedir.student_id_exclude
        if odd := [student for student in students if "," in student]:
            self.fail(f"no feedback was released: {odd[0]}, whose id has a comma, cannot be left out of this exchange")
        self.coursedir.student_id_exclude = ",".join([*filter(None, [before]), *students])
        try:
            yield
        finally:
            self.coursedir.student_id_exclude = before

    def copy_files(self) -> None:
        """Copy each page of an assignment's notebook to where its student's `nbgrader fetch_feedback` looks for it."""
        if self._notice is not None:
            self._release_notice(self._notice)
            return
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            students = [student.id for student in gradebook.students]
            asked_for = set(filter(self._is_asked_for, students))
            submitted = submitted_notebooks(gradebook, self.coursedir.assignment_id, asked_for)
            missing = unmarked(gradebook, self.coursedir.assignment_id, asked_for)
        secrets = {student: read_secret(self._feedback(student)) for student in students}
        if self._only is not None:  # the others' may not have been graded yet
            secrets |= {student: read_secret(self._submitted(student)) for student in self._others(asked_for)}
        times = Counter(filter(None, secrets.values()))
        for student, notebooks in submitted.items():
            pages = [page for name in notebooks if (page := self._feedback(student) / f"{name}.html").exists()]
            secret = secrets[student]
            reason = self._reason(student, secret, times, missing) if pages else None
            if reason is None and secret:
                released = [self._release(student, page, secret, notebooks) for page in pages]
                reason = next(filter(None, released), None)
            if reason is not None:
                self._hold(student, reason)
        self._say_who_is_held()

    def _release_notice(self, notice: str) -> None:
        """Release a page in the place of that of each notebook, for what is handed in now and not graded yet."""
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            known = [notebook.name for notebook in gradebook.find_assignment(self.coursedir.assignment_id).notebooks]
        for student in self._only or ():
            if secret := read_secret(self._submitted(student)):
                for name in {*known, *(one for notebook in known for one in self._renamed(student, notebook, known))}:
                    self._write(notice.encode(), f"{notebook_hash(secret=secret, notebook_id=name)}.html")

    def _others(self, asked_for: Collection[str]) -> set[str]:
        """Return who else has handed in."""
        coursedir = self.coursedir
        handed_in = work_of(coursedir, coursedir.submitted_directory, "*", coursedir.assignment_id)
        return handed_in.keys() - set(asked_for)

    def _hold(self, student: str, reason: str) -> None:
        self.log.error("%s: feedback not released: %s", student, reason)
        self.held[student] = reason

    def _say_who_is_held(self) -> None:
        if self.held:
            self.fail(
                f"the feedback of {len(self.held)} was held back, see above: {', '.join(self.held)}; "
                "the others' is released"
            )

    def _reason(
        self, student: str, secret: str | None, times: Counter[str], missing: dict[str, list[str]]
    ) -> str | None:
        """Return why a student's feedback cannot be released, or None."""
        if student in missing and not self._unmarked:
            return MISSING.format(", ".join(missing[student]))
        if secret is None:
            return _NO_SECRET
        return _SHARED.format(student, times[secret] - 1) if times[secret] > 1 else None

    def _is_asked_for(self, student: str) -> bool:
        excluded = self.coursedir.student_id_exclude.split(",")
        if self._only is not None:
            return student in self._only and student not in excluded
        return student not in excluded and fnmatch.fnmatchcase(student, self.coursedir.student_id or "*")

    def _release(self, student: str, page: Path, secret: str, known: Collection[str]) -> str | None:
        """Release a page; return why that was not possible, or None."""
        try:
            html = read_regular(page, PageLimits().page_bytes)
            for name in {page.stem, *self._renamed(student, page.stem, known)}:
                self._write(html, f"{notebook_hash(secret=secret, notebook_id=name)}.html")
        except (NotebookError, OSError, ValueError) as error:
            return f"{page.name}: {error}; generate it anew"
        self.log.info("Feedback of %s for %s was released", student, page.stem)
        return None

    def _renamed(self, student: str, notebook: str, known: Collection[str]) -> Iterator[str]:
        """Yield the student's own name for a notebook, where there is exactly one and the usual name is missing.

        A page that says that none could be chosen is released under each of their names.

        Args:
            student: whose.
            notebook: as the assignment calls it.
            known: what the assignment calls all of its notebooks.
        """
        names = {path.stem for path in self._submitted(student).glob("*.ipynb")}
        others = sorted(names.difference(known))
        if notebook not in names and (len(others) == 1 or self._unmarked or self._notice is not None):
            yield from others[:_MAX_RENAMED]

    def _write(self, html: bytes, name: str) -> None:
        """Write a page; one that is there already stays as it is."""
        target = Path(self.dest_path) / name
        if target.is_file() and target.read_bytes() == html:
            return
        with write_whole(target, _SHARED_MODE if self.coursedir.groupshared else _MODE) as file:
            file.write(html)

    def _feedback(self, student: str) -> Path:
        return self._folder(self.coursedir.feedback_directory, student)

    def _submitted(self, student: str) -> Path:
        return self._folder(self.coursedir.submitted_directory, student)

    def _folder(self, step: str, student: str) -> Path:
        return Path(self.coursedir.format_path(step, student, self.coursedir.assignment_id))
