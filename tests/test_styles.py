"""Notebooks as people save them: right marks, right queue, no note that misleads, through both commands."""

import json
import re
import urllib.request
from dataclasses import dataclass
from typing import Any

import pytest
import styles
from browser import TOKEN, lab
from classes import expect_the_same
from nbgrader.api import Gradebook
from scratch import ASSIGNMENT, Course

from autograder.judge.notebook import FOUND

ALL = pytest.param(True, marks=pytest.mark.full, id="all")
NO_PAGE = "This page cannot show the notebook"
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("styles")]


@dataclass
class Graded:
    """A class after its submissions were graded by both commands.

    Attributes:
        course: graded by the batch.
        other: the same, graded by nbgrader's own command.
        styles: by student.
        outcomes: by student.
        written: of each student, the written question's automatic score, need of a human, and comment.
    """

    course: Course
    other: Course
    styles: dict[str, styles.Style]
    outcomes: dict[str, dict[str, Any]]
    written: dict[str, tuple[float | None, bool, str | None]]


@pytest.fixture(scope="module", params=[pytest.param(False, id="a-few"), ALL])
def graded(request, tmp_path_factory):
    """Grade them once; the tests look at what came of it."""
    folder = tmp_path_factory.mktemp("styles")
    course = Course.make(folder / "course", 'c.Autograder.limits = {"cell_seconds": 2.0}\n')
    chosen = [style for style in styles.corpus() if request.param or style.name in styles.FEW]
    handed_in = {f"s{number:03}": style for number, style in enumerate(chosen)}
    for student, style in handed_in.items():
        place = course.submission(student)
        for name, data in style.files.items():
            (place / name).write_bytes(data)
        (place / "timestamp.txt").write_text("2026-11-20 10:00:00 UTC")
        (place / "submission_secret.txt").write_text(student.encode().hex().zfill(128))
    other = course.copy(folder / "other")
    run = course.batch("--workers", "2")
    assert (run.returncode in (0, 1), run.stderr) == (True, "")
    assert other.autograde().returncode in (0, 1)
    with Gradebook(course.db_url) as gradebook:
        found = {one.student.id: one.notebooks[0] for one in gradebook.assignment_submissions(ASSIGNMENT)}
        written = {
            student: next(
                (grade.auto_score, grade.needs_manual_grade, comment.auto_comment)
                for grade in notebook.grades
                for comment in notebook.comments
                if grade.name == comment.name == styles.WRITTEN
            )
            for student, notebook in found.items()
        }
    return Graded(course, other, handed_in, course.outcomes(), written)


def notebook_of(graded, student):
    """Return a graded notebook's cells."""
    path = graded.course.folder / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    return json.loads(path.read_text())["cells"]


def named(graded, wrong):
    """Return the names of what came out wrong, with what it came to."""
    return {graded.styles[student].name: said for student, said in wrong.items()}


def test_the_corpus_is_large():
    """There are at least 150, each of another name."""
    assert len({style.name for style in styles.corpus()}) == len(styles.corpus()) >= 150


def test_every_mark_is_right(graded):
    """Points and outcome are what they should be."""
    wrong = {}
    for student, style in graded.styles.items():
        outcome, expected = graded.outcomes[student], style.expected
        reason = outcome["reason"] or ""
        right = outcome["points"] == expected.points and (expected.reason is None) == (outcome["outcome"] == "graded")
        if not right or re.search(expected.reason or "", reason) is None:
            wrong[student] = (outcome["points"], outcome["outcome"], reason)
    assert named(graded, wrong) == {}


def test_every_queue_is_right(graded):
    """A question waits for a human where an answer was given or may be, and is nbgrader's 0 where there is none."""
    wrong = {}
    for student, style in graded.styles.items():
        empty = style.expected.written == "empty"
        if graded.written[student] != ((0.0, False, "No response.") if empty else (None, True, None)):
            wrong[student] = (style.expected.written, graded.written[student])
    assert named(graded, wrong) == {}


def test_every_answer_is_seen(graded):
    """An answer that stands elsewhere is shown beside its question, and nothing else is."""
    wrong = {}
    for student, style in graded.styles.items():
        if style.expected.reason is not None:
            continue
        shown = [cell for cell in notebook_of(graded, student) if cell["metadata"].get(FOUND) == styles.WRITTEN]
        seen = any(styles.ANSWER in "".join(cell["source"]) for cell in shown)
        if (seen, bool(shown)) != (style.expected.written == "found",) * 2:
            wrong[student] = ["".join(cell["source"]) for cell in shown]
    assert named(graded, wrong) == {}


def test_no_note_misleads(graded):
    """The notes are those that are expected, one by one, and messages name the cause."""
    wrong = {}
    for student, style in graded.styles.items():
        outcome, expected = graded.outcomes[student], style.expected
        notes = outcome["notes"]
        told = [one["message"] for exercise in outcome["exercises"] for one in exercise["criteria"]]
        fitting = len(notes) == len(expected.notes) and all(map(re.search, expected.notes, notes))
        said = all(any(re.search(pattern, message) for message in told) for pattern in expected.said)
        silent = not any(word in message for word in expected.silent for message in (*told, *notes))
        if not (fitting and said and silent):
            wrong[student] = (notes, sorted(set(told)))
    assert named(graded, wrong) == {}


def test_both_commands_agree(graded):
    """The gradebooks agree row by row, and outcomes and notebooks byte by byte."""
    expect_the_same(graded.course, graded.other)


def test_every_page_of_feedback_works(graded):
    """Feedback is made of every notebook, and shows it: its answers, its pictures, no short page in its place."""
    assert graded.course.nbgrader("generate_feedback", ASSIGNMENT).returncode == 0
    wrong = {}
    for student, style in graded.styles.items():
        html = (graded.course.folder / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text()
        seen = style.expected.written in ("empty", "nothing") or "what is left is the difference" in html
        pictures = "attachments dropped" not in style.name or 'alt="A row of X' in html
        placeholder = ("[The picture" in html) == (style.name in ("a photograph dropped", "a picture left at home"))
        if NO_PAGE in html or not (seen and pictures and placeholder):
            wrong[student] = (seen, pictures, placeholder)
    assert named(graded, wrong) == {}


@pytest.mark.full
def test_every_page_of_formgrader_works(graded, tmp_path):
    """Formgrader opens every submission, and shows the notebook."""
    with Gradebook(graded.course.db_url) as gradebook:
        ids = {one.student.id: one.notebooks[0].id for one in gradebook.assignment_submissions(ASSIGNMENT)}
    wrong = {}
    with lab(graded.course.folder, tmp_path / "home") as address:
        for student, one in ids.items():
            with urllib.request.urlopen(f"{address}/formgrader/submissions/{one}/?token={TOKEN}") as answer:
                html = answer.read().decode()
            if NO_PAGE in html or (graded.styles[student].expected.reason is None and "how it learns" not in html):
                wrong[student] = html[:200]
    assert named(graded, wrong) == {}
