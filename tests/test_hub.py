"""A course on a real JupyterHub: a student and an instructor with Unix accounts, with a base_url and without."""

import json
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hub as hubs
import path_steps as steps
import pytest
from browser import PROGRAMS, chromium, noted_page
from classes import RELEASED
from hand_ins import fill
from scratch import COURSE, ROOT, Course

from autograder.review.changing import actions
from autograder.review.reading.classroom import Classroom

pytestmark = [pytest.mark.slow, pytest.mark.full]

# The blocks of docs/jupyterhub.md: for everybody, for whoever has the course, for the hub.
_PAGE = (ROOT / "docs" / "jupyterhub.md").read_text()
EVERYBODYS, OWNERS, SERVICE = re.findall(r"^```python\n(.*?)^```", _PAGE, re.MULTILINE | re.DOTALL)[:3]
# Of a server with a course: pages, files and what JupyterLab asks.
PAGES = (
    *("/lab", "/tree", "/formgrader", "/formgrader/manage_submissions/neuron", "/formgrader/gradebook/neuron"),
    *("/formgrader/api/assignments", "/autograder/review/", "/autograder/review/neuron/"),
    *("/autograder/review/neuron/students", "/autograder/review/neuron/log", "/autograder/review/neuron/apply"),
    *("/files/course/gradebook.db", "/api/contents/course", "/api/terminals", "/api/kernels"),
)


def put(text, places):
    """Return a configuration of the page with what this machine has in the place of what the page says."""
    for place, ours in places.items():
        assert place in text
        text = text.replace(place, str(ours))
    return text


def prepare(hub, owner="teacher"):
    """Make a course in somebody's home, where nobody else can read it, and the exchange, as docs/jupyterhub.md says."""
    owner = hub.people[owner]
    exchange = hub.folder / "exchange"
    exchange.mkdir()
    exchange.chmod(0o1777)
    hub.everybodys = put(EVERYBODYS, {"/srv/nbgrader/exchange": exchange, "ml101": COURSE})
    course = Course.make(owner.home / "course")
    own = put(OWNERS, {"/home/teacher/course": course.folder})
    (owner.home / ".jupyter" / "nbgrader_config.py").write_text(own)
    owner.own(owner.home)
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


def log(course, folder):
    """Return what the review's log holds: of a copy, for what the tests' user makes there would not be the course's."""
    return actions.log(Classroom.load(course.copy(folder / "copy").folder, "neuron"))


def refused(ask, server, headers):
    """Assert that whoever asks gets nothing of a server with a course, but perhaps the hub's page for logging in."""
    for path in PAGES:
        for method in ("GET", "POST", "PUT", "DELETE"):
            answer = ask.fetch(f"{server}{path}", method=method, headers=headers)
            to_login = answer.status == 200 and "/hub/login?" in answer.url
            assert to_login or answer.status in (403, 405), (method, path, answer.status)
            assert to_login or "dC_dw" not in answer.text(), (method, path)


@dataclass
class Circle:
    """A hub on which the whole circle was taken.

    Attributes:
        hub: it still runs.
        course: the instructor's.
        teacher: the instructor's page.
        frame: in it, Formgrader's frame.
        student: the student's page.
        feedback: text that the student has read.
    """

    hub: hubs.Hub
    course: Course
    teacher: Any
    frame: Any
    student: Any
    feedback: str = ""

    @property
    def server(self) -> str:
        """The address of the instructor's server."""
        return self.hub.user_url(self.hub.people["teacher"])

    def take(self) -> None:
        """Release, fetch, submit, collect, autograde, comment in the review, release feedback, read it."""
        formgrader = f"{self.server}/formgrader"
        steps.release(self.frame, formgrader)
        steps.fetch(self.student)
        steps.fill_in(self.student, "wrong_no_mean")
        steps.submit(self.student)
        steps.collect_and_autograde(self.frame, formgrader)
        steps.preview_comment(self.frame)
        steps.apply_comment(self.frame)
        steps.give_feedback(self.frame, formgrader)
        self.feedback = steps.read_feedback(self.student).inner_text()


@pytest.fixture(scope="module")
def browser():
    """A real browser."""
    with chromium() as found:
        yield found


@pytest.fixture(scope="module", params=["/", "/teaching/"])
def circle(request, browser):
    """The circle, the instructor's part in JupyterLab's frame, on a hub with a base_url and on one without."""
    with hubs.made("teacher", "student", base_url=request.param) as hub:
        course = prepare(hub)
        with hub.running():
            teacher, student = enter(hub, browser, "teacher"), enter(hub, browser, "student")
            found = Circle(hub, course, teacher, formgrader_frame(teacher), student)
            found.take()
            yield found


@pytest.mark.xdist_group("hub")
def test_the_student_reads_what_the_instructor_wrote(circle):
    """The student's feedback names the mistake and has the comment; both pages asked nobody but the hub."""
    assert "What is wrong: The mean over the entries is missing" in circle.feedback
    assert steps.COMMENT in circle.feedback
    for page in (circle.teacher, circle.student):
        steps.only_asked(page, circle.hub.address)
        assert page.errors == []


@pytest.mark.xdist_group("hub")
def test_the_instructor_graded_and_is_named(circle, tmp_path):
    """The outcome is the instructor's file, which nobody else may read; the log has the name that the hub knows."""
    teacher = circle.hub.people["teacher"]
    outcome = circle.course.folder / "outcomes" / "neuron" / f"{circle.hub.people['student'].name}.json"
    found = json.loads(outcome.read_text())
    assert (found["outcome"], found["wall"] in ("nested", "single", "landlock")) == ("graded", True)
    assert (outcome.stat().st_uid, outcome.stat().st_mode & 0o077) == (teacher.uid, 0)
    assert [one.who for one in log(circle.course, tmp_path)] == [teacher.name]


@pytest.mark.xdist_group("hub")
def test_the_command_names_the_servers_own_review(circle):
    """In a terminal of the instructor's server `autograder review` ends with the address, at which the review is."""
    done = circle.hub.terminal(circle.hub.people["teacher"], circle.course.folder, "autograder", "review", "neuron")
    assert (done.stderr, done.returncode) == ("", 0)
    (path,) = [line for line in done.stdout.splitlines() if line.startswith("/")]
    answer = circle.teacher.context.request.get(circle.hub.origin + path)
    assert answer.status in (200, 202)
    assert answer.url == f"{circle.server}/autograder/review/neuron/"


@pytest.mark.xdist_group("hub")
def test_every_link_of_the_review_stays_on_the_instructors_server(circle):
    """Each link and each form of the review leads below the server's own address, and there is something there."""
    ask, seen, to_see = circle.teacher.context.request, set(), [f"{circle.server}/autograder/review/neuron/"]
    while to_see:
        address = to_see.pop()
        if address in seen:
            continue
        seen.add(address)
        circle.frame.goto(address)
        circle.frame.wait_for_selector("nav li:nth-child(3)")  # not the page that says that the class is being read
        found = circle.frame.eval_on_selector_all("a[href], form", "all => all.map(one => one.href || one.action)")
        assert [link for link in found if not link.startswith(f"{circle.server}/")] == []
        to_see += [link.partition("#")[0] for link in found if "/review/neuron/" in link and not link.endswith("/undo")]
        elsewhere = [link for link in found if "/autograder/" not in link and link not in seen]
        assert [link for link in elsewhere if ask.get(link).status != 200] == []
        seen |= set(elsewhere)
    assert len(seen) > 20


@pytest.mark.xdist_group("hub")
def test_nothing_is_written_without_the_hubs_xsrf_value(circle, tmp_path):
    """The instructor's own cookies do not suffice for a form; nor does the value of the hub's pages."""
    cookies = circle.teacher.context.cookies()
    review = f"{circle.server}/autograder/review/neuron"
    before = circle.course.rows()
    (action,) = log(circle.course, tmp_path)
    (hubs_own,) = [one["value"] for one in cookies if one["name"] == "_xsrf" and one["path"].endswith("/hub/")]
    for form in ({}, {"_xsrf": "0"}, {"_xsrf": hubs_own}):
        assert circle.teacher.context.request.post(f"{review}/undo", form={"id": action.id, **form}).status == 403
    assert circle.course.rows() == before
    circle.frame.goto(f"{review}/log/{action.id}")
    circle.frame.get_by_role("button", name="Undo for everybody").click()
    circle.frame.wait_for_selector("h1:has-text('Taken back')")
    assert circle.course.rows() != before


@pytest.mark.xdist_group("hub")
def test_a_student_reaches_no_page_of_the_instructors(circle):
    """By a browser's cookies, by a token and without either, by whatever method: refused, or sent to the login."""
    ask = circle.student.context.request
    student = circle.hub.people["student"]
    token = circle.hub.api(student, f"users/{student.name}/tokens").json()["token"]
    stranger = circle.student.context.browser.new_context()
    for path in PAGES:
        assert circle.teacher.context.request.get(f"{circle.server}{path}").ok, path
    refused(ask, circle.server, {})
    refused(stranger.request, circle.server, {"Authorization": f"token {token}"})
    refused(stranger.request, circle.server, {})
    stranger.close()


@pytest.mark.xdist_group("hub")
def test_a_students_own_server_shows_nothing_of_the_course(circle):
    """Formgrader and the review run on the student's server as well, with nothing in them."""
    own, ask = circle.hub.user_url(circle.hub.people["student"]), circle.student.context.request
    assert ask.get(f"{own}/formgrader").status == 200
    review = ask.get(f"{own}/autograder/review/")
    assert (review.status, "neuron" in review.text()) == (200, False)
    assert ask.get(f"{own}/autograder/review/neuron/").status == 404
    assert json.loads(ask.get(f"{own}/formgrader/api/gradebook/submissions/x").text() or "[]") == []


@pytest.mark.xdist_group("hub")
def test_a_student_reads_no_file_of_the_instructors_or_of_others(circle):
    """Nothing of the course can be opened; in the exchange what others handed in or were told cannot be listed."""
    student, folder = circle.hub.people["student"], circle.course.folder
    exchange = circle.hub.folder / "exchange" / COURSE
    for path in (folder, folder / "gradebook.db", folder / "source" / "neuron" / "neuron.ipynb"):
        assert path.exists()
        assert "Permission denied" in student.run("cat", str(path)).stderr
    for path in (folder, exchange / "inbound", exchange / "feedback"):
        assert any(path.iterdir())
        assert "Permission denied" in student.run("ls", str(path)).stderr
    assert student.run("ls", str(exchange / "outbound")).stdout == "neuron\n"


@pytest.mark.xdist_group("hub")
def test_graders_share_a_course_through_a_service(browser, tmp_path):
    """Who is in the course's group grades and comments in a service with its own account; a student is refused."""
    with hubs.made("grader", "teacher", "student", base_url="/teaching/") as hub:
        course = prepare(hub, "grader")
        grader, teacher, student = (hub.people[role] for role in ("grader", "teacher", "student"))
        notebook = fill(RELEASED, "wrong_no_mean", steps.ANSWER)
        (course.submission(student.name) / "neuron.ipynb").write_text(json.dumps(notebook))
        grader.own(course.folder)
        places = {"ml101": COURSE, "9999": hubs.free_ports(1)[0], "/home/grader": grader.home}
        places |= {'"jupyterhub-singleuser"': f'"{PROGRAMS}/jupyterhub-singleuser"'}
        hub.settings = put(SERVICE, places | {'"grader"': f'"{grader.name}"', '"teacher"': f'"{teacher.name}"'})
        with hub.running():
            page, server = enter(hub, browser, "teacher"), f"{hub.address}/services/{COURSE}"
            page.goto(f"{server}/lab")
            frame = formgrader_frame(page)
            steps.autograde(frame, f"{server}/formgrader")
            steps.preview_comment(frame)
            steps.apply_comment(frame)
            steps.only_asked(page, hub.address)
            refused(enter(hub, browser, "student").context.request, server, {})
        assert [one.who for one in log(course, tmp_path)] == [teacher.name]
        assert "Permission denied" in teacher.run("ls", str(course.folder)).stderr


def test_nothing_is_left_of_a_hub():
    """When the hub ends its people have no account, no process and no folder."""
    accounts = Path("/etc/passwd").read_bytes()
    with hubs.made("student") as hub:
        person = hub.people["student"]
        with hub.running():
            assert hub.api(person, f"users/{person.name}/server").ok  # it is there, or is being started
            assert hubs.processes_of(person.uid) != set()
        end = time.monotonic() + 10
        while hubs.processes_of(person.uid) and time.monotonic() < end:
            time.sleep(0.1)
        assert hubs.processes_of(person.uid) == set()
    assert Path("/etc/passwd").read_bytes() == accounts
    assert not hub.folder.exists()
