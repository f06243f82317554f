"""Classes that hand in, as the demo's does, and what it means that two runs came to the same."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

from hand_ins import NEURON, fill
from nbgrader.api import Gradebook
from scratch import ASSIGNMENT, COURSE, ROOT, Course

from autograder.demo.roster import the_class

RELEASED = json.loads((ROOT / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_text())
IN_TIME, DUE, LATE = "2026-11-20 10:00:00 UTC", dt.datetime(2026, 11, 21), "2026-11-22 10:00:00 UTC"  # noqa: DTZ001
PUNISH = "\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"
WRITTEN = "why_sigma_prime_cancels"
SMALL = ("1001", "1011", "1021", "1022", "1024", "1025", "1027", "1029")
# Right ones in several spellings, five who share a mistake, others with mistakes of their own, and all that goes wrong.
REVIEWED = (
    *("1001", "1003", "1004", "1007", "1009", "1011", "1012", "1014", "1016", "1017", "1019", "1022", "1023"),
    *("1024", "1025", "1026", "1029", "1030"),
)


def hand_in_class(course: Course, students: set[str] | None = None) -> None:
    """Let the demo's class hand in, all of it or some, one of them late."""
    for student in the_class("neuron"):
        if students is None or student.id in students:
            folder = course.submission(student.id)
            notebook = fill(RELEASED, student.solution, student.answer)
            for name, content in NEURON.files(notebook, student.twist).items():
                (folder / name).write_bytes(content)
            (folder / "timestamp.txt").write_text(LATE if student.late else IN_TIME)


def make(folder: Path, db_url: str = "") -> Course:
    """Make a course in which being late costs everything, and nobody has handed in."""
    course = Course.make(folder, PUNISH + (f"c.CourseDirectory.db_url = {db_url!r}\n" if db_url else ""))
    with Gradebook(db_url or course.db_url, COURSE) as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate=DUE)
    return course


def hand_in_few(course: Course) -> Course:
    """Let a few hand in, and one who forgot the notebook."""
    hand_in_class(course, set(SMALL))
    (course.submission("2001") / "notes.txt").write_text("no notebook")
    return course


def expect_the_same(course: Course, other: Course, db_url: str = "") -> None:
    """Compare the gradebooks row by row, and the files byte by byte."""
    assert course.rows(db_url) == other.rows()
    ours, theirs = course.files(), other.files()
    assert sorted(ours) == sorted(theirs)
    assert [name for name in ours if ours[name] != theirs[name]] == []


def expect_one_line(result: Any, status: int, said: str) -> None:
    """Expect the exit status and one line on stderr that says it."""
    assert (result.returncode, result.stdout) == (status, ""), result.stderr
    (line,) = result.stderr.splitlines()
    assert said in line
