"""Keeps `os.utime` honest where the filter of system calls lets it do nothing: see `PRETENDED` outside."""

import os
from typing import Any

_set_times = os.utime


def _utime(path: Any, *arguments: Any, **options: Any) -> None:
    """Set a file's times, or raise as for a file that is not there: `Path.touch` creates it then."""
    os.stat(path, **{name: options[name] for name in ("dir_fd", "follow_symlinks") if name in options})
    _set_times(path, *arguments, **options)


def notice_missing_files() -> None:
    """Put that function in the place of `os.utime`."""
    for support in (os.supports_fd, os.supports_dir_fd, os.supports_follow_symlinks):
        if _set_times in support:
            support.add(_utime)
    os.utime = _utime
