"""Solution files outside any course: a `.py` with the functions, or a notebook."""

import tokenize
from pathlib import Path
from typing import Any

from autograder.judge.files import read_regular
from autograder.judge.notebook import NotebookError, clean, from_script, read


def read_solution(path: Path, exercises: tuple[str, ...], max_bytes: int) -> tuple[dict[str, Any], str]:
    """Return a solution as a notebook, and the `__name__` under which it runs.

    Raises:
        NotebookError: the file cannot be used; the text says why.
    """
    data = read_regular(path, max_bytes, follow=True)
    if path.suffix == ".ipynb":
        return read(data), "__main__"
    if path.suffix != ".py":
        raise NotebookError("neither a .py nor an .ipynb file")
    if not data.strip():
        raise NotebookError("the file is empty")
    return from_script(_decode(data), exercises), clean(path.stem)


def _decode(data: bytes) -> str:
    lines = iter(data.splitlines(keepends=True))
    try:
        encoding, _ = tokenize.detect_encoding(lambda: next(lines, b""))
        return data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise NotebookError("the file is not text in UTF-8") from error
