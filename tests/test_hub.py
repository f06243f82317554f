"""A course on a real JupyterHub: a student and an instructor with Unix accounts, with a base_url and without."""

import json

import hub as hubs
import path_steps as steps
import pytest
from browser import chromium, noted_page
from scratch import COURSE, Course

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("hub")]

EVERYBODYS = """
c = get_config()
c.CourseDirectory.course_id = {course!r}
c.Exchange.root = {exchange!r}
"""


def prepare(hub):
    """Make the instructor's course, where nobody else can read it, and the exchange, as docs/jupyterhub.md says."""
    teacher = hub.people["teacher"]
    exchange = hub.folder / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    hub.everybodys = EVERYBODYS.format(course=COURSE, exchange=str(exchange))
    course = Course.make(teacher.home / "course")
    own = f"c = get_config()\nc.CourseDirectory.root = {str(course.folder)!r}\n"
    (teacher.home / ".jupyter" / "nbgrader_config.py").write_text(own)
    teacher.own(teacher.home)
    return course


def enter(hub, browser, role):
    """Return a page on which somebody has logged in."""
    page = noted_page(browser, viewport={"width": 1280, "height": 900})
    hub.login(page, hub.people[role])
    return page


def formgrader_frame(page):
    """Open Formgrader inside JupyterLab and return its frame."""
    steps.choose(page, "open-formgrader")
    return page.wait_for_selector("#formgrader-iframe iframe").content_frame()


@pytest.mark.full
@pytest.mark.parametrize("base_url", ["/", "/teaching/"])
def test_a_course_on_a_hub(base_url):
    """A student fetches and submits; the instructor grades and comments inside JupyterLab; the student reads it."""
    with hubs.made("teacher", "student", base_url=base_url) as hub, chromium() as browser:
        course = prepare(hub)
        with hub.running():
            teacher, student = enter(hub, browser, "teacher"), enter(hub, browser, "student")
            formgrader = f"{hub.user_url(hub.people['teacher'])}/formgrader"
            frame = formgrader_frame(teacher)
            steps.release(frame, formgrader)
            steps.fetch(student)
            steps.fill_in(student, "wrong_no_mean")
            steps.submit(student)
            steps.collect_and_autograde(frame, formgrader)
            steps.preview_comment(frame)
            steps.apply_comment(frame)
            steps.give_feedback(frame, formgrader)
            text = steps.read_feedback(student).inner_text()
            assert "What is wrong: The mean over the entries is missing" in text
            assert steps.COMMENT in text
            for page in (teacher, student):
                steps.only_asked(page, hub.address)
                assert page.errors == []
        outcome = course.folder / "outcomes" / "neuron" / f"{hub.people['student'].name}.json"
        assert json.loads(outcome.read_text())["outcome"] == "graded"
