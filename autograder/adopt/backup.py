"""What was there before a move, kept in the hidden folder, so that the move can be undone."""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from autograder.adopt.files import write
from autograder.course.errors import UsageError

_FOLDER = ".adopted"  # nothing of a hidden folder is handed out
_RECORD = "record.json"


def apply(hidden: Path, changes: Mapping[Path, bytes]) -> Path:
    """Write files in their order, after keeping a copy of each; return the folder with the copies.

    Args:
        hidden: the assignment's hidden folder.
        changes: the new contents of files.
    """
    folder = hidden / _FOLDER / str(len(_kept(hidden)) + 1)
    record = []
    for number, (path, data) in enumerate(changes.items()):
        copy = f"{number}-{path.name}.before" if path.exists() else None
        if copy is not None:
            write(folder / copy, path.read_bytes())
        record.append({"file": os.path.relpath(path, hidden), "copy": copy, "written": _digest(data)})
    write(folder / _RECORD, json.dumps(record, ensure_ascii=False, indent=1).encode())
    for path, data in changes.items():
        write(path, data)
    return folder


def undo(hidden: Path) -> list[Path]:
    """Put back what was there before the last move; return the files.

    Raises:
        UsageError: there was none, or a file has been changed since: then nothing is put back.
    """
    kept = _kept(hidden)
    if not kept:
        raise UsageError(f"{hidden}: nothing was moved here that could be undone")
    record = json.loads((kept[-1] / _RECORD).read_bytes())
    for one in record:
        path = _file(hidden, one)
        if path.exists() and _digest(path.read_bytes()) not in (one["written"], _digest_before(kept[-1], one["copy"])):
            raise UsageError(f"{path} has been changed since; what it was before is in {kept[-1]}")
    for one in reversed(record):
        path = _file(hidden, one)
        if one["copy"] is None:
            path.unlink(missing_ok=True)
        else:
            write(path, (kept[-1] / one["copy"]).read_bytes())
    shutil.rmtree(kept[-1])
    if all("__pycache__" in path.parts for path in hidden.rglob("*") if not path.is_dir()):
        shutil.rmtree(hidden)  # it was made by the move
    return [_file(hidden, one) for one in record]


def _kept(hidden: Path) -> list[Path]:
    """Return the folders with copies, the oldest first."""
    folder = hidden / _FOLDER
    found = [path for path in folder.glob("*") if path.name.isdecimal() and (path / _RECORD).is_file()]
    return sorted(found, key=lambda path: int(path.name))


def _file(hidden: Path, one: Mapping[str, str]) -> Path:
    """Return the file of an entry of a record; a course may have been moved since."""
    return Path(os.path.normpath(hidden.absolute() / one["file"]))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _digest_before(folder: Path, copy: str | None) -> str:
    return "" if copy is None else _digest((folder / copy).read_bytes())
