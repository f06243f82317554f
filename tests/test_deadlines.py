"""Later deadlines of single students: penalties follow them at once, and everything that shows dates shows them."""

import datetime as dt
import json
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from zoneinfo import ZoneInfo

import pytest
from classes import hand_in_class, make
from nbgrader.api import Gradebook
from scratch import ASSIGNMENT, COURSE

from autograder.cli import main
from autograder.commands import doctor
from autograder.course.deadlines import extensions
from autograder.course.deadlines.extensions import Extension, extension_of, put
from autograder.course.deadlines.times import iso, moment, shown, span
from autograder.course.errors import UsageError
from autograder.course.opening import open_course
from autograder.course.submission import Submissions
from autograder.review.pages.links import Served
from autograder.review.pages.views import View
from autograder.review.reading.classroom import Classroom

BERLIN = ZoneInfo("Europe/Berlin")
LATE, RIGHT, ALL = "1022", "1003", 20.0
graded_class = [pytest.mark.slow, pytest.mark.xdist_group("review")]


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-12-01 18:00", "2026-12-01T17:00:00"),
        ("2026-07-01T18:00", "2026-07-01T16:00:00"),
        ("2026-12-01", "2026-12-01T22:59:59"),
        ("2026-12-01 UTC", "2026-12-01T23:59:59"),
        ("2026-12-01 18:00 America/New_York", "2026-12-01T23:00:00"),
        ("2026-12-01 18:00:30+05:30", "2026-12-01T12:30:30"),
        (" 2026-12-01 18:00Z ", "2026-12-01T18:00:00"),
    ],
)
def test_moments_are_taken_in_the_courses_time_zone(text, utc):
    """A moment without a time zone is the course's, summer or winter; a date alone is its last second."""
    assert moment(text, BERLIN) == dt.datetime.fromisoformat(utc)


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "2026-12-01 18:00 Nowhere/City", "0001-01-01 00:00+14:00"])
def test_what_is_no_moment_is_refused(text):
    """A text that names no moment ends in one line that shows how one is written."""
    with pytest.raises(UsageError, match=r"no moment: write '2026-12-01 18:00'|too far away"):
        moment(text, BERLIN)


def test_moments_are_shown_with_their_time_zone():
    """People read the course's own time, programs UTC, and lengths in their two largest units."""
    when = dt.datetime(2026, 7, 1, 16)  # noqa: DTZ001 - as nbgrader's gradebook has it
    assert shown(when, BERLIN) == "2026-07-01 18:00 CEST"
    assert iso(when) == "2026-07-01T16:00:00+00:00"
    assert [span(one) for one in (0.4, 59, 3600, 90061)] == ["0 s", "59 s", "1 h", "1 d 1 h"]


def test_an_extension_follows_the_due_date_or_stays():
    """Days are counted from the due date, wherever that moves; a moment stays, and is never less than no extension."""
    due, later = dt.datetime(2026, 12, 1), dt.datetime(2026, 12, 3)  # noqa: DTZ001
    assert due + Extension(days=1.5).beyond(due) == dt.datetime(2026, 12, 2, 12)  # noqa: DTZ001
    fixed = Extension(until=dt.datetime(2026, 12, 2))  # noqa: DTZ001
    assert (due + fixed.beyond(due), fixed.beyond(later)) == (fixed.until, dt.timedelta(0))


def test_extensions_survive_and_are_their_owners_alone(tmp_path):
    """What was granted is read again as it was, by many at once, and nobody else on the machine can read it."""
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda number: put(tmp_path, "ps 1", f"s{number}", Extension(days=number)), range(1, 21)))
    until = Extension(until=dt.datetime(2026, 12, 2, 17))  # noqa: DTZ001
    assert put(tmp_path, "ps 1", "s3", until) == Extension(days=3.0)
    assert extension_of(tmp_path, "ps 1", "s3") == until
    assert put(tmp_path, "ps 1", "s4", None) == Extension(days=4.0)
    assert len(extensions.extensions_of(tmp_path)["ps 1"]) == 19
    assert stat.S_IMODE((tmp_path / extensions.FILE).stat().st_mode) == 0o600
    put(tmp_path, "ps 1", "s4", None, shared=True)
    assert stat.S_IMODE((tmp_path / extensions.FILE).stat().st_mode) == 0o660


@pytest.mark.parametrize(
    "text",
    [
        *("{", "[]", '{"ps": []}', '{"ps": {"a": {}}}', '{"ps": {"a": {"days": 1e99}}}'),
        *('{"ps": {"a": {"days": "x"}}}', '{"ps": {"a": {"until": "soon"}}}'),
    ],
)
def test_a_file_that_is_broken_is_never_overwritten(tmp_path, text):
    """A file that is no list of extensions is refused in one line, and stays what it is."""
    (tmp_path / extensions.FILE).write_text(text)
    with pytest.raises(UsageError, match="no list of extensions"):
        put(tmp_path, "ps", "b", Extension(days=1.0))
    assert (tmp_path / extensions.FILE).read_text() == text


@pytest.fixture
def course(reviewed, tmp_path, monkeypatch):
    """The graded class, in which being late has cost one of them everything."""
    found = reviewed.copy(tmp_path / "course")
    monkeypatch.chdir(found.folder)
    return found


def penalty(course, student=LATE):
    """Return what being late has cost a student."""
    with Gradebook(course.db_url, COURSE) as gradebook:
        return gradebook.find_submission(ASSIGNMENT, student).late_submission_penalty


def due(capsys):
    """Return what `due --json` prints of the assignment."""
    capsys.readouterr()
    assert main(["due", ASSIGNMENT, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


class TestGradedClass:
    """What an extension does in a class that has been graded."""

    pytestmark = graded_class

    def test_an_extension_moves_the_penalty_and_its_end_gives_it_back(self, course, capsys):
        """Without grading again, the penalty is gone within the extension, there beyond it, and back after its end."""
        before = course.rows()
        assert penalty(course) == ALL
        for option, left in (("--days=3", 0.0), ("--days=0.5", ALL), ("--until=2026-11-22 10:00", 0.0)):
            assert main(["extend", ASSIGNMENT, LATE, option]) == 0
            assert penalty(course) == left
        assert "late penalty: 20 → 0 points" in capsys.readouterr().out
        assert [one["student"] for one in due(capsys)["late"]] == []
        assert main(["extend", ASSIGNMENT, LATE, "--end"]) == 0
        assert course.rows() == before
        assert due(capsys)["late"] == [
            {"student": LATE, "handed_in": "2026-11-22T10:00:00+00:00", "seconds": 122400.0, "penalty": ALL}
        ]

    def test_an_extension_holds_before_anybody_hands_in(self, course, capsys):
        """Who has longer before handing in is not late when it is graded, nor in a dry run; its end costs points."""
        assert main(["extend", ASSIGNMENT, "3001", "--days", "3"]) == 0
        assert "nobody is known under the id '3001' yet" in capsys.readouterr().err
        shutil.copytree(course.folder / "submitted" / LATE, course.folder / "submitted" / "3001")
        assert course.batch("--student", "3001").returncode == 0
        assert penalty(course, "3001") == 0.0
        with Gradebook(course.db_url, COURSE) as gradebook:  # as one from before the extension would be
            submission = gradebook.find_submission(ASSIGNMENT, "3001")
            submission.extension, submission.notebooks[0].late_submission_penalty = None, ALL
            gradebook.db.commit()
        dry = json.loads(course.batch("--student", "3001", "--dry-run", "--json").stdout)
        assert (dry["before"]["late_penalty"], dry["after"]["late_penalty"]) == (ALL, 0.0)
        assert dry["extension"] == "2026-11-24T00:00:00+00:00"
        assert penalty(course, "3001") == ALL
        assert main(["extend", ASSIGNMENT, "3001", "--days", "4"]) == 0
        assert penalty(course, "3001") == 0.0
        assert main(["extend", ASSIGNMENT, "3001", "--end"]) == 0
        assert penalty(course, "3001") == ALL

    def test_an_extension_is_shown(self, course, capsys):
        """due, doctor, and the review's overview and page of the student say until when somebody has longer."""
        assert main(["extend", ASSIGNMENT, LATE, "--until", "2026-12-24"]) == 0
        capsys.readouterr()
        assert main(["due"]) == 0
        assert f"{LATE} has longer: until 2026-12-24 23:59 UTC" in capsys.readouterr().out
        assert f"neuron 2026-11-21 00:00 UTC (longer: {LATE} until 2026-12-24 23:59 UTC)" in doctor._deadlines()
        classroom = Classroom.load(course.folder, ASSIGNMENT)
        view = View(classroom, Served("/", ASSIGNMENT, None))
        assert f"{LATE}</a> until 2026-12-24 23:59 UTC" in view.overview("course")
        assert "Later deadline than the others: 2026-12-24 23:59 UTC." in view.student(LATE)
        assert main(["extend", ASSIGNMENT, LATE, "--end"]) == 0
        view = View(Classroom.load(course.folder, ASSIGNMENT), Served("/", ASSIGNMENT, None))
        assert "20 points off for being late." in view.student(LATE)

    def test_what_the_gradebook_alone_knows_stays(self, course, capsys):
        """An extension that somebody has granted by nbgrader's own API is shown, and ended like any other."""
        with Gradebook(course.db_url, COURSE) as gradebook:
            gradebook.grant_extension(ASSIGNMENT, LATE, days=2)
        (found,) = due(capsys)["extensions"]
        assert found == {"student": LATE, "until": "2026-11-23T00:00:00+00:00", "days": None, "granted_in": "gradebook"}
        assert main(["extend", ASSIGNMENT, LATE, "--end"]) == 0
        assert due(capsys)["extensions"] == []

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["extend", "nix", LATE, "--days", "1"], "the gradebook does not know 'nix'"),
            (["extend", ASSIGNMENT, LATE, "--days", "0"], "--days 0: give a number above 0"),
            (["extend", ASSIGNMENT, LATE, "--days", "nan"], "--days nan: give a number above 0"),
            (["extend", ASSIGNMENT, LATE, "--until", "2026-11-21"], None),
            (["extend", ASSIGNMENT, LATE, "--until", "2026-11-20"], "is no later than neuron is due"),
            (["extend", ASSIGNMENT, LATE, "--until", "soon"], "'soon' is no moment"),
            (["extend", ASSIGNMENT, "a*", "--days", "1"], "for a pattern"),
            (["due", "nix"], "there is no assignment 'nix'"),
        ],
    )
    def test_what_cannot_be_granted_is_said_in_one_line(self, course, capsys, arguments, said):
        """A wrong name, date or number ends with status 2 and one line, and nothing is granted."""
        assert main(arguments) == (0 if said is None else 2)
        if said is not None:
            (line,) = capsys.readouterr().err.splitlines()
            assert said in line
            assert not (course.folder / extensions.FILE).exists()

    def test_an_assignment_without_a_date_has_no_extensions(self, course, capsys):
        """Where nothing is due nobody is late, and the line says how a date is set."""
        with Gradebook(course.db_url, COURSE) as gradebook:
            gradebook.update_or_create_assignment(ASSIGNMENT, duedate=None)
        assert main(["extend", ASSIGNMENT, LATE, "--days", "1"]) == 2
        assert "has no due date" in capsys.readouterr().err

    def test_a_broken_file_ends_a_run_at_its_beginning(self, course, capsys):
        """No submission is graded by a date that cannot be read: one line, before anything is written."""
        (course.folder / extensions.FILE).write_text("{")
        opened = open_course(course.folder, ASSIGNMENT)
        with pytest.raises(UsageError, match="no list of extensions"):
            Submissions(opened, opened.sources())
        for command in (["due"], ["extend", ASSIGNMENT, LATE, "--end"]):
            assert main(command) == 2
            assert "no list of extensions" in capsys.readouterr().err


@pytest.mark.full
@pytest.mark.slow
def test_a_gradebook_on_a_server_keeps_extensions_too(postgres, tmp_path, monkeypatch, capsys):
    """In PostgreSQL an extension moves the penalty, and its end gives it back."""
    db_url = postgres.create("extended")
    course = make(tmp_path / "course", db_url)
    hand_in_class(course, {LATE})
    assert course.batch().returncode == 0
    monkeypatch.chdir(course.folder)
    found = []
    for option in ("--days=3", "--end"):
        assert main(["extend", ASSIGNMENT, LATE, option]) == 0
        found.append([len(due(capsys)[one]) for one in ("extensions", "late")])
    assert found == [[1, 0], [0, 1]]
    assert due(capsys)["late"][0]["penalty"] == ALL
