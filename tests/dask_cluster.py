"""A Dask cluster of our own, as an instructor would start one."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENCE = 120.0
_DASK = [sys.executable, "-m"]


class Cluster:
    """A Dask scheduler of our own, and its workers, in a folder that has nothing of a course."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._file = folder / "scheduler.json"
        self._processes: list[subprocess.Popen] = []

    def start(self) -> str:
        """Start the scheduler and return its address."""
        self._run("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", {})
        wait_for(self._file.is_file)
        return str(json.loads(self._file.read_text())["address"])

    def add_workers(self, count: int, environment: dict[str, str], *options: str) -> None:
        """Start workers, each a process that its nanny replaces."""
        some = ("--nworkers", str(count), "--nthreads", "1")
        self._run("distributed.cli.dask_worker", *some, *options, environment)

    def _run(self, module: str, *options: Any) -> None:
        *arguments, environment = options
        command = [*_DASK, module, *arguments, "--no-dashboard", "--scheduler-file", str(self._file)]
        log = (self._folder / "log").open("a")
        started = subprocess.Popen(
            command, cwd=self._folder, env={**os.environ, **environment}, stdout=log, stderr=subprocess.STDOUT
        )
        self._processes.append(started)

    def stop(self) -> None:
        """End all of it."""
        for process in reversed(self._processes):
            process.terminate()
            process.wait(PATIENCE)


def wait_for(there: Callable[[], object]) -> None:
    """Wait until something is there."""
    deadline = time.monotonic() + PATIENCE
    while not there():
        assert time.monotonic() < deadline, "what was waited for never came"
        time.sleep(0.1)


@contextmanager
def cluster(folder: Path, count: int, environment: dict[str, str] | None = None, *options: str) -> Iterator[str]:
    """Keep a cluster with that many workers, all of which have come; yields the scheduler's address."""
    from distributed import Client  # noqa: PLC0415 - takes its time

    folder.mkdir()
    found = Cluster(folder)
    try:
        address = found.start()
        if count:
            found.add_workers(count, environment or {}, *options)
            with Client(address, set_as_default=False) as client:
                client.wait_for_workers(count, PATIENCE)
        yield address
    finally:
        found.stop()
