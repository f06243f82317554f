"""Processes, and what else the host sees of them, read from /proc."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Collection, Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from autograder.judge import collected

_OF_OTHERS = ("/pytest-of-", "/containers/", "/run/netns/")


def descendants(pid: int) -> set[int]:
    """Return the processes that came of this one."""
    children: dict[int, list[int]] = {}
    for process in _processes():
        with contextlib.suppress(OSError):
            fields = (process / "stat").read_text(errors="replace").rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(process.name))
    found: set[int] = set()
    new = [pid]
    while new:
        new = [child for parent in new for child in children.get(parent, [])]
        found |= set(new)
    return found


def is_busy(pid: int) -> bool:
    """Say whether a process runs, or would if there were a processor for it; one that is gone does not."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0] in "RD"
    return False


def owned_processes(users: Collection[int]) -> set[int]:
    """Return the processes that the host counts as these users', but for those of other test runs.

    Those stand below a process of somebody else's that is not ours; what got away from us would stand below ours, or
    below the machine's first.
    """
    ours = {1, os.getpid(), *descendants(os.getpid())}
    return {pid for pid in _of(users) if _above(pid, users) in ours}


def _above(pid: int, users: Collection[int]) -> int:
    """Return the nearest process above this one that is none of these users'."""
    with contextlib.suppress(OSError, KeyError):
        while pid > 1 and not uids(pid).isdisjoint(users):
            pid = parent_of(pid)
    return pid


def _of(users: Collection[int]) -> set[int]:
    found = set()
    for process in _processes():
        with contextlib.suppress(OSError):
            if process.stat().st_uid in users or not uids(int(process.name)).isdisjoint(users):
                found.add(int(process.name))
    return found


def status_of(pid: int) -> dict[str, str]:
    """Return the host's /proc/<pid>/status."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def name_of(pid: int) -> str:
    """Return the name of a process, or nothing where it is gone."""
    with contextlib.suppress(OSError):
        return status_of(pid)["Name"]
    return ""


def runs(pid: int) -> bool:
    """Return whether a process still runs: one that has ended may wait for ever for the machine's init to notice."""
    with contextlib.suppress(OSError):
        return status_of(pid)["State"][0] not in "ZX"
    return False


def parent_of(pid: int) -> int:
    """Return the parent of a process."""
    return int(status_of(pid)["PPid"])


def servers_and_workers(pid: int) -> dict[int, int]:
    """Return the process that a run's workers are forked from, and them, each with its parent."""
    found = {}
    for child in descendants(pid):
        with contextlib.suppress(OSError):
            if b"multiprocessing.forkserver" in Path(f"/proc/{child}/cmdline").read_bytes():
                found[child] = parent_of(child)
    return found


def uids(pid: int) -> set[int]:
    """Return the four uids of a process."""
    return {int(uid) for uid in status_of(pid)["Uid"].split()}


def memory_of(pid: int) -> int:
    """Return the resident memory of a process in bytes."""
    return int(status_of(pid)["VmRSS"].split()[0]) * 1024


def mounts() -> set[str]:
    """Return all mounts but those of other test runs and of containers, which may come and go at any time."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return {line for line in lines if not any(one in line.split()[4] for one in _OF_OTHERS)}


def segments(users: set[int]) -> set[str]:
    """Return these users' segments of shared memory."""
    lines = Path("/proc/sysvipc/shm").read_text().splitlines()[1:]
    return {line for line in lines if int(line.split()[7]) in users}


def _processes() -> Iterator[Path]:
    return (path for path in Path("/proc").iterdir() if path.name.isdigit())


@contextlib.contextmanager
def held(prefix: Sequence[str], count: int) -> Iterator[None]:
    """Keep processes running.

    Args:
        prefix: of their command, which makes another user of them.
        count: how many, besides the one that holds them.
    """
    wait = f"for n in $(seq {count}); do sleep 600 & done; echo started; exec cat"
    with subprocess.Popen(
        [*prefix, "sh", "-c", wait], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        try:
            yield
        finally:
            os.killpg(holder.pid, 9)


def has_loaded_what_judges() -> bool:
    """Say whether this process has collected graders and drawn a picture."""
    return "matplotlib" in sys.modules and bool(collected._collected)


def die_answering() -> bytes:
    """Let this process be killed when it has sent the first half of what is said here."""

    def send_half(connection: Connection, data: bytes) -> None:
        os.write(connection.fileno(), bytes(data)[: len(data) // 2])
        os.kill(os.getpid(), signal.SIGKILL)

    Connection._send = send_half
    return bytes(1000)
