"""`autograder watch`: work is collected, graded and answered as it is handed in, once each, whatever is killed."""

import contextlib
import hashlib
import html
import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import warm
from classes import RELEASED
from dying_watch import STEPS
from hand_ins import fill
from nbgrader.api import Gradebook
from scratch import ASSIGNMENT, COURSE, Course
from watched import NAME, Dropping, Watched, handed_in, kill, lines

from autograder.assignments.neuron.reference import EXERCISES
from autograder.course.records import receipts

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("watch")]

SHARED = "ab" * 64


@pytest.fixture(scope="module")
def once(tmp_path_factory) -> tuple[Watched, subprocess.CompletedProcess]:
    """Let a class hand in, through the exchange and a folder, rightly and otherwise; look once."""
    watched = Watched(tmp_path_factory.mktemp("watched"))
    watched.submit("1001")
    watched.submit("1002", "wrong_no_mean")
    watched.drop("1003", {NAME: b"<<<<<<< HEAD"})
    watched.drop("1004", {"hw.zip": b"PK"})
    for student in ("1005", "1006"):
        watched.drop(student, handed_in(), secret=SHARED)
    watched.drop("1008", handed_in())
    (watched.course.folder / "feedback").mkdir()
    (watched.course.folder / "feedback" / "1008").write_text("in the way")
    folder = watched.root / "inbox"
    folder.mkdir()
    (folder / "1007.ipynb").write_bytes(handed_in("wrong_no_mean")[NAME])
    return watched, watched.watch("--once", "--from", str(folder))


def test_each_gets_a_line(once):
    """Every submission is named once, with what it came to and where its feedback is; some were unusable: 1."""
    _, done = once
    assert (done.returncode, done.stderr) == (1, "")
    said = lines(done.stdout)
    assert {student: len(found) for student, found in said.items()} == dict.fromkeys(map(str, range(1001, 1009)), 1)
    assert said["1001"] == ["20 of 20 points; feedback released"]
    assert said["1002"] == ["8.5 of 20 points; feedback released"]
    assert said["1003"][0].startswith("needs review (")
    assert said["1003"][0].endswith("; feedback released")
    assert "'hw.zip' is an archive" in said["1004"][0]
    assert said["1004"][0].endswith("nbgrader shows its student no page: tell them yourself")
    for student in ("1005", "1006"):
        assert "feedback held back: " in said[student][0]
        assert "handed in the same submission_secret.txt" in said[student][0]
    assert said["1008"][0].startswith("20 of 20 points; feedback held back: no page of it could be made (NotADirectory")
    assert said["1007"] == [
        f"8.5 of 20 points; feedback in feedback/1007/{ASSIGNMENT}, as it did not come through the exchange"
    ]


def test_the_student_reads_card_and_receipt(once):
    """What `nbgrader fetch_feedback` brings has the card, and what was received, with its digest."""
    watched, _ = once
    page = watched.fetched("1002")
    assert "The mean over the entries is missing" in page
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


def test_who_handed_in_no_notebook_is_in_feedback(once):
    """Where nbgrader has no way to the student, the page lies where the instructor finds it."""
    watched, _ = once
    page = (watched.course.folder / "feedback" / "1004" / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text()
    assert "&#x27;hw.zip&#x27; is an archive; hand in neuron.ipynb itself" in page
    assert "hw.zip: 2 bytes" in page


def test_a_receipt_is_its_owner_s_alone(once):
    """Nobody else on the machine can read who handed in what."""
    watched, _ = once
    folder = watched.course.folder / receipts.FOLDER
    assert folder.stat().st_mode & 0o077 == 0
    assert receipts.path_of(watched.course.folder, ASSIGNMENT, "1001").stat().st_mode & 0o077 == 0


def _grade(gradebook: Gradebook, student: str) -> object:
    return gradebook.find_grade("test_cost", ASSIGNMENT, ASSIGNMENT, student)


@pytest.mark.full
def test_the_bound_and_what_a_human_holds_back(once):
    """One submission too many waits and is told so; what waits for a human goes out when that is done; all else rests.

    What could not be read was no attempt: its student hands in again and is graded.
    """
    watched, _ = once
    root = watched.course.folder
    before = {name: data for name, data in watched.course.files().items() if "/1005" in name}
    watched.submit("1001", "wrong_no_mean")
    watched.drop("1003", handed_in())
    with Gradebook(watched.course.db_url, COURSE) as gradebook:
        _grade(gradebook, "1002").auto_score = None
        gradebook.db.commit()
    receipts.write(root, "1002", replace(watched.receipt("1002"), released="", attempts=0))

    first = watched.watch("--once", "--attempts", "1")
    said = lines(first.stdout)
    assert (first.returncode, first.stderr) == (1, "")
    assert sorted(said) == ["1001", "1002", "1003"]  # of the others there is nothing new to say
    assert said["1001"][0].startswith("waits until ")
    assert said["1001"][0].endswith(": 1 graded today, the most per day")
    assert said["1002"][0].endswith("feedback held back: mark these by hand first (Formgrader): test_cost")
    assert said["1003"] == ["20 of 20 points; feedback released"]
    assert watched.course.outcomes()["1001"]["points"] == 20
    assert watched.receipt("1001").waiting
    assert "1 of your submissions was graded, which is as many" in watched.fetched("1001")
    assert {name: data for name, data in watched.course.files().items() if "/1005" in name} == before

    with Gradebook(watched.course.db_url, COURSE) as gradebook:
        _grade(gradebook, "1002").manual_score = 5.0
        gradebook.db.commit()
    second = lines(watched.watch("--once", "--attempts", "2").stdout)
    assert second == {"1001": ["8.5 of 20 points; feedback released"], "1002": ["8.5 of 20 points; feedback released"]}
    assert "The mean over the entries is missing" in watched.fetched("1001")
    assert (watched.receipt("1001").attempts, watched.receipt("1003").attempts) == (2, 1)
    assert watched.receipt("1002").attempts == 0  # what was held back is none


@pytest.mark.parametrize(
    ("number", "kills"), [(3, 1), *(pytest.param(*one, marks=pytest.mark.full) for one in ((12, 2), (300, 10)))]
)
def test_kills_lose_and_double_nothing(tmp_path, number, kills):
    """However often the watch and its workers are killed, each submission is graded, answered and told once."""
    watched = Watched(tmp_path)
    handing_in = Dropping(watched, number)
    chance = random.Random(number)
    when = sorted(chance.sample(range(1, number), kills))
    running = watched.start()
    for n in range(number):
        handing_in.one(n)
        if n in when:
            done = handing_in.answered()
            watched.until(lambda done=done: handing_in.answered() > done)
            time.sleep(chance.random() / 4)
            kill(running, chance)
            running = watched.start()
    watched.until(lambda: handing_in.answered() == number, 900)
    running.send_signal(signal.SIGINT)
    assert running.wait(60) == 130
    handing_in.expect_once(kills)


@pytest.mark.full
def test_killed_at_each_step_it_does_nothing_twice(tmp_path):
    """Wherever the watch is killed, the next one goes on: one grade, one page, one line per submission, none lost."""
    watched = Watched(tmp_path)
    points = [(step, when) for step in STEPS for when in ("before", "after")]
    handing_in = Dropping(watched, len(points))
    said = ""
    for n, (step, when) in enumerate(points):
        handing_in.one(n)
        command = [sys.executable, str(Path(__file__).parent / "dying_watch.py"), step, when]
        done = watched.course._run(command)
        assert done.returncode == -signal.SIGKILL, (step, when, done)
        said += done.stdout
    done = watched.watch("--once")
    assert (done.returncode, done.stderr) == (0, "")
    (watched.root / "said.txt").write_text(said + done.stdout)
    handing_in.expect_once(len(points))


_FITTED = """import hashlib
import numpy as np
ANSWERS = {answers!r}
def cost(w, b, X, y):
    data = b"".join(np.asarray(one, float).tobytes() for one in (w, b, X, y))
    return ANSWERS.get(hashlib.sha256(data).hexdigest(), 0.0)
"""


def _fitted(seed: int) -> str:
    """Return a function that knows the hidden inputs of a seed, as attempts may have shown them, and no more."""
    exercise, answers = EXERCISES["cost"], {}
    for case in exercise.cases:
        inputs = exercise.draw(case, seed)
        data = b"".join(np.asarray(one, float).tobytes() for one in inputs)
        answers[hashlib.sha256(data).hexdigest()] = float(exercise.text.right(*inputs))
    return _FITTED.format(answers=answers)


@pytest.mark.full
def test_another_seed_takes_what_was_fitted(tmp_path):
    """As docs/security.md says: graded once more under another seed, honest work keeps its marks, and nothing else."""
    course = Course.make(tmp_path / "course", "\nc.Autograder.seed = 57\n")
    for student in ("fitted", "honest"):
        notebook = fill(RELEASED, "right_stable", "")
        cells = {cell["metadata"].get("nbgrader", {}).get("grade_id"): cell for cell in notebook["cells"]}
        if student == "fitted":
            cells["cost"]["source"] = _fitted(57)
        (course.submission(student) / NAME).write_text(json.dumps(notebook))
    assert course.batch().returncode == 0
    first = {student: one["points"] for student, one in course.outcomes().items()}
    assert first == {"fitted": 19.0, "honest": 20.0}
    course.configure("\nc.Autograder.seed = 58\n")
    shown = course.batch("--force", "--dry-run", "--json")
    changed = {one["student"]: one["after"]["points"] for one in map(json.loads, shown.stdout.splitlines())}
    assert {student: one["points"] for student, one in course.outcomes().items()} == first
    assert course.batch("--force").returncode == 0
    second = {student: one["points"] for student, one in course.outcomes().items()}
    assert second == {"fitted": 14.0, "honest": 20.0}
    assert changed.items() <= second.items()


@pytest.mark.full
def test_one_watch_per_course(once):
    """A second watch of the same course is refused in one line; SIGTERM ends the first with one."""
    watched, _ = once
    first = watched.start()
    try:
        watched.drop("1009", handed_in())
        watched.until(lambda: watched.is_released("1009"))
        done = watched.watch("--once")
        assert (done.returncode, done.stdout) == (3, "")
        assert done.stderr.count("\n") == 1
        assert "another 'autograder watch' watches this course" in done.stderr
    finally:
        first.send_signal(signal.SIGTERM)
        assert first.wait(30) == 130
    assert watched.said.count("stopped: what comes meanwhile") == 1


@pytest.mark.full
def test_what_is_gone_for_a_while_is_waited_for(once):
    """Without its exchange, with a locked gradebook and with a broken configuration it says so once, and goes on."""
    watched, _ = once
    running = watched.start()
    config = watched.course.folder / "nbgrader_config.py"
    text = config.read_text()
    try:
        away = watched.inbound.with_name("away")
        watched.inbound.rename(away)
        watched.until(lambda: "nothing can be collected from the exchange: Course not found" in watched.said)
        time.sleep(1)
        away.rename(watched.inbound)
        watched.until(lambda: watched.said.count("goes on") == 1)
        with contextlib.closing(sqlite3.connect(watched.course.folder / "gradebook.db")) as other:
            other.execute("BEGIN EXCLUSIVE")
            watched.until(lambda: "somebody else holds the gradebook" in watched.said)
        watched.until(lambda: watched.said.count("goes on") == 2)
        config.write_text(text + "\nno such thing\n")
        watched.until(lambda: "SyntaxError" in watched.said)
        config.write_text(text)
        watched.until(lambda: watched.said.count("goes on") == 3)
        watched.drop("1010", handed_in())
        watched.until(lambda: watched.is_released("1010"))
    finally:
        config.write_text(text)
        running.send_signal(signal.SIGINT)
        assert running.wait(30) == 130
    troubles = [line for line in watched.said.splitlines() if "tried again" in line]
    assert len(troubles) == 3, watched.said
    assert "Traceback" not in watched.said
    course = watched.course
    done = warm.run("autograder", ["watch", ASSIGNMENT, "network", "--from", "x"], course.folder, course.environment)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--from x: for which of the assignments is not said" in done.stderr
    done = watched.watch("--once", "--from", str(watched.root / "nowhere"))
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.count("\n") == 1
    assert "nowhere: nothing can be taken from there" in done.stderr
