"""One run of a command: wall-clock seconds, CPU seconds of all that came of it, and the most memory its parent had."""

import contextlib
import itertools
import os
import re
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_SAMPLE_SECONDS = 0.1
_CGROUPS = Path("/sys/fs/cgroup")
_numbers = itertools.count()


@dataclass(frozen=True)
class Measured:
    """What a run took; `memory` in bytes."""

    seconds: float
    cpu: float
    memory: int


def run(command: list[str], folder: Path, environment: dict[str, str]) -> Measured:
    """Run a command to its end.

    Raises:
        RuntimeError: it failed; the text says what it said last.
    """
    with _accounting() as (before, spent), tempfile.TemporaryFile("w+") as errors:
        began, memory = time.perf_counter(), 0
        process = subprocess.Popen(
            [*before, *command], cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=errors
        )
        while process.poll() is None:
            memory = max(memory, _peak(process.pid))
            time.sleep(_SAMPLE_SECONDS)
        seconds = time.perf_counter() - began
        if process.returncode:
            errors.seek(0)
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{errors.read()[-2000:]}")
        return Measured(seconds, spent(), memory)


def _peak(pid: int) -> int:
    with contextlib.suppress(OSError):
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
        return int(found.group(1)) * 1024 if found else 0
    return 0


@contextlib.contextmanager
def _accounting() -> Iterator[tuple[list[str], Callable[[], float]]]:
    """Yield what to put before a command, and what then tells its CPU seconds.

    Students' processes are waited for by nobody, so the kernel's count for a parent misses them; a control group has
    them. Where none can be made, what is printed is without them.
    """
    version1, version2 = _CGROUPS / "cpuacct", _CGROUPS
    base = version1 if version1.is_dir() else version2
    group = base / f"benchmark-{os.getpid()}-{next(_numbers)}"
    usage = group / ("cpuacct.usage" if base is version1 else "cpu.stat")
    try:
        group.mkdir()
        usage.read_text()
    except OSError:
        start = resource.getrusage(resource.RUSAGE_CHILDREN)
        yield [], lambda: _children() - start.ru_utime - start.ru_stime
        return
    try:
        yield ["sh", "-c", f'echo $$ >{group}/cgroup.procs && exec "$@"', "sh"], lambda: _group_seconds(usage)
    finally:
        with contextlib.suppress(OSError):
            group.rmdir()


def _group_seconds(usage: Path) -> float:
    text = usage.read_text()
    found = re.search(r"usage_usec (\d+)", text)
    return int(found.group(1)) / 1e6 if found else int(text) / 1e9


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
