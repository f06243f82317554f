"""The kernel's limits on a submission, of memory, time, files and processes: set here, and whether one is reached.

Where a submission has no user namespace of its own, the kernel counts all processes of its user on the machine
together, and a limit has to be set above those that are there already.
"""

import mmap
import os
import resource

_OWN = 8  # processes of ours around a submission, at the most, that are counted with it
_MOST = 1 << 22  # more processes than a kernel can have
_MEMORY = 64 << 20

_measured: int | None = None  # how many were counted a moment ago, before this process was forked
_few = False  # whether they were hardly more than our own when this process was forked


def fork() -> int:
    """Fork as `os.fork`; the child knows whether the kernel counts many others with it.

    Raises:
        OSError: the machine has no room for another process.
    """
    global _few  # noqa: PLW0603 - a fork has it
    soft, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    try:
        resource.setrlimit(resource.RLIMIT_NPROC, (_OWN if hard == resource.RLIM_INFINITY else min(_OWN, hard), hard))
        _few = True
        return os.fork()
    except BlockingIOError:
        _few = False
        resource.setrlimit(resource.RLIMIT_NPROC, (soft, hard))
        return os.fork()
    finally:
        resource.setrlimit(resource.RLIMIT_NPROC, (soft, hard))


def measure() -> None:
    """Count what is counted with this process, for those that are forked from it."""
    global _measured  # noqa: PLW0603 - a fork has it
    _measured = used()


def limits_above_others(limits: dict[str, int], neighbours: int, *, shared: bool) -> dict[str, int]:
    """Return limits, with the one on processes set above the number that is counted already.

    Args:
        limits: by the names that `resource` has for them.
        neighbours: submissions beside this one that may start as many processes, where they are counted together.
        shared: whether they are counted together for sure; otherwise that was found out when this process was forked.
    """
    if _few and not shared:
        return limits
    others = used() if _measured is None else _measured
    processes = limits["RLIMIT_NPROC"]
    return {**limits, "RLIMIT_NPROC": others + processes * (1 + neighbours)}


def apply(limits: dict[str, int]) -> list[str]:
    """Set limits, each no higher than the machine allows; return the names of those that are lower than asked for."""
    lowered = []
    for name, value in limits.items():
        number = getattr(resource, name)
        _, hard = resource.getrlimit(number)
        if hard != resource.RLIM_INFINITY and hard < value:
            lowered.append(name)
        allowed = value if name not in lowered else hard
        resource.setrlimit(number, (allowed, allowed))
    return lowered


def refused() -> list[str]:
    """Return what the machine refuses even to a process without a submission's limits, by the limits' names."""
    found = []
    if not _can_fork():
        found.append("RLIMIT_NPROC")
    try:
        mmap.mmap(-1, _MEMORY).close()
    except OSError:
        found.append("RLIMIT_AS")
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        found.append("RLIMIT_NOFILE")
    return found


def counted_apart() -> bool:
    """Say whether the kernel counts the processes around this one by themselves, whatever their user has besides."""
    return used() <= _OWN


def used() -> int:
    """Return how many processes and threads the kernel counts with this one; 0 where no limit holds, as for root.

    A child tries with which limits it may still fork: what is counted may be where no /proc shows it.
    """
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(writer, str(_least_limit()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader, "rb") as file:
        least = int(file.read() or 0)
    os.waitpid(pid, 0)
    return max(least - 2, 0)  # without that child, and the one that it forked


def _least_limit() -> int:
    """Return the least limit on processes with which this one may fork."""
    _, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    most = _MOST if hard == resource.RLIM_INFINITY else hard
    low, high = 0, _OWN
    while high < most and not _fits(high, hard):
        low, high = high, min(2 * high, most)
    while low + 1 < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _fits(middle, hard) else (middle, high)
    return high


def _fits(limit: int, hard: int) -> bool:
    resource.setrlimit(resource.RLIMIT_NPROC, (limit, hard))
    return _can_fork()


def _can_fork() -> bool:
    try:
        pid = os.fork()
    except OSError:
        return False
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return True
