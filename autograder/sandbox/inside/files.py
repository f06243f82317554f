"""The working folder of a submission: the files that it begins with, and those that its cells write."""

import contextlib
import itertools
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_KEPT_AT_HOME = {".cache", ".config", ".ipython", ".local", ".matplotlib"}  # by libraries; the working folder is both


class Folder:
    """The current folder."""

    def __init__(self) -> None:
        self._given: dict[str, tuple[int, int]] = {}  # size and time of each file, as they were given

    def put(self, files: dict[str, bytes]) -> None:
        """Write the files that a submission begins with."""
        for name, content in files.items():
            path = Path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        self._given = dict(_files())

    def written(self, message: dict[str, Any]) -> dict[str, Any]:
        """Return which files are new or changed, and how large they are."""
        found = ((name, size) for name, (size, when) in _files() if self._given.get(name) != (size, when))
        return {"files": dict(itertools.islice(found, message["most"]))}

    def read(self, message: dict[str, Any]) -> dict[str, Any]:
        """Return a part of a file."""
        try:
            with Path(message["path"]).open("rb") as file:
                file.seek(message["offset"])
                return {"data": file.read(message["size"])}
        except OSError:
            return {"data": b""}


def _files() -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield path, size and time of change of the regular files in the working folder."""
    for folder, below, names in os.walk("."):
        if folder == ".":
            below[:] = [name for name in below if name not in _KEPT_AT_HOME]
        for name in names:
            path = os.path.normpath(os.path.join(folder, name))  # noqa: PTH118 - as os.walk
            with contextlib.suppress(OSError):
                state = os.lstat(path)
                if stat.S_ISREG(state.st_mode):
                    yield path, (state.st_size, state.st_mtime_ns)
