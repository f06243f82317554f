"""`nbgrader collect`: each submission arrives whole or not at all, by itself, and with a receipt."""

import functools
import logging
import os
import pwd
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.exchange.default import ExchangeCollect
from nbgrader.utils import parse_utc

from autograder.course.handed_in.copying import building_of, copy_whole
from autograder.course.handed_in.files import SECRET, read_own
from autograder.course.handed_in.intake import TIMESTAMP, aside_folder, set_aside_from
from autograder.course.ids import refusal
from autograder.course.records import receipts
from autograder.course.records.private import own_folder
from autograder.course.records.source_cells import read_sources
from autograder.course.settings import Autograder

_QUIET = 2.0  # seconds without a change, after which a submission without a secret counts as whole
_CACHED = 10_000  # times of submissions that need not be parsed again
_NO_TIME = datetime.min  # noqa: DTZ901 - nbgrader's times have no zone

Record = dict[str, Any]


class Collect(ExchangeCollect):
    """Collects as nbgrader does; what cannot be copied stops nobody else's submission and costs no older one.

    Attributes:
        as_it_comes: whether to leave for the next time what is still being handed in, and what is there in silence.
        unfinished: whether something was left for the next time.
        failed: why a submission could not be copied, by student.
        strangers: of the new submissions, those whose folder is another student's, in words.
    """

    as_it_comes = False
    src_records: list[Record]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.unfinished = False
        self.failed: dict[str, str] = {}
        self.strangers: list[str] = []
        self._built: set[str] = set()

    def init_src(self) -> None:
        """Find the last submission of each student; ignore other folders, which anybody can leave there."""
        super().init_src()
        self.src_records = [record for record in self.src_records if record["timestamp"] != _NO_TIME]

    def _path_to_record(self, path: str) -> Record:
        """Return the student and the time of a submission; a folder that is no submission gets the time `_NO_TIME`."""
        name = Path(path).name
        user, assignment, when, *_ = [*name.rsplit("+", 3), "", ""]
        time_of = parsed_time(when)
        if time_of is None or not user or assignment != self.coursedir.assignment_id or refusal(user) is not None:
            self.log.warning("%s: no submission as 'nbgrader submit' makes it; it is left there", path)
            return {"username": name, "filename": name, "timestamp": _NO_TIME}
        return {"username": user, "filename": name, "timestamp": time_of}

    def copy_files(self) -> None:
        """Copy what is new, and write a receipt for each submission that has none.

        Raises:
            ExchangeError: something could not be copied; all else is.
        """
        wanted = [record for record in self.src_records if self._is_wanted(record)]
        if self.as_it_comes:
            whole = [record for record in wanted if _is_whole(Path(self.inbound_path) / record["filename"])]
            self.unfinished = len(whole) < len(wanted)
            self.src_records = wanted = whole
            self.strangers = self._strangers(wanted)
        lost = {record["username"] for record in wanted if not self._build(record)}
        self.src_records = [record for record in self.src_records if record["username"] not in lost]
        if self.src_records or not self.as_it_comes:
            super().copy_files()
        self._write_receipts()
        if self.failed:
            self.fail("; ".join(f"{student}: {why}" for student, why in self.failed.items()))

    def _is_wanted(self, record: Record) -> bool:
        """Say whether nbgrader would copy a submission: there is none yet, or an older one that it may replace."""
        target = self._target(record["username"])
        if not target.is_dir():
            return True
        if not (self.update or self.before_duedate):
            return False
        there = parsed_time(_text(target / TIMESTAMP))
        newer = there is None or record["timestamp"] > there
        return bool((self.update and newer) or (self.before_duedate and there != record["timestamp"]))

    def _build(self, record: Record) -> bool:
        """Copy a submission, under another name; say whether that was possible."""
        target = self._target(record["username"])
        try:
            left_out = copy_whole(Path(self.inbound_path) / record["filename"], target, self.coursedir)
            self._see_to_the_time(building_of(target) / TIMESTAMP, record)
        except OSError as error:
            self.failed[record["username"]] = " ".join(str(error).split())
            return False
        if left_out:
            self.log.warning("%s: left out, as no regular files: %s", record["username"], ", ".join(left_out))
        self._built.add(str(target))
        return True

    def _see_to_the_time(self, path: Path, record: Record) -> None:
        """Write when a submission was handed in, where it does not say so itself: else nbgrader stops at it."""
        if parsed_time(_text(path)) is None:
            path.unlink(missing_ok=True)
            path.write_text(record["filename"].rsplit("+", 3)[2], encoding="utf-8")

    def do_copy(self, src: str, dest: str, log: logging.Logger | None = None) -> Any:
        """Give a copy its name."""
        if dest in self._built:
            building_of(Path(dest)).rename(dest)
        else:
            super().do_copy(src, dest, log)

    def _write_receipts(self) -> None:
        root, name = Path(self.coursedir.root), str(self.coursedir.assignment_id)
        if not self.src_records:
            return
        try:
            with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
                sources = read_sources(gradebook, name)
        except MissingEntry:  # collected before it was generated here: its receipts are written when it is graded
            return
        settings = Autograder(parent=self)
        limits = settings.find(root, name).limits.override(settings.limits)
        own_folder(root / receipts.FOLDER, shared=self.coursedir.groupshared)
        for record in self.src_records:
            student = record["username"]
            if (folder := self._target(student)).is_dir():
                set_aside_from(folder, aside_folder(root, student, name), limits)
                receipts.keep(root, student, receipts.received(folder, student, name, sources, limits))

    def _strangers(self, wanted: list[Record]) -> list[str]:
        """Return which folders are not those of the students whom they name; nothing where ids are no user names."""
        if not self.check_owner or not any(self._owner(one) == one["username"] for one in self.src_records):
            return []
        owners = {str(one["filename"]): (one["username"], self._owner(one)) for one in wanted}
        text = "{} names {} and is owned by {}; if that is right, set c.ExchangeCollect.check_owner = False"
        return [text.format(name, *pair) for name, pair in owners.items() if pair[0] != pair[1]]

    def _owner(self, record: Record) -> str:
        try:
            return pwd.getpwuid((Path(self.inbound_path) / record["filename"]).lstat().st_uid).pw_name
        except (KeyError, OSError):
            return "nobody known"

    def _target(self, student: str) -> Path:
        coursedir = self.coursedir
        return Path(coursedir.format_path(coursedir.submitted_directory, student, coursedir.assignment_id))


@functools.lru_cache(_CACHED)
def parsed_time(text: str) -> datetime | None:
    """Return a time as nbgrader reads it, or None."""
    try:
        return parse_utc(text) if text else None
    except (ValueError, OverflowError, TypeError):
        return None


def _text(path: Path) -> str:
    """Return what nbgrader wrote into a small file; nothing where it is not there, or is no file."""
    return (read_own(path) or b"").decode("utf-8", "replace").strip()


def _is_whole(folder: Path) -> bool:
    """Say whether a student has finished handing in.

    `nbgrader submit` writes the secret after all else, and last of all lets everybody read what it wrote.
    """
    paths = [folder, *folder.rglob("*")]
    if _text(folder / TIMESTAMP) and _text(folder / SECRET) and all(os.access(path, os.R_OK) for path in paths):
        return True
    try:
        newest = max(path.lstat().st_ctime for path in paths)
    except OSError:  # it is going away
        return False
    return not 0 <= time.time() - newest < _QUIET
