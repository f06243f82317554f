"""The whole path in real browsers: a student's own JupyterLab, and the instructor's with Formgrader and the review.

With AUTOGRADER_PICTURES=docs in the environment the pictures of it are kept there, else they are thrown away.
"""

import contextlib
import hashlib
import os
import signal
import subprocess
from pathlib import Path

import path_steps as steps
import pytest
import warm
from browser import OFFLINE, chromium, keep_picture, lab, login, noted_page, settle_news
from scratch import AUTOGRADER, COURSE, Course

pytestmark = pytest.mark.slow

STUDENT = "1001"
EXCHANGE = """
c.CourseDirectory.course_id = {course!r}
c.Exchange.root = {root!r}
c.Exchange.cache = {cache!r}
"""


@pytest.fixture
def picture(tmp_path):
    """Return what takes a picture of a page for the documentation."""
    folder = Path(os.environ.get("AUTOGRADER_PICTURES", tmp_path))
    return lambda page, name: keep_picture(page, folder / f"path-{name}.png")


@pytest.fixture
def folders(tmp_path):
    """The course, released into an exchange of its own, and a student's empty folder; each is somebody's home."""
    exchange = tmp_path / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    course = Course.make(tmp_path / "course", _exchange(tmp_path, "course"))
    assert course.nbgrader("release_assignment", "neuron").returncode == 0
    student = tmp_path / "student"
    student.mkdir()
    config = f"c = get_config()\nc.CourseDirectory.student_id = {STUDENT!r}\n{_exchange(tmp_path, 'student')}"
    (student / "nbgrader_config.py").write_text(config)
    return course.folder, student


def _exchange(folder, name):
    return EXCHANGE.format(course=COURSE, root=str(folder / "exchange"), cache=str(folder / f"{name}-cache"))


def _home(folder):
    home = folder.with_name(f"{folder.name}-home")
    (home / "c").mkdir(parents=True)
    (home / "c" / "jupyter_lab_config.py").write_text(OFFLINE)
    settle_news(home / "c")
    return home


@contextlib.contextmanager
def _watched(course):
    """Watch the assignment."""
    where = {"HOME": str(course), "XDG_CACHE_HOME": warm.CACHE, "JUPYTER_CONFIG_DIR": str(course / "jupyter")}
    environment = {**os.environ, **where}
    with (course.parent / "said.txt").open("w") as said:
        command = [*AUTOGRADER, "watch", "neuron"]
        process = subprocess.Popen(command, cwd=course, env=environment, stdout=said, stderr=said)
        try:
            yield course.parent / "said.txt"
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 130


@pytest.mark.full
@pytest.mark.xdist_group("path")
def test_the_students_path_under_watch(folders, picture):
    """A student submits, the watch grades, and the student reads the card and the receipt; nobody else does a thing."""
    course, home = folders
    with chromium() as browser, lab(home, _home(home)) as server, _watched(course) as said:
        page = noted_page(browser, viewport={"width": 1280, "height": 900})
        page.goto(login(server, "/lab?reset"))
        steps.fetch(page)
        steps.fill_in(page, "wrong_no_mean")
        page.wait_for_selector(".lm-TabBar-tab.jp-mod-current:not(.jp-mod-dirty)")
        steps.submit(page)
        for _ in range(600):
            if f"{STUDENT}: 8.5 of 20 points; feedback released" in said.read_text():
                break
            page.wait_for_timeout(100)
        text = steps.read_feedback(page).inner_text()
        picture(page, "watched")
        assert "What is wrong: The mean over the entries is missing" in text
        received = (home / "neuron" / "neuron.ipynb").read_bytes()
        digest = hashlib.sha256(received).hexdigest()
        assert f"neuron.ipynb: {len(received)} bytes, SHA-256 {digest[:16]}" in text
        steps.only_asked(page, server)


@pytest.mark.full
@pytest.mark.xdist_group("path")
def test_the_students_path(folders, picture):
    """A student fetches, fills in, validates and submits; the instructor grades and comments; the student reads it."""
    course, home = folders
    with chromium() as browser, lab(home, _home(home)) as server, lab(course, _home(course)) as instructors:
        page = noted_page(browser, viewport={"width": 1280, "height": 900})
        page.goto(login(server, "/lab?reset"))
        steps.fetch(page)
        steps.fill_in(page, "wrong_no_mean")
        picture(page, "notebook")
        dialog = steps.validate(page)
        picture(page, "validate")
        dialog.locator("button.jp-mod-accept").click()
        steps.submit(page)
        teacher = noted_page(browser, viewport={"width": 1280, "height": 900})
        teacher.goto(login(instructors, "/formgrader"))
        steps.collect_and_autograde(teacher, f"{instructors}/formgrader")
        picture(teacher, "formgrader")
        steps.preview_comment(teacher)
        picture(teacher, "review")
        steps.apply_comment(teacher)
        steps.give_feedback(teacher, f"{instructors}/formgrader")
        feedback = steps.read_feedback(page)
        picture(page, "feedback")
        text = feedback.inner_text()
        assert "What is wrong: The mean over the entries is missing" in text
        assert steps.COMMENT in text
        steps.only_asked(page, server)
        steps.only_asked(teacher, instructors)
