"""Matplotlib's list of fonts, made once on the host: without it each fresh process searches the disk for seconds."""

import os
import subprocess
import sys
from pathlib import Path

from platformdirs import user_cache_dir

_PATTERN = "fontlist-*.json"


def font_lists() -> list[Path]:
    """Return the files to copy into a student process's Matplotlib folder; empty where they cannot be made."""
    folder = Path(user_cache_dir("autograder")) / "matplotlib"
    known = sorted(folder.glob(_PATTERN))
    if not known:
        _make(folder)
        known = sorted(folder.glob(_PATTERN))
    return known


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-c", "import matplotlib.font_manager"]
        environment = {**os.environ, "MPLCONFIGDIR": str(folder), "MPLBACKEND": "agg"}
        subprocess.run(command, env=environment, capture_output=True, check=False, timeout=300)
    except (OSError, subprocess.TimeoutExpired):
        return  # Matplotlib will search for itself: slower, not wrong
