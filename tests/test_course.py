"""The course around the judge: what is refused before release, what is handed in, and one outcome each."""

import contextlib
import dataclasses
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import alembic.script
import nbgrader
import pytest
import small
from nbformat import from_dict
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.utils import determine_grade
from scratch import COURSE, Course

from autograder.course.course import newest_schema
from autograder.course.handed_in import intake
from autograder.course.handing_out.check_source import CourseError
from autograder.course.opening import check_course, open_course
from autograder.course.pages.grade_cells import graded, show
from autograder.course.records import outcomes
from autograder.course.submission import Submissions
from autograder.grading import assignment
from autograder.grading.results import CriterionResult, exercise_result
from autograder.judge.files import read_regular
from autograder.judge.notebook import NotebookError
from autograder.judge.outcome import Judgement, refused
from autograder.sandbox.limits import Limits

ROOT = Path(__file__).parent.parent
PROGRAMS = Path(sys.executable).parent
SOURCE = ROOT / "source" / "neuron" / "neuron.ipynb"
EMPTY = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []})


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Return a copy of the course, in which commands are run."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "source", tmp_path / "source")
    shutil.copytree(ROOT / "release", tmp_path / "release")
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    return tmp_path


@pytest.fixture
def scratch_course(tmp_path):
    """Return what makes a course with a gradebook and some more settings."""
    return lambda settings: Course.make(tmp_path / "scratch", settings)


def edit(course, old, new, folder="source"):
    """Change the notebook's text."""
    path = course / folder / "neuron" / "neuron.ipynb"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_the_course_as_it_is_agrees(course):
    """Cells, graders, points and release of the course that we ship agree."""
    assert "neuron" in check_course(course)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"points": 6', '"points": 5', "test_cost is worth 5 points, but its criteria add up to 6"),
        ('"test_cost"', '"test_coost"', "a grader for cost, but no grade cell"),
        ('"nbformat": 4', '"nbformat": 3', "format 3, not 4"),
    ],
)
def test_a_source_that_disagrees_is_refused(course, old, new, said):
    """Other points, a grader without a grade cell and an unreadable notebook are refused in words."""
    edit(course, old, new)
    with pytest.raises(CourseError, match=said):
        check_course(course)


def test_a_missing_file_is_refused(course):
    """A file that the assignment lists has to be there."""
    (course / "source" / "neuron" / "breast_cancer.csv").unlink()
    with pytest.raises(CourseError, match=r"breast_cancer\.csv is listed"):
        check_course(course)


def test_a_release_with_a_statement_of_a_solution_is_refused(course):
    """One line of a solution in any code cell of the release is enough, however it is spelled."""
    edit(course, "raise NotImplementedError()", "a = sigmoid( X@w + b )  # as in the solution", "release")
    with pytest.raises(CourseError, match=r"cell sigmoid: holds a statement of a solution: a = sigmoid"):
        check_course(course)


@pytest.mark.parametrize(
    ("check", "refused"),
    [
        ("import math\nn = 0\nassert double(n) == n", False),
        ("n = 0\nassert double(n) == 2 * n * math.e / math.e", False),
        ("import math\nn = 0\nn += 2 * x * math.e / math.e\nassert double(1)", True),
    ],
)
def test_an_ordinary_check_may_share_plain_lines_with_a_solution(course, check, refused):
    """What an author writes into the open is no leak, unless a whole solution stands there."""
    body = "import math\n    n = 0\n    n += 2 * x * math.e / math.e"
    nb = json.loads(small.notebook(body))
    nb["cells"][1]["source"] = check
    for step, text in (("source", None), ("release", "def double(x):\n    raise NotImplementedError()")):
        (course / step / "hw").mkdir()
        nb["cells"][0]["source"] = text or nb["cells"][0]["source"]
        (course / step / "hw" / "hw.ipynb").write_text(json.dumps(nb))
    if refused:
        with pytest.raises(CourseError, match=r"cell test_double: holds a statement of a solution: n"):
            check_course(course)
    else:
        assert "hw" in check_course(course)


def test_a_grade_cell_that_ends_in_an_expression_is_refused(course):
    """Stock nbgrader would take the value of the last expression for the mark."""
    cells = json.loads(SOURCE.read_text())
    for cell in cells["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "test_cost":
            cell["source"] = "cost"
    (course / "source" / "neuron" / "neuron.ipynb").write_text(json.dumps(cells))
    with pytest.raises(CourseError, match="ends in an expression"):
        check_course(course)


def test_generate_assignment_releases_no_solution(course):
    """Solutions that lie outside the markers are seen when the release is generated."""
    shutil.copy(SOURCE, course / "release" / "neuron" / "neuron.ipynb")
    with pytest.raises(CourseError, match="holds a statement of a solution"):
        check_course(course)


def test_only_regular_files_are_read(tmp_path):
    """A link, a pipe, a folder and a file that is too large are refused, and nothing waits."""
    secret = tmp_path / "secret.ipynb"
    secret.write_text(EMPTY)
    (tmp_path / "link.ipynb").symlink_to(secret)
    os.mkfifo(tmp_path / "pipe.ipynb")
    (tmp_path / "folder.ipynb").mkdir()
    (tmp_path / "large.ipynb").write_text(" " * 2000)
    for name in ("link", "pipe", "folder", "large"):
        with pytest.raises(NotebookError):
            read_regular(tmp_path / f"{name}.ipynb", 1000)
    assert read_regular(secret, 1000) == EMPTY.encode()


def test_what_nbgrader_must_not_copy_is_set_aside(tmp_path):
    """Links, pipes and oversized files leave the submission, and are kept for the instructor."""
    folder = tmp_path / "submitted" / "7" / "neuron"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "link").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe")
    (folder / "large.bin").write_bytes(b"x" * 2000)
    (folder / "neuron.ipynb").write_text(EMPTY)
    aside = intake.aside_folder(tmp_path, "7", "neuron")
    intake.set_aside(folder, aside, Limits().override({"file_bytes": 1000}))
    assert [path.name for path in folder.rglob("*") if not path.is_dir()] == ["neuron.ipynb"]
    assert sorted(path.name.partition("-")[2] for path in aside.iterdir()) == ["large.bin", "link", "pipe"]
    assert [path for path in aside.iterdir() if path.is_symlink()]
    assert len(intake.notes_on_files(folder, aside, set())) == 3


def test_what_is_too_much_to_copy_is_set_aside(tmp_path):
    """Of more files than the limit, or more bytes, the notebook and the first ones stay; the rest is only moved."""
    folder, aside = tmp_path / "neuron", tmp_path / "aside"
    for number in range(40):
        (folder / f"{number}").mkdir(parents=True)
        (folder / f"{number}" / "a").write_bytes(b"x" * 100)
        (folder / f"{number}.bin").write_bytes(b"x" * 100)
        (folder / f"{number}.link").symlink_to("/etc/passwd")
    (folder / "neuron.ipynb").write_text(EMPTY)
    intake.set_aside(folder, aside, Limits().override({"submission_files": 50, "submission_bytes": 2000}))
    kept = [path for path in folder.rglob("*") if path.is_file()]
    assert folder / "neuron.ipynb" in kept
    assert len(list(folder.rglob("*"))) <= 50
    assert sum(path.stat().st_size for path in kept) <= 2000
    assert len(kept) + len([path for path in aside.rglob("*") if not path.is_dir()]) == 121
    assert len({path.name.partition("-")[0] for path in aside.iterdir()}) == len(list(aside.iterdir()))


def test_a_renamed_notebook_is_found_if_it_is_the_only_one(tmp_path):
    """The only notebook is taken under whatever name; of two, none is guessed."""
    (tmp_path / "mine.ipynb").write_text(EMPTY)
    assert intake.read_submission(tmp_path / "neuron.ipynb", Limits(), {"neuron"}).path.name == "mine.ipynb"
    (tmp_path / "other.ipynb").write_text(EMPTY)
    with pytest.raises(NotebookError, match="2 other notebooks"):
        intake.read_submission(tmp_path / "neuron.ipynb", Limits(), {"neuron"})


def test_too_many_cells_are_refused(tmp_path):
    """A notebook with more cells than the limit is not opened further."""
    (tmp_path / "neuron.ipynb").write_text(json.dumps({"nbformat": 4, "cells": [{}] * 501}))
    with pytest.raises(NotebookError, match="501 cells, more than 500"):
        intake.read_submission(tmp_path / "neuron.ipynb", Limits(), {"neuron"})


def result(points, verdict="pass"):
    """Return an exercise with one criterion."""
    found = exercise_result("cost", [CriterionResult("value", "Is <right>.", verdict, points, 6.0, "said")])
    return replace(found, notebook="neuron")


def grade_cell(outputs):
    """Return a grade cell with these outputs, as nbgrader reads it."""
    nbgrader = {"grade": True, "solution": False, "grade_id": "test_cost", "points": 6.0}
    cell = {"cell_type": "code", "metadata": {"nbgrader": nbgrader}, "source": "", "outputs": outputs}
    return from_dict(cell)


@pytest.mark.parametrize(("points", "mark"), [(2.5, 2.5), (0.0, 0.0), (7.0, 6.0), (-1.0, 0.0), (None, 0.0)])
def test_nbgrader_reads_the_mark_that_we_wrote(points, mark):
    """Whatever the visible checks printed, nbgrader takes our points, between 0 and the maximum."""
    shown = [
        {"output_type": "stream", "name": "stderr", "text": "warning"},
        {"output_type": "error", "ename": "E", "evalue": "", "traceback": ["E"]},
        {"output_type": "execute_result", "data": {"text/plain": "6.0"}, "metadata": {}, "execution_count": 1},
    ]
    judgement = Judgement("neuron", "graded", None)
    assert determine_grade(grade_cell(graded(result(points), 6.0, shown, judgement))) == (mark, 6.0)


def test_the_card_escapes_what_it_says():
    """Labels and messages reach the page as text."""
    judgement = Judgement("neuron", "graded", None, (result(6.0),))
    notebook = from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [grade_cell([])]})
    show(notebook, "neuron", judgement)
    html = notebook.cells[0].outputs[0].data["text/html"]
    assert "Is &lt;right&gt;." in html
    assert "✔ passed" in html


def test_an_outcome_is_written_whole(tmp_path):
    """An outcome can be read back, replaces the older one, and leaves nothing beside it."""
    outcomes.write(tmp_path, outcomes.Outcome(assignment.find("neuron"), "7", refused("neuron", "first"), "2026-11-01"))
    graded = Judgement("neuron", "graded", None, (result(3.0),))
    outcomes.write(tmp_path, outcomes.Outcome(assignment.find("neuron"), "7", graded, "2026-11-02"))
    found = outcomes.read(tmp_path, "neuron", "7")
    assert (found["student"], found["timestamp"], found["points"]) == ("7", "2026-11-02", 3.0)
    assert [path.name for path in outcomes.path_of(tmp_path, "neuron", "7").parent.iterdir()] == ["7.json"]


def test_an_outcome_that_cannot_be_written_stops_no_other(tmp_path):
    """Of outcomes written together, one whose name is taken by a folder is told of, and the others are there."""
    neuron = assignment.find("neuron")
    taken = outcomes.path_of(tmp_path, "neuron", "8")
    (taken / "something").mkdir(parents=True)
    found = [outcomes.Outcome(neuron, student, refused("neuron", "why"), None) for student in ("7", "8", "9")]
    failed = outcomes.write_all(tmp_path, found)
    assert list(failed) == ["8"]
    assert isinstance(failed["8"], OSError)
    assert sorted(path.name for path in taken.parent.iterdir()) == ["7.json", "8.json", "9.json"]
    assert outcomes.read(tmp_path, "neuron", "9")["reason"] == "why"


def test_the_newest_schema_is_what_alembic_says():
    """The revision that a gradebook must have, read without alembic, is the head that alembic finds."""
    scripts = alembic.script.ScriptDirectory(str(Path(nbgrader.__file__).parent / "alembic"))
    assert newest_schema() == scripts.get_current_head()


@pytest.mark.slow
def test_configure_loads_nothing_that_judges():
    """A course's configuration loads no library that only grading needs: other commands start as stock nbgrader's."""
    code = """
import sys
import nbgrader.apps
from traitlets.config import Config
from autograder.course.configure import configure
configure(Config())
print([name for name in ("pytest", "scipy", "alembic", "autograder.judge.judge") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
def test_a_submission_that_cannot_be_entered_stops_no_other_of_its_transaction(scratch_course):
    """Of submissions in one transaction, one whose student may not be new is left, and the others are graded."""
    course = scratch_course("c.Autograde.create_student = False\n")
    for student in ("1001", "nobody", "1002"):
        (course.submission(student) / "neuron.ipynb").write_text("no notebook")
    with contextlib.chdir(course.folder):
        with Gradebook(course.db_url, COURSE) as gradebook:
            for student in ("1001", "1002"):
                gradebook.update_or_create_student(student)
        opened = open_course(course.folder, "neuron")
        submissions = Submissions(opened, opened.sources())
        group = [(submissions.read(student), None) for student in ("1001", "nobody", "1002")]
        with opened.writer() as gradebook:
            found = dict(submissions.finish(group, gradebook))
        with Gradebook(course.db_url, COURSE) as gradebook:
            entered = sorted(one.student.id for one in gradebook.assignment_submissions("neuron"))
    assert isinstance(found["nobody"], MissingEntry)
    assert found["1001"].judgement.outcome == found["1002"].judgement.outcome == "needs_review"
    assert entered == ["1001", "1002"]
    assert not (course.folder / "autograded" / "nobody").exists()


@pytest.mark.slow
def test_a_command_that_cannot_grade_says_so_in_one_line(course):
    """Autograding where bubblewrap is missing stops before the first submission, with one line and no traceback."""
    shutil.copy(ROOT / "nbgrader_config.py", course)
    (course / "submitted" / "7" / "neuron").mkdir(parents=True)
    shutil.copy(SOURCE, course / "submitted" / "7" / "neuron")
    command = [str(PROGRAMS / "nbgrader"), "autograde", "neuron", "--Autograder.isolation=nested"]
    environment = {**os.environ, "PATH": str(course)}
    done = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    errors = [line for line in done.stderr.splitlines() if "ERROR" in line]
    assert len(errors) == 1
    assert "apt-get install bubblewrap" in errors[0]
    assert "Traceback" not in done.stderr


def test_graders_that_change_are_noticed_in_a_moment(tmp_path, monkeypatch):
    """A file of the graders that changes is seen at the next look, which a moment later is taken anew."""
    folder = tmp_path / "neuron"
    shutil.copytree(assignment.find("neuron").folder, folder)
    found = dataclasses.replace(assignment.find("neuron"), folder=folder)
    before = found.fingerprint()
    (folder / "reference.py").write_text("# changed\n")
    monkeypatch.setattr(assignment, "_MOMENT", 0.0)
    assert found.fingerprint() != before


def test_what_is_set_aside_is_its_owners_alone(tmp_path):
    """`dropped/` is closed to others, and open to the group where the course's other folders are."""
    folder = tmp_path / "submitted" / "ann" / "ps1"
    folder.mkdir(parents=True)
    (folder / "link").symlink_to("/etc/passwd")
    intake.set_aside_from(folder, intake.aside_folder(tmp_path, "ann", "ps1"), Limits())
    assert (tmp_path / "dropped" / "ann" / "ps1").is_dir()
    assert (tmp_path / "dropped").stat().st_mode & 0o777 == 0o700
    (tmp_path / "outcomes").mkdir()
    (tmp_path / "outcomes").chmod(0o2770)
    intake.set_aside_from(folder, intake.aside_folder(tmp_path, "ann", "ps1"), Limits())
    assert (tmp_path / "dropped").stat().st_mode & 0o777 == 0o770
