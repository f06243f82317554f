"""Formgrader, feedback and export of an ordinary assignment with two notebooks of which one may be missing."""

import csv
import json
import re
import shutil
import urllib.error
import urllib.request

import pytest
from browser import TOKEN, lab
from nbgrader.api import Gradebook
from nbgrader.utils import notebook_hash
from ordinary import SECRET, hand_in, marks, run

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("ordinary")]

LOOKED_AT = [("sly", "problem1"), ("right", "problem2"), ("half", "problem2")]


@pytest.fixture
def course(ours, tmp_path):
    """A copy of the course, with an exchange."""
    folder = tmp_path / "course"
    shutil.copytree(ours, folder)
    exchange = tmp_path / "exchange"
    (exchange / "ordinary").mkdir(parents=True)
    exchange.chmod(0o777)
    names = f"c.CourseDirectory.course_id = 'ordinary'\nc.Exchange.root = {str(exchange)!r}\n"
    config = folder / "nbgrader_config.py"
    config.write_text(config.read_text() + names)
    return folder


def ask(address, method="GET"):
    """Return status and text of what a server answers."""
    request = urllib.request.Request(address, method=method, headers={"Authorization": f"token {TOKEN}"})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_formgrader(ours, tmp_path):
    """Its button grades as the batch does; its pages show both notebooks with hidden tests, or say which is missing."""
    folder = tmp_path / "course"
    shutil.copytree(ours, folder)
    before = marks(folder)
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "") as gradebook:
        grade = gradebook.find_grade("correct_squares", "problem1", "ps1", "half")
        grade.auto_score = None  # so that it is seen who wrote it
        gradebook.db.commit()
        ids = {
            (one.student.id, book.name): book.id
            for one in gradebook.assignment_submissions("ps1")
            for book in one.notebooks
        }
    with lab(folder, tmp_path / "home") as server:
        api = f"{server}/formgrader/api"
        status, text = ask(f"{api}/submission/ps1/half/autograde", "POST")
        assert (status, json.loads(text)["success"]) == (200, True), text
        pages = {key: ask(f"{server}/formgrader/submissions/{ids[key]}/") for key in LOOKED_AT}
        overview = json.loads(ask(f"{api}/submissions/ps1")[1])
        notebooks = json.loads(ask(f"{api}/notebooks/ps1")[1])
    assert marks(folder) == before
    assert [status for status, _ in pages.values()] == [200, 200, 404]
    assert "problem2.ipynb of half was not handed in" in pages["half", "problem2"][1]
    assert SECRET in pages["sly", "problem1"][1]
    assert "BEGIN HIDDEN TESTS" in pages["sly", "problem1"][1]
    found = {one["student"]: (one["score"], one["max_score"], one["autograded"]) for one in overview}
    assert found["half"] == (3.0, 13.0, True)
    assert found["sly"] == (2.0, 13.0, True)
    assert {one["name"]: one["num_submissions"] for one in notebooks} == {"problem1": 5, "problem2": 5}


def test_feedback_is_released_by_notebook(course, tmp_path):
    """Each student gets a page per notebook handed in, by the name that `fetch_feedback` asks for; nobody is held."""
    done = run(course, "nbgrader", "release_feedback", "ps1")
    pages = {path.stem: path.read_text() for path in (tmp_path / "exchange" / "ordinary" / "feedback").glob("*.html")}
    expected = {}
    for folder in (course / "submitted").glob("*/ps1"):
        secret = (folder / "submission_secret.txt").read_text()
        for path in folder.glob("*.ipynb"):
            expected[notebook_hash(secret=secret, notebook_id=path.stem)] = (folder.parent.name, path.stem)
    assert set(pages) == set(expected), done.stderr
    assert len(pages) == 9
    shown = {
        expected[name]: re.search(r"\(Score: ([\d.]+) / ([\d.]+)\)", page).groups() for name, page in pages.items()
    }
    assert shown["half", "problem1"] == shown["right", "problem1"] == ("3.0", "10.0")
    assert shown["right", "problem2"] == ("0.0", "3.0")
    told = {expected[name] for name, page in pages.items() if SECRET in page}
    assert told == {("sly", "problem1")}


def test_export_adds_notebooks_up(course):
    """The CSV has a row per student, with the marks of both notebooks together."""
    run(course, "nbgrader", "export", "--assignment", "ps1")
    found = list(csv.DictReader((course / "grades.csv").open()))
    assert {row["student_id"]: float(row["score"]) for row in found} == {
        "right": 3.0,
        "wrong": 0.5,
        "sly": 2.0,
        "blank": 0.0,
        "half": 3.0,
        "slow": 0.0,
    }
    assert {row["max_score"] for row in found} == {"13.0"}


@pytest.mark.full
def test_watch_tells_of_the_notebook_that_cannot_be_read(course):
    """Of two notebooks each has its own page: marks for the one, for the other what is wrong with it."""
    (course.parent / "exchange" / "ordinary" / "inbound").mkdir()
    for student in ("torn", "renamed"):
        hand_in(course, "ps1", student, {})
    folder = course / "submitted" / "torn" / "ps1"
    (folder / "problem1.ipynb").write_text("<<<<<<< HEAD")
    renamed = course / "submitted" / "renamed" / "ps1"
    for name in ("problem1", "problem2"):
        (renamed / f"{name}.ipynb").rename(renamed / f"my {name}.ipynb")
    done = run(course, "autograder", "watch", "ps1", "--once", fails=True)
    said = {line.split()[2].rstrip(":"): line for line in done.stdout.splitlines()}
    assert "needs review (problem1: the file holds both sides of a conflict in git" in said["torn"]
    assert said["torn"].endswith("; feedback released")
    assert said["right"].endswith(" points; feedback released")  # graded before, and not released
    released = course.parent / "exchange" / "ordinary" / "feedback"

    def page(student, name):
        secret = (course / "submitted" / student / "ps1" / "submission_secret.txt").read_text()
        path = released / f"{notebook_hash(secret=secret, notebook_id=name)}.html"
        return path.read_text() if path.exists() else ""

    assert "your notebook could not be read" in page("torn", "problem1")
    assert "could not be read" not in page("torn", "problem2").partition('class="receipt"')[0]
    assert "problem2" in page("torn", "problem2")
    assert "needs review (" in said["renamed"]
    assert said["renamed"].endswith("; feedback released")
    for name in ("my problem1", "my problem2"):
        assert "problem1.ipynb and problem2.ipynb are wanted" in page("renamed", name)
