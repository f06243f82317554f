"""The files beside a notebook: of those that were handed in, only what nbgrader itself put there goes on.

Stock nbgrader copies everything to `autograded/` and `feedback/`, from where pages are released and served. Student
code never sees a handed-in file either: its folder holds the instructor's own copies.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.converters.base import BaseConverter

from autograder.course.handed_in.intake import TIMESTAMP
from autograder.judge.files import read_regular
from autograder.judge.notebook import NotebookError
from autograder.sandbox.limits import Limits

SECRET = "submission_secret.txt"  # noqa: S105 - a file's name
_init_stock = BaseConverter.init_assignment
_MAX_OWN = 4096  # bytes
_SECRET = re.compile(rb"[0-9a-f]{128}\s*")  # as `nbgrader submit` draws it


def copy_own(source: Path, target: Path, kept: Iterable[str] = ()) -> None:
    """Copy the time and the secret of a submission, and the files that the course says it takes from students.

    Args:
        source: the folder that holds the submission.
        target: where the copies go.
        kept: names of files that `c.Autograde.exclude_overwriting` lists.
    """
    target.mkdir(parents=True, exist_ok=True)
    secret = read_secret(source)
    found = {TIMESTAMP: read_own(source / TIMESTAMP), SECRET: secret.encode() if secret else None}
    found |= {name: read_own(source / name, Limits().file_bytes) for name in kept if _is_inside(name)}
    for name, data in found.items():
        if data is not None:
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            path.write_bytes(data)


def read_secret(folder: Path) -> str | None:
    """Return the secret that `nbgrader submit` put into a submission, or None where there is none that it could be.

    It names the file that a student's feedback is released in: anything but a long random number could be guessed, or
    be another's.
    """
    data = read_own(folder / SECRET)
    return data.decode() if data is not None and _SECRET.fullmatch(data) else None


def read_own(path: Path, most: int = _MAX_OWN) -> bytes | None:
    """Return what a small file beside a notebook holds, or None where it is not there, or is no file."""
    try:
        return read_regular(path, most)
    except NotebookError:
        return None


def _is_inside(name: str) -> bool:
    path = Path(name)
    return not path.is_absolute() and ".." not in path.parts


def keep_files_out() -> None:
    """Let nbgrader's own steps after collecting copy no more than `copy_own` does."""
    BaseConverter.init_assignment = _init_assignment


def _init_assignment(converter: BaseConverter, assignment: str, student: str) -> None:
    """Copy the files beside the notebooks as nbgrader does; of a submission, only those of `copy_own`."""
    if not isinstance(converter, Autograde | GenerateFeedback):
        _init_stock(converter, assignment, student)
        return
    kept = converter.exclude_overwriting.get(assignment, []) if isinstance(converter, Autograde) else []
    source, target = converter._format_source(assignment, student), converter._format_dest(assignment, student)  # noqa: SLF001
    copy_own(Path(source), Path(target), kept)
