"""`autograder init`: a course started, or made ours and given back byte by byte; what cannot be done, in one line."""

import json
import os
import shutil
import stat
import sys
import tempfile
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from ordinary import quickstart, run
from scratch import OPEN, ROOT, Course, as_user

from autograder import cli
from autograder.course.errors import UsageError
from autograder.course.opening import check_course, open_course, settings_of
from autograder.course.setup.config_file import CONFIG
from autograder.course.setup.joining import BACKUP, join
from autograder.judge.judge import DEFAULT_SEED
from autograder.shipped import NOTEBOOKS

PLAIN = "c = get_config()\nc.CourseDirectory.course_id = 'plain'\n"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Return a folder to type commands in."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "jupyter"))
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def typed(capsys, *arguments):
    """Run `autograder init`; return its status and what it printed."""
    status = cli.main(["init", *arguments])
    said = capsys.readouterr()
    return status, said.out, said.err


def test_a_course_is_started_with_a_seed_of_its_own(home, capsys):
    """A new course has the notebooks, is closed to others, checks out, and no two have the same hidden inputs."""
    assert typed(capsys, "one")[0] == typed(capsys, "two", "--assignment", "neuron")[0] == 0
    for name in NOTEBOOKS:
        for path in (ROOT / "source" / name).iterdir():
            assert (home / "one" / "source" / name / path.name).read_bytes() == path.read_bytes()
    assert [path.name for path in (home / "two" / "source").iterdir()] == ["neuron"]
    assert stat.S_IMODE((home / "one").stat().st_mode) == 0o700
    seeds = {settings_of(home / name).seed for name in ("one", "two")}
    assert len(seeds - {DEFAULT_SEED}) == 2
    assert check_course(home / "one") == "network, neuron: cells, graders and points agree"


def test_what_it_did_once_it_does_not_do_again(home, capsys):
    """A second `autograder init` changes nothing, in a course of either kind."""
    (home / "old").mkdir()
    (home / "old" / CONFIG).write_text(PLAIN)
    for name in ("new", "old"):
        assert typed(capsys, name)[0] == 0
        before = {path: path.read_bytes() for path in (home / name).rglob("*") if path.is_file()}
        status, out, _ = typed(capsys, name)
        assert (status, "nothing was changed" in out) == (0, True)
        assert {path: path.read_bytes() for path in (home / name).rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        PLAIN.rstrip("\n"),
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r\n").rstrip("\r\n"),
        PLAIN + "\n\n\n",
        PLAIN + "def configure(something):\n    return something\n",
        PLAIN + "c.Autograder.seed = 3\n",
        "# -*- coding: latin-1 -*-\nconfig = get_config()\nconfig.CourseDirectory.course_id = 'übung'",
    ],
)
def test_what_was_added_is_taken_out_byte_by_byte(home, capsys, text):
    """Whatever its line ends, its encoding and its names, a configuration becomes ours, and then what it was."""
    path = home / CONFIG
    path.write_bytes(text.encode("latin-1" if "latin-1" in text else "utf-8"))
    path.chmod(0o640)
    os.utime(path, (1e9, 1e9))
    before, state = path.read_bytes(), path.stat()
    status, out, _ = typed(capsys)
    assert status == 0
    added = [line for line in out.splitlines() if line.startswith("+") and not line.startswith("+++")]
    assert added[-1].startswith(("+configure(", "+configure_autograder("))
    assert ("Autograder.seed" in "".join(added)) == ("seed" not in text)
    assert {path.name for path in home.iterdir()} == {CONFIG, BACKUP}
    assert (home / BACKUP).read_bytes() == before
    assert path.read_bytes().startswith(before)
    assert typed(capsys, "--undo")[0] == 0
    assert path.read_bytes() == before
    assert (path.stat().st_mode, path.stat().st_mtime, path.stat().st_ino) == (
        state.st_mode,
        state.st_mtime,
        state.st_ino,
    )
    assert [path.name for path in home.iterdir()] == [CONFIG]


def test_what_was_edited_since_stays(home, capsys):
    """Taking our lines out leaves what the instructor has written since, above them and below."""
    (home / CONFIG).write_text(PLAIN)
    typed(capsys)
    text = (home / CONFIG).read_text()
    (home / CONFIG).write_text("# above\n" + text + "# below\n")
    status, out, _ = typed(capsys, "--undo")
    assert (status, "left the others" in out) == (0, True)
    assert (home / CONFIG).read_text() == "# above\n" + PLAIN + "# below\n"


def refused(home, capsys, *arguments):
    """Return the one line with which something is refused, after seeing that nothing was changed."""
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    status, out, err = typed(capsys, *arguments)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before
    return err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import os\n", "has no line 'c = get_config()'"),
        ("c = (\n", "line 1: '(' was never closed"),
        (PLAIN + "c.GenerateAssignment.exporter_class = 'x.Y'\n", "leave one of the two out; nothing was changed"),
        (PLAIN + "import nowhere\n", "No module named 'nowhere'; nothing was changed"),
    ],
)
def test_a_configuration_that_cannot_be_ours_is_left_alone(home, capsys, text, said):
    """A configuration without `get_config`, with errors, or with what cannot go together with us is refused."""
    (home / CONFIG).write_text(text)
    assert said in refused(home, capsys)
    assert [path.name for path in home.iterdir()] == [CONFIG]


def test_a_place_for_no_course_is_refused(home, capsys):
    """A folder in a course, with parts of one, or that is no folder becomes no course, and a link is not followed."""
    (home / "course").mkdir()
    (home / "course" / CONFIG).write_text(PLAIN)
    assert "lies in the course" in refused(home, capsys, "course/week-1")
    (home / "parts" / "source").mkdir(parents=True)
    assert "has source but no nbgrader_config.py" in refused(home, capsys, "parts")
    (home / "file").touch()
    assert "is no folder" in refused(home, capsys, "file")
    (home / "linked").mkdir()
    (home / "linked" / CONFIG).symlink_to(home / "course" / CONFIG)
    assert "is a link" in refused(home, capsys, "linked")
    assert "there are neuron, network" in refused(home, capsys, "new", "--assignment", "nothing")
    assert not (home / "new").exists()


def test_there_is_nothing_to_take_back_where_nothing_was_done(home, capsys):
    """`--undo` refuses a course that is stock nbgrader's, and one that was ours from its beginning."""
    (home / CONFIG).write_text(PLAIN)
    assert "it is not ours" in refused(home, capsys, "--undo")
    (home / CONFIG).write_text(PLAIN + "from autograder.course.configure import configure\nconfigure(c)\n")
    assert "take configure(c) out" in refused(home, capsys, "--undo")


def test_an_earlier_backup_is_not_overwritten(home, capsys):
    """Where our lines were taken out by hand, the backup that is still there stays."""
    (home / CONFIG).write_text(PLAIN)
    typed(capsys)
    (home / CONFIG).write_text(PLAIN + "# by hand\n")
    assert "move it away" in refused(home, capsys)


def test_notebooks_are_brought_into_a_course_that_is_there(home, capsys):
    """A named assignment comes into the folder that the course calls its source; one that is there stays as it is."""
    (home / CONFIG).write_text(PLAIN + "c.CourseDirectory.source_directory = 'ours'\n")
    assert typed(capsys, "--assignment", "neuron")[0] == 0
    assert (home / "ours" / "neuron" / "neuron.ipynb").is_file()
    status, _, err = typed(capsys, "--assignment", "neuron")
    assert (status, "was left as it is" in err) == (2, True)


@pytest.mark.slow
def test_a_course_that_cannot_be_written_is_refused():
    """Who may not write to a course is told so in one line, and nothing is left behind."""
    with tempfile.TemporaryDirectory(dir=OPEN) as folder:
        look_only(Path(folder))


def look_only(folder):
    """Run `autograder init` as somebody who may only look at the course."""
    course = Course(folder / "course")
    course.folder.mkdir()
    (course.folder / CONFIG).write_text(PLAIN)
    before = as_user(course)
    if before:
        shutil.chown(course.folder, "root")
        shutil.chown(course.folder / CONFIG, "root")
    course.folder.chmod(0o555)
    (course.folder / CONFIG).chmod(0o444)
    folder.chmod(0o755)
    result = course._run([*before, sys.executable, "-m", "autograder.cli", "init"])
    assert (result.returncode, result.stderr.count("\n")) == (2, 1), result.stderr
    assert "Permission denied; nothing was changed" in result.stderr
    assert [path.name for path in course.folder.iterdir()] == [CONFIG]


@pytest.mark.slow
def test_stock_nbgrader_grades_nothing_of_ours_without_a_word(tmp_path):
    """Without `configure(c)`, nbgrader's own autograder stops, says why, and keeps no mark; after `init` it grades."""
    course = tmp_path / "course"
    course.mkdir()
    (course / CONFIG).write_text(PLAIN)
    shutil.copytree(ROOT / "source" / "neuron", course / "source" / "neuron")
    run(course, "nbgrader", "generate_assignment", "neuron")
    hand_in = course / "submitted" / "ann" / "neuron"
    shutil.copytree(course / "source" / "neuron", hand_in)  # the solution itself: all its checks pass
    result = run(course, "nbgrader", "autograde", "neuron", fails=True)
    assert result.returncode == 1
    assert "nbgrader_config.py does not call configure(c)" in result.stderr
    assert not (course / "autograded" / "ann" / "neuron").exists()
    with pytest.raises(UsageError, match="autograder init"):
        open_course(course, "neuron")
    with pytest.raises(UsageError, match=r"does not call configure\(c\)"):
        check_course(course)
    join(course)
    run(course, "nbgrader", "autograde", "neuron")
    outcome = json.loads((course / "outcomes" / "neuron" / "ann.json").read_text())
    assert (outcome["outcome"], outcome["points"]) == ("graded", 20)


@pytest.mark.slow
@pytest.mark.full
def test_a_course_with_marks_of_its_own_joins_and_leaves(tmp_path):
    """An nbgrader course is ours for a while, with nbgrader's own marks throughout, and then as it was before."""
    course = tmp_path / "course"
    quickstart(course)
    before = (course / CONFIG).read_bytes()
    run(course, "nbgrader", "generate_assignment", "ps1")
    for student in ("ann", "bob"):
        shutil.copytree(
            course / ("source" if student == "ann" else "release") / "ps1", course / "submitted" / student / "ps1"
        )
    run(course, "nbgrader", "autograde", "ps1")
    stock = scores(course)
    assert stock["ann"] > stock["bob"]
    run(course, "autograder", "init")
    run(course, "autograder", "autograde", "ps1")
    outcomes = {path.stem: json.loads(path.read_text()) for path in (course / "outcomes" / "ps1").iterdir()}
    assert {student: outcome["outcome"] for student, outcome in outcomes.items()} == {"ann": "graded", "bob": "graded"}
    assert scores(course) == stock
    run(course, "nbgrader", "generate_assignment", "ps1", "--force")
    run(course, "autograder", "init", "--undo")
    assert (course / CONFIG).read_bytes() == before
    run(course, "nbgrader", "autograde", "ps1", "--force")
    assert scores(course) == stock
    run(course, "nbgrader", "generate_feedback", "ps1")
    assert (course / "feedback" / "ann" / "ps1" / "problem1.html").is_file()


def scores(course):
    """Return every student's score in the gradebook."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "course") as gradebook:
        return {one.student.id: one.score for one in gradebook.assignment_submissions("ps1")}
