"""Solution files outside any course: a `.py` with the functions, or a notebook."""

import os
import stat
import tokenize
from pathlib import Path
from typing import Any

from autograder.judge.notebook import NotebookError, from_script, read


def read_solution(path: Path, exercises: tuple[str, ...], max_bytes: int) -> tuple[dict[str, Any], str]:
    """Return a solution as a notebook, and the `__name__` under which it runs.

    Raises:
        NotebookError: the file cannot be used; the text says why.
    """
    data = _read_bytes(path, max_bytes)
    if path.suffix == ".ipynb":
        return read(data), "__main__"
    if path.suffix != ".py":
        raise NotebookError("neither a .py nor an .ipynb file")
    if not data.strip():
        raise NotebookError("the file is empty")
    return from_script(_decode(data), exercises), path.stem


def _read_bytes(path: Path, max_bytes: int) -> bytes:
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:  # noqa: PTH123 - no waiting
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise NotebookError("not a regular file")
            data = file.read(max_bytes + 1)
    except FileNotFoundError as error:
        raise NotebookError("no such file") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise NotebookError(f"cannot be read: {reason}") from error
    if len(data) > max_bytes:
        raise NotebookError(f"larger than {max_bytes // (1 << 20)} MiB")
    return data


def _decode(data: bytes) -> str:
    lines = iter(data.splitlines(keepends=True))
    try:
        encoding, _ = tokenize.detect_encoding(lambda: next(lines, b""))
        return data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise NotebookError("the file is not text in UTF-8") from error
