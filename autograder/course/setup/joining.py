"""Making an nbgrader course ours, and undoing that (`init --undo`): its `nbgrader_config.py` changes, nothing else."""

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.course.errors import UsageError
from autograder.course.opening import calls_configure
from autograder.course.setup.config_file import CONFIG, ConfigFile, difference

BACKUP = f"{CONFIG}.before-autograder"
SEEDS = 1_000_000_000


@dataclass(frozen=True)
class Change:
    """A change of a configuration.

    Attributes:
        lines: of the diff.
        edited: whether somebody has edited the file between `join` and `part`; what they wrote stays.
    """

    lines: list[str]
    edited: bool = False


def join(root: Path) -> Change | None:
    """Let the course in a folder be graded by us; returns None where it is.

    Raises:
        UsageError: that cannot be done; nothing has been changed.
    """
    path, backup = root / CONFIG, root / BACKUP
    before = _read(path)
    if before.calls_configure:
        return None
    if os.path.lexists(backup):
        raise UsageError(f"{backup} is there from an earlier 'autograder init': move it away, then run it again")
    after = before.joined(secrets.randbelow(SEEDS))
    with _all_or_nothing(path, backup):
        shutil.copy2(path, backup)
        _write(path, after)
        with contextlib.chdir(root):  # where a configuration may import what lies beside it
            is_ours = calls_configure(root)
        if not is_ours:
            raise UsageError(f"{path} takes back what configure(c) sets")
    return Change(difference(before.data, after))


def part(root: Path) -> Change:
    """Take the lines of `join` out again: where nobody has edited the file since, it is what it was, byte by byte.

    Raises:
        UsageError: that cannot be done; nothing has been changed.
    """
    path, backup = root / CONFIG, root / BACKUP
    now = _read(path)
    if not backup.is_file():
        said = "'autograder init' has changed nothing in it; to do without us, take configure(c) out"
        raise UsageError(f"{root} has no {BACKUP} to go back to: {said if now.calls_configure else 'it is not ours'}")
    after = now.parted()
    if after is None:
        raise UsageError(
            f"{path} has been edited where 'autograder init' had added its lines: take configure(c) out by hand, "
            f"or copy {BACKUP} over it"
        )
    old, times = backup.read_bytes(), backup.stat()
    if not old.endswith(b"\n") and after.rstrip(b"\r\n") == old:
        after = old  # its last line had no end
    try:
        _write(path, after)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns)) if after == old else None
        backup.unlink()
    except OSError as error:
        raise UsageError(f"{error.filename or path}: {error.strerror}") from error
    return Change(difference(now.data, after), edited=after != old)


def _read(path: Path) -> ConfigFile:
    """Return a course's configuration.

    Raises:
        UsageError: it cannot be read or changed as a file of this course.
    """
    if path.is_symlink():
        raise UsageError(f"{path} is a link to {path.resolve()}, which is not this course's alone: make it a file")
    try:
        return ConfigFile(path, path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error


def _write(path: Path, data: bytes) -> None:
    """Write into the file that is there, which keeps its owner and its mode."""
    with path.open("r+b") as file:
        file.write(data)
        file.truncate()


@contextlib.contextmanager
def _all_or_nothing(path: Path, backup: Path) -> Iterator[None]:
    """Leave a file as it was, and no backup of it, where something goes wrong.

    Raises:
        UsageError: something went wrong.
    """
    data, times = path.read_bytes(), path.stat()
    try:
        yield
    except BaseException as error:
        with contextlib.suppress(OSError):
            if path.read_bytes() != data:
                _write(path, data)
                os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
            backup.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise UsageError(f"{error.filename or path}: {error.strerror}; nothing was changed") from error
        if isinstance(error, UsageError):
            raise UsageError(f"{error}; nothing was changed") from error
        raise
