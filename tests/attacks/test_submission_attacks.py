"""Attacks in what is handed in, by a whole class through `nbgrader autograde`: files, names, metadata and cells."""

import contextlib
import ctypes
import json
import os
import re
import time
from pathlib import Path

import pytest
from processes import descendants
from scratch import ASSIGNMENT, GRADED, Course
from submissions import ATTACKS, HONEST, NAME, RIGHT, WRONG, Notebook, grade_cells, submit

pytestmark = pytest.mark.xdist_group("attacks-course")

_PR_SET_CHILD_SUBREAPER = 36

# Names of students are the names of folders, which nbgrader takes for patterns here and there.
ODD_STUDENTS = ("<b>eve", "e'v\"e", "$(touch PLANTED)", "-rf", "eve\x07\x1bc")
PATTERN = "[a-z]*"


class Class:
    """A course with attackers among its students, after `nbgrader autograde`."""

    def __init__(self, folder: Path) -> None:
        alone = Course.make(folder / "alone")
        self.course = alone.copy(folder / "course")
        for student in HONEST:
            for course in (alone, self.course):
                (course.submission(student) / NAME).write_text(json.dumps(WRONG))
        for student in ATTACKS:
            submit(self.course.submission(student), student)
        for student in (*ODD_STUDENTS, PATTERN):
            (self.course.submission(student) / NAME).write_text(json.dumps(RIGHT))
        before = descendants(os.getpid())
        alone.autograde()
        self.alone = {student: (alone.outcomes()[student], alone.marks()[student]) for student in HONEST}
        self.run = self.course.autograde()
        self.left = self._left(before)
        self.outcomes, self.marks = self.course.outcomes(), self.course.marks()
        self.feedback = self.course.nbgrader("generate_feedback", ASSIGNMENT, "--student", "script")

    def _left(self, before: set[int]) -> set[int]:
        deadline = time.monotonic() + 15
        while (left := descendants(os.getpid()) - before) and time.monotonic() < deadline:
            for pid in left:
                with contextlib.suppress(OSError):
                    os.waitpid(pid, os.WNOHANG)
            time.sleep(0.05)
        return left

    def page(self, student: str) -> str:
        """Return a student's feedback."""
        return (self.course.folder / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text()

    def autograded(self, student: str) -> str:
        """Return the notebook as nbgrader keeps it after grading."""
        return (self.course.folder / "autograded" / student / ASSIGNMENT / NAME).read_text()


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Grade the class once; whatever it leaves running becomes ours to see, and nothing of any test after it."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        return Class(tmp_path_factory.mktemp("attacks") / "class")
    finally:
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def honest_marks(graded: Class, notebook: Notebook) -> dict[str, float | None]:
    """Return what an honest student gets for this notebook."""
    return graded.alone[HONEST[0]][1] if notebook is WRONG else GRADED


def test_honest_students_get_what_they_get_alone(graded):
    """Outcomes and marks of honest students, first and last of the class, are byte for byte what they are without."""
    for student in HONEST:
        now = (graded.outcomes[student], graded.marks[student])
        assert json.dumps(now) == json.dumps(graded.alone[student])


def test_run_ends_well_and_leaves_nothing(graded):
    """The run ends with status 0, without a traceback, and no process of the run is left."""
    assert graded.run.returncode == 0, graded.run.stderr[-3000:]
    assert "Traceback" not in graded.run.stderr
    assert graded.left == set()


def test_nothing_planted_was_executed_outside(graded):
    """No file that was handed in, and no name of a student, was executed by anybody with a view of the course."""
    assert not list(graded.course.folder.rglob("PLANTED"))
    assert "PLANTED" not in json.dumps(graded.outcomes["shadow-modules"]["exercises"])


def test_every_submission_has_exactly_one_outcome(graded):
    """Each student has one outcome, of one of the two kinds."""
    assert set(graded.outcomes) == {*ATTACKS, *HONEST, *ODD_STUDENTS, PATTERN}
    assert {outcome["outcome"] for outcome in graded.outcomes.values()} == {"graded", "needs_review"}


@pytest.mark.parametrize("student", ["link-to-another", "link-of-folder", "pipe", "folder-as-notebook"])
def test_submission_that_is_no_file_needs_review(graded, student):
    """Links, pipes and folders in the notebook's place are opened by nobody, and a human sees why."""
    assert graded.outcomes[student]["outcome"] == "needs_review"
    assert not any(graded.marks.get(student, {}).values())


@pytest.mark.parametrize(
    "student",
    [
        *(
            "link-to-gradebook",
            "pipe-beside",
            "large",
            "many",
            "shadow-modules",
            "tags",
            "more-points",
            "flags",
            "foreign-id",
        ),
        *("duplicates", "edited-checks", "transformer", "forged-card", "vandal", "stops-the-zygote"),
        *("script", "terminal", "odd-names"),
    ],
)
def test_forger_gets_what_an_honest_student_gets(graded, student):
    """Whatever was forged in files, metadata, cells and outputs, the mark is that of the functions handed in."""
    assert graded.marks[student] == honest_marks(graded, ATTACKS[student][1])


@pytest.mark.parametrize("student", ["timestamp", "timestamp-link"])
def test_forged_time_harms_nobody_else(graded, student):
    """A time of submission that is none is at worst looked at by a human."""
    outcome = graded.outcomes[student]
    assert outcome["outcome"] == "needs_review" or outcome["points"] == sum(GRADED.values())


@pytest.mark.parametrize("student", ODD_STUDENTS)
def test_odd_name_of_a_student_is_only_a_name(graded, student):
    """A student whose name is markup, an option or a command gets the marks of the work."""
    assert graded.marks[student] == GRADED


def test_name_that_is_a_pattern_is_nobody_s(graded):
    """A folder whose name nbgrader would take for other students' is left alone, and a human is told what to do."""
    assert "rename the folder" in graded.outcomes[PATTERN]["reason"]
    assert PATTERN not in graded.marks


def test_links_are_not_followed(graded):
    """Neither the gradebook nor the configuration was copied into what is kept of a submission."""
    kept = graded.course.folder / "autograded" / "link-to-gradebook"
    assert not [path for path in kept.rglob("*") if path.is_symlink() or path.name in ("data.csv", "all")]
    assert "get_config" not in graded.autograded("link-to-gradebook")


def test_vandal_s_attempts_were_refused(graded):
    """The attempts on gradebook, configuration, parent and another's work all failed, and the work is still there."""
    assert graded.autograded("vandal").count("refused") >= 4
    assert json.loads((graded.course.folder / "submitted" / HONEST[1] / ASSIGNMENT / NAME).read_text()) == WRONG


def test_script_runs_in_no_page(graded):
    """Feedback holds what was written as text: no script, handler or link of the submission's is left."""
    page = graded.page("script")
    assert not re.search(r"<script[^>]*>[^<]*SCRIPT", page)
    assert not re.search(r"<[^>]*\son\w+\s*=[^>]*SCRIPT", page)
    assert not re.search(r"<[^>]*javascript:1", page)
    assert not re.search(r"<svg[^>]*onload", page)


def test_forged_card_cannot_be_taken_for_the_real_one(graded):
    """Nothing that the attacker displays in a check is shown there as HTML."""
    for cell in grade_cells(json.loads(graded.autograded("forged-card"))):
        html = [out["data"].get("text/html", "") for out in cell.get("outputs", []) if "data" in out]
        assert not [text for text in html if "FORGED" in "".join(text)]


@pytest.mark.parametrize("student", ["terminal", "odd-names", "timestamp", "eve\x07\x1bc"])
def test_control_characters_reach_no_terminal(graded, student):
    """Log, outcome and kept outputs hold no sequence that would do something to a terminal."""
    harmful = re.compile("[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e]|\x1b(?!\\[[0-9;]*m)")
    outcome = {key: value for key, value in graded.outcomes[student].items() if key not in ("student", "solution")}
    assert not harmful.search(json.dumps(outcome, ensure_ascii=False))
    if student in ATTACKS:
        outputs = [cell.get("outputs") for cell in json.loads(graded.autograded(student))["cells"]]
        assert not harmful.search(json.dumps(outputs, ensure_ascii=False))
    assert not harmful.search(re.sub(r"\x1b\[[0-9;]*m", "", graded.run.stderr))
