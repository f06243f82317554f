"""Ten honest students and one hostile hand-in of each kind, together: everything honest is as without them."""

import copy
import json
import os
import time
from pathlib import Path

import classes
import pytest
import test_answer_attacks as answers
import test_review_attacks as reading
from decoys import DECOYS
from hand_ins import fill
from handing_in import RIGHT, Notebook, with_code
from page_class import GIB, PAGES, SECRETS, files, measured, secret_of
from scratch import ASSIGNMENT, COURSE, Course
from starving import STARVING
from submissions import NAME

from autograder.grading.assignment import find
from autograder.review.pages.archive import archive
from autograder.review.reading.classroom import Classroom
from autograder.review.story import story
from autograder.sandbox.limits import PageLimits

pytestmark = [pytest.mark.full, pytest.mark.xdist_group("together")]

HONEST = ("1001", "1003", "1004", "1007", "1009", "1011", "1014", "1017", "1019", "1023")
ODD_IDS = ("x" * 253, os.fsdecode(b"\xff\xfe"), "=cmd|'x'!A0", "<b>&amp;")
STARVED = ("endless-loop", "fork-bomb", "output-flood")
PAGE_BYTES = PageLimits().page_bytes


def _with_sigmoid(source: str) -> Notebook:
    return with_code(copy.deepcopy(RIGHT), source, 1)


def _with_answer(text: str) -> Notebook:
    return fill(classes.RELEASED, "right_stable", text)


def hostile() -> dict[str, Notebook]:
    """Return one notebook of each kind, by the student who hands it in."""
    notebooks = {f"h-answer-{name}": answers.spoilt(answers.ANSWERS[name]) for name in ("ragged", "many", "no-numbers")}
    notebooks |= {f"h-page-{name}": attack(copy.deepcopy(RIGHT)) for name, attack in PAGES.items()}
    notebooks |= {f"h-source-{n}": _with_sigmoid(reading.SOURCES[name]) for n, name in enumerate(reading.FEW)}
    notebooks |= {f"h-written-{n}": _with_answer(text) for n, text in enumerate(reading.ANSWERS.values())}
    notebooks["h-decoy"] = _with_sigmoid(next(iter(DECOYS.values()))[0])
    notebooks |= {f"h-{name}": with_code(copy.deepcopy(RIGHT), STARVING[name].source) for name in STARVED}
    return notebooks


def hand_in_hostile(course: Course) -> None:
    """Let the hostile ones hand in, with files, secrets and folder names of their own."""
    for student, notebook in hostile().items():
        (course.submission(student) / NAME).write_text(json.dumps(notebook))
    for student, secret in SECRETS.items():
        folder = course.submission(student)
        (folder / NAME).write_text(json.dumps({**RIGHT, "cells": []}))
        if secret is not None:
            (folder / "submission_secret.txt").write_bytes(secret)
    folder = course.submission("h-files")
    (folder / NAME).write_text(json.dumps(RIGHT))
    files(folder)
    for student in ODD_IDS:
        (course.submission(student) / NAME).write_text(json.dumps(RIGHT))


class Graded:
    """A class of ten, graded, with feedback made and released; with the hostile ones where they are asked for."""

    def __init__(self, folder: Path, *, hostile: bool) -> None:
        exchange = folder / "exchange"
        (exchange / COURSE).mkdir(parents=True)
        self.released = exchange / COURSE / "feedback"
        self.course = Course.make(folder / "course", f"\nc.Exchange.root = {str(exchange)!r}\n")
        classes.hand_in_class(self.course, set(HONEST))
        for student in HONEST:
            folder = self.course.folder / "submitted" / student / ASSIGNMENT
            (folder / "submission_secret.txt").write_text(secret_of(student))
        if hostile:
            hand_in_hostile(self.course)
        began = time.monotonic()
        self.graded = self.course.batch("--workers", "2")
        self.seconds = time.monotonic() - began
        began = time.monotonic()
        self.made = measured(self.course, "generate_feedback", ASSIGNMENT)
        self.making = time.monotonic() - began
        self.release = self.course.nbgrader("release_feedback", ASSIGNMENT)

    def of(self, student: str) -> tuple[object, ...]:
        """Return all that an honest student has: marks, outcome, page and what the review tells."""
        page = self.course.folder / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html"
        told = story(Classroom.load(self.course.folder, ASSIGNMENT), student)
        chapters = [repr((one.result, one.source, one.reference, one.card)) for one in told.chapters]
        return self.course.marks()[student], self.course.outcomes()[student], page.read_bytes(), chapters


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The ten by themselves."""
    return Graded(tmp_path_factory.mktemp("alone"), hostile=False)


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    """The ten among the hostile ones."""
    return Graded(tmp_path_factory.mktemp("together"), hostile=True)


def test_every_command_ends_well(alone, together):
    """Grading, feedback and its release go through the whole class, in little memory and with a limit on addresses.

    All that the hostile ones change is the status: 1 says that somebody's work was unusable, or is held back.
    """
    for one, status in ((alone, 0), (together, 1)):
        assert (one.graded.returncode, one.release.returncode) == (status, status), one.release.stderr
        assert one.made["status"] == 0, one.made["said"]
        assert "Traceback" not in one.graded.stderr + one.made["said"] + one.release.stderr
    assert together.made["peak"] < GIB
    extra = len(hostile()) * find(ASSIGNMENT).limits.submission_seconds
    assert together.seconds < 2 * alone.seconds + extra


@pytest.mark.parametrize("student", HONEST)
def test_an_honest_student_has_what_they_would_have(alone, together, student):
    """Marks, outcome, feedback page and the review's page are the same, to the byte."""
    assert together.of(student) == alone.of(student)


def test_the_same_pages_are_released(alone, together):
    """Every page that is released without the hostile ones is released with them, the same to the byte."""
    pages = {path.name: path.read_bytes() for path in alone.released.iterdir()}
    assert len(pages) == len(HONEST)
    assert {name: (together.released / name).read_bytes() for name in pages} == pages
    assert not [path for path in together.released.iterdir() if b"FORGED" in path.read_bytes()]


def test_no_page_is_larger_than_a_page_may_be(together):
    """Nobody's feedback has more than 12 MB."""
    sizes = [path.stat().st_size for path in together.course.folder.glob("feedback/*/*/*.html")]
    assert len(sizes) > len(HONEST)
    assert max(sizes) <= PAGE_BYTES


def test_the_whole_class_is_archived(together):
    """The review of all of them is written into one file, and nobody's folder name is markup in it."""
    text = "".join(archive(Classroom.load(together.course.folder, ASSIGNMENT)))
    assert "<b>&amp;<" not in text
    assert all(student in text for student in HONEST)
