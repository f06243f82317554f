"""`autograder autograde` comes to what `nbgrader autograde` comes to, whoever judges and whatever happens meanwhile."""

import fcntl
import json
import os
import signal
import sqlite3
import subprocess
import time

import pytest
from classes import LATE, RELEASED, SMALL, WRITTEN, expect_one_line, expect_the_same, hand_in_class, hand_in_few, make
from hand_ins import fill
from malformed import hand_in
from nbgrader.api import Gradebook
from processes import descendants, die_answering, has_loaded_what_judges, runs, servers_and_workers
from scratch import ASSIGNMENT, AUTOGRADER, COURSE, Course

from autograder.course.batch.pool import Pool, WorkerDiedError, WorkerKilledError
from autograder.course.errors import RunError
from autograder.course.records import receipts

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("batch")]  # they share a course


PATIENCE = 120.0


@pytest.fixture(scope="module")
def generated(tmp_path_factory) -> Course:
    """Make a course in which being late costs everything, and nobody has handed in."""
    return make(tmp_path_factory.mktemp("batch") / "course")


@pytest.fixture(scope="module")
def small(generated, tmp_path_factory) -> Course:
    """Let a few hand in: right, wrong, noisy, late, untouched, cut off, and with cells deleted and files renamed."""
    return hand_in_few(generated.copy(tmp_path_factory.mktemp("small") / "course"))


@pytest.fixture(scope="module")
def by_nbgrader(small, tmp_path_factory) -> Course:
    """Let plain nbgrader grade the few."""
    course = small.copy(tmp_path_factory.mktemp("nbgrader") / "course")
    assert course.autograde().returncode == 0
    return course


@pytest.fixture(scope="module")
def graded(small, tmp_path_factory) -> Course:
    """Let the batch grade the few."""
    course = small.copy(tmp_path_factory.mktemp("graded") / "course")
    result = course.batch("--workers", "2")
    assert (result.returncode, result.stderr) == (1, "")  # one of them handed in no notebook
    return course


def test_batch_leaves_what_nbgrader_leaves(graded, by_nbgrader):
    """Gradebook and files of the batch are those of nbgrader's own command, row by row and byte by byte."""
    assert len(graded.rows()) > 12 * len(SMALL)
    expect_the_same(graded, by_nbgrader)


def test_grading_writes_the_receipts_that_collecting_did_not(graded, by_nbgrader):
    """Who was brought in by hand has a receipt after grading, who handed in no notebook too, by either command."""
    for course in (graded, by_nbgrader):
        found = {student: receipts.read(course.folder, ASSIGNMENT, student) for student in (*SMALL, "2001")}
        assert all(found.values())
        (problem,) = found["2001"].problems
        assert "'notes.txt'; hand in neuron.ipynb" in problem


@pytest.mark.full
def test_whole_class_of_the_demo_comes_to_the_same(generated, tmp_path):
    """So they are for all thirty of the demo."""
    courses = [generated.copy(tmp_path / name) for name in ("batch", "nbgrader")]
    for course in courses:
        hand_in_class(course)
    assert (courses[0].batch().returncode, courses[1].autograde().returncode) == (0, 0)
    expect_the_same(*courses)


@pytest.mark.full
@pytest.mark.parametrize("workers", ["1", "3"])
def test_number_of_workers_changes_nothing(small, by_nbgrader, tmp_path, workers):
    """One worker or three, the same is left."""
    course = small.copy(tmp_path / "course")
    assert course.batch("--workers", workers).returncode == 1
    expect_the_same(course, by_nbgrader)


def test_what_is_graded_is_left_alone(graded, tmp_path):
    """A second run grades only what is new, one of --force grades all, and both end with the same gradebook."""
    course = graded.copy(tmp_path / "course")
    before = course.rows()
    assert "8 as they were" in course.batch().stdout
    hand_in(course.submission("3001"), fill(RELEASED, "right_stable", ""))
    assert "1 graded, 1 needs review, 8 as they were" in course.batch().stdout
    forced = course.batch("--force", "--student", "10[01]*")
    assert " graded" in forced.stdout
    assert [row for row in course.rows() if "'3001'" not in row] == before


@pytest.mark.full
def test_later_submission_takes_the_place_of_the_earlier(small, graded, tmp_path):
    """What was handed in again is graded again, by the batch as by nbgrader."""
    courses = [graded.copy(tmp_path / name) for name in ("batch", "nbgrader")]
    for course in courses:
        folder = course.folder / "submitted" / "1011" / ASSIGNMENT
        (folder / f"{ASSIGNMENT}.ipynb").write_text(json.dumps(fill(RELEASED, "right_stable", "Another answer.")))
        (folder / "timestamp.txt").write_text(LATE)
    assert "1 graded, 1 needs review, 7 as they were" in courses[0].batch().stdout
    assert courses[1].autograde().returncode == 0
    expect_the_same(*courses)


def mark_by_hand(course: Course, student: str, grade: str, points: float) -> None:
    """Give a mark as Formgrader does."""
    with Gradebook(course.db_url, COURSE) as gradebook:
        row = gradebook.find_grade(grade, ASSIGNMENT, ASSIGNMENT, student)
        row.manual_score, row.needs_manual_grade = points, False
        gradebook.db.commit()


def grade_of(course: Course, student: str, grade: str) -> tuple[float | None, float | None, bool]:
    """Return a grade's automatic and manual score, and whether it waits for a human."""
    with Gradebook(course.db_url, COURSE) as gradebook:
        row = gradebook.find_grade(grade, ASSIGNMENT, ASSIGNMENT, student)
        return row.auto_score, row.manual_score, row.needs_manual_grade


@pytest.mark.parametrize("command", ["batch", pytest.param("autograde", marks=pytest.mark.full)])
def test_manual_mark_stays_out_of_the_queue(graded, tmp_path, command):
    """Regraded with the same automatic score it stays settled; another score or another notebook asks for a human."""
    course = graded.copy(tmp_path / "course")
    mark_by_hand(course, "1001", WRITTEN, 3.0)
    mark_by_hand(course, "1011", "test_cost", 2.0)
    mark_by_hand(course, "1021", WRITTEN, 1.0)
    with Gradebook(course.db_url, COURSE) as gradebook:  # as if the graders had given less
        gradebook.find_grade("test_cost", ASSIGNMENT, ASSIGNMENT, "1011").auto_score = 0.0
        gradebook.db.commit()
    again = course.folder / "submitted" / "1021" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    again.write_text(json.dumps(fill(RELEASED, "noisy", "Another answer.")))
    assert getattr(course, command)("--force").returncode == (1 if command == "batch" else 0)
    assert grade_of(course, "1001", WRITTEN) == (None, 3.0, False)
    assert grade_of(course, "1011", "test_cost")[1:] == (2.0, True)
    assert grade_of(course, "1021", WRITTEN) == (None, 1.0, True)


def test_json_and_summary(small, tmp_path):
    """--json prints each outcome as its file holds it; the summary names why somebody needs review."""
    course = small.copy(tmp_path / "course")
    lines = [json.loads(line) for line in course.batch("--json", "--student", "102[1245]").stdout.splitlines()]
    assert {line["student"]: line for line in lines} == course.outcomes()
    assert "cut off or damaged" in course.batch("--force", "--student", "1025").stdout


def edit_outcome(course: Course, student: str, verdict: str, points: float) -> None:
    """Let it look as if an earlier grader had judged one criterion differently."""
    path = course.folder / "outcomes" / ASSIGNMENT / f"{student}.json"
    outcome = json.loads(path.read_text())
    cost = next(one for one in outcome["exercises"] if one["exercise"] == "cost")
    outcome["points"] += points - cost["criteria"][0]["points"]
    cost["criteria"][0] |= {"verdict": verdict, "points": points}
    outcome["versions"]["graders"] = "older"
    path.write_text(json.dumps(outcome))


def test_dry_run_shows_who_would_change_and_writes_nothing(graded, tmp_path):
    """One whose criterion changes and one who is new are shown with the reason, as a table and as JSON."""
    course = graded.copy(tmp_path / "course")
    edit_outcome(course, "1001", "fail", 0.0)
    hand_in(course.submission("3001"), fill(RELEASED, "right_stable", ""))
    (course.folder / "submitted" / "3001" / ASSIGNMENT / "timestamp.txt").write_text(LATE)
    before = (course.rows(), course.files())
    shown = course.batch("--dry-run").stdout
    few = ("--dry-run", "--json", "--student", "?001")
    changes = {one["student"]: one for one in map(json.loads, course.batch(*few).stdout.splitlines())}
    assert (course.rows(), course.files()) == before
    assert "2 of 9 would change; nothing was written" in shown
    assert "the graders or the assignment's settings are others" in shown
    assert "not graded yet" in shown
    assert sorted(student for student, change in changes.items() if change["changed"]) == ["1001", "3001"]
    (criterion,) = changes["1001"]["criteria"]
    assert (criterion["exercise"], criterion["before"]["verdict"], criterion["after"]["verdict"]) == (
        "cost",
        "fail",
        "pass",
    )
    assert changes["1001"]["after"]["points"] > changes["1001"]["before"]["points"]
    assert (changes["3001"]["after"]["late_penalty"], "of 20, -20 for being late" in shown) == (20.0, True)


def test_limits_hold_in_the_workers(small, tmp_path):
    """A limit named on the command line is the one that ends a submission."""
    course = small.copy(tmp_path / "course")
    folder = course.submission("3001")
    notebook = fill(RELEASED, "right_stable", "")
    notebook["cells"].insert(3, {"cell_type": "code", "metadata": {}, "source": "while True: pass", "outputs": []})
    hand_in(folder, notebook)
    assert course.batch("--student", "3001", "--limits", "cell_seconds=0.5").returncode == 0
    assert (
        "stopped after 0.5 s"
        in (course.folder / "autograded" / "3001" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_text()
    )


def unknown_assignment(course: Course) -> list[str]:
    """Ask for an assignment that is not there."""
    with sqlite3.connect(course.folder / "gradebook.db") as database:
        database.execute("UPDATE assignment SET name = 'other'")
    return []


def foreign_schema(course: Course) -> list[str]:
    """Leave the gradebook at another version's schema."""
    with sqlite3.connect(course.folder / "gradebook.db") as database:
        database.execute("UPDATE alembic_version SET version_num = 'b6d005d67074'")
    return []


def no_gradebook(course: Course) -> list[str]:
    """Take the gradebook away."""
    (course.folder / "gradebook.db").unlink()
    return []


def no_config(course: Course) -> list[str]:
    """Leave a folder that is no course."""
    (course.folder / "nbgrader_config.py").unlink()
    return []


def stock_config(course: Course) -> list[str]:
    """Leave a course that is not configured as ours."""
    (course.folder / "nbgrader_config.py").write_text("c = get_config()\n")
    return []


def broken_config(course: Course) -> list[str]:
    """Leave a configuration that does not run."""
    (course.folder / "nbgrader_config.py").write_text("c = get_config(\n")
    return []


BAD = {
    "unknown assignment": (unknown_assignment, 2, "does not know 'neuron'"),
    "foreign schema": (foreign_schema, 3, "nbgrader db upgrade"),
    "no gradebook": (no_gradebook, 3, "there is no gradebook; run 'nbgrader generate_assignment neuron' first"),
    "no course": (no_config, 2, "there is no nbgrader_config.py"),
    "stock course": (stock_config, 2, "does not call configure(c)"),
    "broken configuration": (broken_config, 2, "nbgrader_config.py: SyntaxError"),
    "nobody": (lambda _: ["--student", "nobody"], 2, "nothing was handed in"),
    "no such limit": (lambda _: ["--limits", "patience=5"], 2, "unknown limit 'patience'"),
    "no scheduler": (
        lambda _: ["--scheduler", "tcp://127.0.0.1:9"],
        3,
        "no Dask scheduler answers at tcp://127.0.0.1:9",
    ),
}


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=pytest.mark.full) if one == "no scheduler" else one for one in BAD]
)
def test_bad_input_is_one_line_and_nothing_is_written(small, tmp_path, name):
    """What cannot be graded with is said in one line, before anything is written."""
    spoil, status, said = BAD[name]
    course = small.copy(tmp_path / "course")
    options = spoil(course)
    database = course.folder / "gradebook.db"
    before = database.read_bytes() if database.exists() else None
    expect_one_line(course.batch(*options), status, said)
    assert course.files() == {}
    assert (database.read_bytes() if database.exists() else None) == before


def test_locked_gradebook_is_one_line_and_nothing_is_written(small, tmp_path):
    """A gradebook that somebody else holds is noticed before anything is written."""
    course = small.copy(tmp_path / "course")
    with sqlite3.connect(course.folder / "gradebook.db", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        expect_one_line(course.batch(), 3, "somebody else holds the gradebook (database is locked)")
        other.execute("ROLLBACK")
    assert course.files() == {}


def test_missing_walls_are_one_line_and_nothing_is_written(small, tmp_path):
    """Without bubblewrap nothing is graded."""
    course = small.copy(tmp_path / "course")
    course.environment["PATH"] = str(tmp_path)
    expect_one_line(course.batch("--isolation", "nested"), 3, "apt-get install bubblewrap")
    assert course.files() == {}


def test_two_runs_do_not_grade_at_the_same_time(small, tmp_path):
    """A run that starts while another one grades the same assignment says so and ends."""
    course = small.copy(tmp_path / "course")
    folder = course.folder / "outcomes" / ASSIGNMENT
    folder.mkdir(parents=True)
    descriptor = os.open(folder, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    expect_one_line(course.batch(), 3, "another run is grading this assignment")
    os.close(descriptor)
    assert not any(folder.iterdir())


@pytest.mark.parametrize("seconds", [0.0, pytest.param(0.3, marks=pytest.mark.full), 0.6])
def test_ctrl_c_is_one_line_and_leaves_nothing(generated, seconds):
    """Ctrl+C goes to each process of a run, whatever it is loading: the run ends with one line, and so do they all."""
    command = [*AUTOGRADER, "autograde", ASSIGNMENT]
    folder, environment = generated.folder, generated.environment
    taking_interrupts = ["env", "--default-signal=INT"]  # what a shell starts in the background would ignore them
    run = subprocess.Popen(
        [*taking_interrupts, *command],
        cwd=folder,
        env=environment,
        start_new_session=True,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + PATIENCE
    while not servers_and_workers(run.pid):
        assert time.monotonic() < deadline
    time.sleep(seconds)
    left = descendants(run.pid)
    os.killpg(run.pid, signal.SIGINT)
    assert run.communicate(timeout=PATIENCE)[1] == "autograder: stopped\n"
    assert run.returncode == 130
    while any(map(runs, left)):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_worker_is_ready_before_it_is_given_anything():
    """A worker has loaded what judges by the time that it is there."""
    assert answer_of(Pool(1, ASSIGNMENT), has_loaded_what_judges)


def test_a_worker_that_cannot_get_ready_works_all_the_same():
    """Where nothing can be loaded ahead, what the worker is given says why, and it is none the worse."""
    assert answer_of(Pool(1, "nothing"), abs, -1) == 1


@pytest.mark.parametrize(
    ("task", "death"),
    [
        ((os._exit, 1), WorkerDiedError),
        ((signal.raise_signal, signal.SIGSEGV), WorkerDiedError),
        ((signal.raise_signal, signal.SIGKILL), WorkerKilledError),
        ((die_answering,), WorkerKilledError),
    ],
    ids=["leaves", "crashes", "killed", "killed while it answers"],
)
def test_how_a_worker_died_is_known(task, death):
    """Who asked is told whether the worker ended by itself or was killed, and never waits for it."""
    with pytest.raises(WorkerDiedError) as error:
        answer_of(Pool(1, "nothing"), *task)
    assert error.type is death


def answer_of(pool, function, *arguments):
    """Return what a worker of a pool answers, and end the pool."""
    try:
        return pool.submit(function, *arguments).result(60)
    finally:
        pool.shutdown(cancel_futures=True)


def test_where_no_worker_starts_nobody_waits_for_one(monkeypatch):
    """Where none can be started, after a few attempts, what was asked before and what is asked later is refused."""

    class Unstartable:
        """Stands for a pool whose process cannot be started."""

        def __init__(self, *_args, **_kwargs):
            """Take what a pool takes."""

        def submit(self, *_args):
            """Fail as a machine without memory does."""
            raise BlockingIOError

    monkeypatch.setattr("autograder.course.batch.pool.ProcessPoolExecutor", Unstartable)
    pool = Pool(2, ASSIGNMENT)
    for _ in range(2):
        with pytest.raises(RunError, match="no worker process can be started here"):
            pool.submit(abs, -1).result(60)
