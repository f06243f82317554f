"""`autograder watch`: work is collected, graded and answered as it is handed in, once each, whatever is killed."""

import contextlib
import html
import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import classes
import pytest
import warm
from hand_ins import NEURON, fill
from scratch import ASSIGNMENT, AUTOGRADER, COURSE, Course

from autograder.course.records import receipts

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("watch")]

NAME = f"{ASSIGNMENT}.ipynb"


class Watched:
    """A course with an exchange of its own, students who hand in through it, and the watch over it."""

    def __init__(self, folder: Path, settings: str = "") -> None:
        self.root = folder
        self.exchange = folder / "exchange"
        self.exchange.mkdir()
        self.exchange.chmod(0o777)
        self.common = f"\nc.Exchange.root = {str(self.exchange)!r}\n"
        self.course = Course.make(folder / "course", self.common + settings)
        self._nbgrader(self.course.folder, "release_assignment", ASSIGNMENT)

    def submit(self, student: str, solution: str = "right_stable", *, text: str | None = None) -> None:
        """Hand in through the exchange, as `nbgrader submit` does."""
        home = self.root / "students" / student
        folder = home / ASSIGNMENT
        folder.mkdir(parents=True, exist_ok=True)
        config = f"c = get_config()\nc.CourseDirectory.course_id = {COURSE!r}\n"
        config += f"c.Exchange.cache = {str(home / 'cache')!r}\n"
        (home / "nbgrader_config.py").write_text(config + self.common)
        notebook = fill(classes.RELEASED, solution, "It cancels.")
        for name, content in NEURON.files(notebook, "hand_in").items():
            (folder / name).write_bytes(content)
        if text is not None:
            (folder / NAME).write_text(text)
        self._nbgrader(home, "submit", ASSIGNMENT, "--student", student)

    def page(self, student: str) -> str:
        """Return what the student's `nbgrader fetch_feedback` brings for the last submission."""
        home = self.root / "students" / student
        self._nbgrader(home, "fetch_feedback", ASSIGNMENT, "--student", student)
        pages = sorted((home / ASSIGNMENT / "feedback").glob("*/*.html"))
        return pages[-1].read_text() if pages else ""

    def _nbgrader(self, home: Path, *arguments: str) -> None:
        done = warm.nbgrader([*arguments], home, self.course.environment)
        assert done.returncode == 0, done.stderr

    def watch(self, *options: str) -> subprocess.CompletedProcess:
        """Run it."""
        return self.course._run([*AUTOGRADER, "watch", ASSIGNMENT, *options])

    def start(self, *options: str) -> subprocess.Popen:
        """Start it, and do not wait."""
        with (self.root / "said.txt").open("a") as said:
            return subprocess.Popen(
                [*AUTOGRADER, "watch", ASSIGNMENT, "--every", "0.2", *options],
                cwd=self.course.folder,
                env=self.course.environment,
                stdout=said,
                stderr=said,
            )

    def receipt(self, student: str) -> receipts.Receipt:
        """Return the receipt of a submission."""
        found = receipts.read(self.course.folder, ASSIGNMENT, student)
        assert found is not None
        return found

    def until(self, what) -> None:
        """Wait until something holds."""
        end = time.monotonic() + 120
        while not what():
            assert time.monotonic() < end, (self.root / "said.txt").read_text()
            time.sleep(0.1)

    def is_released(self, student: str) -> bool:
        """Say whether a student's feedback is out."""
        found = receipts.read(self.course.folder, ASSIGNMENT, student)
        return found is not None and found.released


@pytest.fixture(scope="module")
def once(tmp_path_factory) -> tuple[Watched, subprocess.CompletedProcess]:
    """Let a right one, a wrong one and an unreadable one hand in, and look once."""
    watched = Watched(tmp_path_factory.mktemp("watched"))
    watched.submit("1001")
    watched.submit("1002", "wrong_no_mean")
    watched.submit("1003", text="<<<<<<< HEAD")
    return watched, watched.watch("--once")


def test_each_gets_a_line(once):
    """Every submission is named once, with what it came to and whether its feedback is out."""
    watched, done = once
    assert (done.returncode, done.stderr) == (0, "")
    lines = sorted(line.split(" ", 1)[1] for line in done.stdout.splitlines())
    assert lines[0] == "neuron 1001: 20 of 20 points; feedback released"
    assert lines[1].startswith("neuron 1002: ")
    assert lines[1].endswith(" of 20 points; feedback released")
    assert lines[2].startswith("neuron 1003: needs review (")
    assert lines[2].endswith("; feedback released")
    assert watched.course.finished() == 2


def test_the_student_reads_card_and_receipt(once):
    """What `nbgrader fetch_feedback` brings has the card, and what was received, with its digest."""
    watched, _ = once
    page = watched.page("1002")
    assert "8.5 of 20 points" in page or "mean" in page
    receipt = watched.receipt("1002")
    assert [one.name for one in receipt.files] == [NAME]
    assert f"{NAME}: {receipt.files[0].bytes} bytes, SHA-256 {receipt.files[0].sha256[:16]}" in page
    assert f"Handed in: {receipt.submitted}" in page


def test_who_cannot_be_read_learns_it(once):
    """Whose notebook cannot be read is told what arrived, what is wrong, and what to do; no mark is shown."""
    watched, _ = once
    page = watched.page("1003")
    assert "your notebook could not be read" in page
    assert "hand it in again" in page
    assert watched.receipt("1003").problems[0] in html.unescape(page)
    assert "of 20" not in page


def test_a_receipt_is_its_owner_s_alone(once):
    """Nobody else on the machine can read who handed in what."""
    watched, _ = once
    folder = watched.course.folder / receipts.FOLDER
    assert folder.stat().st_mode & 0o077 == 0
    assert receipts.path_of(watched.course.folder, ASSIGNMENT, "1001").stat().st_mode & 0o077 == 0


def test_what_is_graded_is_not_graded_again(once):
    """A second look does nothing, and says nothing."""
    watched, _ = once
    before = watched.course.files()
    done = watched.watch("--once")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert watched.course.files() == before


def test_attempts_of_a_day_are_bounded(once):
    """One submission too many waits, says so once, and is graded when the bound is lifted; nothing is lost."""
    watched, _ = once
    watched.submit("1001", "wrong_no_mean")
    first = watched.watch("--once", "--attempts", "1")
    assert "1001: waits until tomorrow: 1 of today were graded already" in first.stdout
    assert first.returncode == 0
    assert watched.receipt("1001").waiting
    assert watched.course.outcomes()["1001"]["points"] == 20
    assert "points; feedback released" in watched.watch("--once", "--attempts", "2").stdout
    assert watched.course.outcomes()["1001"]["points"] < 20


@pytest.mark.full
def test_one_watch_per_course(once):
    """A second watch of the same course is refused in one line."""
    watched, _ = once
    first = watched.start()
    try:
        watched.until(lambda: watched.watch("--once").returncode == 3)
        done = watched.watch("--once")
        assert done.stderr.count("\n") == 1
        assert "another 'autograder watch' watches this course" in done.stderr
    finally:
        first.send_signal(signal.SIGTERM)
        assert first.wait(30) == 130
    assert (watched.root / "said.txt").read_text().count("stopped") == 1


@pytest.mark.full
def test_an_exchange_that_is_gone_is_waited_for(once):
    """Without its exchange it says so in one line, and goes on when that is back."""
    watched, _ = once
    inbound = watched.exchange / COURSE / "inbound"
    inbound.rename(inbound.with_name("away"))
    done = watched.watch("--once")
    inbound.with_name("away").rename(inbound)
    assert done.returncode == 1
    assert "nothing can be collected from the exchange" in done.stderr
    assert "Traceback" not in done.stderr
    assert watched.watch("--once").returncode == 0


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [one for child in map(int, found) for one in (child, *_children(child))]


@pytest.mark.parametrize(("number", "kills"), [(6, 2), pytest.param(300, 10, marks=pytest.mark.full)])
def test_kills_lose_and_double_nothing(tmp_path, number, kills):
    """However often the watch and its workers are killed, each submission is graded and answered, and told once."""
    watched = Watched(tmp_path)
    students = [str(2001 + n) for n in range(number)]
    chance = random.Random(number)
    when = sorted(chance.sample(range(1, number), kills))
    running = watched.start()
    for n, student in enumerate(students):
        watched.submit(student, "right_stable" if n % 2 else "wrong_no_mean")
        if n in when:
            time.sleep(chance.random())
            victims = _children(running.pid)
            for pid in chance.sample(victims, min(2, len(victims))):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            running.kill()
            running.wait()
            running = watched.start()
    watched.until(lambda: all(map(watched.is_released, students)))
    running.send_signal(signal.SIGINT)
    assert running.wait(60) == 130
    said = (watched.root / "said.txt").read_text()
    outcomes = watched.course.outcomes()
    for n, student in enumerate(students):
        assert outcomes[student]["outcome"] == "graded"
        assert (outcomes[student]["points"] == 20) == (n % 2 == 1)
        assert said.count(f"{student}: ") <= 2, said  # a kill between feedback and receipt says it once more
    pages = list((watched.exchange / COURSE / "feedback").glob("*.html"))
    assert len(pages) == number
    history = watched.course.folder / "history" / ASSIGNMENT
    assert not [path for path in history.rglob("*.json") if json.loads(path.read_text()).get("outcome") == "graded"]
