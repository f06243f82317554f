"""The Containerfile is built from this machine's files, and what it makes grades."""

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import wheel
from hand_ins import path_of
from scratch import OPEN, ROOT

pytestmark = [pytest.mark.slow, pytest.mark.full, pytest.mark.xdist_group("image")]  # they build one

BASE, IMAGE = "localhost/autograder-test-base", "localhost/autograder-test-grader"
PODMAN = ("podman", "--runtime", "runc")
_LINKS = ("bin", "sbin", "lib", "lib64")
_EMPTY = ("usr", "root", "home", "tmp", "var/tmp", "run", "proc", "sys", "dev")
_WRITTEN = {"passwd": "root:x:0:0:root:/root:/bin/sh\n", "group": "root:x:0:\n"}
_KEPT = ("login.defs", "ld.so.cache", "nsswitch.conf", "fonts", "alternatives", "ssl")
DOCKER = ROOT / "tests" / "containers" / "docker-like-seccomp.json"


def podman(*arguments: str, data: bytes | None = None) -> str:
    """Run podman; return what it printed."""
    done = subprocess.run([*PODMAN, *arguments], input=data, capture_output=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:].decode()
    return done.stdout.decode()


def base() -> bytes:
    """Return a root file system as a tar: folders, and of /etc what programs read; the rest is mounted."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name in _EMPTY:
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if name.endswith("tmp") else 0o755
            tar.addfile(entry)
        for name in _LINKS:
            if Path("/", name).is_symlink():
                tar.add(f"/{name}", name)
        for name in _KEPT:
            if Path("/etc", name).exists():
                tar.add(f"/etc/{name}", f"etc/{name}")
        for name, text in _WRITTEN.items():
            entry = tarfile.TarInfo(f"etc/{name}")
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text.encode()))
    return stream.getvalue()


@pytest.fixture(scope="module")
def volumes() -> Iterator[list[str]]:
    """Install the wheel into an environment; return what shows it, the interpreter and the system to a container."""
    if os.getuid() != 0 or any(shutil.which(name) is None for name in ("podman", "runc")):
        pytest.skip("a container needs root, podman and runc")
    with tempfile.TemporaryDirectory(prefix="grader-", dir=OPEN) as folder:
        Path(folder).chmod(0o755)
        programs = wheel.install(Path(folder) / "python")
        subprocess.run([programs / "python", "-m", "ensurepip"], check=True, capture_output=True)
        (programs / "pip").symlink_to("pip3")
        built = wheel.built()[0]
        read_only = ("/usr", str(Path(sys.base_prefix).resolve()), str(built.parent))
        found = ["--volume", f"{folder}:{folder}"]
        found += [option for path in read_only for option in ("--volume", f"{path}:{path}:ro")]
        podman("import", "--change", f"ENV PATH={programs}:/usr/sbin:/usr/bin:/sbin:/bin", "-", BASE, data=base())
        build = ["--file", str(ROOT / "Containerfile"), "--network", "none", "--tag", IMAGE, "--isolation", "oci"]
        given = {"BASE": BASE, "SYSTEM_PACKAGES": "", "PACKAGE": str(built)}
        build += [option for name, value in given.items() for option in ("--build-arg", f"{name}={value}")]
        try:
            podman("build", "--ulimit", "nofile=1024:4096", "--ulimit", "nproc=4096:4096", *build, *found, folder)
            yield found
        finally:
            subprocess.run(["podman", "rmi", "--force", IMAGE, BASE], capture_output=True, check=False)


def run(volumes: list[str], profile: list[str], *arguments: str) -> list[dict]:
    """Run the image's own command; return the lines of JSON that it printed."""
    limits = ("--ulimit", "nofile=1024:4096", "--ulimit", "nproc=4096:4096", "--network", "none")
    said = podman("run", "--rm", *limits, *profile, *volumes, IMAGE, *arguments)
    return [json.loads(line) for line in said.splitlines()]


@pytest.mark.parametrize(
    ("profile", "wall"),
    [([f"--security-opt=seccomp={DOCKER}"], "landlock"), ([], "single"), (["--security-opt=unmask=ALL"], "nested")],
    ids=["docker", "podman", "unmasked"],
)
def test_image_grades(volumes, profile, wall):
    """As its own ordinary user the doctor finds the wall that stands there, and a right solution has all points."""
    (found,) = run(volumes, profile, "doctor", "--json")
    assert (found["wall"], [one for one in found["checks"] if not one["ok"]]) == (wall, [])
    shown = [*volumes, "--volume", f"{path_of('right_stable')}:/course/right.py:ro"]
    (outcome,) = run(shown, profile, "check", "--json", "--assignment", "neuron", "right.py")
    assert (outcome["wall"], outcome["points"]) == (wall, 20.0)
