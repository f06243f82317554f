"""The review sees a graded class: who is in it, what they came to, how marks and verdicts are spread."""

import json
import math
import os

import numpy as np
import pytest
from classes import REVIEWED, WRITTEN
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.api import Gradebook
from scratch import ASSIGNMENT, COURSE, GRADED, Course

from autograder.review.discrimination import discrimination, warning
from autograder.review.overview import overview
from autograder.review.reading.classroom import Classroom
from autograder.review.reading.model import Mark, ReviewError

pytestmark = pytest.mark.xdist_group("review")


def load(course: Course) -> Classroom:
    """Return the class."""
    return Classroom.load(course.folder, ASSIGNMENT)


@pytest.fixture(scope="module")
def classroom(reviewed) -> Classroom:
    """Load the class once."""
    return load(reviewed)


def outcome_file(course: Course, student: str):
    """Return where an outcome lies."""
    return course.folder / "outcomes" / ASSIGNMENT / f"{student}.json"


def test_class_is_what_outcomes_and_gradebook_say(reviewed, classroom):
    """Everybody who handed in is there, with the marks of the gradebook and the verdicts of the outcome."""
    assert [student.id for student in classroom.students] == sorted([*REVIEWED, "2001"])
    outcomes, marks = reviewed.outcomes(), reviewed.marks()
    for student in classroom.students:
        outcome = outcomes[student.id]
        assert student.state == outcome["outcome"]
        assert student.reason == outcome["reason"]
        assert {name: mark.auto for name, mark in student.marks.items() if name in GRADED} == marks.get(student.id, {})
        assert {name: list(one.verdicts.values()) for name, one in student.results.items()} == {
            one["exercise"]: [criterion["verdict"] for criterion in one["criteria"]] for one in outcome["exercises"]
        }
    assert [(one.name, one.max_points) for one in classroom.exercises] == [
        (name.removeprefix("test_"), points) for name, points in GRADED.items()
    ]
    assert [one.cell for one in classroom.written] == [WRITTEN]


def test_scores_are_nbgraders(reviewed, classroom):
    """The score of each, late penalty and all, is the one that nbgrader works out."""
    with Gradebook(reviewed.db_url, COURSE) as gradebook:
        theirs = {
            one.student.id: max(0.0, one.score - one.late_submission_penalty)
            for one in gradebook.assignment_submissions(ASSIGNMENT)
        }
    ours = {one.id: one.score for one in classroom.students if one.marks}
    assert ours == pytest.approx(theirs)
    assert theirs["1022"] == 0.0  # handed in late: it costs everything here


def test_source_is_the_function_that_was_judged(classroom):
    """A function comes with the helpers it calls and without the other exercises'; who has none, has none."""
    assert classroom.source("1016", "sigmoid") == "def sigmoid(z):\n    return 1 / (1 + math.exp(-z))"
    assert "sigmoid(" in classroom.source("1012", "cost")
    assert "def sigmoid" not in classroom.source("1012", "cost")
    assert classroom.answer("1004", WRITTEN).startswith("C's derivative")
    assert classroom.answer("1003", WRITTEN) == ""  # as it was handed out
    assert classroom.source("2001", "cost") is None


def test_what_has_not_changed_is_the_same_object(reviewed, tmp_path):
    """Nothing is read twice; one changed outcome and one changed mark are seen, and cost nobody else's reading."""
    course = reviewed.copy(tmp_path / "course")
    before = load(course)
    assert load(course) is before
    path = outcome_file(course, "1011")
    path.write_text(path.read_text().replace('"cost-no-mean"', '"cost-no-mean-at-all"'))
    with_outcome = load(course)
    assert with_outcome.graded != before.graded
    assert with_outcome.student("1011").results["cost"].mistakes[0].mistake == "cost-no-mean-at-all"
    assert with_outcome.student("1012").results["cost"] is before.student("1012").results["cost"]
    with Gradebook(course.db_url, COURSE) as gradebook:
        gradebook.find_grade("test_cost", ASSIGNMENT, ASSIGNMENT, "1011").manual_score = 2.5
        gradebook.db.commit()
    with_mark = load(course)
    assert with_mark.student("1011").marks["test_cost"].score == 2.5
    assert (with_mark.graded, with_mark.version != with_outcome.version) == (with_outcome.graded, True)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"exercises": 5}', b"\xff\xfe", b"[" * 100_000, b'{"exercises": [{"exercise": 1}]}']
)
def test_broken_outcome_costs_only_itself(reviewed, tmp_path, content):
    """A file that is no outcome is shown as such, with what to do; all others are as they were."""
    course = reviewed.copy(tmp_path / "course")
    outcome_file(course, "1011").write_bytes(content)
    found = load(course)
    broken = found.student("1011")
    assert (broken.state, broken.results) == ("broken", {})
    assert "grade it again" in broken.reason
    assert overview(found).states["graded"] == overview(load(reviewed)).states["graded"] - 1


def test_class_of_which_nothing_can_be_read_is_shown(reviewed, tmp_path):
    """Where every outcome is broken, the overview has everybody in it, no figures, and does not fail."""
    course = reviewed.copy(tmp_path / "course")
    for path in (course.folder / "outcomes" / ASSIGNMENT).glob("*.json"):
        path.write_bytes(b"{")
    found = overview(load(course))
    assert found.states == {"broken": found.students}
    assert (found.criteria, found.heat, found.mistakes) == ((), (), ())


def test_submission_without_outcome_is_missing(reviewed, tmp_path):
    """Whom the gradebook knows and no outcome tells of is named, with what to do."""
    course = reviewed.copy(tmp_path / "course")
    outcome_file(course, "1011").unlink()
    student = load(course).student("1011")
    assert (student.state, student.marks["test_cost"].auto) == ("missing", 1.5)
    assert "autograder autograde" in student.reason


def test_who_was_removed_is_not_shown(reviewed, tmp_path):
    """A student whom the gradebook does not know any more is on no page, whatever is left of the work."""
    course = reviewed.copy(tmp_path / "course")
    with Gradebook(course.db_url, COURSE) as gradebook:
        gradebook.remove_student("1011")
    left = {student.id for student in load(course).students}
    assert left == {student.id for student in load(reviewed).students} - {"1011"}


def test_broken_notebook_costs_only_itself(reviewed, tmp_path):
    """A graded notebook that is no notebook leaves its student without source."""
    course = reviewed.copy(tmp_path / "course")
    path = course.folder / "autograded" / "1011" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    path.chmod(0o644)
    path.write_bytes(b"\x00")
    os.utime(outcome_file(course, "1011"))
    found = load(course)
    assert found.source("1011", "cost") is None
    assert found.source("1012", "cost")


def test_usage_errors_say_what_to_do(reviewed, classroom, tmp_path):
    """No course, no assignment, no gradebook, nothing graded, nobody of that id: one line each."""
    (tmp_path / "empty").mkdir()
    ungraded = Course(tmp_path / "ungraded")
    ungraded.folder.mkdir()
    for name in ("nbgrader_config.py", "gradebook.db"):
        (ungraded.folder / name).write_bytes((reviewed.folder / name).read_bytes())
    cases = {
        "there is no nbgrader_config.py": lambda: Classroom.load(tmp_path / "empty", ASSIGNMENT),
        "the gradebook does not know 'else'": lambda: Classroom.load(reviewed.folder, "else"),
        "nothing has been graded yet": lambda: load(ungraded),
        "nobody has the id 'nobody'": lambda: classroom.student("nobody"),
        "has no exercise 'else'": lambda: classroom.exercise("else"),
        "there is no order 'cost.else'": lambda: classroom.page(1, sort="cost.else"),
    }
    for said, ask in cases.items():
        with pytest.raises(ReviewError, match=said) as caught:
            ask()
        assert "\n" not in str(caught.value)
    (ungraded.folder / "gradebook.db").unlink()
    with pytest.raises(ReviewError, match="there is no gradebook; run 'nbgrader generate_assignment'"):
        load(ungraded)


def test_pages_hold_everybody_once(classroom):
    """Pages of five together are the class in the order asked for; a number beyond the last is the last."""
    pages = [classroom.page(number, 5, "score", descending=True) for number in (1, 2, 3, 4)]
    scores = [student.score for page in pages for student in page.students]
    assert len({student.id for page in pages for student in page.students}) == len(classroom.students)
    assert scores == sorted(scores, reverse=True)
    assert classroom.page(99, 5).number == pages[0].pages == 4
    worst = classroom.page(1, 3, "cost").students
    assert [
        one.marks.get("test_cost", Mark(0.0, None, None, needs_manual=False, max_score=6.0)).score for one in worst
    ] == [0.0] * 3
    verdicts = [
        one.results["cost"].verdicts["saturation"] for one in classroom.page(1, 100, "cost.saturation").students[2:]
    ]
    assert verdicts == sorted(verdicts, key=["fail", "skip", "pass"].index)


def test_distributions_count_everybody(classroom):
    """Each exercise's bars and those without a mark add up to the class; who has all points is in the last bar."""
    found = overview(classroom)
    for one in (found.total, *found.distributions):
        assert sum(count for _, _, count in one.bars) + one.unmarked == len(classroom.students)
        assert [high for _, high, _ in one.bars[:-1]] == [low for low, _, _ in one.bars[1:]]
        assert one.bars[-1][1] == one.max_points
    cost = next(one for one in found.distributions if one.about == "cost")
    scores = [student.marks["test_cost"].score for student in classroom.students if student.marks]
    assert cost.bars[-1][2] == scores.count(6.0) > 0
    assert cost.mean == pytest.approx(np.mean(scores))
    assert found.distributions[-1].about == WRITTEN


def test_heat_map_counts_whom_was_asked(classroom):
    """A row for each band of scores, the best first; its cells add up to the criterion's own figures, in any order."""
    for order in ("course", "hardest", "easiest", "discrimination"):
        found = overview(classroom, order)
        for place, figures in enumerate(found.criteria):
            cells = [row.cells[place] for row in found.heat]
            assert sum(cell.passed for cell in cells) == figures.passed
            assert sum(cell.asked for cell in cells) == figures.passed + figures.failed
        highest = [float(row.title.split()[-2]) for row in found.heat]  # as in `3.5 to 7 points`
        assert highest == sorted(highest, reverse=True)
    shares = [one.passed / (one.passed + one.failed) for one in overview(classroom, "hardest").criteria]
    assert shares == sorted(shares)


def test_mistakes_are_counted_and_lead_to_their_group(classroom):
    """The mistake that most made comes first, with the group in which they are."""
    first = overview(classroom).mistakes[0]
    assert (first.mistake, first.students) == ("cost-naive-log", 7)
    assert first.group
    assert overview(classroom).unnamed["cost"] == 3


def test_warnings_name_what_fails_for_nobody(classroom):
    """A criterion that nobody fails is named, one that separates is not."""
    warnings = overview(classroom).warnings
    assert any(line.startswith("dC_dw: targets fails for nobody") for line in warnings)
    assert not any(line.startswith("cost: value") for line in warnings)


def test_warning_thresholds():
    """Nearly everyone, nobody and the wrong way round are suspect; half of the class, and a handful, are not."""
    assert "fails for nearly everyone (19 of 20)" in warning(1, 19, 0.1)
    assert "fails for nobody" in warning(20, 0, None)
    assert "do worse in the rest" in warning(10, 10, -0.4)
    assert warning(10, 10, 0.4) == warning(0, 3, None) == ""


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 20)), min_size=2, max_size=30))
def test_discrimination_is_the_point_biserial_correlation(pairs):
    """It is (M1 − M0) / s · √(p q), the textbook's form, wherever there is something to tell apart."""
    passed, rest = np.array([float(one) for one, _ in pairs]), np.array([points for _, points in pairs])
    found = discrimination(passed, rest)
    if found is None:
        assert len(set(passed)) == 1 or np.ptp(rest) < 1e-6
        return
    share = passed.mean()
    expected = (rest[passed == 1].mean() - rest[passed == 0].mean()) / rest.std() * math.sqrt(share * (1 - share))
    assert found == pytest.approx(expected, abs=2e-6)


def test_discrimination_leaves_the_criterion_out_of_the_total(reviewed, tmp_path):
    """A criterion that says nothing of the rest does not correlate with itself."""
    course = reviewed.copy(tmp_path / "course")
    for path in sorted((course.folder / "outcomes" / ASSIGNMENT).glob("*.json")):
        if path.stem not in ("1003", "1007", "1009", "1029"):
            path.unlink()
            continue
        data = json.loads(path.read_text())
        criterion = data["exercises"][0]["criteria"][0]
        if path.stem in ("1003", "1007"):  # equal in all else
            criterion |= {"verdict": "fail", "points": 0.0}
        path.write_text(json.dumps(data))
    figures = overview(load(course)).criteria[0]
    assert (figures.passed, figures.failed, figures.discrimination) == (2, 2, None)
