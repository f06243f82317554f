"""What the first process of a submission does behind the landlock wall, in the place of namespaces and mounts.

It counts processes and the scratch folder's size, and kills what is left at the end. Memory and time: see `rlimits`.
"""

import contextlib
import os
import select
import signal
import time
from collections.abc import Sequence
from typing import Any

from .reaper import Guard
from .usage import OverLimit, Scratch, children, descendants

_LOOK_SECONDS = 0.025
_MAPS_EVERY = 20  # looks
_REST_SECONDS = 0.001
_WALL = 0x4000_0000


class ConfinedGuard(Guard):
    """Watches a scratch folder and the number of processes, and ends all that came of this process.

    Args:
        scratch: the submission's folder.
        shared: descriptors that only the process that runs the cells is to have: its channel, and a pipe that it closes
            once it is confined.
        confined: the other end of that pipe; until then the process cannot be looked at, and runs no student code.
        alone: whether a signal to all reaches none but its own: by a user of its own, or by Landlock.
    """

    def __init__(self, scratch: Scratch, shared: Sequence[int], confined: int, *, alone: bool) -> None:
        self._scratch = scratch
        self._shared = shared
        self._confined: int | None = confined
        self._alone = alone
        self._processes: int | None = None
        self._looks = 0
        self._next = 0.0

    def begin(self) -> None:
        """Leave to the process that runs the cells what is its own."""
        for number in self._shared:
            os.close(number)

    def watch(self, message: dict[str, Any]) -> None:
        """Take the limits on processes and on the scratch folder."""
        self._processes, self._scratch.most = message["processes"], message["scratch_bytes"]
        self.seconds = _LOOK_SECONDS

    def look(self) -> str | None:
        """Compare what is used with the limits; where it is more, end all processes and return what it was."""
        now = time.monotonic()
        if self._processes is None or now < self._next or not self._is_confined():
            return None
        self._next = now + _LOOK_SECONDS / 2
        self._looks += 1
        try:
            if self._has_too_many(self._processes):
                return f"it has more than {self._processes} processes and threads"
            self._scratch.check(descendants(os.getpid()), maps=self._looks % _MAPS_EVERY == 0)
        except OverLimit as error:
            self._kill()
            return str(error)
        except OSError:  # this machine has no open file left, say: looked again soon
            return None
        return None

    def _has_too_many(self, most: int) -> bool:
        """Count processes and threads; where there are too many, kill whoever has started most, and all it started.

        Where others have the same user, the kernel's own limit is above this one.
        """
        found = descendants(os.getpid())
        if 1 + sum(found.values()) <= most:
            return False
        started = {pid: threads + len(children(pid)) for pid, threads in found.items()}
        offender = max(started, key=lambda pid: started[pid])
        for pid in (*descendants(offender), offender):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        return True

    def _is_confined(self) -> bool:
        if self._confined is not None and select.select([self._confined], [], [], 0)[0]:
            os.close(self._confined)
            self._confined = None
        return self._confined is None

    def holds(self, pid: int) -> bool:
        """Return whether a process came of this one: a submission may say any number."""
        return pid in descendants(os.getpid())

    def end(self) -> None:
        """Kill until nobody is left; all orphans come to this process."""
        with contextlib.suppress(ChildProcessError):
            while True:
                self._kill()
                while os.waitpid(-1, os.WNOHANG | _WALL) != (0, 0):
                    pass
                time.sleep(_REST_SECONDS)

    def _kill(self) -> None:
        if self._alone:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(-1, signal.SIGKILL)
            return
        for number in (signal.SIGSTOP, signal.SIGSTOP, signal.SIGKILL):  # one that was forked meanwhile is stopped, too
            for pid in descendants(os.getpid()):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, number)
