"""A class in which almost everybody hands in something broken: one outcome each, no traceback, nobody else touched."""

import os
import shutil
import sqlite3
import tempfile
from pathlib import Path

import malformed
import pytest
from scratch import GRADED, Course, as_user

ALL = pytest.param(True, marks=pytest.mark.full, id="all")
HONEST_EVERY = 20
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("malformed")]


class Class:
    """A course after its submissions were graded: who handed in what, and what came of it."""

    def __init__(self, course: Course, cases: list[malformed.Case]):
        self.course = course
        self.cases = {f"s{number:04}-{case.kind}": case for number, case in enumerate(cases, start=1)}
        self.honest = {"s0000-honest", f"s{len(cases) + 1:04}-honest"}
        for number, (student, case) in enumerate(self.cases.items()):
            case.put(course.submission(student))
            if number % HONEST_EVERY == HONEST_EVERY // 2:
                self.honest.add(f"{student}-honest")
        for student in self.honest:
            malformed.hand_in(course.submission(student), malformed.honest())
        self.run = course.autograde()
        self.outcomes, self.marks = course.outcomes(), course.marks()

    def became(self, expected: str) -> dict[str, str]:
        """Return what became of each case of which that was expected, by student; `as expected` if it did."""
        chosen = {student: case for student, case in self.cases.items() if case.expect == expected}
        return {
            f"{student} ({case.what})": verdict(self.outcomes[student], expected) for student, case in chosen.items()
        }


def verdict(outcome, expected):
    """Return `as expected`, or what the outcome says."""
    found = {"refused": outcome["outcome"] == "needs_review", "whole": outcome["points"] == malformed.POINTS}
    return "as expected" if found[expected] else f"{outcome['outcome']}, {outcome['points']}, {outcome['reason']}"


@pytest.fixture(scope="module", params=[pytest.param(False, id="one-of-each-kind"), ALL])
def graded(request, tmp_path_factory):
    """Grade the class once; the tests look at what it left."""
    course = Course.make(tmp_path_factory.mktemp("malformed") / "course")
    yield Class(course, malformed.corpus(full=request.param))
    shutil.rmtree(course.folder)


def test_the_corpus_is_large_and_always_the_same():
    """The full corpus has at least 200 cases, the reduced one of each kind, and both come out the same again."""
    full, reduced = malformed.corpus(full=True), malformed.corpus(full=False)
    assert len(full) >= 200
    assert sorted({case.kind for case in full}) == sorted(case.kind for case in reduced)
    assert [(case.kind, case.what) for case in malformed.corpus(full=True)] == [(c.kind, c.what) for c in full]


def test_the_run_ends_well_and_prints_no_traceback(graded):
    """The run ends with status 0, and nothing in its log is a traceback or an error."""
    assert "Traceback" not in graded.run.stderr
    assert not [line for line in graded.run.stderr.splitlines() if "| ERROR]" in line]
    assert graded.run.returncode == 0


def test_each_submission_has_exactly_one_outcome(graded):
    """There is one outcome file for each submission, of strict JSON, graded or with a reason why not."""
    assert set(graded.outcomes) == set(graded.cases) | graded.honest
    for student, outcome in graded.outcomes.items():
        assert outcome["student"] == student
        assert outcome["outcome"] in ("graded", "needs_review")
        assert bool(outcome["reason"]) is (outcome["outcome"] == "needs_review")
        assert bool(outcome["exercises"]) is (outcome["outcome"] == "graded")


def test_every_submission_was_reached(graded):
    """No outcome is left that says that the grading did not finish, or that the engine failed."""
    reasons = {student: outcome["reason"] or "" for student, outcome in graded.outcomes.items()}
    assert not {s: reason for s, reason in reasons.items() if "not graded yet" in reason or "engine" in reason}


@pytest.mark.parametrize("expected", ["whole", "refused"])
def test_what_was_broken_costs_what_it_must(graded, expected):
    """What decides nothing costs no point; what is no notebook of ours goes to a human."""
    became = graded.became(expected)
    assert len(became) > 10
    assert {case: what for case, what in became.items() if what != "as expected"} == {}


def test_honest_students_are_untouched(graded):
    """Those who handed in a right solution, before, between and after the others, have all their points."""
    assert len(graded.honest) > 4
    for student in graded.honest:
        assert graded.outcomes[student]["notes"] == []
        assert graded.marks[student] == GRADED


def test_the_gradebook_agrees_with_the_outcomes(graded):
    """Each mark in the gradebook is the outcome's; what needs a human has no points; the database is sound."""
    for student, marks in graded.marks.items():
        given = {f"test_{e['exercise']}": e["points"] for e in graded.outcomes[student]["exercises"]}
        assert set(marks) == set(GRADED)
        assert marks == (given or dict.fromkeys(GRADED, 0.0)), student
    without = set(graded.outcomes) - set(graded.marks)
    assert all("no notebook was handed in" in graded.outcomes[student]["reason"] for student in without)
    with sqlite3.connect(graded.course.folder / "gradebook.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_another_run_changes_nothing(graded):
    """Run again without --force, nothing is graded again and no outcome loses its reason."""
    again = graded.course.autograde()
    after = graded.course.outcomes()
    changed = {
        student: {key: (was.get(key), after[student].get(key)) for key in was if was[key] != after[student].get(key)}
        for student, was in graded.outcomes.items()
        if was != after[student]
    }
    assert (again.returncode, changed) == (0, {})
    assert graded.course.marks() == graded.marks


def test_what_an_ordinary_user_may_not_read(tmp_path):
    """As an ordinary user, closed files and folders stop nobody; one of root's is refused in words."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        course = Course.make(Path(folder) / "course")
        for student in ("a-honest", "closed", "of-root", "closed-file", "closed-folder", "z-honest"):
            malformed.hand_in(course.submission(student), malformed.honest())
        submitted = course.folder / "submitted"
        (submitted / "closed-file/neuron/data.txt").write_text("x")
        (submitted / "closed-folder/neuron/data").mkdir()
        os.mkfifo(submitted / "closed-folder/neuron/data/pipe")
        before = as_user(course)
        for name in ("closed/neuron/neuron.ipynb", "closed-file/neuron/data.txt", "closed-folder/neuron/data"):
            (submitted / name).chmod(0)
        if os.getuid() == 0:
            shutil.chown(submitted / "of-root/neuron/neuron.ipynb", 0, 0)
        (submitted / "of-root/neuron/neuron.ipynb").chmod(0o600)
        run = course.nbgrader("autograde", "neuron", before=before)
        assert run.returncode == 0, run.stderr[-2000:]
        assert "Traceback" not in run.stderr
        outcomes = course.outcomes()
    assert len(outcomes) == 6
    if os.getuid() == 0:
        assert "Permission denied" in outcomes.pop("of-root")["reason"]
    assert {outcome["points"] for outcome in outcomes.values()} == {malformed.POINTS}
