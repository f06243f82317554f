"""An assignment's hidden folder as data, for workers that share no disk with the course."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from autograder.grading.assignment import Assignment, sources
from autograder.judge.sending.release import graders_digest

_unpacked: dict[str, tempfile.TemporaryDirectory[str]] = {}  # by digest; they end with this process


@dataclass(frozen=True)
class Packed:
    """A hidden folder.

    Attributes:
        assignment: its name.
        digest: of its files: two with equal ones are equal.
        files: their contents, by their paths in it.
    """

    assignment: str
    digest: str
    files: tuple[tuple[str, bytes], ...] = field(repr=False)


def pack(assignment: Assignment) -> Packed:
    """Return an assignment's hidden folder as data."""
    folder = assignment.folder
    files = tuple((str(path.relative_to(folder)), path.read_bytes()) for path in sources(folder))
    return Packed(assignment.name, graders_digest(assignment), files)


def unpack(packed: Packed) -> Path:
    """Return a folder of this machine that holds the hidden folder under its assignment's name."""
    if packed.digest not in _unpacked:
        _unpacked[packed.digest] = tempfile.TemporaryDirectory(prefix="graders-")
    root = Path(_unpacked[packed.digest].name)
    folder = root / packed.assignment
    if not folder.is_dir():
        for name, data in packed.files:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    return root
