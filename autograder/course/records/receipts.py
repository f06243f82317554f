"""What arrived of a submission and what its student was told of it, in `received/`; some of it is on the feedback page.

It is written where a submission is collected, and again where it is graded if what lies there is another by then.
`autograder watch` notes in it how far it has come with the submission, so that a kill makes it do nothing twice.
"""

import functools
import hashlib
import html
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from autograder.course.handed_in.intake import NBGRADERS, MissingError, misnamed, missing_notebook, read_submission
from autograder.course.handed_in.texts import composed
from autograder.course.ids import printable_id
from autograder.course.records import history
from autograder.course.records.outcomes import timestamp_of
from autograder.course.records.private import as_lines, own_beside, own_folder, write_private
from autograder.course.records.source_cells import Source
from autograder.judge.files import read_regular
from autograder.judge.notebook import NotebookError, inside
from autograder.sandbox.limits import Limits
from autograder.sandbox.printable import printable

FOLDER = "received"
_NAME = 200  # characters
_DIGITS = 16  # of a digest, on a page
_CACHED = 10_000  # receipts that are not read again while their files stay as they are


@dataclass(frozen=True)
class File:
    """A file that arrived; without a digest where it cannot be read, or is too large."""

    name: str
    bytes: int
    sha256: str | None


@dataclass(frozen=True)
class Notebook:
    """A notebook of the assignment, as it arrived.

    Attributes:
        name: without its suffix.
        problem: why it cannot be read, or None.
        missing: the grade_ids of the cells that it lacks.
        handed_in: whether it arrived at all; False only of one of several.
    """

    name: str
    problem: str | None = None
    missing: tuple[str, ...] = ()
    handed_in: bool = True


@dataclass(frozen=True)
class Receipt:
    """What arrived of a submission, and what has been done about it.

    Attributes:
        student: whose it is.
        assignment: what was handed in.
        received: when it was collected, ISO 8601 in UTC.
        submitted: when it was handed in, as nbgrader wrote it.
        files: all of them but nbgrader's own.
        notebooks: those of the assignment.
        released: when its feedback was released, ISO 8601 in UTC; nothing before that.
        held: why its feedback is held back, or nothing.
        waiting: whether it is one too many for its day, and its student has been told so.
        day: on which feedback was last released to this student, ISO 8601 in the server's time.
        attempts: how many graded submissions of that day have had theirs.
    """

    student: str
    assignment: str
    received: str
    submitted: str | None
    files: tuple[File, ...]
    notebooks: tuple[Notebook, ...]
    released: str = ""
    held: str = ""
    waiting: bool = False
    day: str = ""
    attempts: int = 0

    @property
    def problems(self) -> list[str]:
        """Why notebooks that were handed in cannot be read, in words."""
        return [f"{one.name}.ipynb: {one.problem}" for one in self.unreadable]

    @property
    def unreadable(self) -> list[Notebook]:
        """The notebooks that were handed in and cannot be read."""
        return [one for one in self.notebooks if one.problem is not None and one.handed_in]

    @property
    def is_readable(self) -> bool:
        """Whether there is anything in it that can be graded."""
        return any(one.problem is None for one in self.notebooks)

    def same_work(self, other: "Receipt | None") -> bool:
        """Say whether another receipt is of the same submission; links and the like may have been set aside since."""
        return other is not None and _work(self) == _work(other)


def _work(receipt: Receipt) -> tuple[str | None, set[tuple[str, str]]]:
    return receipt.submitted, {(one.name, one.sha256) for one in receipt.files if one.sha256 is not None}


def path_of(root: Path, assignment: str, student: str) -> Path:
    """Return where a submission's receipt lies."""
    return root / FOLDER / assignment / f"{history.file_name(student)}.json"


def read(root: Path, assignment: str, student: str) -> Receipt | None:
    """Return a submission's receipt, or None where there is none that can be read."""
    path = path_of(root, assignment, student)
    try:
        state = path.stat()
    except OSError:
        return None
    return _read(path, (state.st_ino, state.st_mtime_ns, state.st_size))


@functools.lru_cache(_CACHED)
def _read(path: Path, _state: tuple[int, ...]) -> Receipt | None:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        files = tuple(File(**one) for one in data.pop("files"))
        notebooks = tuple(Notebook(**one | {"missing": tuple(one["missing"])}) for one in data.pop("notebooks"))
        return Receipt(**data, files=files, notebooks=notebooks)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # gone, or somebody has written into it
        return None


def write(root: Path, student: str, receipt: Receipt) -> None:
    """Write a submission's receipt, readable by the course's owner alone, or by its group where it is `groupshared`."""
    path, top = path_of(root, receipt.assignment, student), root / FOLDER
    if not path.parent.is_dir():
        if not top.is_dir():
            own_folder(top)
        own_beside(path.parent, top)
    with write_private(path, shared=bool(top.stat().st_mode & stat.S_IWGRP)) as file:
        file.write(as_lines(asdict(receipt)))


def received(folder: Path, student: str, assignment: str, sources: Mapping[str, Source], limits: Limits) -> Receipt:
    """Return what lies in the folder of a submission; of more files than a submission may have, the first.

    Args:
        folder: of the submission.
        student: whose it is.
        assignment: what was handed in.
        sources: what the gradebook knows of the assignment's notebooks, by name.
        limits: on what is read.
    """
    paths = [path for path in sorted(folder.rglob("*")) if not path.is_dir() or path.is_symlink()]
    names = [(path, str(path.relative_to(folder))) for path in paths]
    files = [_file(path, name, limits) for path, name in names if name not in NBGRADERS]
    return Receipt(
        printable_id(student),
        assignment,
        datetime.now(UTC).isoformat(timespec="seconds"),
        timestamp_of(folder),
        tuple(files[: limits.submission_files]),
        tuple(_notebook(folder, name, sources, limits) for name in sources),
    )


def keep(root: Path, student: str, receipt: Receipt) -> None:
    """Write a receipt, unless there is one of the same work; how many came before on a day stays known."""
    known = read(root, receipt.assignment, student)
    if not receipt.same_work(known):
        write(root, student, receipt if known is None else replace(receipt, day=known.day, attempts=known.attempts))


def shown(receipt: Receipt) -> str:
    """Return the lines of a feedback page that say what arrived, as HTML."""
    lines = [f"Handed in: {receipt.submitted or 'the time is not known'}"]
    lines += [f"{one.name}: {one.bytes} byte{'' if one.bytes == 1 else 's'}{_digest(one)}" for one in receipt.files]
    lines += [f"Could not be read: {problem}" for problem in receipt.problems]
    lines += [str(one.problem) for one in receipt.notebooks if not one.handed_in]
    lines += [
        f"{one.name}.ipynb arrived without these cells: {', '.join(one.missing)}"
        for one in receipt.notebooks
        if one.missing
    ]
    items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    return f'<footer class="receipt"><h2>What was received</h2><ul>{items}</ul></footer>'


def _digest(file: File) -> str:
    return f", SHA-256 {file.sha256[:_DIGITS]}…" if file.sha256 else ", which could not be read"


def _file(path: Path, name: str, limits: Limits) -> File:
    shown_name = printable(name)[:_NAME]
    try:
        data = read_regular(path, max(limits.file_bytes, limits.notebook_bytes))
    except NotebookError:
        return File(shown_name, os.lstat(path).st_size, None)
    return File(shown_name, len(data), hashlib.sha256(data).hexdigest())


def _notebook(folder: Path, name: str, sources: Mapping[str, Source], limits: Limits) -> Notebook:
    try:
        content = read_submission(folder / f"{name}.ipynb", limits, sources).content
    except MissingError as error:
        if any((folder / f"{other}.ipynb").exists() for other in sources):
            return Notebook(name, str(error), handed_in=False)
        return Notebook(name, misnamed(folder, sources))
    except NotebookError as error:
        nothing = not any(folder.glob("*.ipynb"))
        return Notebook(name, missing_notebook(folder, sources) if nothing else str(error))
    claimed = (inside(cell, "metadata", "nbgrader", "grade_id") for cell in content["cells"])
    found = {composed(one) for one in claimed if isinstance(one, str)}  # some editors decompose its accents
    missing = [cell.grade_id for cell in sources[name].cells if composed(cell.grade_id) not in found]
    return Notebook(name, missing=tuple(missing))
