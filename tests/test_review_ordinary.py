"""The review of assignments that graders do not judge, or not alone, and of those with several notebooks."""

import shutil

import ordinary
import pytest
import small
from changes import apply, undo
from nbgrader.api import Gradebook
from ordinary import SECRET, code, notebook, run
from scratch import ROOT

from autograder.review.alike.groups import groups
from autograder.review.changing import actions
from autograder.review.overview import overview
from autograder.review.pages.archive import archive
from autograder.review.pages.changing import ChangingView
from autograder.review.pages.links import Served
from autograder.review.queue import queue
from autograder.review.reading.classroom import Classroom
from autograder.review.reading.model import ReviewError
from autograder.review.reading.pseudonyms import pseudonymous
from autograder.review.story import story

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("ordinary")]

CELLS = ["correct_squares", "squares_invalid_input", "correct_sum_of_squares", "sum_of_squares_uses_squares"]
GRADED = "assert callable(double)"


@pytest.fixture(scope="module")
def classroom(ours) -> Classroom:
    """Load a class of two notebooks without any grader."""
    return Classroom.load(ours, "ps1")


@pytest.fixture(scope="module")
def mixed(tmp_path_factory) -> Classroom:
    """Load a class of two notebooks that use one id for two tests; a grader judges a cell of the first."""
    root = tmp_path_factory.mktemp("mixed")
    (root / "nbgrader_config.py").write_text((ROOT / "nbgrader_config.py").read_text())
    small.write(root, "mixed")
    (root / "source" / "mixed" / "mixed.ipynb").unlink()
    write(root / "source" / "mixed", "return 2 * x", "### BEGIN SOLUTION\nnumber = 1\n### END SOLUTION")
    run(root, "nbgrader", "generate_assignment", "mixed")
    for student, body, number in (
        ("ada", "return 2 * x", "number = 1  # Ada's"),
        ("bob", "return 3 * x", "number = float('nan')"),
        ("cleo", "return 3 * x", "number = 0.5"),
    ):
        folder = root / "submitted" / student / "mixed"
        folder.mkdir(parents=True)
        write(folder, body, number)
        (folder / "timestamp.txt").write_text("2026-11-23 12:00:00 UTC")
    run(root, "autograder", "autograde", "mixed")
    return Classroom.load(root, "mixed")


def write(folder, body, number):
    """Write both notebooks."""
    double = code(f"def double(x):\n    {body}", "double", solution=True)
    first = [double, code(GRADED, "test_double", 3), code("assert double(0) == 0", "extra", 1)]
    (folder / "a.ipynb").write_text(notebook(*first))
    second = [code(number, "double", solution=True), code("number", "extra", 1)]
    (folder / "b.ipynb").write_text(notebook(*second))


def test_ordinary_cells_show_marks_messages_and_code(classroom, ours):
    """Each test has its mark, its message, the cells above it and what came of it, its hidden part, too."""
    told = story(classroom, "sly")
    assert told.chapters == ()
    assert [one.cell.name for one in told.tests] == [f"problem1/{name}" for name in CELLS]
    first, second, third, _ = told.tests
    assert (first.mark.auto, first.result.passed, first.result.message) == (0.0, False, SECRET)
    assert first.source.rstrip().endswith("squares(10)")
    assert ordinary.SLY.strip() in first.source
    assert "squares(4)[-1] == 16" in first.outputs[-1].text
    assert (second.mark.auto, second.result.passed, second.source) == (1.0, True, first.source)
    assert third.source.startswith("def sum_of_squares")
    assert "def squares" not in third.source
    with Gradebook(f"sqlite:///{ours / 'gradebook.db'}", "") as gradebook:
        scores = {one.student.id: one.score for one in gradebook.assignment_submissions("ps1")}
    assert {one.id: one.score for one in classroom.students} == scores


def test_groups_are_of_exercises_alone(classroom):
    """Where no grader judges, nobody is said to have solved anything alike; the tests are counted one by one."""
    assert (classroom.exercises, classroom.criteria) == ((), ())
    with pytest.raises(ReviewError, match="no grader judges its cells"):
        groups(classroom, "problem1/correct_squares")
    found = {one.cell.cell: one for one in overview(classroom).tests}
    assert [(one.full, one.part, one.nothing, one.unsaid) for one in found.values()] == [
        (2, 0, 3, 0),
        (3, 0, 2, 0),
        (3, 0, 2, 0),
        (4, 0, 1, 0),
    ]
    assert (SECRET, 1) in found["correct_squares"].said
    assert [one.cell for one in classroom.written][-2:] == ["problem2/part-a", "problem2/part-b"]
    assert [one.students for one in queue(classroom).answers["problem2/part-a"]][-1] == ("right",)


def test_a_missing_notebook_leads_nowhere(classroom, ours):
    """Of two notebooks the one that was handed in is linked thrice, the other is said to be missing."""
    there, missing = story(classroom, "half").notebooks
    assert (ours / there.graded).is_file()
    assert (ours / there.submitted).is_file()
    assert there.formgrader == f"formgrader/submissions/{classroom.student('half').submissions['problem1']}/"
    assert (missing.graded, missing.submitted, missing.formgrader) == (None, None, None)
    page = ChangingView(classroom, Served("/", "ps1", None)).student("half")
    assert "problem2: not handed in." in page


def test_every_page_of_a_class_without_graders(classroom):
    """The archive, which is every page, says what is said of each test, and has neither groups nor a reference."""
    pages = "".join(archive(classroom))
    assert f"{SECRET} <span" in pages
    assert "squares(4)" in pages
    assert "Groups:" not in pages
    assert "The reference" not in pages
    page = classroom.page(1, sort="problem1/correct_squares", descending=True)
    assert {one.id for one in page.students[:2]} == {"right", "half"}


def test_pseudonyms_tell_no_hidden_test(classroom):
    """An archive that may be shown tells of hidden tests what students are told, and nobody's id."""
    pages = "".join(archive(pseudonymous(classroom)))
    assert SECRET in pages
    assert "squares(4)" not in pages
    assert "HIDDEN TESTS" not in pages
    assert not any(f">{student.id}<" in pages for student in classroom.students)


def test_equal_ids_in_two_notebooks_are_two_cells(mixed):
    """Marks, messages and code of one notebook's cell are not those of the other's."""
    assert [one.name for one in mixed.exercises] == ["a/double"]
    assert [one.name for one in mixed.ordinary] == ["a/extra", "b/extra"]
    first, second = story(mixed, "cleo").tests
    assert (first.mark.auto, second.mark.auto, second.result.passed) == (1.0, 0.5, False)
    assert (first.source.split("\n")[0], second.source) == ("def double(x):", "number = 0.5")
    chapter = story(mixed, "cleo").chapters[0]
    assert (chapter.mark.auto, chapter.source) == (0.0, "def double(x):\n    return 3 * x")
    assert chapter.reference.changes == 1
    assert chapter.group.students == ("bob", "cleo")


def test_a_number_that_is_no_points_waits_for_a_human(mixed):
    """A test that gives nan is in the queue with its message, and no mark of it is shown."""
    (fault,) = queue(mixed).faults
    assert (fault.exercise, fault.criterion) == ("b/extra", "")
    assert [one.id for one in fault.students] == ["bob"]
    assert "the test gives nan of 1 points" in fault.message
    assert mixed.student("bob").marks["b/extra"].auto is None
    assert {one.cell.name: one.unsaid for one in overview(mixed).tests} == {"a/extra": 0, "b/extra": 1}
    assert "could not judge" in "".join(archive(mixed))


def test_a_comment_for_a_group_goes_to_its_own_notebook(mixed, tmp_path):
    """Of two cells of one id the group's gets comment and marks, and the pages say them where they belong."""
    root = tmp_path / "course"
    shutil.copytree(mixed.root, root)
    classroom = Classroom.load(root, "mixed")
    (target,) = [one.target for one in groups(classroom, "a/double") if one.kind != "right"]
    shown = actions.preview(classroom, target, "Twice, not thrice.", actions.Adjustment("set", 1.0))
    assert apply(classroom, shown.id, "ada").done == 2
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}", "neuron-course") as gradebook:
        submission = gradebook.find_submission("mixed", "cleo")
        grades = {(one.notebook.name, one.name): one.manual_score for one in submission_grades(submission)}
        comments = {(one.notebook.name, one.name): one.manual_comment for one in submission_comments(submission)}
    assert {key for key, score in grades.items() if score is not None} == {("a", "test_double")}
    assert {key for key, text in comments.items() if text} == {("a", "double")}
    told = story(Classroom.load(root, "mixed"), "cleo")
    assert told.chapters[0].comment == "Twice, not thrice."
    assert [one.comments for one in told.tests] == [("Twice, not thrice.",), ()]
    assert undo(classroom, shown.id, "ada").done == 2


def submission_grades(submission):
    """Return the grades of all notebooks of a submission."""
    return [grade for book in submission.notebooks for grade in book.grades]


def submission_comments(submission):
    """Return the comments of all notebooks of a submission."""
    return [comment for book in submission.notebooks for comment in book.comments]
