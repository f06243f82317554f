"""One JSON file per submission under `outcomes/<assignment>/`, written whole or not at all."""

import json
import os
import platform
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from nbgrader.coursedir import CourseDirectory

from autograder.course.intake import TIMESTAMP
from autograder.judge.outcome import Judgement, refused

FOLDER = "outcomes"
UNFINISHED = "not graded yet, or its grading did not finish: grade it again"
_MAX_TIMESTAMP = 100


def path_of(root: Path, assignment: str, student: str) -> Path:
    """Return where a submission's outcome lies."""
    return root / FOLDER / assignment / f"{student}.json"


def write(root: Path, student: str, judgement: Judgement, timestamp: str | None) -> None:
    """Write a submission's outcome in place of an older one."""
    path = path_of(root, judgement.assignment, student)
    data = judgement.to_json(student) | {
        "student": student,
        "timestamp": timestamp,
        "notes": list(judgement.notes),
        "versions": {"python": platform.python_version()}
        | {n: version(n) for n in ("autograder", "nbgrader", "numpy")},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, suffix=".tmp", delete=False, encoding="utf-8") as file:
        json.dump(data, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)


def read(root: Path, assignment: str, student: str) -> dict[str, Any] | None:
    """Return a submission's outcome, or None where there is none that can be read."""
    try:
        data = json.loads(path_of(root, assignment, student).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) else None


def timestamp_of(folder: Path) -> str | None:
    """Return when a submission was handed in, as nbgrader wrote it beside it."""
    path = folder / TIMESTAMP
    if path.is_symlink() or not path.is_file():
        return None
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(_MAX_TIMESTAMP).strip() or None


def announce(coursedir: CourseDirectory) -> None:
    """Give every submission that has no outcome, or an older submission's, one that says it is not graded yet.

    So each submission has an outcome whatever happens next; the true one takes its place when it is known.
    """
    assignment = coursedir.assignment_id
    root = Path(coursedir.root)
    pattern = Path(coursedir.format_path(coursedir.submitted_directory, coursedir.student_id, assignment))
    for folder in sorted(pattern.parent.parent.glob(f"{pattern.parent.name}/{pattern.name}")):
        student, timestamp = folder.parent.name, timestamp_of(folder)
        known = read(root, assignment, student)
        if folder.is_dir() and (known is None or known.get("timestamp") != timestamp or not known.get("exercises")):
            reason = UNFINISHED if any(folder.glob("*.ipynb")) else "no notebook was handed in"
            write(root, student, refused(assignment, reason), timestamp)
