"""What has arrived: from the exchange, or from a folder; each submission gets its receipt, and its place in the day."""

import shutil
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from nbgrader.api import MissingEntry
from nbgrader.auth import Authenticator
from nbgrader.exchange import ExchangeError, ExchangeFactory
from nbgrader.utils import parse_utc, rmtree

from autograder.course.course import Course
from autograder.course.deadlines.extensions import extension_of
from autograder.course.errors import RunError
from autograder.course.handed_in.files import SECRET
from autograder.course.handed_in.intake import TIMESTAMP, set_aside_from
from autograder.course.ids import is_student, refusal
from autograder.course.records import receipts
from autograder.course.records.outcomes import timestamp_of
from autograder.course.records.receipts import Receipt
from autograder.course.records.source_cells import Source

_SETTLED = 1.0  # seconds without a change, after which a file that lies in a folder counts as whole


class Arrivals:
    """The submissions of an assignment that have arrived.

    Args:
        course: that they are handed in to.
        sources: what the gradebook knows of the assignment's notebooks.
        folder: where submissions lie besides the exchange, as `<student>/…` or `<student>.ipynb`; or None.
        attempts: how many submissions of a student are graded on one day as they come; 0 for any number.
    """

    def __init__(self, course: Course, sources: Mapping[str, Source], folder: Path | None, attempts: int) -> None:
        self._course = course
        self._sources = sources
        self._folder = folder
        self._attempts = attempts

    def collect(self) -> None:
        """Bring into `submitted/` what is new.

        Raises:
            RunError: the exchange or the folder cannot be used.
        """
        if self._folder is None:
            self._collect()
        elif not self._folder.is_dir():
            raise RunError(f"{self._folder}: there is no such folder")
        else:
            for path in sorted(self._folder.iterdir()):
                self._take(path)

    def _collect(self) -> None:
        app, coursedir = self._course.converter.parent, self._course.coursedir
        try:
            collect = ExchangeFactory(parent=app).Collect(
                coursedir=coursedir, authenticator=Authenticator(parent=app), parent=app
            )
            collect.update = True
            collect.start()
        except ExchangeError as error:
            raise RunError(f"nothing can be collected from the exchange: {error or 'see the lines above'}") from error

    def _take(self, path: Path) -> None:
        """Copy what a student put into the folder, if it is whole and newer than what is there."""
        student = path.stem if path.is_file() else path.name
        if path.is_symlink() or not is_student(student) or refusal(student) is not None:
            return
        files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file() and not one.is_symlink()]
        changed = max((one.stat().st_mtime for one in files), default=None)
        if changed is None or time.time() - changed < _SETTLED:
            return
        target = self._submitted(student)
        when = datetime.fromtimestamp(changed, UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC")
        if target.is_dir() and (timestamp_of(target) or "") >= when:
            return
        building = target.with_name(f".{target.name}.unfinished")
        if building.exists():
            rmtree(str(building))
        secret = target / SECRET
        if path.is_file():
            building.mkdir(parents=True)
            name = next(iter(self._sources)) if len(self._sources) == 1 else path.stem
            shutil.copyfile(path, building / f"{name}.ipynb")
        else:
            building.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(path, building, symlinks=True)
        if secret.is_file() and not (building / SECRET).exists():
            shutil.copyfile(secret, building / SECRET)
        (building / TIMESTAMP).write_text(when, encoding="utf-8")
        if target.exists():
            rmtree(str(target))
        building.rename(target)

    def open(self) -> dict[str, Receipt]:
        """Return the receipts of all submissions whose feedback has not been released yet, by student."""
        found = {}
        for folder in self._folders():
            student = folder.parent.name
            receipt = self._received(folder, student)
            if receipt is not None and not receipt.released:
                found[student] = receipt
        return found

    def _folders(self) -> list[Path]:
        pattern = self._submitted("*")
        excluded = self._course.coursedir.student_id_exclude.split(",")
        folders = sorted(pattern.parent.parent.glob(f"*/{pattern.name}"))
        names = [folder.parent.name for folder in folders]
        return [
            folder
            for folder, name in zip(folders, names, strict=True)
            if is_student(name) and name not in excluded and refusal(name) is None
        ]

    def _received(self, folder: Path, student: str) -> Receipt | None:
        """Return the receipt of a submission, written if it is new or can wait no longer."""
        root, name = self._course.root, self._course.assignment.name
        known = receipts.read(root, name, student)
        try:
            if known is None or known.submitted != timestamp_of(folder):
                set_aside_from(folder, self._course.assignment.limits)
                receipt = receipts.received(folder, student, name, self._sources, self._course.assignment.limits)
            elif known.counted:
                return known
            else:  # `nbgrader collect` wrote it, or it waits
                receipt = known
        except OSError:  # it is just being written, or gone
            return None
        counted = self._counted(student, receipt, known)
        if counted != known:
            receipts.write(root, student, counted)
        return counted

    def _counted(self, student: str, receipt: Receipt, before: Receipt | None) -> Receipt:
        """Return a receipt with its place among the attempts of today."""
        today = datetime.now().astimezone().date().isoformat()
        so_far = before.attempts if before is not None and before.day == today else 0
        if self._attempts and so_far >= self._attempts and not self._is_last(receipt, student):
            return replace(receipt, day=today, attempts=so_far, waiting=True)
        return replace(receipt, day=today, attempts=so_far + 1, counted=True, waiting=False)

    def _is_last(self, receipt: Receipt, student: str) -> bool:
        """Say whether the student's deadline has passed, and this came before it: then nothing can come after it."""
        try:
            with self._course.writer() as gradebook:
                due = gradebook.find_assignment(self._course.assignment.name).duedate
        except MissingEntry:
            return False
        longer = extension_of(self._course.root, self._course.assignment.name, student)
        due = due if due is None or longer is None else due + longer.beyond(due)
        now = datetime.now(UTC).replace(tzinfo=None)
        return due is not None and receipt.submitted is not None and parse_utc(receipt.submitted) <= due < now

    def _submitted(self, student: str) -> Path:
        return self._course.folder(self._course.coursedir.submitted_directory, student)


def is_released(course: Course, student: str, receipt: Receipt) -> None:
    """Note that a submission's feedback is out, unless another submission has arrived meanwhile."""
    known = receipts.read(course.root, course.assignment.name, student)
    if known is not None and receipt.same_work(known):
        receipts.write(course.root, student, replace(known, released=True))
