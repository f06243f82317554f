"""One JSON file per submission under `outcomes/<assignment>/`, written whole or not at all."""

import contextlib
import json
import os
import platform
import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, Self

from autograder import __version__
from autograder.course.handed_in.intake import TIMESTAMP
from autograder.course.ids import printable_id
from autograder.course.records import history
from autograder.course.records.private import as_lines, file_mode, own_folder
from autograder.grading.assignment import Assignment
from autograder.judge.outcome import Judgement, refused
from autograder.judge.sending.release import graders_digest

FOLDER = "outcomes"
UNFINISHED = "not graded yet, or its grading did not finish: grade it again"
_MAX_TIMESTAMP = 100
TEMPORARY = ".tmp"
_VERSIONS = {
    "python": platform.python_version(),
    "autograder": __version__,
    **{name: version(name) for name in ("nbgrader", "numpy")},
}


class Outcome(NamedTuple):
    """What a submission came to.

    Attributes:
        assignment: what was handed in.
        student: whose submission it is.
        judgement: what it came to.
        timestamp: when it was handed in.
        digest: of the files that were graded last.
        cells: digests of what the gradebook knew of the assignment's cells; see `source_cells.digests`.
    """

    assignment: Assignment
    student: str
    judgement: Judgement
    timestamp: str | None
    digest: str | None = None
    cells: Mapping[str, str] = MappingProxyType({})

    def to_json(self) -> dict[str, Any]:
        """Return the object that its file holds."""
        judgement, student = self.judgement, printable_id(self.student)
        return judgement.to_json(student) | {
            "student": student,
            "timestamp": self.timestamp,
            "notes": list(judgement.notes),
            "probes": {one.exercise: one.probes for one in judgement.exercises if one.judged == "outside"},
            "places": {
                exercise: {name: vars(place).copy() for name, place in places.items()}
                for exercise, places in judgement.places.items()
            },
            "digest": self.digest,
            "versions": {**_VERSIONS, "graders": graders_digest(self.assignment), **self.cells},
        }


def folder_of(root: Path, assignment: str) -> Path:
    """Return where the outcomes of an assignment lie."""
    return root / FOLDER / assignment


def path_of(root: Path, assignment: str, student: str) -> Path:
    """Return where a submission's outcome lies."""
    return folder_of(root, assignment) / f"{history.file_name(student)}.json"


def write(root: Path, outcome: Outcome, *, lasting: bool = True) -> None:
    """Write a submission's outcome in place of an older one, which goes into its history where it said how it ended."""
    for error in write_all(root, [outcome], lasting=lasting).values():
        raise error


def write_all(root: Path, found: Sequence[Outcome], *, lasting: bool = True) -> dict[str, Exception]:
    """Write the outcomes of several submissions; the disk is waited for when all are written, not after each.

    Args:
        root: of the course.
        found: the outcomes.
        lasting: whether a machine that stops at once may lose none of them: else the file may be empty then.

    Returns:
        Why one could not be written, by student.
    """
    failed: dict[str, Exception] = {}
    with contextlib.ExitStack() as building:
        begun = []
        for outcome in found:
            try:
                begun.append((outcome.student, building.enter_context(_Building(root, outcome))))
            except Exception as error:  # noqa: BLE001 - one that cannot be written stops no other
                failed[outcome.student] = error
        for step in (_Building.sync, _Building.replace) if lasting else (_Building.replace,):
            for student, one in begun:
                if student not in failed:
                    try:
                        step(one)
                    except Exception as error:  # noqa: BLE001
                        failed[student] = error
    return failed


class _Building:
    """An outcome's file before it takes its name; as a context, it is removed at the end where it never did."""

    def __init__(self, root: Path, outcome: Outcome) -> None:
        self._root = root
        self._outcome = outcome
        self._path = path_of(root, outcome.assignment.name, outcome.student)

    def __enter__(self) -> Self:
        path, data = self._path, self._outcome.to_json()
        if not path.parent.is_dir():
            own_folder(self._root / FOLDER)
            path.parent.mkdir(exist_ok=True)
        _keep_old(self._root, path, self._outcome.student, data)
        number, name = tempfile.mkstemp(dir=path.parent, suffix=TEMPORARY)
        self._file, self._built = os.fdopen(number, "w", encoding="utf-8"), Path(name)
        try:
            self._file.write(as_lines(data))
            self._file.flush()
            self._built.chmod(file_mode(self._root / FOLDER))
        except BaseException:
            self.__exit__()
            raise
        return self

    def sync(self) -> None:
        """Wait until the disk has it."""
        os.fsync(self._file.fileno())

    def replace(self) -> None:
        """Let it take its name."""
        self._built.replace(self._path)

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):  # of a full disk, which what is left in a buffer meets once more
            self._file.close()
        self._built.unlink(missing_ok=True)


def _keep_old(root: Path, path: Path, student: str, new: dict[str, Any]) -> None:
    known = read(root, new["assignment"], student)
    if known is not None and known != new and known.get("reason") != UNFINISHED:
        try:
            history.keep(root, known, student, path.stat().st_mtime)
        except (KeyError, TypeError):  # somebody has written into it by hand: it is no outcome of ours
            return


def read(root: Path, assignment: str, student: str) -> dict[str, Any] | None:
    """Return a submission's outcome, or None where there is none that can be read."""
    try:
        data = json.loads(path_of(root, assignment, student).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) else None


def timestamp_of(folder: Path) -> str | None:
    """Return when a submission was handed in, as nbgrader wrote it beside it."""
    path = folder / TIMESTAMP
    if path.is_symlink() or not path.is_file():
        return None
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(_MAX_TIMESTAMP).strip() or None


def begin(root: Path, assignment: Assignment, student: str, folder: Path) -> None:
    """Say of one submission that its grading has begun; its outcome takes the place of this when it is known."""
    known = read(root, assignment.name, student) or {}
    timestamp = timestamp_of(folder)
    if (known.get("reason"), known.get("timestamp")) != (UNFINISHED, timestamp):
        begun = refused(assignment.name, UNFINISHED)
        # A file that a power cut leaves empty says the same: not graded.
        write(root, Outcome(assignment, student, begun, timestamp, known.get("digest")), lasting=False)
