"""What a course sets of how its cells are executed: it holds, or is refused in one line."""

from pathlib import Path

import ordinary
import pytest
from ordinary import code, notebook, run
from traitlets.config import Config

from autograder.course.errors import UsageError
from autograder.course.execution import cell_seconds, readable
from autograder.course.opening import try_course
from autograder.course.settings import Autograder
from autograder.judge.notebook import Ordinary
from autograder.judge.ordinary import marked
from autograder.sandbox.launch import Sandbox, wall_of
from autograder.sandbox.limits import ORDINARY
from autograder.sandbox.refusals import processes_below
from autograder.sandbox.session import Session, Setup
from autograder.sandbox.walls.bubblewrap import Wall, WallError


def settings(**execute: object) -> Autograder:
    """Return the settings of a course that sets this of `c.Execute`."""
    return Autograder(config=Config({"Execute": execute}))


@pytest.mark.parametrize(
    ("execute", "seconds"),
    [
        ({}, 30.0),
        ({"timeout": 8}, 8.0),
        ({"timeout": -1}, 604800.0),
        ({"timeout": None}, 604800.0),
        ({"extra_arguments": ["--HistoryManager.hist_file=:memory:"], "error_on_timeout": {"ename": "Late"}}, 30.0),
        ({"execute_retries": 3}, 30.0),
    ],
)
def test_timeout_holds(execute, seconds):
    """The time of a cell is nbgrader's: none, or as long as the course says."""
    assert cell_seconds(settings(**execute)) == seconds


@pytest.mark.parametrize(("name", "value"), [("extra_arguments", ["--pylab"]), ("interrupt_on_timeout", False)])
def test_what_cannot_hold_is_refused(name, value):
    """A setting that means something to a kernel alone is refused, by its name."""
    with pytest.raises(UsageError, match=rf"c\.Execute\.{name}, which configure\(c\) cannot follow"):
        cell_seconds(settings(**{name: value}))


def test_only_data_may_be_shown(tmp_path):
    """A path that is not there, or that holds or lies in what is hidden, is refused; data beside the course is not."""
    hidden = tmp_path / "course" / "graders"
    data = tmp_path / "data"
    for folder in (hidden / "hw", data):
        folder.mkdir(parents=True)
    (data / "link").symlink_to(hidden)
    root = tmp_path / "course"
    assert readable(root, [str(data), "../data"], [hidden]) == (str(data), str(root / ".." / "data"))
    for name in (str(tmp_path), "graders/hw", ".", str(data / "link")):
        with pytest.raises(UsageError, match="would show"):
            readable(root, [name], [hidden])
    with pytest.raises(UsageError, match="is not there"):
        readable(root, ["nothing"], [hidden])
    with pytest.raises(UsageError, match="under its own name"):
        readable(root, ["/proc/self"], [hidden])


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["nested", "single", "none"])
def test_paths_are_read_only(mode, tmp_path):
    """Student code reads the paths that the course names, under these names, and behind a wall cannot write there."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_text("1,2")
    (tmp_path / "other.csv").write_text("3,4")
    for folder in (tmp_path, *list(tmp_path.parents)[:3]):
        folder.chmod(0o755)
    with (
        Sandbox(wall_of(mode, (str(tmp_path / "data"),)), ORDINARY, ("numpy",)) as sandbox,
        Session(sandbox, ORDINARY, Setup()) as session,
    ):
        session.prepare()
        assert session.run_cell(1, f"assert open('{tmp_path}/data/a.csv').read() == '1,2'", 20).status == "ok"
        if mode != "none":
            wrote = session.run_cell(2, f"open('{tmp_path}/data/b.csv', 'w')", 20)
            assert "Read-only" in str(wrote.error) or "Permission" in str(wrote.error)
            assert session.run_cell(3, f"open('{tmp_path}/other.csv')", 20).error.type == "FileNotFoundError"


def test_a_path_that_went_away_is_named():
    """A worker that does not have the path says so in one line, and runs nothing."""
    with pytest.raises(WallError, match=r"/nowhere/data, .* is not there: see c\.Autograder\.read_only_paths"):
        Wall(readable=("/nowhere/data",)).command(1 << 20)


@pytest.mark.slow
def test_limits_are_named():
    """Whatever limit a cell reaches, its student reads which, and what it is."""
    cells = {
        "b = bytearray(6 << 30)": "MemoryError (the limit of 4 GiB of memory per process was reached)",
        "open('y', 'wb').truncate(2 << 30)": "[Errno 27] File too large (the limit of 1 GiB per file was reached)",
        "import os\nfs = [os.open('y', 0) for _ in range(2000)]": "(the limit of 1024 open files was reached)",
        "import threading, time\nfor _ in range(50):\n    threading.Thread(target=time.sleep, args=(9,)).start()": (
            "RuntimeError: can't start new thread (the limit of 14 processes and threads was reached)"
        ),
        "while True:\n    pass": "Timeout: stopped after 1 s",
    }
    with Sandbox(wall_of("nested"), ORDINARY, ("numpy",)) as sandbox:
        for source, said in cells.items():
            with Session(sandbox, ORDINARY, Setup()) as session:
                session.prepare()
                session.run_cell(1, "open('y', 'w').close()", 20)
                ran = session.run_cell(2, source, 1.0 if "while" in source else 30.0)
            result = marked("n", Ordinary("a", 1.0, source), ran, ran)
            assert (result.points, result.message.endswith(said)) == (0.0, True), result.message


@pytest.mark.slow
def test_libraries_start_one_thread():
    """A product of large matrices leaves no thread behind, so that a fork of the process loses no lock."""
    with Sandbox(wall_of("single"), ORDINARY, ("numpy",)) as sandbox, Session(sandbox, ORDINARY, Setup()) as session:
        session.prepare()
        before = processes_below(session._launched.process.pid)
        ran = session.run_cell(1, "import numpy as np\na = np.ones((600, 600))\nassert (a @ a)[0, 0] == 600", 30)
        assert (ran.status, processes_below(session._launched.process.pid)) == ("ok", before)
        threads = session.run_cell(
            2, "import threading, time\nthreading.Thread(target=time.sleep, args=(5,)).start()", 30
        )
        assert (threads.status, processes_below(session._launched.process.pid)) == ("ok", before + 1)


POOLS = {
    "pool": """
from multiprocessing import Pool
with Pool(2) as pool:
    assert pool.map(abs, [-1, -2]) == [1, 2]
""",
    "executor": """
from concurrent.futures import ProcessPoolExecutor
with ProcessPoolExecutor(2) as pool:
    assert list(pool.map(abs, range(-9, 0))) == list(range(9, 0, -1))
""",
    "value": """
import multiprocessing as mp
value = mp.Value('i')
def add():
    for _ in range(100):
        with value.get_lock():
            value.value += 1
processes = [mp.Process(target=add) for _ in range(3)]
[one.start() for one in processes]
[one.join() for one in processes]
assert value.value == 300
""",
    "lock": """
import multiprocessing as mp
lock, event, barrier = mp.Lock(), mp.Event(), mp.Barrier(2)
assert lock.acquire() and not lock.acquire(timeout=0.1) and not lock.acquire(False)
def child():
    barrier.wait(5)
    event.set()
process = mp.Process(target=child)
process.start()
barrier.wait(5)
assert event.wait(5)
process.join()
lock.release()
try:
    lock.release()
    assert False
except ValueError:
    pass
""",
    "recursive lock and semaphore": """
import multiprocessing as mp
lock = mp.RLock()
with lock, lock:
    pass
try:
    lock.release()
    raise ValueError
except AssertionError:
    pass
bounded = mp.BoundedSemaphore(2)
bounded.acquire()
assert bounded.get_value() == 1
bounded.release()
try:
    bounded.release()
    assert False
except ValueError:
    pass
""",
    "queue": """
import multiprocessing as mp
queue = mp.JoinableQueue()
queue.put(1)
def work():
    queue.get()
    queue.task_done()
process = mp.Process(target=work)
process.start()
queue.join()
process.join()
""",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", POOLS)
def test_process_pools_work(name, walled):
    """Pools, shared values, queues and locks of `multiprocessing` do what they do without walls."""
    with Session(walled, ORDINARY, Setup()) as session:
        session.prepare()
        ran = session.run_cell(1, POOLS[name], 20)
    assert ran.status == "ok", ran.outputs


@pytest.fixture(scope="module")
def walled():
    """Keep a sandbox."""
    with Sandbox(wall_of("nested"), ORDINARY, ("numpy",)) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def mixed(tmp_path_factory) -> Path:
    """Write a course with a mixed assignment that misses a package, a file, an address and half a point."""
    folder = tmp_path_factory.mktemp("mixed") / "course"
    source, graders = folder / "source" / "mixed", folder / "graders" / "mixed"
    for made in (source, graders):
        made.mkdir(parents=True)
    (graders / "assignment.toml").write_text('notebook = "p"\nexercises = ["double"]\n')
    (graders / "test_double.py").write_text(
        "from autograder.grading.criteria import criterion\n\n\n@criterion(points=2)\ndef test_value(student):\n"
        '    """Doubles."""\n    assert student.double(4) == 8\n'
    )
    cells = [
        code("def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION", "s", solution=True),
        code("assert double(1) == 2", "test_double", 2),
        code("import no_such_package", "needs_package", 1),
        code("open('no_such_file.csv')", "needs_file", 1),
        code("import urllib.request\nurllib.request.urlopen('https://example.org/a.csv')", "needs_network", 1),
        code("0.5", "half", 1),
    ]
    (source / "p.ipynb").write_text(notebook(*cells))
    (folder / "nbgrader_config.py").write_text("c = get_config()\n" + ordinary.OURS)
    return folder


def expect_problems(text: str) -> None:
    """Look for what the mixed assignment misses."""
    assert "mixed: p.ipynb, cell half: earns 0.5 of 1" in text
    assert "the package no_such_package is not installed where it is graded" in text
    assert "the file no_such_file.csv is neither beside the notebook nor in c.Autograder.read_only_paths" in text
    assert "no network while it is graded; it asks for https://example.org/a.csv" in text
    assert "p.ipynb, cell needs_network: earns 0 of 1" in text
    assert "cell double" not in text


@pytest.mark.slow
def test_the_instructors_notebooks_are_tried(mixed, monkeypatch):
    """Each cell of a mixed assignment that fails is named, with what it misses; what earns all its points is not."""
    monkeypatch.chdir(mixed)
    expect_problems("\n".join(try_course(mixed)))


@pytest.mark.slow
@pytest.mark.full
def test_both_commands_try_them(mixed):
    """`generate_assignment` and `doctor` say so."""
    expect_problems(run(mixed, "nbgrader", "generate_assignment", "mixed").stderr)
    expect_problems(run(mixed, "autograder", "doctor", fails=True).stdout)
