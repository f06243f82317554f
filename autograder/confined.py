"""Runs our own code on what students wrote, in processes with limits on memory and time.

Parsers of HTML, markdown and Python need minutes or gigabytes for some texts of a few kilobytes. Who calls them here
loses one result at the most, after a known time.
"""

import atexit
import contextlib
import functools
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from pathlib import Path
from typing import ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from autograder.sandbox.limits import Confinement

P = ParamSpec("P")
T = TypeVar("T")

_PAGE = os.sysconf("SC_PAGE_SIZE")
_FROM_OUTSIDE = {-signal.SIGKILL, -signal.SIGTERM}  # exit codes; its own limits end a process otherwise
_STARTS = 2  # tries to hand over a task: the pool may have been lost to a signal since the last one


class ConfinedError(Exception):
    """The work did not end well; the text says why, in words that may follow a colon."""


class Confined:
    """A few processes for work that may take too long or too much memory; they are started by the first call.

    Calls may come from several threads. Each process does one call at a time; one that is stopped is replaced.

    Args:
        limits: how many processes, how long each call may take, and how much memory.
        modules: loaded before the first call, so that its time is the work's own.
    """

    def __init__(self, limits: Confinement, modules: tuple[str, ...] = ()) -> None:
        self._limits = limits
        self._modules = modules
        self._lock = threading.Lock()
        self._pool: ProcessPool | None = None
        self._owner = 0

    def __call__(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function of one of our modules in a confined process; arguments and result must be plain data.

        Raises:
            ConfinedError: it took too long or too much memory, its process ended, or it raised an exception.
        """
        return self.within(self._limits.seconds, function, *args, **kwargs)

    def within(self, seconds: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function with a time limit of its own.

        Raises:
            ConfinedError: as for any other call.
        """
        try:
            return self._done(seconds, functools.partial(function, *args, **kwargs))
        except TimeoutError as error:
            raise ConfinedError(f"it took longer than {seconds:g} s") from error
        except MemoryError as error:
            raise ConfinedError(f"it took more than {self._limits.memory >> 20} MiB of memory") from error
        except (ProcessExpired, BrokenProcessPool, CancelledError) as error:
            raise ConfinedError("its process ended: too much memory, or a fault of a library") from error
        except RecursionError as error:
            raise ConfinedError("it is nested too deeply") from error
        except Exception as error:
            raise ConfinedError(" ".join(f"{type(error).__name__}: {error}".split())[:200]) from error

    def _done(self, seconds: float, work: Callable[[], T]) -> T:
        """Have it done; once more where the process was killed from outside, which says nothing of the work."""
        try:
            return self._scheduled(seconds, work)
        except ProcessExpired as error:
            if error.exitcode not in _FROM_OUTSIDE:
                raise
        return self._scheduled(seconds, work)

    def _scheduled(self, seconds: float, work: Callable[[], T]) -> T:
        for _ in range(_STARTS):
            pool = self._running()
            with contextlib.suppress(RuntimeError):  # the pool broke between the calls
                future = pool.schedule(work, timeout=seconds)
                break
            self.close()
        else:
            raise ConfinedError("no process for it can be started")
        result: T = future.result()
        return result

    def _running(self) -> ProcessPool:
        with self._lock:
            if self._pool is None or self._owner != os.getpid():  # a fork inherits the object, not the processes
                context = multiprocessing.get_context("forkserver")
                # In vain where the server runs already: each process then loads them by itself.
                context.set_forkserver_preload(list(self._modules))
                self._owner = os.getpid()
                self._pool = ProcessPool(
                    max_workers=self._limits.processes,
                    initializer=_begin,
                    initargs=(self._limits.memory, self._modules),
                    context=context,
                )
                atexit.register(self.close)
            return self._pool

    def close(self) -> None:
        """End the processes; the next call starts new ones."""
        with self._lock:
            pool, self._pool = self._pool, None
        atexit.unregister(self.close)
        if pool is not None and self._owner == os.getpid():
            pool.stop()
            pool.join()


@functools.cache
def confined(limits: Confinement, modules: tuple[str, ...]) -> Confined:
    """Return the one `Confined` of this process for these limits and modules."""
    return Confined(limits, modules)


def _begin(memory: int, modules: tuple[str, ...]) -> None:
    """Prepare a confined process: load what it needs, limit what it may take, and end with the process that asked."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the kernel then ends even what never comes back to Python
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for module in modules:
        __import__(module)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * _PAGE
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = used + memory if hard == resource.RLIM_INFINITY else min(used + memory, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
