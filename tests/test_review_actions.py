"""One comment and one adjustment for many: applied once, undone, logged, and nobody else's change lost."""

import json
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from changes import apply, undo
from classes import RELEASED, WRITTEN
from hand_ins import fill
from nbgrader.api import Gradebook
from postgres import copy_gradebook
from scratch import ASSIGNMENT, COURSE, Course
from sqlalchemy import create_engine

from autograder.course.records import outcomes
from autograder.grading.assignment import find
from autograder.review.alike.groups import group_of, groups
from autograder.review.changing import actions
from autograder.review.changing.actions import Adjustment
from autograder.review.queue import answer_groups
from autograder.review.reading.classroom import Classroom
from autograder.review.reading.model import ReviewError, Target
from autograder.review.reading.pseudonyms import pseudonymous
from autograder.review.story import story

pytestmark = pytest.mark.xdist_group("review")

NAIVE = ("1001", "1012", "1014", "1016", "1017", "1019", "1023")
COMMENT = "Look at a where the neuron is very sure."
HALF = Adjustment("add", 0.5)


@pytest.fixture
def course(reviewed, tmp_path) -> Course:
    """Return a course of one's own."""
    return reviewed.copy(tmp_path / "course")


def load(course: Course) -> Classroom:
    """Return the class as it is now."""
    return Classroom.load(course.folder, ASSIGNMENT)


def naive(course: Course) -> Target:
    """Return the target of the seven who take the logarithm of 0."""
    found = groups(load(course), "cost")[0]
    assert found.students == NAIVE
    return found.target


def hold(course: Course, student: str, grade: str = "test_cost", comment: str = "cost") -> tuple:
    """Return what nbgrader's own gradebook holds: manual score, score, whether it waits, comment."""
    with Gradebook(course.db_url, COURSE) as gradebook:
        place = (ASSIGNMENT, ASSIGNMENT, student)
        mark, text = gradebook.find_grade(grade, *place), gradebook.find_comment(comment, *place)
        return mark.manual_score, mark.score, mark.needs_manual_grade, text.manual_comment


def write(course: Course, student: str, mark: float | None = None, comment: str | None = None) -> None:
    """Change mark or comment as Formgrader does."""
    with Gradebook(course.db_url, COURSE) as gradebook:
        place = (ASSIGNMENT, ASSIGNMENT, student)
        if mark is not None:
            gradebook.find_grade("test_cost", *place).manual_score = mark
        if comment is not None:
            gradebook.find_comment("cost", *place).manual_comment = comment
        gradebook.db.commit()


def states(action: actions.Action) -> dict[str, str]:
    """Return what came of each member."""
    return {step.student: step.state for step in action.steps}


def test_preview_changes_nothing(course):
    """It says for each member what is there and what would be, and writes neither mark nor comment."""
    write(course, "1012", comment="Nice.")
    before = course.rows()
    shown = actions.preview(load(course), naive(course), f" {COMMENT}\r\n", HALF, without=("1017",))
    assert [step.student for step in shown.steps] == [one for one in NAIVE if one != "1017"]
    first, second, *_ = shown.steps
    assert (first.before.score, first.after.score) == (5.0, 5.5)
    assert (first.before.comment, first.after.comment) == (None, COMMENT)
    assert second.after.comment == f"Nice.\n\n{COMMENT}"
    assert course.rows() == before
    assert actions.log(load(course)) == ()


def test_applied_to_all_members_and_nobody_else(course):
    """Marks are at the grade cell, comments at the solution cell; who was taken out or is elsewhere has neither."""
    before = {row for row in course.rows() if not any(f"'{one}'" in row for one in NAIVE)}
    shown = actions.preview(load(course), naive(course), COMMENT, HALF, without=("1017",))
    done = apply(load(course), shown.id, "ada")
    assert (done.done, done.conflicts, done.waiting, done.finished, done.who) == (len(NAIVE) - 1, 0, 0, True, "ada")
    assert {one: hold(course, one) for one in NAIVE} == {
        one: (None, 5.0, False, None) if one == "1017" else (5.5, 5.5, False, COMMENT) for one in NAIVE
    }
    assert before <= set(course.rows())


def test_nbgrader_shows_it(course):
    """The feedback that nbgrader writes has the comment and the mark."""
    apply(load(course), actions.preview(load(course), naive(course), COMMENT, HALF).id, "ada")
    result = course.nbgrader("generate_feedback", ASSIGNMENT, "--student", "1001")
    assert result.returncode == 0, result.stderr
    page = (course.folder / "feedback" / "1001" / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text()
    assert COMMENT in page
    assert "Score: 19.5 / 24.0" in page


def test_undone_in_one_step(course):
    """All rows are what they were, the journal says so, and what was taken back can be done again by undoing that."""
    write(course, "1012", mark=2.0, comment="Nice.")
    before = course.rows()
    done = apply(load(course), actions.preview(load(course), naive(course), COMMENT, HALF).id, "ada")
    after = course.rows()
    assert after != before
    undone = undo(load(course), done.id, "ben")
    assert (undone.undoes, undone.done, course.rows()) == (done.id, len(NAIVE), before)
    newest, oldest = actions.log(load(course))
    assert (newest.id, newest.who, oldest.undone_by) == (undone.id, "ben", undone.id)
    with pytest.raises(ReviewError, match="taken back already"):
        undo(load(course), done.id, "ada")
    undo(load(course), undone.id, "ada")
    assert course.rows() == after


def test_log_says_who_when_and_what(course):
    """Each line has who, when, what was said and what was there before; the log of another assignment is empty."""
    shown = actions.preview(load(course), naive(course), COMMENT, HALF)
    apply(load(course), shown.id, "ada")
    (line,) = actions.log(load(course))
    assert (line.who, line.comment, line.adjustment, line.target.title) == ("ada", COMMENT, HALF, naive(course).title)
    assert line.when.endswith("+00:00")
    steps = actions.action(load(course), line.id).steps
    assert [(one.student, one.before.score, one.after.score) for one in steps] == [(one, 5.0, 5.5) for one in NAIVE]


def test_applied_twice_is_applied_once(course):
    """A second click adds nothing, nor does the same comment in another action."""
    shown = actions.preview(load(course), naive(course), COMMENT, HALF)
    first = apply(load(course), shown.id, "ada")
    assert apply(load(course), shown.id, "ben") == first
    apply(load(course), actions.preview(load(course), naive(course), COMMENT).id, "ben")
    assert hold(course, "1001") == (5.5, 5.5, False, COMMENT)


def test_what_somebody_else_changed_is_a_conflict(course):
    """A mark and a comment of another hand since the preview stay; all others are changed, and the page says why."""
    shown = actions.preview(load(course), naive(course), COMMENT, HALF)
    write(course, "1012", mark=6.0)
    write(course, "1017", comment="Mine.")
    done = apply(load(course), shown.id, "ada")
    assert states(done) == {one: "conflict" if one in ("1012", "1017") else "done" for one in NAIVE}
    reasons = {step.student: step.reason for step in done.steps}
    assert reasons["1012"] == "somebody has changed the mark: 6 by hand, not none"
    assert reasons["1017"] == "somebody has changed the comment"
    assert hold(course, "1012") == (6.0, 6.0, False, None)
    assert hold(course, "1017") == (None, 5.0, False, "Mine.")
    undone = undo(load(course), done.id, "ada")
    assert states(undone) == {one: "done" for one in NAIVE if one not in ("1012", "1017")}


def test_undo_leaves_what_was_changed_since(course):
    """Who got another mark after the action keeps it; the others go back."""
    done = apply(load(course), actions.preview(load(course), naive(course), COMMENT, HALF).id, "ada")
    write(course, "1012", mark=6.0)
    undone = undo(load(course), done.id, "ada")
    assert states(undone) == {one: "conflict" if one == "1012" else "done" for one in NAIVE}
    assert hold(course, "1012") == (6.0, 6.0, False, COMMENT)
    assert hold(course, "1001") == (None, 5.0, False, None)


def test_two_reviewers_at_once(course):
    """Of two who comment on the same group at once each member gets one comment, and the other one sees a conflict."""
    previews = [actions.preview(load(course), naive(course), text, HALF) for text in ("One.", "Two.")]
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda shown: apply(load(course), shown.id, shown.comment), previews))
    for student in NAIVE:
        assert sorted(states(one)[student] for one in done) == ["conflict", "done"]
        (winner,) = [one.comment for one in done if states(one)[student] == "done"]
        assert hold(course, student) == (5.5, 5.5, False, winner)


def test_the_same_action_by_two_servers_at_once(course):
    """Two processes that finish one action do each member once: the marks rise once, the journal has a line each."""
    shown = actions.preview(load(course), naive(course), COMMENT, HALF)
    actions.begin(load(course), shown.id, "ada")
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: actions.resume(load(course), shown.id), range(4)))
    assert all(one.done == len(NAIVE) for one in done)
    assert {hold(course, student) for student in NAIVE} == {(5.5, 5.5, False, COMMENT)}


@pytest.mark.parametrize(("when", "finished"), [("before", 2), ("after", 2), ("between", 3)])
def test_killed_server_loses_nothing_and_does_nothing_twice(course, when, finished):
    """Killed at the third member, it has changed half of nobody; the rest is done when it is resumed."""
    shown = actions.preview(load(course), naive(course), COMMENT, HALF)
    program = [sys.executable, str(Path(__file__).parent / "dying_reviewer.py")]
    result = subprocess.run([*program, str(course.folder), shown.id, "3", when], check=False, timeout=60)
    assert result.returncode == -signal.SIGKILL
    (cut_short,) = actions.log(load(course))
    assert (cut_short.id, cut_short.done, cut_short.waiting) == (shown.id, finished, len(NAIVE) - finished)
    assert [hold(course, one)[3] for one in NAIVE] == [COMMENT] * finished + [None] * (len(NAIVE) - finished)
    with pytest.raises(ReviewError, match="finish it first"):
        undo(load(course), shown.id, "ada")
    write(course, "1023", mark=1.0)  # somebody goes on meanwhile
    done = actions.resume(load(course), shown.id)
    assert (done.who, done.done, done.conflicts, done.waiting) == ("killed", len(NAIVE) - 1, 1, 0)
    assert [hold(course, one) for one in NAIVE[:-1]] == [(5.5, 5.5, False, COMMENT)] * (len(NAIVE) - 1)
    assert hold(course, "1023") == (1.0, 1.0, False, None)
    assert all(one.finished for one in actions.log(load(course)))


@pytest.fixture(scope="module")
def regraded(reviewed, tmp_path_factory) -> tuple[Course, actions.Action]:
    """Let one of the group hand in something right, and be graded again, between a preview and its application."""
    course = reviewed.copy(tmp_path_factory.mktemp("regraded") / "course")
    shown = actions.preview(load(course), naive(course), COMMENT, HALF)
    notebook = course.folder / "submitted" / "1012" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    notebook.write_text(json.dumps(fill(RELEASED, "right_stable", "Another answer.")))
    (notebook.parent / "timestamp.txt").write_text("2026-11-20 11:00:00 UTC")
    result = course.batch()
    assert "1 graded" in result.stdout, result.stderr
    return course, apply(load(course), shown.id, "ada")


def test_regrade_in_the_middle_is_a_conflict(regraded):
    """Who is graded again after the preview is left as the regrade left it; all others are changed."""
    course, done = regraded
    assert states(done) == {one: "conflict" if one == "1012" else "done" for one in NAIVE}
    assert next(step.reason for step in done.steps if step.student == "1012") == "was graded again meanwhile"
    assert hold(course, "1012") == (None, 6.0, False, None)
    assert group_of(load(course), "cost", "1012").kind == "right"


def test_history_tells_of_the_regrade(regraded):
    """The story has both gradings, the newest first, with what changed and why; one graded once has one."""
    course, _ = regraded
    now, first = story(load(course), "1012").history
    assert (now.points, first.points) == (20.0, 12.75)
    assert "cost.saturation: fail → pass" in now.changed
    assert (now.why, first.why) == ("another notebook was handed in", "graded for the first time")
    assert len(story(load(course), "1001").history) == 1


def test_who_is_being_graded_is_left_alone(course):
    """Whose grading has begun meanwhile is a conflict, and before a preview is named as one who cannot be changed."""
    shown = actions.preview(load(course), naive(course), COMMENT, HALF)
    outcomes.begin(course.folder, find(ASSIGNMENT), "1012", course.folder / "submitted" / "1012" / ASSIGNMENT)
    done = apply(load(course), shown.id, "ada")
    assert [(one.student, one.reason) for one in done.steps if one.state == "conflict"] == [
        ("1012", "is being graded right now")
    ]
    shown = actions.preview(load(course), shown.target, "Again.")
    assert shown.blocked == (("1012", "is being graded right now"),)


def test_marks_are_set_added_and_cleared(course):
    """Set and add stay between 0 and the maximum; clear gives the automatic mark back."""
    for adjustment, manual, score in (
        (Adjustment("set", 3.25), 3.25, 3.25),
        (Adjustment("add", -6.0), 0.0, 0.0),
        (Adjustment("add", 6.0), 6.0, 6.0),
        (Adjustment("clear"), None, 5.0),
    ):
        shown = actions.preview(load(course), naive(course), adjustment=adjustment)
        apply(load(course), shown.id, "ada")
        assert hold(course, "1001") == (manual, score, False, None)


def test_written_answers_are_marked_together(course):
    """Mark and comment of a group of answers go to the question's own cell, which then waits no more."""
    found = next(one for one in answer_groups(load(course), WRITTEN) if "cancels" in one.answers[0])
    assert hold(course, found.students[0], WRITTEN, WRITTEN)[2]
    shown = actions.preview(load(course), found.target, "True, but why?", Adjustment("set", 2.0))
    assert apply(load(course), shown.id, "ada").done == len(found)
    for student in found.students:
        assert hold(course, student, WRITTEN, WRITTEN) == (2.0, 2.0, False, "True, but why?")
    with_marks = next(one for one in answer_groups(load(course), WRITTEN) if one.id == found.id)
    assert with_marks.unmarked == 0


def test_who_cannot_be_changed_is_named(course):
    """Nothing is added to a mark that is not there, and who has no submission in the gradebook gets none."""
    found = next(one for one in answer_groups(load(course), WRITTEN) if "cancels" in one.answers[0])
    shown = actions.preview(load(course), found.target, adjustment=HALF)
    assert {reason for _, reason in shown.blocked} == {"has no mark yet to add to: set one"}
    empty = next(one for one in answer_groups(load(course), WRITTEN) if "2001" in one.students)
    shown = actions.preview(load(course), empty.target, "Please hand in.")
    assert shown.blocked == (("2001", "has no submission in the gradebook"),)


def test_usage_errors_say_what_to_do(course):
    """Nothing to do, marks that are none, nobody left, unknown ids, pseudonyms: one line each, and nothing is done."""
    classroom, target = load(course), naive(course)
    before = course.rows()
    cases = {
        "write a comment, or change the marks": lambda: actions.preview(classroom, target, "  "),
        "from 0 to that": lambda: actions.preview(classroom, target, adjustment=Adjustment("set", 6.5)),
        "from -6 to that": lambda: actions.preview(classroom, target, adjustment=Adjustment("add", float("nan"))),
        "marks can be set, added": lambda: actions.preview(classroom, target, adjustment=Adjustment("double")),
        "at most 10000 are kept": lambda: actions.preview(classroom, target, "x" * 10_001),
        "nobody is left": lambda: actions.preview(classroom, target, COMMENT, without=NAIVE),
        "there is no preview 'x'": lambda: apply(classroom, "x", "ada"),
        "the log knows no action 'x'": lambda: undo(classroom, "x", "ada"),
        "under pseudonyms cannot": lambda: actions.preview(pseudonymous(classroom), target, COMMENT),
    }
    for said, ask in cases.items():
        with pytest.raises(ReviewError, match=said):
            ask()
    assert course.rows() == before


def test_gradebook_that_is_held_by_somebody_is_said_in_one_line(course, monkeypatch):
    """Where another process does not let go of the gradebook, the reviewer reads who to wait for; nothing is lost."""
    shown = actions.preview(load(course), naive(course), COMMENT, HALF)
    engine = create_engine(course.db_url, connect_args={"timeout": 0.1})
    monkeypatch.setattr("autograder.review.changing.actions.engine_for", lambda _url: engine)
    other = create_engine(course.db_url)
    with other.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(ReviewError, match="somebody else holds the gradebook") as caught:
            apply(load(course), shown.id, "ada")
        connection.rollback()
    assert "\n" not in str(caught.value)
    assert apply(load(course), shown.id, "ada").done == len(NAIVE)


@pytest.mark.full
def test_gradebook_in_postgresql(course, postgres):
    """The same holds in PostgreSQL: two reviewers at once, conflict, undo, log."""
    url = postgres.create("review")
    copy_gradebook(course.db_url, url)
    with (course.folder / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.CourseDirectory.db_url = {url!r}\n")
    classroom = load(course)
    target = naive(course)
    previews = [actions.preview(classroom, target, text, HALF) for text in ("One.", "Two.")]
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda shown: apply(classroom, shown.id, "ada"), previews))
    assert sum(one.done for one in done) == sum(one.conflicts for one in done) == len(NAIVE)
    undone = [undo(classroom, one.id, "ada") for one in done]
    assert sum(one.done for one in undone) == len(NAIVE)
    assert [one.undoes for one in actions.log(classroom)] == [done[1].id, done[0].id, None, None]
    with Gradebook(url, COURSE) as gradebook:
        assert gradebook.find_grade("test_cost", ASSIGNMENT, ASSIGNMENT, "1001").manual_score is None
