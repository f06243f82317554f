"""A lock on a folder: what one process does there at a time; it ends with the process that holds it."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from autograder.course.errors import RunError


@contextlib.contextmanager
def alone_in(folder: Path, taken: str = "") -> Iterator[None]:
    """Let no other process do the same in a folder meanwhile; ends with the process, however that ends.

    Args:
        folder: that is there.
        taken: what to say where another one does; without it, its end is waited for.

    Raises:
        RunError: another one does.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (fcntl.LOCK_NB if taken else 0))
        except BlockingIOError as error:
            raise RunError(f"{folder}: {taken}") from error
        yield
    finally:
        os.close(descriptor)
