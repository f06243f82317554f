"""An assignment's settings, read from its hidden folder: the course's own, or one that the package brings."""

import functools
import hashlib
import os
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, ParamSpec, TypeVar

from autograder import assignments
from autograder.grading.hidden import grader_files, module_of
from autograder.sandbox.limits import ORDINARY, Limits

P = ParamSpec("P")
Result = TypeVar("Result")

SETTINGS = "assignment.toml"
GRADERS = Path("graders")  # a course's folder of hidden folders, unless its configuration says otherwise
_MOMENT = 0.5  # seconds
_SOURCES = (".py", ".toml")
_KEYS = {"notebook", "exercises", "given", "files", "ordinary", "preload", "run_after_last_grade_cell", "limits"}


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
    files: tuple[str, ...] | None = ()  # those that students get; None for all that were handed out and handed in
    ordinary: bool = False  # its time and limits are those of an assignment without graders
    preload: tuple[str, ...] = ("numpy",)
    run_after_last_grade_cell: bool = False
    limits: Limits = field(default_factory=Limits)

    def fingerprint(self) -> tuple[tuple[str, int, int], ...]:
        """Return what changes when a file of this assignment changes."""
        return fingerprint_of(str(self.folder))

    def module(self, name: str) -> ModuleType | None:
        """Return a module of its folder, or None where there is no file of this name.

        Raises:
            Exception: whatever the module raises when it is imported.
        """
        if not (self.folder / f"{name}.py").is_file():
            return None
        return module_of(self.folder, name, self.fingerprint())


def _lately(look: Callable[P, Result]) -> Callable[P, Result]:
    """Reuse a result for a moment: a submission asks for the same files several times."""
    seen: dict[object, tuple[float, Result]] = {}

    @functools.wraps(look)
    def looked(*names: P.args, **more: P.kwargs) -> Result:
        """Return what was seen a moment ago, or look anew."""
        now = time.monotonic()
        if names not in seen or now - seen[names][0] > _MOMENT:
            seen[names] = now, look(*names, **more)
        return seen[names][1]

    return looked


@_lately
def fingerprint_of(folder: str) -> tuple[tuple[str, int, int], ...]:
    """Return what changes when a source file in a folder changes."""
    return tuple(sorted(_stats(folder)))


def _stats(folder: str) -> Iterator[tuple[str, int, int]]:
    """Yield path, time of change and size of each source file in a folder and those in it.

    There are hundreds: `Path.rglob` would take ten times as long.
    """
    if not os.path.isdir(folder):  # noqa: PTH112 - of an assignment without graders
        return
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _stats(entry.path)
            elif entry.name.endswith(_SOURCES):
                stat = entry.stat()
                yield entry.path, stat.st_mtime_ns, stat.st_size


def digest(folder: Path, files: Iterable[Path]) -> str:
    """Return what is equal for files of equal contents under the same names, wherever their folder is."""
    found = hashlib.sha256()
    for path in files:
        found.update(f"\0{path.relative_to(folder)}\0".encode())
        found.update(path.read_bytes())
    return found.hexdigest()


def digest_of(folder: Path) -> str:
    """Return what is equal for folders whose source files are equal."""
    return _digest_of(folder, fingerprint_of(str(folder)))


@functools.lru_cache(16)
def _digest_of(folder: Path, _fingerprint: object) -> str:
    return digest(folder, sources(folder))


def sources(folder: Path) -> list[Path]:
    """Return the files in a folder that decide how it judges."""
    return sorted(path for path in folder.rglob("*") if path.suffix in _SOURCES)


@_lately
def find(name: str, graders: Path | None = None) -> Assignment:
    """Return an assignment by its name.

    Args:
        name: nbgrader's.
        graders: the course's folder of hidden folders, which comes before what the package brings.

    Raises:
        AssignmentError: there is none of that name, or its settings cannot be used.
    """
    known = _folders(graders)
    if name not in known:
        msg = f"unknown assignment {name!r}; there is a grader for: {', '.join(sorted(known)) or 'none'}"
        raise AssignmentError(msg)
    return read(known[name])


def of_course(name: str, graders: Path) -> Assignment:
    """Return an assignment of a course; where there is no hidden folder, all its grade cells are ordinary ones.

    Raises:
        AssignmentError: its settings cannot be used.
    """
    if name in _folders(graders):
        return find(name, graders)
    folder = graders / name
    return Assignment(name, folder, name, (), (), None, ordinary=True, run_after_last_grade_cell=True, limits=ORDINARY)


def read(folder: Path) -> Assignment:
    """Return the assignment whose hidden folder this is.

    Raises:
        AssignmentError: its settings cannot be used.
    """
    path = folder / SETTINGS
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return _read(folder.name, folder, data)
    except (OSError, ValueError, TypeError) as error:
        raise AssignmentError(f"{path}: {error}") from error


def names(graders: Path | None = None) -> list[str]:
    """Return the names of the assignments there are; see `find`."""
    return sorted(_folders(graders))


def _folders(graders: Path | None) -> dict[str, Path]:
    roots = [Path(str(assignments.__file__)).parent, *([] if graders is None else [graders.absolute()])]
    return {path.parent.name: path.parent for root in roots for path in root.glob(f"*/{SETTINGS}")}


def _read(name: str, folder: Path, data: dict[str, Any]) -> Assignment:
    if unknown := set(data) - _KEYS:
        raise ValueError(f"unknown key {', '.join(sorted(unknown))}; known are {', '.join(sorted(_KEYS))}")
    graders = grader_files(folder)
    exercises = tuple(data.get("exercises", ()))
    if not exercises or set(exercises) != graders.keys():
        msg = f"exercises are {', '.join(exercises) or 'none'}, but there is a grader for {', '.join(sorted(graders))}"
        raise ValueError(msg)
    ordinary = bool(data.get("ordinary", False))
    return Assignment(
        name=name,
        folder=folder,
        notebook=str(data.get("notebook", name)),
        exercises=exercises,
        given=tuple(data.get("given", ())),
        files=tuple(data["files"]) if "files" in data else None,
        ordinary=ordinary,
        preload=tuple(data.get("preload", ("numpy",))),
        run_after_last_grade_cell=bool(data.get("run_after_last_grade_cell", ordinary)),
        limits=(ORDINARY if ordinary else Limits()).override(data.get("limits", {})),
    )
