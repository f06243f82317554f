"""Hostile files: pages, notebooks and secrets of a student's own, beside the notebook that was asked for."""

import csv
import hashlib
import stat

import nbgrader.api
import pytest
from handing_in import HONEST
from nbgrader.api import Gradebook
from page_class import PAGES, SECRETS, secret_of
from scratch import ASSIGNMENT, COURSE, Course

from autograder.course.records.gradebook import keep_engines

pytestmark = pytest.mark.xdist_group("page-class")

OWN = {"neuron.ipynb", "timestamp.txt", "submission_secret.txt", "breast_cancer.csv", "breast_cancer_LICENSE.md"}
HANDED_IN = ("files", "files-plain")


def released_name(student, notebook=ASSIGNMENT):
    """Return the name under which a student looks for feedback."""
    return hashlib.md5((secret_of(student) + notebook).encode()).hexdigest() + ".html"


@pytest.mark.parametrize("student", HANDED_IN)
def test_only_ours_goes_on(paged, student):
    """Of what was handed in, the batch and plain nbgrader keep the notebook, the time and the secret, feedback less."""
    assert paged.plain.returncode == 0, paged.plain.stderr[-2000:]
    for step, names in (("autograded", OWN), ("feedback", {"neuron.html", "timestamp.txt", "submission_secret.txt"})):
        folder = paged.course.folder / step / student / ASSIGNMENT
        assert {str(path.relative_to(folder)) for path in folder.rglob("*")} == names
        assert not [path for path in folder.rglob("*") if b"FORGED" in path.read_bytes()]


def test_marks_of_who_hands_files_in_are_honest(paged):
    """Files beside the notebook change no mark, by the batch and by plain nbgrader."""
    marks = paged.course.marks()
    assert all(marks[student] == marks[HONEST[0]] for student in HANDED_IN)


def test_only_our_pages_are_released(paged):
    """Everybody with a secret gets the page that we made, under the name that only they can know, and nothing else."""
    assert paged.release.returncode == 1  # some are held back
    students = (*HONEST, *PAGES, *HANDED_IN)
    assert {path.name for path in paged.released.iterdir()} == {released_name(student) for student in students}
    for student in students:
        assert (paged.released / released_name(student)).read_bytes() == paged.page(student).read_bytes()
    assert not [path for path in paged.released.iterdir() if b"FORGED" in path.read_bytes()]


@pytest.mark.parametrize("student", SECRETS)
def test_secret_that_cannot_be_used_costs_its_student_alone(paged, student):
    """A secret that is missing, no secret, or another's keeps back that student's feedback, and one line says so."""
    lines = [line for line in paged.release.stderr.splitlines() if f"{student}: feedback not released" in line]
    assert len(lines) == 1
    assert "Traceback" not in paged.release.stderr


def test_feedback_from_before_releases_nothing_handed_in(paged, tmp_path):
    """Pages, folders and links that lie in `feedback/` already are not released, under whatever name."""
    course = paged.course.copy(tmp_path / "course")
    exchange = tmp_path / "exchange"
    (exchange / COURSE).mkdir(parents=True)
    folder = course.folder / "feedback" / "files" / ASSIGNMENT
    for name in ("evil.html", "neuron.HTML", "Neuron.html"):
        (folder / name).write_text("FORGED")
    (folder / "neuron.html").unlink()
    (folder / "neuron.html").symlink_to("evil.html")
    done = course.nbgrader("release_feedback", ASSIGNMENT, f"--Exchange.root={exchange}", "--student", "files")
    assert done.returncode == 1
    assert "files: feedback not released" in done.stderr
    assert list((exchange / COURSE / "feedback").iterdir()) == []


def test_what_holds_marks_is_the_owners_alone(paged):
    """Under the usual umask nobody else reads outcomes, history, graded work, feedback, the gradebook or the export."""
    done = paged.course.nbgrader("export")
    assert done.returncode == 0, done.stderr[-2000:]
    folders = ("outcomes", "autograded", "feedback")
    for name in (*folders, "gradebook.db", "grades.csv"):
        mode = (paged.course.folder / name).stat().st_mode
        assert not mode & (stat.S_IRWXG | stat.S_IRWXO), name
    assert {path.stat().st_mode & 0o777 for path in (paged.course.folder / "outcomes").rglob("*.json")} == {0o600}


def test_course_of_a_group_is_the_groups(tmp_path):
    """Where nbgrader's `groupshared` is set, the group reads and writes what holds marks, and others do not."""
    course = Course.make(tmp_path / "course", "\nc.CourseDirectory.groupshared = True\n")
    course.submission("1001")
    course.batch("--workers", "2")
    assert (course.folder / "outcomes").stat().st_mode & 0o777 == 0o770
    assert {path.stat().st_mode & 0o777 for path in (course.folder / "outcomes").rglob("*.json")} == {0o660}


@pytest.mark.parametrize(("shared", "permissions"), [(False, 0o600), (True, 0o660)])
def test_new_gradebook_is_the_owners_or_the_groups(tmp_path, shared, permissions):
    """A gradebook that nbgrader is about to make can be read by its owner alone, or by the course's group."""
    keep_engines(lambda: shared)
    try:
        nbgrader.api.create_engine(f"sqlite:///{tmp_path}/gradebook.db", echo=False, future=True)
    finally:
        keep_engines()
    assert (tmp_path / "gradebook.db").stat().st_mode & 0o777 == permissions


FORMULAS = ("=cmd|'/c calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1")


def test_no_text_becomes_a_formula_or_another_row(paged, tmp_path):
    """Names and ids that a spreadsheet would run, or that hold a comma or a line break, are text of one row."""
    course = paged.course.copy(tmp_path / "course")
    with Gradebook(course.db_url, COURSE) as gradebook:
        for number, text in enumerate(FORMULAS):
            gradebook.add_student(f"{text}{number}", last_name=text, email="a,b\nneuron,,,mallory,,,,20,0,20,20")
    assert course.nbgrader("export").returncode == 0
    with (course.folder / "grades.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert "mallory" not in {row["student_id"] for row in rows}
    guarded = [row for row in rows if row["student_id"].startswith("'")]
    assert len(guarded) == len(FORMULAS)
    assert all(row["last_name"].startswith("'") for row in guarded)
    honest = next(row for row in rows if row["student_id"] == HONEST[0])
    assert (honest["score"], honest["max_score"]) == ("20.0", "24.0")


def test_archive_follows_no_link(paged, tmp_path):
    """The review's one file is built where nobody can put a link, and is not written through one."""
    course = paged.course.copy(tmp_path / "course")
    victim = tmp_path / "victim"
    victim.write_text("kept")
    (course.folder / "x.html.part").symlink_to(victim)
    done = course.review("--html", "x.html")
    assert done.returncode == 0, done.stderr
    assert victim.read_text() == "kept"
    (course.folder / "y.html").symlink_to(victim)
    refused = course.review("--html", "y.html")
    assert refused.returncode != 0
    assert "link" in refused.stderr
    assert victim.read_text() == "kept"
