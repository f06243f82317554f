"""Which code judges: digests of this package and of an assignment's graders, equal wherever their files are."""

import functools
import hashlib
import platform
from importlib.metadata import version
from pathlib import Path

import autograder
from autograder.grading.assignment import Assignment, digest, digest_of, sources

_PACKAGE = Path(autograder.__file__).parent
_DECISIVE = ("numpy", "scipy", "pytest", "ipython")  # what a mark could depend on besides
_LENGTH = 16


@functools.cache
def package_digest() -> str:
    """Return what tells this package, as this process has loaded it, from any other version of it.

    Assignments are left out: a worker takes their files as they are at each submission.
    """
    files = (path for path in sources(_PACKAGE) if not path.is_relative_to(_PACKAGE / "assignments"))
    versions = (platform.python_version(), *(f"{name} {version(name)}" for name in _DECISIVE), digest(_PACKAGE, files))
    return hashlib.sha256("\n".join(versions).encode()).hexdigest()[:_LENGTH]


def graders_digest(assignment: Assignment) -> str:
    """Return what changes when an assignment's graders or settings do."""
    return digest_of(assignment.folder)[:_LENGTH]
