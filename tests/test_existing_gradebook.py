"""A course that stock nbgrader graded and people marked becomes ours: nothing is lost, and marks by hand stay."""

import datetime as dt
import shutil
import uuid

import pytest
from nbgrader.api import Gradebook
from ordinary import OURS, run
from postgres import copy_gradebook

from autograder.review.queue import queue
from autograder.review.reading.classroom import Classroom

pytestmark = [pytest.mark.full, pytest.mark.slow, pytest.mark.xdist_group("ordinary")]

LATE = "\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"
HAND = {  # marks that people gave, and extra credit
    ("sly", "problem1", "correct_squares"): (0.75, 0.25),
    ("right", "problem2", "part-a"): (1.0, None),
    ("half", "problem2", "part-a"): (0.5, None),  # of a notebook that was not handed in
    ("gone", "problem1", "correct_squares"): (1.0, None),  # of somebody whose submission is no longer there
}
COMMENTS = {("right", "problem2", "part-a"): "Well said.", ("wrong", "problem1", "squares"): "Empty for every n."}


def mark_by_hand(db_url):
    """Give marks, comments, a deadline and a flag as Formgrader does."""
    with Gradebook(db_url, "") as gradebook:
        gradebook.update_or_create_assignment("ps1", duedate=dt.datetime(2026, 11, 20))  # noqa: DTZ001 - nbgrader's are UTC
        gradebook.add_student("gone", first_name="Gone", last_name="Away", email="gone@example.org")
        gradebook.add_submission("ps1", "gone")
        for (student, notebook, cell), (points, extra) in HAND.items():
            grade = gradebook.find_grade(cell, notebook, "ps1", student)
            grade.manual_score, grade.extra_credit, grade.needs_manual_grade = points, extra, False
        for (student, notebook, cell), text in COMMENTS.items():
            gradebook.find_comment(cell, notebook, "ps1", student).manual_comment = text
        gradebook.find_submission_notebook("problem1", "ps1", "blank").flagged = True
        gradebook.find_submission_notebook("problem1", "ps1", "gone").late_submission_penalty = 0.5
        gradebook.find_submission("ps1", "sly").extension = dt.timedelta(days=7)
        gradebook.db.commit()


def held(db_url):
    """Return all that the gradebook holds of the assignment: students, submissions, notebooks, grades, comments."""
    found = {}
    with Gradebook(db_url, "") as gradebook:
        for one in gradebook.students:
            found[(one.id,)] = (one.first_name, one.last_name, one.email)
        for submission in gradebook.assignment_submissions("ps1"):
            student = submission.student.id
            found[student, "ps1"] = (submission.timestamp, submission.extension)
            for book in submission.notebooks:
                found[student, book.name] = (book.flagged, book.late_submission_penalty)
                for one in book.grades:
                    found[student, book.name, one.name] = (
                        *(one.auto_score, one.manual_score, one.extra_credit, one.needs_manual_grade),
                    )
                for one in book.comments:
                    found[student, book.name, one.name, "comment"] = (one.auto_comment, one.manual_comment)
    return found


@pytest.fixture(scope="module")
def marked(stock, tmp_path_factory):
    """A copy of the course, which nbgrader has graded, and in which people have marked."""
    folder = tmp_path_factory.mktemp("existing") / "stock"
    shutil.copytree(stock, folder)
    run(folder, "nbgrader", "autograde", "ps1", fails=True)
    mark_by_hand(f"sqlite:///{folder / 'gradebook.db'}")
    config = folder / "nbgrader_config.py"
    config.write_text(config.read_text() + LATE)
    return folder


@pytest.fixture(scope="module", params=["postgres", pytest.param("sqlite", marks=pytest.mark.full)])
def regraded(request, marked, tmp_path_factory):
    """The same course with `configure(c)`, graded once more; returns what the gradebook held before, and its folder."""
    folder = tmp_path_factory.mktemp("regraded") / "ours"
    shutil.copytree(marked, folder)
    source = db_url = f"sqlite:///{folder / 'gradebook.db'}"
    config = OURS
    if request.param == "postgres":
        db_url = request.getfixturevalue("postgres").create(f"existing_{uuid.uuid4().hex}")
        copy_gradebook(source, db_url)
        (folder / "gradebook.db").unlink()
        config += f"c.CourseDirectory.db_url = {db_url!r}\n"
    (folder / "nbgrader_config.py").write_text((folder / "nbgrader_config.py").read_text() + config)
    before = held(db_url)
    run(folder, "autograder", "autograde", "ps1", "--force")
    return before, folder, db_url


def test_nothing_is_lost(regraded):
    """Every row is still there; marks by hand, extra credit, comments, flags, extensions and names are as they were."""
    before, _, db_url = regraded
    after = held(db_url)
    assert after.keys() == before.keys()
    for key, was in before.items():
        now = after[key]
        if len(key) == 3:
            assert now[:3] == was[:3], key  # the automatic mark, too: it is the same work
        elif len(key) == 2 and key[1] != "ps1":
            assert now[0] == was[0], key
        else:
            assert now == was, key
    assert [after[key][1:3] for key in HAND] == list(HAND.values())
    assert {key[:3]: now[1] for key, now in after.items() if len(key) == 4 and now[1]} == COMMENTS


def test_a_mark_by_hand_is_looked_at_again(regraded):
    """As on stock nbgrader a human confirms a mark by hand after a regrade, but of what is missing or gone."""
    before, _, db_url = regraded
    after = held(db_url)
    confirmed = {("sly", "problem1", "correct_squares"), ("right", "problem2", "part-a")}
    for key, was in before.items():
        if len(key) == 3:
            assert after[key][3] is (key in confirmed or was[3]), key


def test_lateness_costs_what_the_course_says(regraded):
    """Who was late loses what the course's rule takes, who has an extension nothing; nobody's older penalty is lost."""
    _, _, db_url = regraded
    with Gradebook(db_url, "") as gradebook:
        found = {
            (submission.student.id, book.name): (book.late_submission_penalty, book.score)
            for submission in gradebook.assignment_submissions("ps1")
            for book in submission.notebooks
        }
    assert found["right", "problem1"] == (3.0, 3.0)
    assert found["sly", "problem1"][0] is None
    assert found["gone", "problem1"][0] == 0.5


def test_the_review_shows_marks_by_hand(regraded):
    """The review of the course that became ours shows the marks, and what waits to be confirmed."""
    _, folder, _ = regraded
    classroom = Classroom.load(folder, "ps1")
    mark = classroom.student("sly").marks["problem1/correct_squares"]
    assert (mark.auto, mark.manual, mark.score) == (0.0, 0.75, 1.0)
    (waiting,) = [one for one in queue(classroom).waiting if "problem1/correct_squares" in one.reason]
    assert [one.id for one in waiting.students] == ["sly"]
    assert classroom.student("gone").state == "missing"


@pytest.mark.full
@pytest.mark.parametrize("regraded", ["sqlite"], indirect=True)
def test_stock_nbgrader_would_have_written_the_same(regraded, marked, tmp_path):
    """Graded once more by stock nbgrader, the gradebook holds the same, row by row."""
    folder = tmp_path / "stock"
    shutil.copytree(marked, folder)
    run(folder, "nbgrader", "autograde", "ps1", "--force", fails=True)
    assert held(regraded[2]) == held(f"sqlite:///{folder / 'gradebook.db'}")


def test_what_nbgrader_graded_is_left_as_it_is(marked, tmp_path):
    """Without --force no submission that nbgrader graded is graded again, and no mark is opened anew."""
    folder = tmp_path / "ours"
    shutil.copytree(marked, folder)
    config = folder / "nbgrader_config.py"
    config.write_text(config.read_text() + OURS)
    before = held(f"sqlite:///{folder / 'gradebook.db'}")
    count = len([*(folder / "autograded").glob("*/ps1")])
    said = run(folder, "autograder", "autograde", "ps1", fails=True).stdout
    assert f"{count} graded by nbgrader before, and left as they are; --force grades them again" in said
    run(folder, "nbgrader", "autograde", "ps1", fails=True)
    assert held(f"sqlite:///{folder / 'gradebook.db'}") == before
    run(folder, "nbgrader", "generate_feedback", "ps1")
    assert f"{count} as they were" in run(folder, "autograder", "autograde", "ps1", fails=True).stdout


def test_what_nbgrader_graded_has_an_outcome_like_any_other(marked, tmp_path):
    """The review, the export and a dry run know such a submission, with nbgrader's marks and those by hand."""
    folder = tmp_path / "ours"
    shutil.copytree(marked, folder)
    config = folder / "nbgrader_config.py"
    config.write_text(config.read_text() + OURS)
    run(folder, "autograder", "autograde", "ps1", fails=True)
    classroom = Classroom.load(folder, "ps1")
    student = classroom.student("right")
    assert (student.state, student.marks["problem2/part-a"].manual) == ("graded", 1.0)
    automatic = {name for name, mark in student.marks.items() if mark.auto}
    assert {name for name, result in student.results.items() if result.points} == automatic
    sheet = tmp_path / "canvas.csv"
    sheet.write_text("Student,ID,SIS User ID,SIS Login ID,Section,ps1 (4711)\nR,1,right,right,A,\n")
    done = run(folder, "autograder", "export", "ps1", "--into", "canvas", str(sheet), fails=True)
    assert "a mark by hand is still to be given" in " ".join(done.stdout.split()), done
    assert "handed in since it was graded" not in done.stdout + done.stderr
