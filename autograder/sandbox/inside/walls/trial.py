"""A trial of the landlock wall, from behind it: rules that are accepted but do not hold are worse than none."""

import contextlib
import importlib
import os
import resource
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

_MODULE = "colorsys"  # which nothing here loads


def report(zygote: int, folder: str) -> dict[str, Any]:
    """Try what must fail and what must work; return the fields of the report.

    Args:
        zygote: the process that submissions are forked from.
        folder: in which the scratch folders of all are.
    """
    refused: list[tuple[str, Callable[[], object]]] = [
        ("reading the folder of others' files", lambda: os.listdir(folder)),
        ("writing a file outside its own folder", lambda: Path(folder, "left").write_bytes(b"")),
        ("reading /proc", lambda: os.listdir("/proc")),
        ("a signal to another process", lambda: os.kill(zygote, 0)),
        ("another process's limits", lambda: resource.prlimit(zygote, resource.RLIMIT_CORE)),
        ("a socket", socket.socket),
    ]
    for what, attempt in refused:
        with contextlib.suppress(OSError):
            attempt()
            return {"stands": False, "failed": f"{what} is not refused", "errno": 0}
    allowed: list[tuple[str, Callable[[], object]]] = [
        ("writing a file of its own", lambda: Path("made").write_bytes(b"")),
        ("loading a module of Python's", lambda: importlib.import_module(_MODULE)),
        ("starting a program", lambda: subprocess.run(["/bin/true"], check=True)),
    ]
    for what, attempt in allowed:
        try:
            attempt()
        except (OSError, ImportError, subprocess.SubprocessError) as error:
            return {"stands": False, "failed": f"{what}: {error}", "errno": getattr(error, "errno", 0) or 0}
    return {"stands": True}
