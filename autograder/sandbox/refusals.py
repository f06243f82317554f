"""Who refused a submission something: the machine, or its own limits.

Nobody may lose points because others on the machine used up its processes, memory or open files.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from autograder.sandbox.answers import Raised
from autograder.sandbox.channel import Channel, ChannelError
from autograder.sandbox.limits import GIB, MIB, Limits

_DISK = "disk"  # no limit of the kernel's: how large the scratch folder is
_SECONDS = 5.0  # for the first process of a submission to try for itself
# What Python raises where the kernel refuses a process or thread, memory, or an open file: the type, a part of the
# message, and the limit on it.
_RAISED = (
    ("BlockingIOError", "", "RLIMIT_NPROC"),
    ("RuntimeError", "can't start new thread", "RLIMIT_NPROC"),
    ("MemoryError", "", "RLIMIT_AS"),
    ("_ArrayMemoryError", "", "RLIMIT_AS"),
    ("ImportError", "failed to map segment", "RLIMIT_AS"),
    ("OSError", "[Errno 12]", "RLIMIT_AS"),
    ("OSError", "[Errno 23]", "RLIMIT_NOFILE"),
    ("OSError", "[Errno 24]", "RLIMIT_NOFILE"),
    ("OSError", "[Errno 27]", "RLIMIT_FSIZE"),
    ("OSError", "[Errno 28]", _DISK),
)
_SHORT_OF = {
    "RLIMIT_NPROC": "processes",
    "RLIMIT_AS": "memory",
    "RLIMIT_NOFILE": "open files",
    "RLIMIT_FSIZE": "room for a file",
    _DISK: "room for files",
}


class MachineError(ChannelError):
    """The machine, not a limit of the submission's own, refused it a process, memory or an open file."""


def short_of(limit: str) -> str:
    """Return in words what the machine is short of."""
    return f"this machine has not enough {_SHORT_OF[limit]} left"


def reached(error: Raised, limits: Limits) -> str | None:
    """Return in words which of its limits a submission reached when it raised an error, or None where it was none."""
    limit = _limit_behind(error)
    if limit is None:
        return None
    allowed = {
        "RLIMIT_NPROC": f"{limits.processes} processes and threads",
        "RLIMIT_AS": f"{_size(limits.address_space)} of memory per process",
        "RLIMIT_NOFILE": f"{limits.descriptors} open files",
        "RLIMIT_FSIZE": f"{_size(limits.file_bytes)} per file",
        _DISK: f"{_size(limits.scratch_bytes)} of files",
    }
    return f"the limit of {allowed[limit]} was reached"


def _size(count: float) -> str:
    return f"{count / GIB:g} GiB" if count >= GIB else f"{count / MIB:g} MiB"


def _limit_behind(error: Raised) -> str | None:
    found = (limit for kind, text, limit in _RAISED if error.type == kind and text in error.message)
    return next(found, None)


class Refusals:
    """Tells for one submission whether it was the machine that refused something.

    Args:
        control: to its first process, which has none of the submission's limits.
        noted: takes other messages that come on it.
        crowded: says whether others may have used up processes that are counted with the submission's.
    """

    def __init__(
        self, control: Channel, noted: Callable[[dict[str, object]], None], crowded: Callable[[], bool]
    ) -> None:
        self._control = control
        self._noted = noted
        self._crowded = crowded
        self.lowered: Collection[str] = ()  # the limits that the machine sets lower than the submission's own

    def behind(self, error: Raised) -> str | None:
        """Return what the machine was short of when student code raised an error, or None where it was not."""
        limit = _limit_behind(error)
        return limit if limit is not None and self.is_short_of(limit) else None

    def is_short_of(self, limit: str) -> bool:
        """Say whether the machine itself has nothing left of what a limit is on; student code has no say in this."""
        return limit in self.lowered or limit in self._room() or (limit == "RLIMIT_NPROC" and self._crowded())

    def used(self) -> int:
        """Return how many processes the kernel counts with the submission's; 0 where that cannot be told."""
        found = self._asked({"op": "room", "count": True}).get("used")
        return found if type(found) is int else 0

    def _room(self) -> Collection[str]:
        """Return what the machine refuses now even to a process without the submission's limits."""
        refused = self._asked({"op": "room"}).get("refused")
        return [str(name) for name in refused] if isinstance(refused, list) else ()

    def _asked(self, question: dict[str, Any]) -> dict[str, Any]:
        """Ask the submission's first process, which holds no student code."""
        deadline = time.monotonic() + _SECONDS
        try:
            self._control.send(question, deadline)
            while "refused" not in (message := self._control.receive(deadline)):
                self._noted(message)
        except ChannelError:
            return {}
        return message


def processes_below(pid: int) -> int:
    """Return how many processes and threads a submission has, as this machine sees them.

    Args:
        pid: of the process that holds it, or of a zygote that holds others as well; the largest is counted then.
    """
    children, threads, first = _all_processes()
    tree = _below(pid, children)
    inside = [number for number in tree if number in first]  # the first processes of pid namespaces
    roots = [number for number in inside if not set(_below(number, children)[1:]) & set(inside)] or [pid]
    return max(sum(threads[number] for number in _below(root, children)) for root in roots)


def _below(pid: int, children: dict[int, list[int]]) -> list[int]:
    found = [pid]
    for number in found:
        found += children[number]
    return found


def _all_processes() -> tuple[dict[int, list[int]], dict[int, int], set[int]]:
    """Return each process's children, its threads, and which ones are the first of a pid namespace."""
    children: defaultdict[int, list[int]] = defaultdict(list)
    threads: defaultdict[int, int] = defaultdict(int)
    first = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            lines = (folder / "status").read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:  # it has ended
            continue
        status = dict(line.split(":", 1) for line in lines if ":" in line)
        pid = int(folder.name)
        children[int(status["PPid"])].append(pid)
        threads[pid] = int(status.get("Threads", 1))
        inside = status.get("NSpid", "").split()
        if len(inside) > 1 and inside[-1] == "1":
            first.add(pid)
    return children, threads, first
