"""A course with an exchange of its own, students who hand in through it, and `autograder watch` over it."""

import base64
import contextlib
import ctypes
import os
import random
import secrets
import signal
import struct
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import classes
import warm
from hand_ins import NEURON, fill
from nbgrader.utils import notebook_hash
from scratch import ASSIGNMENT, AUTOGRADER, COURSE, Course

from autograder.course.records import receipts

NAME = f"{ASSIGNMENT}.ipynb"
_MOVED_TO = 0x80  # of inotify(7)
_EVENT = struct.Struct("iIII")


def handed_in(solution: str = "right_stable") -> dict[str, bytes]:
    """Return the files of a submission."""
    files: dict[str, bytes] = NEURON.files(fill(classes.RELEASED, solution, "It cancels."), "hand_in")
    return files


class Watched:
    """The course in a folder.

    Args:
        folder: gets the course, the exchange and the students' homes.
        settings: more lines of its configuration.
    """

    def __init__(self, folder: Path, settings: str = "") -> None:
        self.root = folder
        self.exchange = folder / "exchange"
        self.exchange.mkdir()
        self.exchange.chmod(0o777)
        self.common = f"\nc.Exchange.root = {str(self.exchange)!r}\n"
        self.course = Course.make(folder / "course", self.common + settings)
        self._nbgrader(self.course.folder, "release_assignment", ASSIGNMENT)
        self.inbound = self.exchange / COURSE / "inbound"
        self.pages = self.exchange / COURSE / "feedback"
        self._secrets: dict[str, str] = {}

    def submit(self, student: str, solution: str = "right_stable") -> None:
        """Hand in with `nbgrader submit`."""
        home = self.root / "students" / student
        folder = home / ASSIGNMENT
        folder.mkdir(parents=True, exist_ok=True)
        config = f"c = get_config()\nc.CourseDirectory.course_id = {COURSE!r}\n"
        config += f"c.Exchange.cache = {str(home / 'cache')!r}\n"
        (home / "nbgrader_config.py").write_text(config + self.common)
        for name, content in handed_in(solution).items():
            (folder / name).write_bytes(content)
        self._nbgrader(home, "submit", ASSIGNMENT, "--student", student)

    def drop(
        self, student: str, files: Mapping[str, bytes | None], *, secret: str | None = None, when: str = ""
    ) -> Path:
        """Put files where `nbgrader submit` would put them, without its second; None for a folder.

        Args:
            student: whose.
            files: by name.
            secret: in place of a fresh one; nothing for a submission that is not finished.
            when: it is handed in, in place of now.
        """
        when = when or datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC")
        chance = base64.urlsafe_b64encode(os.urandom(9)).decode()
        folder = self.inbound / f"{student}+{ASSIGNMENT}+{when}+{chance}"
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content) if content is not None else (folder / name).mkdir()
        (folder / "timestamp.txt").write_text(when)
        self._secrets[student] = secrets.token_hex(64) if secret is None else secret
        if secret != "":
            (folder / "submission_secret.txt").write_text(self._secrets[student])
            folder.chmod(0o777)
        return folder

    def fetched(self, student: str) -> str:
        """Return what the student's `nbgrader fetch_feedback` brings for the last submission of `submit`."""
        home = self.root / "students" / student
        self._nbgrader(home, "fetch_feedback", ASSIGNMENT, "--student", student)
        pages = sorted((home / ASSIGNMENT / "feedback").glob("*/*.html"))
        return pages[-1].read_text() if pages else ""

    def page(self, student: str, notebook: str = ASSIGNMENT) -> str:
        """Return what would be fetched for the last submission of `drop`; nothing where that is nothing."""
        path = self.page_path(student, notebook)
        return path.read_text() if path.is_file() else ""

    def page_path(self, student: str, notebook: str = ASSIGNMENT) -> Path:
        """Return where that page is released."""
        return self.pages / f"{notebook_hash(secret=self._secrets[student], notebook_id=notebook)}.html"

    def _nbgrader(self, home: Path, *arguments: str) -> None:
        done = warm.run("nbgrader", [*arguments], home, self.course.environment)
        assert done.returncode == 0, done.stderr

    def watch(self, *options: str) -> subprocess.CompletedProcess:
        """Run it."""
        return warm.run("autograder", ["watch", ASSIGNMENT, *options], self.course.folder, self.course.environment)

    def start(self, *options: str, every: str = "0.2") -> subprocess.Popen:
        """Start it, and do not wait."""
        with (self.root / "said.txt").open("a") as said:
            return subprocess.Popen(
                [*AUTOGRADER, "watch", ASSIGNMENT, "--every", every, *options],
                cwd=self.course.folder,
                env=self.course.environment,
                stdout=said,
                stderr=said,
            )

    @property
    def said(self) -> str:
        """What all of those that were started have said."""
        return (self.root / "said.txt").read_text()

    def receipt(self, student: str) -> receipts.Receipt:
        """Return the receipt of a submission."""
        found = receipts.read(self.course.folder, ASSIGNMENT, student)
        assert found is not None
        return found

    def until(self, what: Callable[[], bool], seconds: float = 120) -> None:
        """Wait until something holds."""
        end = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < end, self.said
            time.sleep(0.05)

    def is_released(self, student: str) -> bool:
        """Say whether a student's feedback is out."""
        found = receipts.read(self.course.folder, ASSIGNMENT, student)
        return found is not None and bool(found.released)


def lines(text: str) -> dict[str, list[str]]:
    """Return what was said of each student, without the time."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        _, _, rest = line.partition(f" {ASSIGNMENT} ")
        student, _, said = rest.partition(": ")
        found.setdefault(student, []).append(said)
    return found


class Releases:
    """Counts how often each page is put into a folder of the exchange, whoever does it, by Linux's inotify."""

    def __init__(self, folder: Path) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._descriptor = self._libc.inotify_init1(os.O_NONBLOCK)
        assert self._libc.inotify_add_watch(self._descriptor, os.fsencode(folder), _MOVED_TO) >= 0

    def counted(self) -> Counter[str]:
        """Return how often each page was put there since the last call."""
        found: Counter[str] = Counter()
        with contextlib.suppress(BlockingIOError):
            while data := os.read(self._descriptor, 1 << 16):
                while data:
                    _, _, _, size = _EVENT.unpack_from(data)
                    name, data = data[_EVENT.size : _EVENT.size + size], data[_EVENT.size + size :]
                    found[os.fsdecode(name.rstrip(b"\0"))] += 1
        return found

    def close(self) -> None:
        """Count no more."""
        os.close(self._descriptor)


class Dropping:
    """A class that hands in one by one, the first wrongly, the second rightly, and so on; counts what becomes of it.

    Args:
        watched: the course.
        number: of students.
    """

    def __init__(self, watched: Watched, number: int) -> None:
        self._watched = watched
        self.students = [str(2001 + n) for n in range(number)]
        self.came: dict[str, float] = {}  # when, in seconds since 1970
        self._files = handed_in("wrong_no_mean"), handed_in()
        watched.pages.mkdir()
        self._releases = Releases(watched.pages)

    def one(self, n: int) -> None:
        """Let the n-th student hand in."""
        student = self.students[n]
        self._watched.drop(student, self._files[n % 2])
        self.came[student] = time.time()

    def answered(self) -> int:
        """Return how many have their feedback."""
        return sum(map(self._watched.is_released, self.students))

    def waited(self) -> list[float]:
        """Return how many seconds each waited for the page, in order."""
        pages = {student: self._watched.page_path(student) for student in self.came}
        return sorted(pages[student].stat().st_mtime - came for student, came in self.came.items())

    def expect_once(self, kills: int) -> None:
        """Assert that each was graded and told once, that each page was released once, and that none is lost."""
        outcomes = self._watched.course.outcomes()
        assert sorted(outcomes) == self.students
        for n, student in enumerate(self.students):
            assert outcomes[student]["outcome"] == "graded"
            assert (outcomes[student]["points"] == 20) == (n % 2 == 1)
            assert self._watched.page(student)
        assert not list((self._watched.course.folder / "history").rglob("*.jsonl"))  # no outcome took another's place
        said = self._watched.said
        told = {student: len(found) for student, found in lines(said).items() if student.isdigit()}
        assert sorted(told) == self.students
        # One that was killed between releasing and noting it says it again.
        assert sum(told.values()) <= len(self.students) + kills, said
        counted = self._releases.counted()
        self._releases.close()
        assert len(counted) == len(self.students)
        assert set(counted.values()) == {1}


def kill(running: subprocess.Popen, chance: random.Random) -> None:
    """Kill some of the processes that a watch has started, and then the watch itself."""
    victims = _children(running.pid)
    for pid in chance.sample(victims, min(2, len(victims))):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    running.kill()
    running.wait()


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [one for child in map(int, found) for one in (child, *_children(child))]
