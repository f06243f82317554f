"""The file to judge in a folder of whatever a student has uploaded."""

import os
from collections.abc import Iterator
from pathlib import Path

from autograder.grading.assignment import Assignment
from autograder.judge.notebook import NotebookError
from autograder.sandbox.printable import printable

_ENTRIES = 5_000
_DEPTH = 4
_NAMES = 3  # of the files that a message lists
_ENDINGS = (".ipynb", ".py")
_NOT_WORK = {"__MACOSX", "__pycache__"}  # what archives and Jupyter bring along


def the_file(folder: Path, assignment: Assignment) -> Path:
    """Return the notebook or .py file to judge: the one that is named as the assignment's notebook, or the only one.

    A link is never followed: it could lead to the graders' own files.

    Raises:
        NotebookError: there is none, or it is not clear which.
    """
    found = sorted(_files(folder), key=lambda path: (len(path.parts), str(path)))
    for ending in _ENDINGS:
        here = [path for path in found if path.suffix == ending]
        named = [path for path in here if path.stem in (assignment.notebook, assignment.name)]
        if named or len(here) == 1:
            return (named or here)[0]
        if here:
            names = ", ".join(printable(path.name, kept="") for path in here[:_NAMES])
            more = ", …" if len(here) > _NAMES else ""
            wanted = f"{assignment.notebook}{ending}"
            raise NotebookError(f"there are {len(here)} {ending} files ({names}{more}): name the one to mark {wanted}")
    raise NotebookError(f"there is no notebook in it: hand in {assignment.notebook}.ipynb or {assignment.notebook}.py")


def _files(folder: Path) -> Iterator[Path]:
    """Yield the regular files with the right endings, hidden ones and links left out.

    Raises:
        NotebookError: there are too many entries.
    """
    seen = 0
    for root, folders, names in os.walk(folder):
        deep = len(Path(root).relative_to(folder).parts) >= _DEPTH
        folders[:] = [] if deep else sorted(name for name in folders if name not in _NOT_WORK and name[0] != ".")
        seen += len(names) + len(folders)
        if seen > _ENTRIES:
            raise NotebookError(f"more than {_ENTRIES:,} files were handed in")
        paths = (Path(root) / name for name in names if name.endswith(_ENDINGS) and name[0] != ".")
        yield from (path for path in paths if path.is_file() and not path.is_symlink())
