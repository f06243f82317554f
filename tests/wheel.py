"""The wheel as a user gets it, and an environment in which nothing else was installed by hand."""

import functools
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROGRAMS = Path(sys.executable).parent


@functools.cache
def built() -> tuple[Path, "tempfile.TemporaryDirectory[str]"]:
    """Build the sdist, and the wheel of it; returns the wheel, and its folder, gone when the tests are over."""
    folder = tempfile.TemporaryDirectory(prefix="wheel-")
    build = [sys.executable, "-m", "hatchling", "build", "-d", folder.name, "-t"]
    subprocess.run([*build, "sdist"], cwd=ROOT, check=True, capture_output=True)
    (sources,) = Path(folder.name).glob("*.tar.gz")
    with tarfile.open(sources) as opened:
        opened.extractall(folder.name, filter="data")
    unpacked = sources.with_name(sources.name.removesuffix(".tar.gz"))
    subprocess.run([*build, "wheel"], cwd=unpacked, check=True, capture_output=True)
    (wheel,) = Path(folder.name).glob("*.whl")
    return wheel, folder


def install(folder: Path) -> Path:
    """Make a virtual environment in a folder of the wheel and what it asks for; returns its folder of programs.

    The versions are those that the tests have themselves, so that the cache that `make setup` has filled will do.
    """
    uv = str(PROGRAMS / "uv")
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    versions = folder.with_suffix(".txt")
    frozen = subprocess.run(
        [uv, "pip", "freeze", "--python", sys.executable], check=True, capture_output=True, text=True
    )
    versions.write_text("".join(line + "\n" for line in frozen.stdout.splitlines() if "==" in line))
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(folder)], check=True, env=environment)
    python = folder / "bin" / "python"
    command = [uv, "pip", "install", "--quiet", "--python", str(python), "--constraint", str(versions), str(built()[0])]
    subprocess.run(command, check=True, env=environment)
    return folder / "bin"
