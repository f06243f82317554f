"""A scratch course of our configuration, and nbgrader's own commands run in it."""

import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NoReturn

import warm
from nbgrader import api
from nbgrader.api import Gradebook

ROOT = Path(__file__).parent.parent
NBGRADER = [sys.executable, "-m", "nbgrader"]
AUTOGRADER = [sys.executable, "-m", "autograder.cli"]
COURSE, ASSIGNMENT = "neuron-course", "neuron"
OPEN = "/tmp"  # every user may enter it; the folders that pytest makes are closed to others
_USER = "60700"  # owns nothing on the machine
GRADED = {"test_sigmoid": 4.0, "test_cost": 6.0, "test_dC_dw": 7.0, "test_dC_db": 3.0}


@functools.cache
def _generated() -> "tempfile.TemporaryDirectory[str]":
    """Return a folder, gone when the tests are over, with a course in it as it was generated."""
    folder = tempfile.TemporaryDirectory(prefix="generated-")
    course = Course(Path(folder.name))
    course.configure("")
    course.generate()
    return folder


class Course:
    """A course in a folder; `Course.make` generates its assignment, `copy` costs no more than its files."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.environment = {
            **os.environ,
            "HOME": str(folder),
            "XDG_CACHE_HOME": warm.CACHE,
            "JUPYTER_CONFIG_DIR": str(folder / "jupyter"),
            "JUPYTER_DATA_DIR": str(folder / "data"),
        }

    @classmethod
    def make(cls, folder: Path, settings: str = "") -> "Course":
        """Make a course with the assignment generated and nothing handed in, and some more settings.

        It is generated once and copied, unless the settings name a gradebook elsewhere.
        """
        course = cls(folder) if "db_url" in settings else cls(Path(_generated().name)).copy(folder)
        course.configure(settings)
        if "db_url" in settings:
            course.generate()
        return course

    def configure(self, settings: str) -> None:
        """Write the configuration, with some more settings."""
        config = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "nbgrader_config.py").write_text(config + settings, encoding="utf-8")

    def generate(self) -> None:
        """Generate the assignment."""
        shutil.copytree(ROOT / "source", self.folder / "source")
        result = self.nbgrader("generate_assignment", ASSIGNMENT)
        assert result.returncode == 0, result.stderr

    def copy(self, folder: Path) -> "Course":
        """Return a copy of this course as it is now."""
        shutil.copytree(self.folder, folder, symlinks=True, dirs_exist_ok=True)
        return Course(folder)

    def nbgrader(self, *arguments: str, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess:
        """Run an nbgrader command, by a program `before` it if need be; return what it printed and its status."""
        if before:
            return self._run([*before, *NBGRADER, *arguments])
        return warm.run("nbgrader", [*arguments], self.folder, self.environment)

    def _run(self, command: list[str]) -> subprocess.CompletedProcess:
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=3600,
        )

    def autograde(self, *options: str) -> subprocess.CompletedProcess:
        """Run `nbgrader autograde`."""
        return self.nbgrader("autograde", ASSIGNMENT, *options)

    def batch(self, *options: str) -> subprocess.CompletedProcess:
        """Run `autograder autograde`, with one worker unless the options say how many: each takes seconds to start."""
        workers = () if {"--workers", "--scheduler"} & {*options} else ("--workers", "1")
        return warm.run("autograder", ["autograde", ASSIGNMENT, *workers, *options], self.folder, self.environment)

    def review(self, *options: str) -> subprocess.CompletedProcess:
        """Run `autograder review`."""
        return warm.run("autograder", ["review", ASSIGNMENT, *options], self.folder, self.environment)

    def start_batch(self, *options: str) -> subprocess.Popen:
        """Start `autograder autograde` and do not wait for it."""
        return self._start([*AUTOGRADER, "autograde", ASSIGNMENT, *options])

    def start(self, *arguments: str) -> subprocess.Popen:
        """Start an nbgrader command and do not wait for it."""
        return self._start([*NBGRADER, *arguments])

    def _start(self, command: list[str]) -> subprocess.Popen:
        return subprocess.Popen(
            command, cwd=self.folder, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def submission(self, student: str) -> Path:
        """Return a student's folder, to put a submission into."""
        folder = self.folder / "submitted" / student / ASSIGNMENT
        folder.mkdir(parents=True)
        return folder

    @property
    def db_url(self) -> str:
        """The gradebook's address."""
        return f"sqlite:///{self.folder / 'gradebook.db'}"

    def rows(self, db_url: str = "") -> list[str]:
        """Return all that the gradebook holds of students and submissions, row by row, without its random ids."""
        with Gradebook(db_url or self.db_url, COURSE) as gradebook:
            rows: list[tuple[Any, ...]] = [("courses", *sorted(course.id for course in gradebook.db.query(api.Course)))]
            rows += [(one.id, one.first_name, one.last_name, one.email) for one in gradebook.students]
            for submission in gradebook.db.query(api.SubmittedAssignment):
                student = submission.student_id
                rows.append((student, submission.timestamp, submission.extension, submission.score))
                for nb in submission.notebooks:
                    rows.append((student, nb.name, nb.flagged, nb.score, nb.late_submission_penalty))
                    rows += [(student, one.cell.name, one.cell.type, *_grade(one)) for one in nb.grades]
                    rows += [(student, one.cell.name, one.auto_comment, one.manual_comment) for one in nb.comments]
        return sorted(map(repr, rows))

    def files(self) -> dict[str, tuple[int, bytes]]:
        """Return what a run leaves besides the gradebook: each file's mode and content by its name."""
        found = {}
        for top in ("autograded", "outcomes", "dropped"):
            for path in sorted((self.folder / top).rglob("*")):
                content = b"" if path.is_dir() else path.read_bytes()
                found[str(path.relative_to(self.folder))] = (path.lstat().st_mode, content)
        return found

    def finished(self) -> int:
        """Return how many submissions have been graded so far; files that a run is just writing do not count."""
        outcomes = (self.folder / "outcomes").rglob("*.json")
        return sum(json.loads(path.read_text())["outcome"] == "graded" for path in outcomes)

    def outcomes(self) -> dict[str, dict[str, Any]]:
        """Return what lies under `outcomes/` by student; what is no strict JSON raises."""
        paths = sorted((self.folder / "outcomes").rglob("*"))
        return {
            str(path.relative_to(self.folder / "outcomes" / ASSIGNMENT)).removesuffix(".json"): json.loads(
                path.read_text(encoding="utf-8"), parse_constant=_refuse
            )
            for path in paths
            if not path.is_dir()
        }

    def marks(self) -> dict[str, dict[str, float | None]]:
        """Return the automatic marks in the gradebook, by student and grade cell."""
        with Gradebook(f"sqlite:///{self.folder / 'gradebook.db'}") as gradebook:
            return {
                submission.student.id: {
                    grade.name: grade.auto_score for grade in notebook.grades if grade.cell.cell_type == "code"
                }
                for submission in gradebook.assignment_submissions(ASSIGNMENT)
                for notebook in submission.notebooks
            }


def _grade(grade: Any) -> tuple[Any, ...]:
    return grade.auto_score, grade.manual_score, grade.extra_credit, grade.needs_manual_grade


def _refuse(constant: str) -> NoReturn:
    msg = f"{constant} is no JSON"
    raise ValueError(msg)


def as_user(course: Course) -> tuple[str, ...]:
    """Hand a course to an ordinary user; return what to put before a command that is to be run as them.

    For one who is an ordinary user already that is nothing.
    """
    if os.getuid() != 0:
        return ()
    subprocess.run(["chown", "-R", f"{_USER}:{_USER}", str(course.folder.parent)], check=True)
    drop = ("setpriv", "--reuid", _USER, "--regid", _USER, "--clear-groups")
    show = showing_python(course.folder.parent)
    return ("unshare", "--mount", "sh", "-ec", f'{"; ".join(show)}; exec "$@"', "sh", *drop) if show else drop


def showing_python(folder: Path) -> list[str]:
    """Return lines of a shell in a mount namespace of its own, after which every user can reach the interpreter.

    There are none where they can anyway; where it lies in a folder that nobody else may enter, as /root, it is shown
    there by itself.

    Args:
        folder: gets an empty folder `python`.
    """
    prefix = Path(sys.base_prefix).resolve()
    closed = [path for path in prefix.parents if not path.stat().st_mode & 1]
    if not closed:
        return []
    aside = folder / "python"
    aside.mkdir()
    return [
        f"mount --bind {prefix} {aside}",
        f"mount -t tmpfs -o mode=755 tmpfs {closed[-1]}",
        f"mkdir -p {prefix}",
        f"mount --bind {aside} {prefix}",
    ]
