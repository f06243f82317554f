"""What `os.utime` raises, where the filter of system calls lets it do nothing: see `TIMES` outside.

This is no wall, but for honest code: `Path.touch` creates a file when it learns here that there is none.
"""

import contextlib
import errno
import os
from typing import Any

_set_times = os.utime


def raise_as_before() -> None:
    """Let `os.utime` raise for a file that is missing, or is on a file system that is mounted read-only."""
    for support in (os.supports_fd, os.supports_dir_fd, os.supports_follow_symlinks):
        if _set_times in support:
            support.add(_utime)
    os.utime = _utime


def _utime(path: Any, *arguments: Any, **options: Any) -> None:
    where = {name: options[name] for name in ("dir_fd", "follow_symlinks") if name in options}
    os.stat(path, **where)  # noqa: PTH116 - of a descriptor, too
    with contextlib.suppress(FileNotFoundError):  # a link to nothing, or a name in another folder
        if os.statvfs(path).f_flag & os.ST_RDONLY:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)
    _set_times(path, *arguments, **options)
