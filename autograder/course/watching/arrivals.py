"""What has arrived: from the exchange, and from a folder; each submission gets its receipt."""

from collections.abc import Collection, Mapping
from pathlib import Path

from nbgrader.auth import Authenticator
from nbgrader.exchange import ExchangeError, ExchangeFactory
from nbgrader.exchange.default import Exchange

from autograder.course.course import Course
from autograder.course.errors import RunError
from autograder.course.handed_in.collecting import Collect
from autograder.course.handed_in.intake import aside_folder, set_aside_from
from autograder.course.ids import refusal
from autograder.course.records import receipts
from autograder.course.records.outcomes import timestamp_of
from autograder.course.records.receipts import Receipt
from autograder.course.records.source_cells import Source
from autograder.course.watching import unseen
from autograder.course.watching.folder import Folder


class Arrivals:
    """The submissions of an assignment, as they arrive.

    Args:
        folder: where they lie besides the exchange, as `STUDENT/…` or `STUDENT.ipynb`; or None.

    Attributes:
        unfinished: whether something is being handed in now, and was left for the next look.
        failed: why a submission could not be brought in, by student.
        strangers: of the new submissions, those that are another student's than they say, in words.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = None if folder is None else Folder(folder)
        self._had_exchange = False
        self.unfinished = False
        self.failed: dict[str, str] = {}
        self.strangers: list[str] = []

    def bring(self, course: Course, sources: Mapping[str, Source]) -> None:
        """Bring into `submitted/` what is new.

        Args:
            course: that it is handed in to.
            sources: what the gradebook knows of the assignment's notebooks.

        Raises:
            RunError: the exchange or the folder cannot be used; what could be brought in is.
        """
        self.unfinished, self.failed, self.strangers = False, {}, []
        try:
            self._collect(course)
        finally:
            self._take(course, sources)

    def _collect(self, course: Course) -> None:
        app = course.converter.parent
        collect = ExchangeFactory(parent=app).Collect(
            coursedir=course.coursedir, authenticator=Authenticator(parent=app), parent=app, log=unseen.LOG
        )
        if self._folder is not None and not self._had_exchange and not _has_inbound(collect):
            return
        collect.update, collect.as_it_comes = True, True
        try:
            collect.start()
        except ExchangeError as error:
            if not getattr(collect, "failed", None):
                said = str(error).replace(", please contact your instructor", "")  # who reads this
                raise RunError(f"nothing can be collected from the exchange: {said}") from error
        self._had_exchange = True
        if isinstance(collect, Collect):
            self.unfinished, self.strangers = collect.unfinished, collect.strangers
            self.failed |= collect.failed

    def _take(self, course: Course, names: Collection[str]) -> None:
        if self._folder is not None:
            self._folder.take(course, names)
            self.unfinished |= self._folder.unfinished
            self.failed |= self._folder.failed


def _has_inbound(collect: object) -> bool:
    """Say whether there is an exchange to collect from; of one that is not nbgrader's own, that is not asked."""
    if not isinstance(collect, Exchange):
        return True
    return Path(collect.root, collect.coursedir.course_id, "inbound").is_dir()


def unanswered(course: Course, sources: Mapping[str, Source]) -> dict[str, Receipt]:
    """Return the receipts of all submissions whose feedback is not out yet, by student; new ones are written."""
    found = {}
    for student, folder in _folders(course).items():
        receipt = _receipt(course, sources, folder, student)
        if receipt is not None and not receipt.released:
            found[student] = receipt
    return found


def _folders(course: Course) -> dict[str, Path]:
    excluded = course.coursedir.student_id_exclude.split(",")
    found = course.work(course.coursedir.submitted_directory, "*")
    return {who: folder for who, folder in found.items() if who not in excluded and refusal(who) is None}


def _receipt(course: Course, sources: Mapping[str, Source], folder: Path, student: str) -> Receipt | None:
    """Return the receipt of a submission, written if it is new; None while it is just being put there."""
    root, name, limits = course.root, course.assignment.name, course.assignment.limits
    known = receipts.read(root, name, student)
    try:
        if known is not None and known.submitted == timestamp_of(folder):
            return known
        set_aside_from(folder, aside_folder(root, student, name), limits)
        receipts.keep(root, student, receipts.received(folder, student, name, sources, limits))
    except OSError:
        return None
    return receipts.read(root, name, student)
