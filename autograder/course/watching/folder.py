"""A folder that submissions are put into: `STUDENT.ipynb`, or `STUDENT/` with files in it."""

import filecmp
import shutil
import time
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

from nbgrader.utils import rmtree

from autograder.course.course import Course
from autograder.course.errors import RunError
from autograder.course.handed_in.collecting import parsed_time
from autograder.course.handed_in.copying import building_of, copy_whole
from autograder.course.handed_in.intake import NBGRADERS, TIMESTAMP
from autograder.course.ids import is_student, refusal
from autograder.course.records.outcomes import timestamp_of

_SETTLED = 1.0  # seconds without a change, after which what lies there counts as whole

_State = tuple[tuple[str, int, int], ...]


class Folder:
    """Submissions that lie in a folder.

    Args:
        path: of the folder.

    Attributes:
        unfinished: whether something is being written there now.
        failed: why a submission could not be taken, by student.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: dict[str, _State] = {}
        self.unfinished = False
        self.failed: dict[str, str] = {}

    def take(self, course: Course, names: Collection[str]) -> None:
        """Bring into `submitted/` what is whole, newer than what is there, and not the same.

        Args:
            course: that it is handed in to.
            names: of the assignment's notebooks.

        Raises:
            RunError: the folder cannot be looked at.
        """
        self.unfinished, self.failed = False, {}
        try:
            entries = sorted(self._path.iterdir())
        except OSError as error:
            raise RunError(f"{self._path}: nothing can be taken from there ({error.strerror})") from error
        for entry in entries:
            student = _student(entry)
            if student is None:
                continue
            try:
                self._look_at(entry, student, course, names)
            except OSError as error:
                self.failed[student] = " ".join(str(error).split())

    def _look_at(self, entry: Path, student: str, course: Course, names: Collection[str]) -> None:
        state = _state(entry)
        if not state or self._seen.get(entry.name) == state:
            return
        changed, now = max(time_ns for _, _, time_ns in state) / 1e9, time.time()
        if 0 <= now - changed < _SETTLED:
            self.unfinished = True
            return
        when = _time_in(entry) or datetime.fromtimestamp(min(changed, now), UTC).replace(tzinfo=None)
        target = course.submitted(student)
        name = next(iter(names)) if len(names) == 1 else entry.stem
        if _is_newer(when, target) and not _is_same(entry, target, name):
            _bring(entry, target, name, when, course)
        self._seen[entry.name] = state


def _student(entry: Path) -> str | None:
    """Return whose submission an entry of the folder is, or None where it is nobody's."""
    student = entry.stem if entry.suffix == ".ipynb" else entry.name
    known = not entry.is_symlink() and (entry.is_dir() or entry.suffix == ".ipynb")
    return student if known and is_student(student) and refusal(student) is None else None


def _files(entry: Path) -> list[Path]:
    return (
        sorted(one for one in entry.rglob("*") if not one.is_dir() or one.is_symlink()) if entry.is_dir() else [entry]
    )


def _state(entry: Path) -> _State:
    """Return what changes when what lies there does."""
    states = [(str(one), one.lstat()) for one in _files(entry)]
    return tuple((name, state.st_size, state.st_mtime_ns) for name, state in states)


def _time_in(folder: Path) -> datetime | None:
    """Return when a submission was handed in, where a file in it says so; in UTC, without a zone."""
    return parsed_time(timestamp_of(folder) or "") if folder.is_dir() else None


def _is_newer(when: datetime, target: Path) -> bool:
    there = _time_in(target)
    return there is None or when > there


def _is_same(entry: Path, target: Path, name: str) -> bool:
    """Say whether what was taken before is what lies there."""
    base = entry if entry.is_dir() else None
    names = [str(one.relative_to(base)) if base else f"{name}.ipynb" for one in _files(entry)]
    there = {str(one.relative_to(target)) for one in _files(target)} if target.is_dir() else set()
    if {*names, *NBGRADERS} != {*there, *NBGRADERS}:
        return False
    pairs = zip(_files(entry), names, strict=True)
    return all(filecmp.cmp(one, target / other, shallow=False) for one, other in pairs if other not in NBGRADERS)


def _bring(entry: Path, target: Path, name: str, when: datetime, course: Course) -> None:
    """Put a submission in the place of an older one."""
    building = building_of(target)
    if entry.is_dir():
        copy_whole(entry, target, course.coursedir)
    else:
        if building.exists():
            rmtree(str(building))
        building.mkdir(parents=True)
        shutil.copyfile(entry, building / f"{name}.ipynb", follow_symlinks=False)
    (building / TIMESTAMP).unlink(missing_ok=True)
    (building / TIMESTAMP).write_text(when.strftime("%Y-%m-%d %H:%M:%S.%f UTC"), encoding="utf-8")
    if target.exists():
        rmtree(str(target))
    building.rename(target)
