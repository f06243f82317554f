"""Hostile pages: outputs and cells that are little to hand in and much to show, in feedback and in Formgrader."""

import json
import threading
import time
import urllib.error
import urllib.request

import pytest
from browser import TOKEN, lab
from handing_in import HONEST
from page_class import GIB, PAGES
from scratch import ASSIGNMENT

from autograder.confined import ConfinedError
from autograder.course.pages.making import make_stand_in
from autograder.course.pages.render import Making
from autograder.sandbox.limits import FEEDBACK, PageLimits

pytestmark = pytest.mark.xdist_group("page-class")


def test_feedback_is_made_for_everybody(paged):
    """Feedback of the whole class is made, in little memory and with a limit on addresses."""
    assert (paged.graded.returncode, paged.graded.stderr) == (0, "")
    assert paged.made["status"] == 0, paged.made["said"][-3000:]
    assert "Traceback" not in paged.made["said"]
    assert paged.made["peak"] < GIB
    assert all(paged.page(student).is_file() for student in (*HONEST, *PAGES))


@pytest.mark.parametrize("student", PAGES)
def test_hostile_page_is_small_and_says_what_was_cut(paged, student):
    """The page is no larger than a page may be, holds marks and cards, and says what is not in it."""
    html = paged.page(student).read_text()
    assert len(html.encode()) <= PageLimits().page_bytes
    assert "Score: 20.0 / 24.0" in html
    busy = "This page cannot show the notebook" in html  # which others on this machine may have brought about
    assert busy or html.count("✔ passed") > 10  # where marks alone stand in, too
    assert busy or "in the notebook that was handed in" in html or html.count("&lt;b title=") > 100


def test_honest_pages_are_as_without_them(paged):
    """Who hands in the same gets the same page, the first of the class and the last."""
    first, last = (paged.page(student).read_bytes() for student in HONEST)
    assert first == last
    assert b"in the notebook that was handed in" not in first


def test_page_in_place_of_one_that_fails_has_the_marks(paged):
    """A page that cannot be made is replaced by one with each graded cell that says why, and nothing of a student's."""
    course = paged.course.copy(paged.course.folder.parent / "broken")
    broken = course.folder / "autograded" / HONEST[0] / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    broken.chmod(0o644)
    broken.write_text("[" * 100_000)
    made = course.nbgrader("generate_feedback", ASSIGNMENT, "--student", HONEST[0], "--force")
    assert made.returncode == 0, made.stderr[-2000:]
    html = (course.folder / "feedback" / HONEST[0] / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text()
    assert "This page cannot show the notebook" in html
    assert "nested too deeply" in html
    assert "Score: 20.0 / 24.0" in html
    assert "def sigmoid" not in html
    assert HONEST[0] not in html
    making = Making(b"", "", "")
    with pytest.raises(ConfinedError, match="does not know"):
        make_stand_in(making, str(broken), {}, FEEDBACK, (course.db_url, "neuron-course", ASSIGNMENT, "other", ""))


# A preprocessor of a course's own. It is never done with a whole notebook, and for `cards` seconds with our cards.
ENDLESS = """
import time
from nbconvert.preprocessors import Preprocessor

class Endless(Preprocessor):
    def preprocess(self, nb, resources):
        if any("def sigmoid" in cell.source for cell in nb.cells):
            time.sleep(3600)
        if any(cell.get("outputs") for cell in nb.cells):
            time.sleep({cards})
        return nb, resources
"""


@pytest.mark.full
@pytest.mark.parametrize("cards", [0, FEEDBACK.seconds - 2])
def test_page_that_never_ends_is_replaced(paged, tmp_path, cards):
    """A page that is never done is replaced by one that says so and has the marks, without cards that take long."""
    course = paged.course.copy(tmp_path / "endless")
    (tmp_path / "endless_pages.py").write_text(ENDLESS.format(cards=cards))
    course.environment["PYTHONPATH"] = str(tmp_path)
    course.configure("\nc.HTMLExporter.preprocessors = ['endless_pages.Endless']\n")
    made = course.nbgrader("generate_feedback", ASSIGNMENT, "--student", HONEST[0], "--force")
    assert made.returncode == 0, made.stderr[-2000:]
    html = (course.folder / "feedback" / HONEST[0] / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text()
    assert f"it took longer than {FEEDBACK.seconds:g} s" in html
    assert "Score: 20.0 / 24.0" in html
    assert "def sigmoid" not in html
    assert not cards or "✔ passed" not in html  # on a busy machine none may be there in either case


def asked(server, path, data=None):
    """Return status, body, headers and seconds of a request."""
    before = time.monotonic()
    request = urllib.request.Request(f"{server}{path}", data=data, headers={"Authorization": f"token {TOKEN}"})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode(), answer.headers, time.monotonic() - before
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace"), error.headers, time.monotonic() - before


@pytest.fixture(scope="module")
def server(paged, tmp_path_factory):
    """Run JupyterLab on a copy of the course, in which one notebook is one that no page can be made of."""
    course = paged.course.copy(tmp_path_factory.mktemp("served") / "course")
    broken = course.folder / "autograded" / "secret-empty" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    broken.chmod(0o644)
    broken.write_text("[" * 100_000)
    assert (broken.parent / "breast_cancer.csv").is_file()  # which is not to be served either
    with lab(course.folder, tmp_path_factory.mktemp("home")) as address:
        yield address


@pytest.fixture(scope="module")
def pages(server):
    """Return the addresses of Formgrader's pages, by student."""
    found = json.loads(asked(server, "/formgrader/api/submitted_notebooks/neuron/neuron")[1])
    return {one["student"]: f"/formgrader/submissions/{one['id']}/" for one in found}


def test_server_answers_while_hostile_pages_are_made(server, pages):
    """Formgrader's and the review's pages are answered at once while hostile pages are made."""
    paths = ("/formgrader/manage_assignments", "/autograder/review/neuron/", "/api/status")
    for path in (pages[HONEST[0]], *paths):  # starts what makes pages, and reads the class
        while asked(server, path)[0] == 202:  # the class is being read
            time.sleep(0.2)
    quiet = max(asked(server, path)[3] for path in paths)
    hostile = [threading.Thread(target=asked, args=(server, pages[student])) for student in (*PAGES, "flood")]
    for thread in hostile:
        thread.start()
    waited = []
    while any(thread.is_alive() for thread in hostile):
        for path in paths:
            status, _, _, seconds = asked(server, path)
            assert status == 200
            waited.append(seconds)
        time.sleep(0.1)
    assert max(waited) < 2 + quiet, waited


def test_api_makes_feedback_while_the_server_answers(server):
    """Formgrader's API makes feedback of a hostile page and holds nobody up."""
    answers = []
    path = "/formgrader/api/assignment/neuron/flood/generate_feedback"
    thread = threading.Thread(target=lambda: answers.append(asked(server, path, b"{}")))
    thread.start()
    waited = []
    while thread.is_alive():
        waited.append(asked(server, "/formgrader/manage_assignments")[3])
        time.sleep(0.1)
    assert json.loads(answers[0][1])["success"], answers
    assert max(waited) < 2, waited


def test_page_that_fails_takes_marks_all_the_same(server, pages):
    """Formgrader's page of a notebook that cannot be shown says so, and has a field for each mark; again at once."""
    for _ in range(2):
        status, html, _, _ = asked(server, pages["secret-empty"])
        assert status == 200
        assert "This page cannot show the notebook" in html
        assert 'class="score tabbable" id="test_cost"' in html


def test_nobody_sees_a_page_without_logging_in(server, pages):
    """Who has no token is sent to log in, and sees nothing of a submission or of what lies beside it."""
    for path in (pages[HONEST[0]], f"{pages['files']}evil.html"):
        with urllib.request.urlopen(f"{server}{path}") as answer:
            assert "/login" in answer.url
            assert b"test_cost" not in answer.read()


@pytest.mark.parametrize("name", ["evil.html", "sub/neuron.html", "neuron.ipynb", "breast_cancer.csv", "%2e%2e/x"])
def test_formgrader_serves_no_file(server, pages, name):
    """Nothing beside a submission is served, neither what was handed in nor anything else, and it is not found."""
    status, body, _, _ = asked(server, pages["files"] + name)
    assert (status, "FORGED" in body) == (404, False)


def test_pages_still_lead_on(server, pages):
    """From a page whose student handed in other files Formgrader goes on to the next."""
    assert asked(server, pages["files"] + "next")[0] == 200
