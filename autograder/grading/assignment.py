"""An assignment's settings, read from its folder by name."""

import functools
import os
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from autograder import assignments
from autograder.grading.criteria import PREFIX
from autograder.sandbox.limits import Limits

Result = TypeVar("Result")

_MOMENT = 0.5  # seconds
_SOURCES = (".py", ".toml")
_KEYS = {"notebook", "exercises", "given", "files", "preload", "run_after_last_grade_cell", "limits"}


class AssignmentError(ValueError):
    """There is no such assignment, or its settings are wrong; the text says what to do."""


@dataclass(frozen=True)
class Assignment:
    """What `assignment.toml` says; `docs/authoring.md` explains each key."""

    name: str
    folder: Path
    notebook: str
    exercises: tuple[str, ...]
    given: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    preload: tuple[str, ...] = ("numpy",)
    run_after_last_grade_cell: bool = False
    limits: Limits = field(default_factory=Limits)

    def fingerprint(self) -> tuple[tuple[str, int, int], ...]:
        """Return what changes when a file of this assignment changes."""
        return fingerprint_of(str(self.folder))


def _lately(look: Callable[[str], Result]) -> Callable[[str], Result]:
    """Take what was seen a moment ago for what would be seen: a submission asks for the same files several times."""
    seen: dict[str, tuple[float, Result]] = {}

    @functools.wraps(look)
    def looked(name: str) -> Result:
        now = time.monotonic()
        if name not in seen or now - seen[name][0] > _MOMENT:
            seen[name] = now, look(name)
        return seen[name][1]

    return looked


@_lately
def fingerprint_of(folder: str) -> tuple[tuple[str, int, int], ...]:
    """Return what changes when a source file in a folder changes."""
    return tuple(sorted(_stats(folder)))


def _stats(folder: str) -> Iterator[tuple[str, int, int]]:
    """Yield path, time of change and size of each source file in a folder and those in it.

    There are hundreds: `Path.rglob` would take ten times as long.
    """
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _stats(entry.path)
            elif entry.name.endswith(_SOURCES):
                stat = entry.stat()
                yield entry.path, stat.st_mtime_ns, stat.st_size


@_lately
def find(name: str) -> Assignment:
    """Return an assignment by its name.

    Raises:
        AssignmentError: there is none of that name, or its settings cannot be used.
    """
    known = names()
    if name not in known:
        msg = f"unknown assignment {name!r}; there is a grader for: {', '.join(known) or 'none'}"
        raise AssignmentError(msg)
    folder = _folders()[name]
    path = folder / "assignment.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return _read(name, folder, data)
    except (OSError, ValueError, TypeError) as error:
        msg = f"{path}: {error}"
        raise AssignmentError(msg) from error


def names() -> list[str]:
    """Return the names of the assignments there are."""
    return sorted(_folders())


def _folders() -> dict[str, Path]:
    roots = [Path(root) for root in assignments.__path__]
    return {path.parent.name: path.parent for root in roots for path in root.glob("*/assignment.toml")}


def _read(name: str, folder: Path, data: dict[str, Any]) -> Assignment:
    if unknown := set(data) - _KEYS:
        msg = f"unknown key {', '.join(sorted(unknown))}; known are {', '.join(sorted(_KEYS))}"
        raise ValueError(msg)
    graders = {path.stem.removeprefix(PREFIX) for path in folder.glob(PREFIX + "*.py")}
    exercises = tuple(data.get("exercises", ()))
    if not exercises or set(exercises) != graders:
        msg = f"exercises are {', '.join(exercises) or 'none'}, but there is a grader for {', '.join(sorted(graders))}"
        raise ValueError(msg)
    return Assignment(
        name=name,
        folder=folder,
        notebook=str(data.get("notebook", name)),
        exercises=exercises,
        given=tuple(data.get("given", ())),
        files=tuple(data.get("files", ())),
        preload=tuple(data.get("preload", ("numpy",))),
        run_after_last_grade_cell=bool(data.get("run_after_last_grade_cell", False)),
        limits=Limits().override(data.get("limits", {})),
    )
