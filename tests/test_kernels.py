"""Notebooks whose kernel is not our interpreter run in that kernel, behind a wall of its own, for the same marks."""

import json
import os
import shutil
import sys
from pathlib import Path

import kernels
import ordinary as course
import pytest
import small
from ordinary import code

from autograder.course.handing_out.check_source import CourseError
from autograder.course.opening import check_course
from autograder.judge.judge import Job, judge_notebooks
from autograder.judge.kernels import kernel_of
from autograder.sandbox.session import KernelError
from autograder.sandbox.walls.standing import attempt

DOUBLE = 'double() { echo $(( $1 * 2 )); }\necho "$(double 4)" > eight.txt'
TRIPLE = DOUBLE.replace("* 2", "* 3")
SHELL = (
    code("### BEGIN SOLUTION\n" + DOUBLE + "\n### END SOLUTION", "double", solution=True),
    code('[ "$(double 2)" = 4 ]', "two", 2.0),
    code('[ "$(cat eight.txt)" = 8 ]', "file", 1.0),
    code("ls eight.txt", "there", 1.0),
)
NUMBERS = (
    code("import numpy as np\n### BEGIN SOLUTION\nhalf = 0.5\n### END SOLUTION", "half", solution=True),
    code("assert np.__version__.startswith('2.3.'), np.__version__", "version", 1.0),
    code("half", "partial", 1.0),
    code("assert int(open('eight.txt').read()) == 8", "file", 1.0),
    code("### BEGIN HIDDEN TESTS\nassert half < 0.5, 'a half'\n### END HIDDEN TESTS", "hidden", 1.0),
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Let both kernels be installed on this machine."""
    folder = tmp_path_factory.mktemp("jupyter")
    kernels.install_both(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(folder))
        yield folder


@pytest.fixture(scope="module")
def stock(slow, installed, tmp_path_factory) -> Path:
    """A course of stock nbgrader's with a notebook in each kernel, graded."""
    folder = tmp_path_factory.mktemp("kernels") / "stock"
    source = folder / "source" / "hw"
    source.mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text("c = get_config()\n" + kernels.STUBS)
    (source / "a_shell.ipynb").write_text(kernels.notebook("bash", *SHELL))
    (source / "b_numbers.ipynb").write_text(kernels.notebook("other", *NUMBERS))
    course.run(folder, "nbgrader", "generate_assignment", "hw")
    half = {"half": "import numpy as np\nhalf = 0.5"}
    course.hand_in(folder, "hw", "ada", {"a_shell": {"double": TRIPLE}, "b_numbers": half})
    for path in (folder / "submitted" / "ada" / "hw").glob("*.ipynb"):  # the instructor's kernel counts
        path.write_text(path.read_text().replace('"name": "bash"', '"name": "no-such-kernel"'))
    course.ours_beside(folder, folder.with_name("ours"))
    course.run(folder, "nbgrader", "autograde", "hw")
    return folder


@pytest.mark.full
@pytest.mark.xdist_group("kernels")
def test_stock_nbgraders_marks_in_other_kernels(stock):
    """Bash and another Python with its own NumPy, hidden tests, a file from one to the other, partial points: alike."""
    ours = stock.with_name("ours")
    course.run(ours, "autograder", "autograde", "hw")
    assert course.marks(ours) == course.marks(stock)
    scores = {key[2:]: score for key, (score, _) in course.marks(ours).items()}
    assert scores["a_shell", "there"] == scores["b_numbers", "version"] == 1.0
    assert (scores["a_shell", "two"], scores["b_numbers", "partial"]) == (0.0, 0.5)
    outcome = json.loads((ours / "outcomes" / "hw" / "ada.json").read_text())
    told = {one["exercise"]: one["message"] for one in outcome["exercises"]}
    assert (told["two"], told["hidden"]) == ("Error: 1", "a half")


@pytest.mark.slow
@pytest.mark.xdist_group("kernels")
def test_a_cell_that_ends_its_kernel_costs_that_cell(installed):
    """The kernel's end, and a time that runs out, are the errors of their cells; the others are run again."""
    cells = (
        code("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "ends", 1.0),
        code("import time\ntime.sleep(600)", "waits", 1.0),
        code("assert 'time' in globals()", "goes_on", 1.0),
    )
    judgement = kernels.judged("other", *cells, cell_seconds=3)
    found = {one.exercise: (one.points, one.message) for one in judgement.exercises}
    assert found["ends"] == (0.0, "ProcessEnded: the process was killed by signal 9")
    assert found["waits"][0] == 0.0
    assert judgement.outputs["hw"][1][-1]["evalue"] == "stopped after 3 s"
    assert found["goes_on"] == (1.0, "")


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["gone", *(pytest.param(name, marks=pytest.mark.full) for name in ("empty", "broken"))]
)
def test_a_kernel_that_cannot_be_had_is_left_to_a_human(tmp_path, monkeypatch, name):
    """One that is not installed, whose program is gone, or that does not start, is named, and costs no points."""
    kernels.install(tmp_path, "empty", str(tmp_path / "no-program"))
    kernels.install(tmp_path, "broken", str(kernels.OTHER), "-m", "no_such_kernel")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    judgement = kernels.judged(name, code("1", "one", 1.0))
    assert (judgement.outcome, judgement.fault, judgement.exercises) == ("needs_review", True, ())
    why = {"gone": "is not installed", "empty": "no-program' is not there", "broken": "No module named no_such_kernel"}
    assert judgement.reason.startswith(f"hw.ipynb: the kernel {name!r} ")
    assert why[name] in judgement.reason


@pytest.fixture
def untried():
    """Let no wall have been tried before, nor what is found out about them be taken for true afterwards."""
    attempt.cache_clear()
    yield
    attempt.cache_clear()


@pytest.mark.slow
def test_without_bubblewrap_no_kernel_is_started(installed, untried, tmp_path, monkeypatch):
    """Where a kernel cannot be walled off, a human looks at it; it is never run without walls for that."""
    monkeypatch.setenv("PATH", str(tmp_path))
    judgement = kernels.judged("other", code("open('/tmp/ran', 'w')", "one", 1.0))
    assert judgement.outcome == "needs_review"
    assert "this machine cannot wall off a kernel" in judgement.reason


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "argv"),
    [
        ("python3", None),
        ("python", None),
        ("mine", [sys.executable, "-m", "ipykernel_launcher"]),
        ("plain", ["python", "-m", "ipykernel_launcher"]),
        ("python3", ["/no/such/python", "-m", "ipykernel_launcher"]),
    ],
)
def test_our_own_interpreter_is_no_other_kernel(tmp_path, monkeypatch, name, argv):
    """Whatever a kernelspec of this interpreter is called, cells run in the student process; so without any."""
    if argv is not None:
        kernels.install(tmp_path, name, *argv)
        monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)  # what was found is remembered by folder
    assert kernel_of({"metadata": {"kernelspec": {"name": name}}}) is None


@pytest.mark.parametrize("metadata", [{}, {"kernelspec": None}, {"kernelspec": {"name": 3}}, [], None])
def test_no_kernelspec_is_our_kernel(metadata):
    """A notebook that says nothing of its kernel, or nothing that can be read, runs as Python."""
    assert kernel_of({"metadata": metadata}) is None


@pytest.mark.full
@pytest.mark.slow
def test_the_course_names_the_kernel(installed):
    """`c.Execute.kernel_name` comes before what the notebooks say, as in nbgrader."""
    assert kernel_of({"metadata": {"kernelspec": {"name": "python3"}}}, "other").name == "other"
    assert kernel_of({"metadata": {"kernelspec": {"name": "bash"}}}, "python3") is None


@pytest.mark.slow
def test_a_kernel_beside_the_course_is_refused(tmp_path, monkeypatch):
    """An environment whose folder holds the course would show it to student code."""
    (tmp_path / "bin").mkdir()
    shutil.copy(kernels.OTHER.parent.parent / "pyvenv.cfg", tmp_path)
    (tmp_path / "bin" / "python").symlink_to(os.path.realpath(kernels.OTHER))
    kernels.install(tmp_path / "jupyter", "beside", str(tmp_path / "bin" / "python"), "-m", "ipykernel_launcher")
    (tmp_path / "course").mkdir()
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.chdir(tmp_path / "course")
    with pytest.raises(KernelError, match="install it in a folder of its own"):
        kernel_of({"metadata": {"kernelspec": {"name": "beside"}}})


@pytest.mark.slow
def test_a_grader_of_another_kernels_notebook_is_refused(installed, tmp_path, monkeypatch):
    """A grader asks for functions of Python: the course's check refuses the notebook, and grading leaves it."""
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n" + course.OURS)
    small.write(tmp_path, "hw")
    path = tmp_path / "source" / "hw" / "hw.ipynb"
    content = json.loads(path.read_text())
    content["metadata"] = {"kernelspec": {"name": "other", "display_name": "other", "language": "python"}}
    path.write_text(json.dumps(content))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CourseError, match=r"runs in the kernel 'other', where the grader test_double\.py cannot"):
        check_course(tmp_path)
    job = Job("hw", tmp_path / "graders", ordinary=True)
    judgement = judge_notebooks({"hw": content}, job, job.hidden())
    assert judgement.outcome == "needs_review"
    assert judgement.reason == "hw.ipynb runs in the kernel 'other', of which the grader of double can ask nothing"


@pytest.mark.full
@pytest.mark.slow
def test_generate_assignment_tries_every_kernel(installed, tmp_path, monkeypatch):
    """The instructor's notebooks run in their own kernels before they are handed out; a missing kernel is named."""
    source = tmp_path / "source" / "hw"
    source.mkdir(parents=True)
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n" + course.OURS + kernels.STUBS)
    (source / "a_shell.ipynb").write_text(kernels.notebook("bash", *SHELL, code("false", "never", 1.0)))
    (source / "b_numbers.ipynb").write_text(kernels.notebook("other", *NUMBERS))
    done = course.run(tmp_path, "nbgrader", "generate_assignment", "hw")
    assert "a_shell.ipynb, cell never: earns 0 of 1: Error: 1" in done.stderr
    assert "b_numbers.ipynb, cell partial: earns 0.5 of 1" in done.stderr
    assert "b_numbers.ipynb, cell hidden: earns 0 of 1: a half" in done.stderr
    assert done.stderr.count("earns") == 3
    (source / "b_numbers.ipynb").write_text(kernels.notebook("gone", *NUMBERS))
    done = course.run(tmp_path, "nbgrader", "generate_assignment", "hw", "--force")
    assert "b_numbers.ipynb: the kernel 'gone' is not installed on the machine that grades" in done.stderr
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CourseError, match=r"b_numbers\.ipynb: the kernel 'gone' is not installed"):
        check_course(tmp_path)


@pytest.mark.full
@pytest.mark.slow
@pytest.mark.parametrize("isolation", ["auto", "none"])
def test_r_runs(isolation):
    """R's kernel, as Debian installs it: errors, values that are shown, plots and files."""
    cells = (
        code("double <- function(x) 2 * x\nwriteLines(format(double(4)), 'eight.txt')\nplot(1:3)"),
        code("stopifnot(double(2) == 4)", "right", 1.0),
        code("stopifnot(double(2) == 5)", "wrong", 1.0),
        code("double(3)", "shown", 1.0),
        code("### BEGIN HIDDEN TESTS\nstop('a secret')\n### END HIDDEN TESTS", "hidden", 1.0),
    )
    judgement = kernels.judged("ir", *cells, isolation=isolation)
    assert [one.points for one in judgement.exercises] == [1.0, 0.0, 1.0, 0.0]
    assert judgement.exercises[1].message == "ERROR: Error: double(2) == 5 is not TRUE"
    assert judgement.exercises[3].message == "A hidden test failed: an error"
    assert judgement.files == {"eight.txt": b"8\n"}
    assert "image/png" in judgement.outputs["hw"][0][0]["data"]
