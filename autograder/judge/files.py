"""Reading a file that somebody else made: never a device or a pipe, never without a limit."""

import os
import stat
from pathlib import Path

from autograder.judge.notebook import NotebookError


def read_regular(path: Path, max_bytes: int, *, follow: bool = False) -> bytes:
    """Return the bytes of a regular file, without waiting for anybody.

    Args:
        path: of the file.
        max_bytes: how many it may have.
        follow: whether it may be a symbolic link.

    Raises:
        NotebookError: it is no regular file, too large, or cannot be read; the text says why.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW)
    try:
        descriptor = os.open(path, flags)
    except FileNotFoundError as error:
        raise NotebookError("no such file") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise NotebookError(f"cannot be read: {reason}") from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise NotebookError("not a regular file")
        with open(descriptor, "rb", closefd=False) as file:
            data = file.read(max_bytes + 1)
    except OSError as error:
        raise NotebookError(f"cannot be read: {error.strerror}") from error
    finally:
        os.close(descriptor)
    if len(data) > max_bytes:
        raise NotebookError(f"larger than {max_bytes // (1 << 20)} MiB")
    return data
