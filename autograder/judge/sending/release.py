"""Which code judges: digests of this package and of an assignment's graders, equal wherever their files are."""

import functools
import hashlib
import platform
from importlib.metadata import version
from pathlib import Path

import autograder
from autograder.grading.assignment import Assignment

_PACKAGE = Path(autograder.__file__).parent
_SUFFIXES = (".py", ".toml")
_DECISIVE = ("numpy", "scipy", "pytest", "ipython")  # what a mark could depend on besides
_LENGTH = 16

Fingerprint = tuple[tuple[str, int, int], ...]


@functools.cache
def package_digest() -> str:
    """Return what tells this package, as this process has loaded it, from any other version of it.

    Assignments are left out: a worker takes their files as they are at each submission.
    """
    files = [path for path in sources(_PACKAGE) if not path.is_relative_to(_PACKAGE / "assignments")]
    versions = [f"{name} {version(name)}" for name in _DECISIVE]
    return _digest(_PACKAGE, files, [platform.python_version(), *versions])


def graders_digest(assignment: Assignment) -> str:
    """Return what changes when an assignment's graders or settings do."""
    return _graders_digest(assignment.folder, assignment.fingerprint())


@functools.lru_cache(16)
def _graders_digest(folder: Path, _fingerprint: Fingerprint) -> str:
    return _digest(folder, sources(folder), [])


def sources(folder: Path) -> list[Path]:
    """Return the files in a folder that decide how it judges."""
    return sorted(path for path in folder.rglob("*") if path.suffix in _SUFFIXES)


def _digest(folder: Path, files: list[Path], more: list[str]) -> str:
    digest = hashlib.sha256("\n".join(more).encode())
    for path in files:
        digest.update(f"\0{path.relative_to(folder)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:_LENGTH]
