"""Commands of ours in a real container over this machine's own files; see `tests/containers/run`."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from scratch import ROOT

_RUN = Path(__file__).parent / "containers" / "run"
_PROGRAMS = Path(sys.executable).parent
_SECONDS = 3600


def in_container(
    user: str, profile: str, program: str, *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program of this virtual environment as `root` or `user`, from the repository's folder; skip without podman.

    Args:
        user: as whom.
        profile: what the container refuses: `docker`, `podman`, `unconfined` or `unmasked`.
        program: its name.
        arguments: its own.
        environment: more variables than this process has.
    """
    missing = [name for name in ("podman", "runc") if shutil.which(name) is None]
    if os.getuid() != 0 or missing:
        pytest.skip("a container needs root, podman and runc")
    command = [str(_RUN), user, profile, str(_PROGRAMS / program), *arguments]
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    )
