"""One submission's story, what it was before, the reference beside it, and the class under pseudonyms."""

import json
import re
import shutil

import nbformat
import pytest
from classes import WRITTEN
from nbgrader.api import Gradebook
from scratch import ASSIGNMENT, COURSE, Course

from autograder.certify import figures
from autograder.course.records import history, outcomes
from autograder.diagnosis.catalogue import mistakes, variants
from autograder.grading.assignment import find
from autograder.judge.outcome import Judgement, refused
from autograder.review.alike.groups import groups, how_members_differ
from autograder.review.overview import overview
from autograder.review.pages.archive import archive
from autograder.review.pages.changing import ChangingView
from autograder.review.pages.links import Served
from autograder.review.queue import queue
from autograder.review.reading.classroom import Classroom
from autograder.review.reading.disguise import disguise, disguise_html
from autograder.review.reading.marks import Entry
from autograder.review.reading.pseudonyms import pseudonymous
from autograder.review.reference import reviewed as reviewed_reference
from autograder.review.story import story

pytestmark = pytest.mark.xdist_group("review")

NEURON = find(ASSIGNMENT)
SCRIPT = "<script>alert(1)</script>"


def load(course: Course) -> Classroom:
    """Return the class as it is now."""
    return Classroom.load(course.folder, ASSIGNMENT)


@pytest.fixture(scope="module")
def classroom(reviewed) -> Classroom:
    """Load the class once."""
    return load(reviewed)


def test_story_shows_what_is_wrong_beside_what_is_right(classroom, reviewed):
    """Each chapter has the student's function, the reference's, the nearest right variant, card, outputs and group."""
    told = story(classroom, "1011")
    assert [one.exercise.name for one in told.chapters] == list(NEURON.exercises)
    cost = told.chapters[1]
    assert cost.source == classroom.source("1011", "cost")
    for beside in (cost.reference, cost.nearest):
        left = [line for line in beside.lines if line.left is not None]
        assert "\n".join("".join(text for text, _ in line.left_parts) for line in left) == cost.source
        assert beside.changes > 0
    assert cost.variant in {one.title for one in variants(NEURON.folder) if one.exercise == "cost"}
    assert "The mean over the entries is missing" in cost.card
    assert any("The mean over the entries is missing" in output.text for output in cost.outputs)
    assert "1011" in cost.group.students
    assert told.answers[0].cell == WRITTEN


def test_nearest_right_variant_of_a_right_function_is_itself(classroom):
    """Who wrote the textbook's formula is shown beside the textbook's formula, which only adds its imports."""
    nearest = story(classroom, "1001").chapters[0].nearest
    assert nearest.right_title == "the formula of the text, word for word"
    added = ["".join(text for text, _ in line.right_parts) for line in nearest.lines if line.kind != "same"]
    assert all(not text or text.startswith("import ") for text in added)


def test_story_leads_to_notebooks_and_formgrader(classroom, reviewed):
    """The paths are files of the course, one that was renamed among them, and the address has the gradebook's id."""
    for student in ("1011", "1029"):
        told = story(classroom, student)
        (notebook,) = told.notebooks
        for path in (notebook.graded, notebook.submitted):
            assert (reviewed.folder / path).is_file()
        with Gradebook(reviewed.db_url, COURSE) as gradebook:
            row = gradebook.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, student)
            assert notebook.formgrader == f"formgrader/submissions/{row.id}/"
    assert "final" in story(classroom, "1029").notebooks[0].submitted
    nothing = story(classroom, "2001")
    (notebook,) = nothing.notebooks
    assert (notebook.graded, notebook.submitted, notebook.formgrader) == (None, None, None)
    assert all(one.source is None and one.reference is None and not one.card for one in nothing.chapters)


def test_what_students_wrote_is_data(reviewed, tmp_path):
    """Scripts and control characters in outputs, card and code reach a page as text, or not at all."""
    course = reviewed.copy(tmp_path / "course")
    path = course.folder / "autograded" / "1011" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    nb = nbformat.read(path, as_version=4)
    for cell in nb.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name == "cost":
            cell.outputs = [
                {"output_type": "stream", "name": "stdout", "text": f"\x1b[31mred\x1b[0m\x07{SCRIPT}\u202e"},
                {"output_type": "display_data", "metadata": {}, "data": {"text/html": SCRIPT, "image/png": '"onload='}},
                {"output_type": "error", "ename": "E", "evalue": "v", "traceback": [f"\x1b[0;31m{SCRIPT}"]},
            ]
        elif name == "test_cost":
            cell.outputs[0]["data"]["text/html"] = f"{SCRIPT}<b onclick='x'>card</b><img src=x onerror=y>"
    path.chmod(0o644)
    path.write_text(json.dumps(nb))
    cost = story(load(course), "1011").chapters[1]
    printed = cost.outputs[0].text
    assert printed == f"red␇{SCRIPT}\ufffd"
    assert cost.outputs[1].text == SCRIPT
    assert all(not output.image for output in cost.outputs[:2])
    assert "<b>card</b>" in cost.card
    assert not re.search(r"script|onclick|onerror", cost.card)


@pytest.mark.parametrize("cut", [1, 40])
def test_history_survives_a_kill(tmp_path, cut):
    """A line that was cut off by a kill costs itself alone, and one that was written twice is read once."""
    outcome = Judgement(ASSIGNMENT, "graded", None).to_json("1001") | {"digest": "a"}
    history.keep(tmp_path, outcome, "1001", 1.0)
    path = history.path_of(tmp_path, ASSIGNMENT, "1001")
    path.write_text(path.read_text() + path.read_text()[:-cut])
    history.keep(tmp_path, outcome, "1001", 2.0)
    assert [line["graded"][-9:-6] for line in history.read(tmp_path, ASSIGNMENT, "1001")] == [":01", ":02"]


def outcome(reason):
    """Return the outcome of a submission that a human is to look at."""
    return outcomes.Outcome(NEURON, "1001", refused(ASSIGNMENT, reason), None)


def test_history_holds_what_was_replaced_and_no_more(tmp_path):
    """An outcome written again as it was, and the word that a grading has begun, are no gradings of the past."""
    write = lambda reason: outcomes.write(tmp_path, outcome(reason))  # noqa: E731
    write("first")
    write("first")
    assert not history.path_of(tmp_path, ASSIGNMENT, "1001").exists()
    for reason in (outcomes.UNFINISHED, "second", "third"):
        write(reason)
    assert [line["reason"] for line in history.read(tmp_path, ASSIGNMENT, "1001")] == ["first", "second"]
    assert outcomes.read(tmp_path, ASSIGNMENT, "1001")["reason"] == "third"


def test_outcome_changed_by_hand_can_be_replaced(tmp_path):
    """What is no outcome of ours is replaced, and never stops a grading."""
    path = outcomes.path_of(tmp_path, ASSIGNMENT, "1001")
    path.parent.mkdir(parents=True)
    for content in ('{"exercises": [1]}', "[]", "{", '{"assignment": "neuron", "exercises": [{}]}'):
        path.write_text(content)
        outcomes.write(tmp_path, outcome("new"))
        assert outcomes.read(tmp_path, ASSIGNMENT, "1001")["reason"] == "new"


def test_reference_has_solutions_and_figures(reviewed):
    """The solutions are those of the instructor's notebook without their marks; the figures are the catalogue's."""
    found = reviewed_reference(Classroom.load(reviewed.folder, ASSIGNMENT))
    assert (found.certified, found.published) == (True, ())
    assert all(holds for *_, holds in found.summary)
    for one in found.exercises:
        assert f"def {one.exercise}(" in one.source
        assert "SOLUTION" not in one.source
        own = [mistake for mistake in mistakes(NEURON.folder) if mistake.exercise == one.exercise]
        assert one.mistakes == len(own)
        for criterion in one.criteria:
            assert criterion.refused == sum(criterion.criterion.name in mistake.fails for mistake in own)
            alone = [mistake.id for mistake in own if mistake.fails == (criterion.criterion.name,)]
            assert (criterion.alone, criterion.examples) == (len(alone), tuple(alone[:3]))


def test_reference_without_certificate_says_so(reviewed, monkeypatch):
    """An assignment that was never certified has solutions and no figures."""
    monkeypatch.setattr("autograder.review.reference._FIGURES", "absent.json")
    found = reviewed_reference(Classroom.load(reviewed.folder, ASSIGNMENT))
    assert (found.certified, found.summary) == (False, ())
    assert all(criterion.refused == 0 for one in found.exercises for criterion in one.criteria)
    assert found.exercises[0].source


def test_published_solution_is_linked(reviewed, tmp_path):
    """What `nbgrader generate_solution` wrote for students is named."""
    course = reviewed.copy(tmp_path / "course")
    folder = course.folder / "solution" / ASSIGNMENT
    folder.mkdir(parents=True)
    (folder / f"{ASSIGNMENT}.ipynb").write_text("{}")
    (path,) = reviewed_reference(Classroom.load(course.folder, ASSIGNMENT)).published
    assert path == f"solution/{ASSIGNMENT}/{ASSIGNMENT}.ipynb"


def test_figures_name_the_assignments_own_file():
    """`make certify` writes where the review reads."""
    assert figures.path_of(NEURON).name == "certificate.json"
    assert figures.path_of(NEURON).is_file()


_SIGNED = """def cost(w, b, X, y):
    # ÅNGSTRÖM, Ada (1011), ada.angstrom@uni.example, aangstroem@uni.example
    ada_loss = x1011_v2 = AdaLoss = lossOfAda = ANGSTROM_2 = adaangstrom = 1"""


@pytest.fixture(scope="module")
def named(reviewed, tmp_path_factory) -> Course:
    """Let a student have a name, and write it into everything."""
    course = reviewed.copy(tmp_path_factory.mktemp("named") / "course")
    with Gradebook(course.db_url, COURSE) as gradebook:
        gradebook.update_or_create_student("1011", first_name="Ada", last_name="Ångström")
        gradebook.find_comment("cost", ASSIGNMENT, ASSIGNMENT, "1011").manual_comment = "Well, Ada."
        gradebook.db.commit()
    path = course.folder / "autograded" / "1011" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    nb = nbformat.read(path, as_version=4)
    for cell in nb.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            body = f"{_SIGNED}\n    return 1" if cell.cell_type == "code" else ""
            cell.source = body or "I am Ada Ångström, 1011."
            cell.outputs = [{"output_type": "stream", "name": "stdout", "text": "Hello Ada"}] if body else []
    path.chmod(0o644)
    path.write_text(json.dumps(nb))
    return course


def test_names_are_shown_where_they_may(named):
    """Under their own names students have these everywhere."""
    classroom = load(named)
    assert classroom.student("1011").name == "Ångström, Ada"
    assert "Ada" in classroom.source("1011", "cost")


def test_pseudonyms_hide_ids_and_names(named):
    """Of the whole class under pseudonyms, all pages' data included, no id and no name is left; figures stay."""
    classroom = load(named)
    hidden = pseudonymous(classroom)
    stories = [story(hidden, student.id) for student in hidden.students]
    everything = [
        hidden.students,
        overview(hidden),
        queue(hidden),
        stories,
        [groups(hidden, name) for name in NEURON.exercises],
        [how_members_differ(hidden, one) for name in NEURON.exercises for one in groups(hidden, name)],
    ]
    text = repr(everything)
    secrets = ("Ada", "Ångström", "ÅNGSTRÖM", "'1011'", "(1011)", "1011.", "1011_", "submitted/", "formgrader/")
    assert [secret for secret in ("ada_", "ada.", "adaangstrom", "aangstroem") if secret in text.casefold()] == []
    assert [secret for secret in secrets if secret in text] == []
    assert overview(hidden).criteria == overview(classroom).criteria
    assert sorted(len(one) for one in groups(hidden, "cost")) == sorted(len(one) for one in groups(classroom, "cost"))
    assert [student.id for student in hidden.students] == sorted(student.id for student in hidden.students)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("adaptive canada = np.linspace(0, 1) + 1.10115", "adaptive canada = np.linspace(0, 1) + 1.10115"),
        ("li_loss, x_LI, align", "▢▢▢_loss, x_▢▢▢, align"),
        ("1011 s1011 10110", "▢▢▢ s▢▢▢ 10110"),
    ],
)
def test_pseudonyms_leave_what_only_looks_like_a_name(text, left):
    """A short name is hidden as a word or as a part of an identifier, and not within another word or number."""
    assert disguise(text, "1011", Entry("Li, Ada", "", 0.0)) == left


def test_pseudonyms_leave_pictures_and_tags():
    """In a card of ours a name is hidden in the text, and neither in a tag nor in the bytes of a picture."""
    card = '<div class="card"><img src="data:image/png;base64,Div+Card0/" alt="Div draws"><b>Card</b> Div</div>'
    hidden = '<div class="card"><img src="data:image/png;base64,Div+Card0/" alt="▢▢▢ draws"><b>▢▢▢</b> ▢▢▢</div>'
    assert disguise_html(card, "1011", Entry("Card, Div", "", 0.0)) == hidden


_ODD_IDS = (
    "a" * 253,
    "=cmd|' .C calc'!A0",
    SCRIPT.replace("/", "."),
    "\u202eabc",
    "{{7*7}}",
    "a b",
    "é" * 120,
    "-rf",
    "%s",
)


def test_odd_ids_are_text_on_every_page(reviewed, tmp_path):
    """Ids that are formulas, markup, templates or as long as may be are shown as they are, and lead to their pages."""
    course = reviewed.copy(tmp_path / "course")
    outcome = (course.folder / "outcomes" / ASSIGNMENT / "1003.json").read_text()
    with Gradebook(course.db_url, COURSE) as gradebook:
        for odd in _ODD_IDS:
            gradebook.add_student(odd, first_name=odd, last_name=odd)
            gradebook.add_submission(ASSIGNMENT, odd)
    for odd in _ODD_IDS[1:]:
        (course.folder / "outcomes" / ASSIGNMENT / f"{odd}.json").write_text(outcome)
        shutil.copytree(course.folder / "autograded" / "1003", course.folder / "autograded" / odd)
    for classroom in (load(course), pseudonymous(load(course))):
        view = ChangingView(classroom, Served("/", ASSIGNMENT, "."))
        pages = [view.student(student.id) for student in classroom.students]
        pages += [view.overview("course"), view.students(1, "id", descending=True), view.queue(), *archive(classroom)]
        pages += [view.group("cost", one.id) for one in groups(classroom, "cost")]
        assert [page for page in pages if "<script" in page or "\u202e" in page] == []
        assert ("{{7*7}}" in "".join(pages)) == (not classroom.anonymous)


def test_pseudonyms_are_the_same_tomorrow(named, reviewed, tmp_path):
    """A student keeps the pseudonym whoever else joins, and another gradebook gives another one."""
    classroom = load(named)
    first = pseudonymous(classroom).pseudonyms
    assert pseudonymous(load(named)).pseudonyms == first
    course = named.copy(tmp_path / "course")
    (course.folder / "outcomes" / ASSIGNMENT / "3001.json").write_text("{}")
    later = pseudonymous(load(course)).pseudonyms
    assert first.items() <= later.items()
    assert "3001" in later.values()
