"""What of a course everybody on the machine can read: marks, solutions, students' work, what is handed in."""

import stat
from collections.abc import Iterator
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import Exchange
from sqlalchemy import make_url

from autograder.course.deadlines import extensions
from autograder.course.records import history, outcomes

_OWN = ("nbgrader_config.py", "grades.csv", extensions.FILE, outcomes.FOLDER, history.FOLDER, "dropped")
_INBOUND = ("inbound", "feedback")  # of the exchange: everybody may put something there, nobody may look


def warnings(coursedir: CourseDirectory, exchange: Exchange, graders: Path) -> Iterator[str]:
    """Yield, in words, what is open to everybody and what to do.

    Args:
        coursedir: of the course.
        exchange: of the course; it need not be there.
        graders: the course's folder of hidden folders; it need not be there.
    """
    found = [path for path in _places(coursedir, graders) if is_open(path)]
    if found:
        root = Path(coursedir.root)
        names = [str(path.relative_to(root)) if path.is_relative_to(root) else str(path) for path in found]
        yield (
            f"everybody on this machine can read {', '.join(names)}: marks, students' work or solutions; "
            f"chmod -R o-rwx {' '.join(names)}"
        )
    if coursedir.course_id:
        for name in _INBOUND:
            folder = Path(exchange.root) / str(coursedir.course_id) / name
            if is_open(folder):
                yield f"everybody on this machine can list {folder}, and so what students hand in: chmod o-r {folder}"


def _places(coursedir: CourseDirectory, graders: Path) -> Iterator[Path]:
    root = Path(coursedir.root)
    url = make_url(coursedir.db_url)
    if url.get_backend_name() == "sqlite" and url.database:
        yield root / url.database
    yield from (root / name for name in _OWN)
    yield from (path for path in sorted(root.glob("*.csv")) if path.name not in _OWN)
    steps = ("source", "submitted", "autograded", "feedback")
    yield from (root / getattr(coursedir, f"{step}_directory") for step in steps)
    yield graders


def is_open(path: Path) -> bool:
    """Say whether everybody can read what lies at a path: it, and each folder above it, lets others in."""
    try:
        modes = [folder.stat().st_mode for folder in path.absolute().parents]
        return bool(path.stat().st_mode & stat.S_IROTH) and all(mode & stat.S_IXOTH for mode in modes)
    except OSError:
        return False
