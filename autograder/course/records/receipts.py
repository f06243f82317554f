"""What arrived of a submission: `received/<assignment>/<student>.json`, and a few lines of it on the feedback page.

It is written where a submission is collected, and again where it is graded if what lies there is another by then.
"""

import hashlib
import html
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.course.handed_in.intake import NBGRADERS, read_submission
from autograder.course.ids import printable_id
from autograder.course.records import history
from autograder.course.records.outcomes import timestamp_of
from autograder.course.records.private import own_folder, write_private
from autograder.course.records.source_cells import Source
from autograder.judge.files import read_regular
from autograder.judge.notebook import NotebookError
from autograder.sandbox.limits import Limits
from autograder.sandbox.printable import printable

FOLDER = "received"
_NAME = 200  # characters
_DIGITS = 16  # of a digest, on a page


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
    """

    name: str
    problem: str | None = None
    missing: tuple[str, ...] = ()


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
        day: on which `attempts` were counted last, ISO 8601 in the server's time.
        attempts: how many submissions of that day were graded as they came.
        counted: whether this one is among them.
        waiting: whether it is one too many for its day.
        released: whether its feedback has been released.
    """

    student: str
    assignment: str
    received: str
    submitted: str | None
    files: tuple[File, ...]
    notebooks: tuple[Notebook, ...]
    day: str = ""
    attempts: int = 0
    counted: bool = False
    waiting: bool = False
    released: bool = False

    @property
    def problems(self) -> list[str]:
        """Why notebooks cannot be read, in words."""
        return [f"{one.name}.ipynb: {one.problem}" for one in self.notebooks if one.problem is not None]

    def same_work(self, other: "Receipt | None") -> bool:
        """Say whether another receipt is of the same submission."""
        return other is not None and (self.submitted, self.files) == (other.submitted, other.files)


def path_of(root: Path, assignment: str, student: str) -> Path:
    """Return where a submission's receipt lies."""
    return root / FOLDER / assignment / f"{history.file_name(student)}.json"


def read(root: Path, assignment: str, student: str) -> Receipt | None:
    """Return a submission's receipt, or None where there is none that can be read."""
    try:
        data = json.loads(path_of(root, assignment, student).read_text(encoding="utf-8"))
        files = tuple(File(**one) for one in data.pop("files"))
        notebooks = tuple(Notebook(one["name"], one["problem"], tuple(one["missing"])) for one in data.pop("notebooks"))
        return Receipt(**data, files=files, notebooks=notebooks)
    except (OSError, ValueError, KeyError, TypeError):  # none, or somebody has written into it
        return None


def write(root: Path, student: str, receipt: Receipt) -> None:
    """Write a submission's receipt, readable by the course's owner alone."""
    path = path_of(root, receipt.assignment, student)
    if not path.parent.is_dir():
        own_folder(root / FOLDER)
        path.parent.mkdir(exist_ok=True)
    with write_private(path) as file:
        json.dump(asdict(receipt), file, ensure_ascii=False, indent=1)


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
    lines += [f"{one.name}: {one.bytes} bytes{_digest(one)}" for one in receipt.files]
    lines += [f"Could not be read: {problem}" for problem in receipt.problems]
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
    except NotebookError as error:
        return Notebook(name, str(error))
    found = {_grade_id(cell) for cell in content["cells"]}
    return Notebook(name, missing=tuple(cell.grade_id for cell in sources[name].cells if cell.grade_id not in found))


def _grade_id(cell: Any) -> Any:
    """Return the grade_id of a cell, of which nothing is sure."""
    for key in ("metadata", "nbgrader", "grade_id"):
        cell = cell.get(key) if isinstance(cell, dict) else None
    return cell if isinstance(cell, str) else None
