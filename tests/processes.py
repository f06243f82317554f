"""Processes as the host sees them, read from /proc."""

import contextlib
from collections.abc import Iterator
from pathlib import Path


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


def owned_processes(uid: int) -> set[int]:
    """Return the processes that the host counts as this user's."""
    found = set()
    for process in _processes():
        with contextlib.suppress(OSError):
            if process.stat().st_uid == uid or uid in uids(int(process.name)):
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


def uids(pid: int) -> set[int]:
    """Return the four uids of a process."""
    return {int(uid) for uid in status_of(pid)["Uid"].split()}


def memory_of(pid: int) -> int:
    """Return the resident memory of a process in bytes."""
    return int(status_of(pid)["VmRSS"].split()[0]) * 1024


def _processes() -> Iterator[Path]:
    return (path for path in Path("/proc").iterdir() if path.name.isdigit())
