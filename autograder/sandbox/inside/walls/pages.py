"""The memory of the process that submissions are forked from, in large pages where the kernel can."""

import contextlib
import ctypes
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_MADV_COLLAPSE = 25  # <linux/mman.h>, since Linux 6.1; an older kernel refuses, and all is a little slower


def collapse() -> None:
    """Put what has been allocated so far into large pages: forking then copies one entry where it copied hundreds."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace").splitlines():
            span, rights, _, _, inode, *_ = line.split()
            if rights == "rw-p" and inode == "0":  # memory, and no file's
                start, end = (int(number, 16) for number in span.split("-"))
                _LIBC.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _MADV_COLLAPSE)
