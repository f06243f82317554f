"""`autograder review`: the pages on a Jupyter server in the course's folder, or all of them in one file."""

import os
import sys
from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path

from autograder.course.records.private import write_private
from autograder.review.pages.archive import archive
from autograder.review.pages.extension import READ_AHEAD
from autograder.review.pages.links import PATH, quoted
from autograder.review.reading.classroom import Classroom
from autograder.review.reading.model import ReviewError
from autograder.review.reading.pseudonyms import pseudonymous

_MB = 1e6
_ON_A_HUB = "JUPYTERHUB_SERVICE_PREFIX"  # the hub sets it in the servers that it starts


def run(options: Namespace) -> int:
    """Serve the review until it is stopped, or write the archive; returns the exit status.

    Raises:
        ReviewError: there is no such assignment here, or nothing of it has been graded.
    """
    classroom = Classroom.load(Path.cwd(), options.assignment)
    if options.html is None:
        prefix = os.environ.get(_ON_A_HUB)
        asked = options.port or options.jupyter
        return _say_where(prefix, options.assignment) if prefix and not asked else _serve(options)
    if options.pseudonyms:
        classroom = pseudonymous(classroom)
    size = _write(options.html, archive(classroom))
    names = "pseudonyms in the place of names" if options.pseudonyms else "names"
    print(f"{options.html}: {len(classroom.students)} submissions, with {names}; {size / _MB:.1f} MB")
    return 0


def _write(path: Path, pieces: Iterable[str]) -> int:
    """Write a file that is there whole or not at all; returns its size in bytes.

    Raises:
        ReviewError: there is no such folder, or there is something else by that name.
    """
    if not path.parent.is_dir():
        raise ReviewError(f"{path}: there is no folder {path.parent} to write it in")
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise ReviewError(f"{path}: this is no file but a link, a folder or a device; give another name")
    with write_private(path) as file:
        file.writelines(pieces)
    return path.stat().st_size


def _say_where(prefix: str, assignment: str) -> int:
    """Say where the review is in a server of a JupyterHub, which shows it by itself; nobody would reach another one."""
    print(f"this JupyterHub server has the review, below the hub's address, at\n{prefix}{PATH}/{quoted(assignment)}/")
    print("(--port N starts a server of its own instead)")
    return 0


def _serve(options: Namespace) -> int:
    """Become a Jupyter server with JupyterLab and Formgrader, which opens the review in a browser."""
    command = [sys.executable, "-m", "jupyterlab", f"--LabApp.default_url=/{PATH}/{quoted(options.assignment)}/"]
    command += [f"--ServerApp.port={options.port}"] if options.port else []
    command += ["--no-browser"] if options.no_browser else []
    command += options.jupyter
    os.environ[READ_AHEAD] = options.assignment
    sys.stdout.flush()
    os.execv(sys.executable, command)  # noqa: S606 - no shell is wanted
