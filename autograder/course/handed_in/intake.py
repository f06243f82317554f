"""What was handed in, looked at before anybody opens it: only regular files of the assignment, within limits."""

import contextlib
import hashlib
import os
import re
import stat
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.utils import parse_utc

from autograder.course.records.private import own_beside
from autograder.judge.files import read_regular
from autograder.judge.notebook import NotebookError, read
from autograder.sandbox.limits import Limits
from autograder.sandbox.printable import printable

TIMESTAMP = "timestamp.txt"
NBGRADERS = (TIMESTAMP, "submission_secret.txt")  # what nbgrader itself puts beside a submission
_MAX_NAMED = 20
_MAX_NAME = 60
_MAX_NAMED_CHARACTERS = 100
_NONE = "no notebook was handed in"
_ARCHIVES = {".zip", ".gz", ".tgz", ".tar", ".7z", ".rar", ".bz2", ".xz"}
_DOCUMENTS = (".pdf", ".doc", ".docx", ".odt", ".rtf", ".pages")
TEXTS = (".txt", ".md")
_PHOTOS = (".jpg", ".jpeg", ".heic")
_ABOUT_FILES = re.compile(r"readme|requirements|licen[cs]e", re.IGNORECASE)
_MAX_DEPTH = 1000  # characters of a path within the submission


@dataclass(frozen=True)
class Found:
    """A submission's notebook, and notes of what else was there; `path` is where it lay."""

    content: dict[str, Any]
    path: Path
    notes: tuple[str, ...] = ()


class MissingError(NotebookError):
    """A notebook of several was not handed in."""


def read_submission(path: Path, limits: Limits, known: Collection[str]) -> Found:
    """Return the notebook at `path`, or the only other one beside it, which was then renamed by the student.

    Args:
        path: where it should be.
        limits: on what is read.
        known: the names of the assignment's notebooks.

    Raises:
        MissingError: it was not handed in, and is one of several.
        NotebookError: there is none that can be read; the text says why.
    """
    notes: tuple[str, ...] = ()
    if not os.path.lexists(path):
        if len(known) > 1:
            raise MissingError(f"{path.name} was not handed in")
        others = [other for other in sorted(path.parent.glob("*.ipynb")) if other.is_file()]
        if len(others) != 1:
            raise NotebookError(_nothing(path, others))
        notes = (f"{path.name} was missing; the only notebook, {others[0].name!r}, was graded in its place",)
        path = others[0]
    return Found(_read(path, limits), path, notes)


def only_other(found: Found, limits: Limits) -> Found:
    """Return the only other notebook beside one that is as it was handed out: the student worked in a copy.

    Where there is none, or it cannot be read, that one stays.
    """
    others = [other for other in sorted(found.path.parent.glob("*.ipynb")) if other.is_file() and other != found.path]
    if len(others) != 1:
        return found
    try:
        content = _read(others[0], limits)
    except NotebookError:
        return found
    said = f"{found.path.name} is as it was handed out; the only other notebook, {others[0].name!r}, was graded"
    return Found(content, others[0], (*found.notes, f"{said} in its place"))


def _read(path: Path, limits: Limits) -> dict[str, Any]:
    try:
        data = read_regular(path, limits.notebook_bytes)
    except NotebookError as error:
        raise NotebookError(f"{printable(path.name)}: {error}") from error
    content = read(data)
    if len(content["cells"]) > limits.notebook_cells:
        raise NotebookError(f"the notebook has {len(content['cells'])} cells, more than {limits.notebook_cells}")
    return content


def _nothing(path: Path, others: list[Path]) -> str:
    if others:
        return (
            f"{path.name} is missing, and there are {len(others)} other notebooks: "
            f"{', '.join(repr(other.name) for other in others[:_MAX_NAMED])}"
        )
    return f"no notebook was handed in: {path.name} is missing"


def misnamed(folder: Path, names: Collection[str]) -> str:
    """Return why a submission of which no notebook has its name cannot be graded, where there are several."""
    others = sorted(folder.glob("*.ipynb"))
    if not others:
        return missing_notebook(folder, names)
    wanted = " and ".join(f"{name}.ipynb" for name in names)
    found = ", ".join(repr(printable(other.name)) for other in others[:_MAX_NAMED])
    return f"no notebook has its name: {wanted} are wanted, and there are {found}"


def missing_notebook(folder: Path, names: Collection[str]) -> str:
    """Return why a submission without a notebook at its top cannot be graded, and what its student should do.

    Args:
        folder: of the submission.
        names: of the assignment's notebooks.
    """
    wanted = " and ".join(f"{name}.ipynb" for name in names) or "the notebook"
    for path in sorted(folder.rglob("*"), key=lambda path: (path.suffix != ".ipynb", path)):
        inside = printable(str(path.relative_to(folder)))[:_MAX_NAMED_CHARACTERS]
        if path.is_dir() or inside in NBGRADERS:
            continue
        if path.suffix == ".ipynb":
            return f"{_NONE}: {inside!r} lies in a folder; hand in {wanted} itself, without a folder around it"
        if path.suffix in _ARCHIVES:
            return f"{_NONE}: {inside!r} is an archive; hand in {wanted} itself"
        return f"{_NONE}, but {inside!r}; hand in {wanted}, saved by Jupyter"
    return _NONE


def set_aside(folder: Path, destination: Path, limits: Limits) -> None:
    """Move what nbgrader must not copy out of a submission: links, pipes, devices, what is too large, deep or much.

    So is what cannot be read, and a timestamp that says no time. Nothing is deleted: the instructor finds it in
    `destination`, whose own entries are numbered, so that none can stand in the way of another or lead elsewhere.
    """
    aside = _Aside(destination)
    left = _Left(limits.submission_files, limits.submission_bytes)
    open_up(folder)
    for root, folders, files in os.walk(folder):
        if len(os.path.relpath(root, folder)) > _MAX_DEPTH:
            folders.clear()
            aside.take(folder / Path(root).relative_to(folder).parts[0])
            continue
        # Notebooks and the time first: nothing else that was handed in can take their place.
        for name in [*sorted(files, key=lambda name: not name.endswith((".ipynb", TIMESTAMP))), *folders]:
            path = Path(root) / name
            open_up(path)
            if not (_may_stay(path, limits.file_bytes) and left.for_one_more(path)):
                aside.take(path)
        folders[:] = [name for name in folders if (Path(root) / name).is_dir()]
    if (folder / TIMESTAMP).exists() and not _says_when(folder / TIMESTAMP):
        aside.take(folder / TIMESTAMP)


class _Left:
    """How many files, and bytes of them, may still stay."""

    def __init__(self, files: int, size: int) -> None:
        self._files = files
        self._size = size

    def for_one_more(self, path: Path) -> bool:
        """Say whether there is room for one more, and count it."""
        state = path.lstat()
        size = state.st_size if stat.S_ISREG(state.st_mode) else 0
        if self._files < 1 or self._size < size:
            return False
        self._files -= 1
        self._size -= size
        return True


class _Aside:
    """Where things are moved to; counts them, for there can be a great many."""

    def __init__(self, destination: Path) -> None:
        self._destination = destination
        self._number = len(list(destination.iterdir())) if destination.is_dir() else 0

    def take(self, path: Path) -> None:
        """Move a file or a folder there."""
        self._destination.mkdir(parents=True, exist_ok=True)
        while os.path.lexists(target := self._destination / f"{self._number}-{path.name}"[:_MAX_NAME]):
            self._number += 1
        path.replace(target)
        self._number += 1


def open_up(path: Path) -> None:
    """Let a file be read and a folder be entered and changed, where they are ours and merely closed."""
    state = path.lstat()
    needed = 0o700 if stat.S_ISDIR(state.st_mode) else 0o400 if stat.S_ISREG(state.st_mode) else 0
    if state.st_mode & needed != needed:
        with contextlib.suppress(PermissionError):
            path.chmod(stat.S_IMODE(state.st_mode) | needed)


def _may_stay(path: Path, max_bytes: int) -> bool:
    """Return whether nbgrader can deal with it; a notebook that cannot be read is refused in words later."""
    state = path.lstat()
    if stat.S_ISDIR(state.st_mode):
        return True
    readable = path.suffix == ".ipynb" or os.access(path, os.R_OK)
    return stat.S_ISREG(state.st_mode) and state.st_size <= max_bytes and readable


def _says_when(path: Path) -> bool:
    try:
        parse_utc(path.read_text().strip() or "1970-01-01")
    except (OSError, ValueError, OverflowError, TypeError):
        return False
    return True


def documents(folder: Path, expected: Collection[str] | None) -> list[str]:
    """Return the names of files in which a student may have answered in words: a text, a scan.

    Args:
        folder: of the submission.
        expected: the files that belong to the assignment; None where any others are used, as data often are.
    """
    kinds = _DOCUMENTS if expected is None else (*_DOCUMENTS, *TEXTS, *_PHOTOS)
    return [
        name
        for name in _beside(folder)
        if name.casefold().endswith(kinds) and name not in (expected or ()) and not _ABOUT_FILES.match(Path(name).name)
    ][:_MAX_NAMED]


def notes_on_files(folder: Path, aside: Path, expected: set[str] | None) -> list[str]:
    """Return what to say about a submission's files that were not used.

    Args:
        folder: of the submission.
        aside: where others of its files went, of `aside_folder`.
        expected: the files that belong to the assignment; None where any others are used.
    """
    unknown = [] if expected is None else [name for name in _beside(folder) if name not in expected]
    notes = [f"file {name!r} is not part of the assignment; it was not used" for name in unknown[:_MAX_NAMED]]
    moved = sorted(aside.iterdir()) if aside.is_dir() else []
    return notes + [
        f"{path.name.partition('-')[2]!r} is no regular file that can be read, or too much; it was moved to {aside}"
        for path in moved[:_MAX_NAMED]
    ]


def files_of(folder: Path, limits: Limits) -> dict[str, bytes]:
    """Return the files that were handed in beside the notebooks, by their paths in the submission."""
    found = {}
    for name in _beside(folder):
        with contextlib.suppress(NotebookError):
            found[name] = read_regular(folder / name, limits.file_bytes)
    return found


def digest_of(folder: Path, limits: Limits, *, whole: bool) -> str:
    """Return what changes when what was handed in does: a digest of names and contents.

    Args:
        folder: of the submission.
        limits: on what is read.
        whole: whether the files beside the notebooks count.
    """
    digest = hashlib.sha256()
    for name in [*sorted(path.name for path in folder.glob("*.ipynb")), *(_beside(folder) if whole else ())]:
        digest.update(b"\0" + os.fsencode(name) + b"\0")
        with contextlib.suppress(NotebookError):
            digest.update(read_regular(folder / name, max(limits.file_bytes, limits.notebook_bytes)))
    return digest.hexdigest()


def _beside(folder: Path) -> list[str]:
    """Return the paths of a submission's files that are neither notebooks nor nbgrader's own."""
    paths = [path for path in sorted(folder.rglob("*")) if not path.is_dir() and path.suffix != ".ipynb"]
    return [name for path in paths if (name := str(path.relative_to(folder))) not in NBGRADERS]


def set_aside_from(folder: Path, aside: Path, limits: Limits) -> None:
    """Set aside whatever of a submission must not be copied: see `set_aside`; so is a folder that is only a link.

    Args:
        folder: of the submission.
        aside: where it goes, of `aside_folder`.
        limits: on what stays.
    """
    own = (folder.parent, folder) if folder.parent.name == aside.parent.name else (folder,)
    for linked in own:
        if linked.is_symlink():  # to somebody else's, for instance
            _Aside(aside).take(linked)
            folder.mkdir(parents=True)
    set_aside(folder, aside, limits)
    if (top := aside.parent.parent).is_dir():
        own_beside(top, top.with_name("outcomes"))


def aside_folder(root: Path, student: str, assignment: str) -> Path:
    """Return where what is set aside from a submission goes, in the course at `root`."""
    return root / "dropped" / student / assignment
