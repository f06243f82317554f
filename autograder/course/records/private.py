"""Folders and files with marks in them: their owner's alone, or the group's too where the course is shared by one."""

import contextlib
import io
import json
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, TextIO

_FOLDER, _SHARED_FOLDER = 0o700, 0o2770
_FILE, _SHARED_FILE = 0o600, 0o660


def own_folder(path: Path, *, shared: bool = False) -> None:
    """Make a folder that only its owner can enter; one that is there is closed to others.

    Args:
        path: of the folder.
        shared: whether the course is `groupshared`: then its group can, too.
    """
    path.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
    mode = _SHARED_FOLDER if shared else _FOLDER
    now = stat.S_IMODE(path.stat().st_mode)
    wanted = now | mode if shared else now & ~0o077
    if (wanted & ~0o007) != now:
        with contextlib.suppress(PermissionError):  # it is another instructor's, who has seen to it
            path.chmod(wanted & ~0o007)


def own_beside(path: Path, other: Path) -> None:
    """Close a folder to others, and to its group, too, unless `other` is open to the group."""
    own_folder(path, shared=other.is_dir() and bool(other.stat().st_mode & stat.S_IWGRP))


def file_mode(folder: Path) -> int:
    """Return the mode of a file in such a folder."""
    return _SHARED_FILE if folder.stat().st_mode & stat.S_IWGRP else _FILE


def make_private(path: Path, *, shared: bool = False) -> None:
    """Make an empty file with such a mode, unless it is there or cannot be made, of which others will tell."""
    with contextlib.suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _FILE))
        if shared:
            path.chmod(_SHARED_FILE)


@contextlib.contextmanager
def write_private(path: Path, *, shared: bool = False) -> Iterator[TextIO]:
    """Write a text that is there whole or not at all, and is its owner's alone; no link is followed."""
    with write_private_bytes(path, shared=shared) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        yield text
        text.detach()  # writes what it holds, and leaves the file open


@contextlib.contextmanager
def write_private_bytes(path: Path, *, shared: bool = False) -> Iterator[BinaryIO]:
    """Write a file that is there whole or not at all, and is its owner's alone; no link is followed.

    Args:
        path: of the file.
        shared: whether the course is `groupshared`: then the file is its group's, too.
    """
    with write_whole(path, _SHARED_FILE if shared else _FILE) as file:
        yield file


@contextlib.contextmanager
def write_whole(path: Path, mode: int) -> Iterator[BinaryIO]:
    """Write a file of this mode that is there whole or not at all; no link is followed.

    It is built beside it, under a name that nobody can know before.
    """
    number, name = tempfile.mkstemp(dir=path.parent, prefix=".unfinished-")
    building = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            yield file
        if mode != _FILE:  # which it has already; some mounts refuse any change
            building.chmod(mode)
        building.replace(path)
    finally:
        building.unlink(missing_ok=True)


def as_lines(data: dict[str, Any]) -> str:
    """Return an object as JSON with a line for each of its entries: indented as a whole, it takes ten times as long."""
    lines = (f" {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in data.items())
    return "{\n" + ",\n".join(lines) + "\n}"
