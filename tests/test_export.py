"""`autograder export` in a graded course: late penalties, marks by hand that are open, work that waits for a human."""

import csv
import io
import re
import stat
import zipfile

import pytest
from classes import WRITTEN
from nbgrader.api import Gradebook
from scratch import ASSIGNMENT, COURSE

from autograder.cli import main
from autograder.course.records.export import CsvExport

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("review")]
CUT_OFF, LATE, RIGHT, NOTHING = "1025", "1022", "1003", "2001"
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,neuron (4711),Final Score
    Points Possible,,,,,24,(read only)
"=1+1, ""A"", B",1,a,1003,S,,
Late,2,b,1022,S,,
Cut off,3,c,1025,S,,
Open,4,d,1001,S,2,
Nobody,5,e,nobody,S,,
"""
WORKSHEET = """\
Identifier,Full name,Email address,Status,Grade,Maximum Grade,\
Grade can be changed,Last modified (grade),Feedback comments
Participant 31,Ada_B ../../C,1003@uni.example,Submitted,,24.00,Yes,-,
Participant 32,Late,1022@uni.example,Submitted,,24.00,Yes,-,
Participant 33,Open,1001@uni.example,Submitted,,24.00,Yes,-,
"""


@pytest.fixture(scope="module")
def marked(reviewed, tmp_path_factory):
    """The graded class, in which two written answers have been marked, one of them handed in late."""
    course = reviewed.copy(tmp_path_factory.mktemp("export") / "course")
    with Gradebook(course.db_url, COURSE) as gradebook:
        for student, score in ((RIGHT, 3.5), (LATE, 4.0)):
            grade = gradebook.find_grade(WRITTEN, ASSIGNMENT, ASSIGNMENT, student)
            grade.manual_score, grade.needs_manual_grade = score, False
        gradebook.db.commit()
    return course


@pytest.fixture
def inside(marked, monkeypatch):
    """Type commands in the course's folder."""
    monkeypatch.chdir(marked.folder)


@pytest.fixture
def export(inside, tmp_path, capsys):
    """Return what exports one file: the exit status, what was printed, and the copy."""

    def run(text, *options):
        source, copy = tmp_path / "exported.csv", tmp_path / "copy.csv"
        source.write_text(text)
        status = main(["export", *options, str(source), "-o", str(copy)])
        assert source.read_text() == text
        said = capsys.readouterr()
        assert said.err == ""
        return status, said.out, copy

    return run


def cells(copy, column):
    """Return one column of a copy, by the first cell of each row."""
    rows = list(csv.reader(io.StringIO(copy.read_text())))
    place = rows[0].index(column)
    return {row[0]: row[place] for row in rows[1:]}


def test_canvas_gets_what_the_gradebook_counts(export):
    """A finished mark is filled in, the penalty for being late taken off; what waits for a human stays, with why."""
    status, said, copy = export(CANVAS, ASSIGNMENT, "--into", "canvas")
    found = cells(copy, "neuron (4711)")
    assert found['=1+1, "A", B'] == "23.5"
    assert found["Late"] == "4"  # all points of the machine's are off
    assert (found["Cut off"], found["Open"], found["Nobody"]) == ("", "2", "")
    assert status == 1  # somebody is held back
    for line in ("cut off or damaged", f"by hand is still to be given: {WRITTEN}; the cell keeps 2", "under this SIS"):
        assert line in said
    assert re.search(rf"without a row: .*\b{NOTHING}\b", said)
    assert "nobody (Nobody)" in said
    assert "neuron: 2 of 5 rows filled in" in said
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_open_marks_come_too_when_asked_for(export):
    """--open-too fills in what counts without the mark by hand; the work that is held back stays."""
    _, said, copy = export(CANVAS, ASSIGNMENT, "--open-too", "--into", "canvas")
    found = cells(copy, "neuron (4711)")
    assert (found["Open"], found["Cut off"]) == ("19", "")
    assert "neuron: 3 of 5 rows filled in" in said


def test_work_that_a_human_has_judged_is_held_back_no_more(export, marked):
    """As soon as a human has marked all that the machine could not judge, the mark goes into the file."""
    with Gradebook(marked.db_url, COURSE) as gradebook:
        submission = gradebook.find_submission(ASSIGNMENT, CUT_OFF)
        grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
        before = [(grade.manual_score, grade.needs_manual_grade) for grade in grades]
        for grade in grades:
            grade.manual_score, grade.needs_manual_grade = 1.0, False
        gradebook.db.commit()
        try:
            _, _, copy = export(CANVAS, ASSIGNMENT, "--into", "canvas")
        finally:
            for grade, old in zip(grades, before, strict=True):
                grade.manual_score, grade.needs_manual_grade = old
            gradebook.db.commit()
    assert cells(copy, "neuron (4711)")["Cut off"] == f"{len(before)}"


def test_moodle_gets_grades_comments_and_pages(export, marked, tmp_path):
    """A worksheet gets grade and comment; the zip has each page under a name that Moodle finds its participant by."""
    done = marked.nbgrader("generate_feedback", ASSIGNMENT, "--student", RIGHT)
    assert done.returncode == 0, done.stderr
    archive = tmp_path / "feedback.zip"
    options = ("--suffix", "@uni.example", "--feedback", str(archive))
    _, said, copy = export(WORKSHEET, ASSIGNMENT, *options, "--into", "moodle")
    assert cells(copy, "Grade") == {"Participant 31": "23.5", "Participant 32": "4", "Participant 33": ""}
    comments = cells(copy, "Feedback comments")
    assert comments["Participant 31"] == "23.5 of 24 points."
    assert "20 points off for being late" in comments["Participant 32"]
    assert comments["Participant 33"] == ""
    with zipfile.ZipFile(archive) as found:
        (entry,) = found.namelist()
        page = found.read(entry)
    folder, name = entry.split("/")
    assert folder.split("_", 4)[1:] == ["31", "assignsubmission", "file", ""]  # as Moodle's importer takes it apart
    assert page == (marked.folder / "feedback" / RIGHT / ASSIGNMENT / name).read_bytes()
    assert "not in the zip: there is no feedback page" in said
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nix", "--into", "canvas", "{}"], "the gradebook does not know 'nix'"),
        (["neuron", "--into", "canvas", "nix.csv"], "nix.csv: cannot be read"),
        (["neuron", "--into", "canvas", "{}", "-o", "{}"], "is what the platform exported, and stays as it is"),
        (["neuron", "--into", "canvas", "{}", "-o", "nix/out.csv"], "there is no folder nix"),
        (["neuron", "--into", "nowhere", "{}"], "neither canvas nor moodle"),
        (["neuron", "network", "--into", "moodle", "{}"], "of one assignment"),
        (["neuron", "--into", "canvas", "{}", "--feedback", "f.zip"], "are for Moodle"),
        (["neuron", "--into", "canvas", "{}", "--match", "Nix"], "there is no column 'Nix'"),
        (["neuron", "--into", "moodle", "{}"], "there is no column 'Grade'"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(inside, tmp_path, capsys, arguments, said):
    """A wrong name, file, column or mixture ends with status 2 and one line, and nothing is written."""
    source = tmp_path / "exported.csv"
    source.write_text(CANVAS)
    assert main(["export", *(one.format(source) for one in arguments)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert [path.name for path in tmp_path.iterdir()] == ["exported.csv"]


def test_nbgraders_own_export_quotes_what_needs_it(marked, tmp_path):
    """Names with commas, quotes, newlines and formulas come back from grades.csv as they are, or as no formula."""
    with Gradebook(marked.db_url, COURSE) as gradebook:
        gradebook.update_or_create_student(RIGHT, first_name='A, "B"', last_name="=1+1", email="a\nb")
        plugin = CsvExport(to=str(tmp_path / "grades.csv"))
        plugin.export(gradebook)
        gradebook.update_or_create_student(RIGHT, first_name=None, last_name=None, email=None)
    rows = {row["student_id"]: row for row in csv.DictReader((tmp_path / "grades.csv").open(newline=""))}
    found = rows[RIGHT]
    assert (found["first_name"], found["last_name"]) == ('A, "B"', "'=1+1")
    assert "\n" in found["email"] or found["email"]
    assert (float(found["score"]), float(rows[LATE]["late_submission_penalty"])) == (23.5, 20.0)
