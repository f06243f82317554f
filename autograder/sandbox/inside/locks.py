"""The locks of `multiprocessing` without shared memory: counters of the kernel, which a forked process inherits.

Those of the C library lie in /dev/shm, and wait by futexes in pages that several processes share; the walls allow
neither. With these, `Pool`, `ProcessPoolExecutor`, `Queue` and `Value` work as long as processes are forked, which is
what Python does on Linux unless it is told otherwise.
"""

import contextlib
import importlib
import os
import select
import threading
from multiprocessing import heap
from typing import Any, Self

_MOST = (1 << 31) - 1
_RECURSIVE = 0  # the kind of an RLock; that of everything else is 1


class SemLock:
    """Stands for `_multiprocessing.SemLock`, whose methods it has; their meaning is told in Python's source."""

    SEM_VALUE_MAX = _MOST

    def __init__(self, kind: int, value: int, maxvalue: int, name: str, unlink: bool) -> None:  # noqa: FBT001 - Python's
        self.kind, self.maxvalue, self.name = kind, maxvalue, name
        self.handle = os.eventfd(value, os.EFD_CLOEXEC | os.EFD_NONBLOCK | os.EFD_SEMAPHORE)
        self._times, self._owner = 0, 0
        del unlink  # nothing else is left of it when its last process ends

    def __del__(self) -> None:
        with contextlib.suppress(OSError, AttributeError):
            os.close(self.handle)

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:  # noqa: FBT001, FBT002 - Python's
        """Take one of what is counted; wait for it no longer than `timeout` seconds."""
        if self.kind == _RECURSIVE and self._is_mine():
            self._times += 1
            return True
        wait = None if block and timeout is None else max(timeout or 0.0, 0.0) if block else 0.0
        if not self._take(wait):
            return False
        self._times, self._owner = self._times + 1, threading.get_ident()
        return True

    def _take(self, seconds: float | None) -> bool:
        poll = select.poll()
        poll.register(self.handle, select.POLLIN)
        while True:
            with contextlib.suppress(BlockingIOError):
                os.eventfd_read(self.handle)
                return True
            if not poll.poll(None if seconds is None else seconds * 1000) and seconds is not None:
                return False

    def release(self) -> None:
        """Give one back."""
        if self.kind == _RECURSIVE:
            if not self._is_mine():
                raise AssertionError("attempt to release recursive lock not owned by thread")
            if self._times > 1:
                self._times -= 1
                return
        elif self.maxvalue < _MOST and self._get_value() >= self.maxvalue:
            raise ValueError("semaphore or lock released too many times")
        self._times -= 1
        os.eventfd_write(self.handle, 1)

    def _count(self) -> int:
        return self._times

    def _is_mine(self) -> bool:
        return self._times > 0 and self._owner == threading.get_ident()

    def _is_zero(self) -> bool:
        return not select.select([self.handle], [], [], 0)[0]

    def _get_value(self) -> int:
        """Count by taking all and giving them back: the kernel tells no other way without /proc."""
        value = 0
        with contextlib.suppress(BlockingIOError):
            while value < self.maxvalue:
                os.eventfd_read(self.handle)
                value += 1
        if value:
            os.eventfd_write(self.handle, value)
        return value

    def _after_fork(self) -> None:
        self._times = 0


def install() -> None:
    """Let `multiprocessing` use these, and its shared values lie in files of the working folder's disk."""
    library: Any = importlib.import_module("_multiprocessing")
    library.SemLock, library.sem_unlink = SemLock, lambda _name: None
    arena: Any = heap.Arena
    arena._dir_candidates = []  # noqa: SLF001 - /dev/shm, which nothing can be written to
