"""Groups of what does the same, and within them of what is written the same; what differs; answers that are alike."""

import json

import pytest
from classes import REVIEWED, WRITTEN
from hypothesis import given
from hypothesis import strategies as st
from many import graded_class
from scratch import ASSIGNMENT, Course

from autograder.grading.assignment import find
from autograder.review.alike.answers import clusters
from autograder.review.alike.behaviours import merged
from autograder.review.alike.differences import difference
from autograder.review.alike.groups import group, group_of, groups, how_members_differ
from autograder.review.queue import answer_group, answer_groups, queue
from autograder.review.reading.behaviour import behaviour
from autograder.review.reading.classroom import Classroom
from autograder.review.reading.functions import Definitions
from autograder.review.reading.model import ReviewError
from autograder.review.reading.syntax import tree

pytestmark = pytest.mark.xdist_group("review")

EXERCISES = find(ASSIGNMENT).exercises


@pytest.fixture(scope="module")
def classroom(reviewed) -> Classroom:
    """Load the class once."""
    return Classroom.load(reviewed.folder, ASSIGNMENT)


@pytest.fixture(scope="module")
def many(reviewed, tmp_path_factory) -> Classroom:
    """Make a class of eighty, of few functions."""
    course = Course(tmp_path_factory.mktemp("many") / "course")
    course.folder.mkdir()
    for name in ("nbgrader_config.py", "release", "source"):
        (course.folder / name).symlink_to(reviewed.folder / name)
    (course.folder / "gradebook.db").write_bytes((reviewed.folder / "gradebook.db").read_bytes())
    graded_class(course, 80, most=4)
    return Classroom.load(course.folder, ASSIGNMENT)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_everybody_is_in_one_group(classroom, many, exercise):
    """Groups share nobody and leave nobody out, largest first, spellings within them likewise."""
    for where in (classroom, many):
        found = groups(where, exercise)
        members = [student for one in found for student in one.students]
        handed_in = [student.id for student in where.students if student.state != "missing"]
        assert sorted(members) == sorted(handed_in)
        assert [len(one) for one in found] == sorted((len(one) for one in found), reverse=True)
        assert len({one.id for one in found}) == len(found)
        for one in found:
            spelled = [student for spelling in one.spellings for student in spelling.students]
            assert sorted(spelled) == sorted(one.students)
            assert one.representative in one.students
            assert group_of(where, exercise, one.students[0]) is one


def test_members_of_a_group_do_the_same(many):
    """All members have the same verdicts and the same named mistakes; who differs in these is elsewhere."""
    for exercise in EXERCISES:
        told = {}
        for one in groups(many, exercise):
            results = [many.student(student).results.get(exercise) for student in one.students]
            told[one.id] = {str(result and (result.verdicts, result.mistakes)) for result in results}
            assert len(told[one.id]) == 1
        named = [one.title for one in groups(many, exercise) if one.kind in ("right", "named")]
        assert len(named) == len({*named}) > 2


def test_named_group_has_the_name_and_its_members(classroom):
    """The seven who take the logarithm of 0 are one group, with the mistake's title; the right ones another."""
    naive, right, *_ = groups(classroom, "cost")
    assert (right.kind, right.title, right.points) == ("right", "Right: every criterion passes", (6.0, 6.0))
    assert naive.students == ("1001", "1012", "1014", "1016", "1017", "1019", "1023")
    assert "logarithm of 0" in naive.title
    assert (naive.failed, naive.points) == (("saturation",), (5.0, 5.0))
    assert naive.target.students == naive.students
    assert (naive.target.grade_cell, naive.target.comment_cell) == ("test_cost", "cost")
    kinds = {student: one for one in groups(classroom, "cost") for student in one.students}
    assert kinds["1026"].kind == "no answer"
    assert "no answer within" in kinds["1026"].messages["value"]
    assert kinds["1024"].title.startswith("On every input: not filled in yet")
    assert kinds["1025"].kind == kinds["2001"].kind == "not judged"


def test_address_of_a_group_survives(classroom, reviewed, tmp_path):
    """A group has the same id when others are graded, and can be found by it; an unknown id says so."""
    course = reviewed.copy(tmp_path / "course")
    (course.folder / "outcomes" / ASSIGNMENT / "1001.json").unlink()
    later = Classroom.load(course.folder, ASSIGNMENT)
    naive = groups(classroom, "cost")[0]
    found = group(later, "cost", naive.id)
    assert found.students == naive.students[1:]
    with pytest.raises(ReviewError, match="has no group 'elsewhere' any more"):
        group(classroom, "cost", "elsewhere")


def test_members_differ_from_the_representative(many):
    """Each spelling is shown beside the representative's; the representative's own differs in nothing."""
    found = groups(many, "cost")[0]
    shown = how_members_differ(many, found)
    assert [spelling for spelling, _ in shown] == list(found.spellings[:20])
    own = [diff.changes for spelling, diff in shown if found.representative in spelling.students]
    assert own == [0] or len(found.spellings) > 20
    assert any(diff.changes for _, diff in shown)


def outcome(verdicts, values, scale=1.0):
    """Return an exercise's object in an outcome and its probes."""
    criteria = [
        {"criterion": name, "verdict": verdict, "message": f"{scale} came"} for name, verdict in verdicts.items()
    ]
    probes = {"plain": [{"kind": "number", "shape": [len(values)], "values": values}]} if values else {}
    return {"criteria": criteria}, probes


WRONG = {"value": "fail", "shape": "pass"}


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6), st.floats(-4e-6, 4e-6))
def test_rounding_parts_nobody(values, shift):
    """Answers that differ by a millionth, rounded to five digits on either side of a border, are the same behaviour."""
    one, two = (
        behaviour(*outcome(WRONG, [float(f"{value * factor:.5g}") for value in values]), [])
        for factor in (1.0, 1.0 + shift)
    )
    leaders = merged([one, two, one])
    assert leaders[two] == leaders[one] == one


def test_what_differs_is_told_apart():
    """Another number, shape, verdict, name or kind of failure is another behaviour; a number in a message is not."""
    found = [
        behaviour(*outcome(WRONG, [1.0, 2.0]), []),
        behaviour(*outcome(WRONG, [1.0, 2.01]), []),
        behaviour(*outcome(WRONG, [1.0, "nan"]), []),
        behaviour(*outcome(WRONG, [1.0]), []),
        behaviour(*outcome({**WRONG, "shape": "fail"}, [1.0, 2.0]), []),
        behaviour(*outcome(WRONG, [1.0, 2.0]), ["cost-no-mean"]),
        behaviour(*outcome(WRONG, []), []),
    ]
    assert len({*merged(found).values()}) == len(found)
    same = [behaviour(*outcome(WRONG, [], scale), []) for scale in (1.5, 20)]
    assert same[0] == same[1]


TEXTBOOK = '''
def sigmoid(z):
    """Say something."""
    e = np.exp(-z)  # a comment
    return 1 / (1 + e)
'''


@pytest.mark.parametrize(
    "other",
    [
        "def sigmoid(x):\n    t = np.exp(-x)\n    return 1.0 / (1.0 + t)",
        "def sigmoid(z: float) -> float:\n    power: float = np.exp(- z)\n    return (1/(1+power))",
        "def sigmoid(z):\n    'other'\n    'words'\n    e = np.exp(-z)\n\n\n    return 1e0 / (1_0 / 10 + e)".replace(
            "1_0 / 10", "1"
        ),
    ],
)
def test_same_tree(other):
    """Names of one's own, comments, docstrings, annotations, brackets, spaces and spellings of 1 make no difference."""
    assert tree(other).id == tree(TEXTBOOK).id


@pytest.mark.parametrize(
    "other",
    [
        TEXTBOOK.replace("-z", "z"),
        TEXTBOOK.replace("1 +", "2 +"),
        TEXTBOOK.replace("np.exp", "math.exp"),
        TEXTBOOK.replace("(1 + e)", "1 + e"),
        TEXTBOOK.replace("return", "print"),
        TEXTBOOK.replace("1 /", "True /"),
    ],
)
def test_other_tree(other):
    """Another sign, number, function, order or statement does."""
    assert tree(other).id != tree(TEXTBOOK).id


@pytest.mark.parametrize("source", ["def (", "\x00", "(" * 5000, "def f():\n\treturn\n        1", ""])
def test_what_is_no_python_has_a_tree_all_the_same(source):
    """Text that cannot be parsed is like itself, and nothing fails."""
    assert tree(source) == tree(source)
    assert written([source, "def f():\n    return 1"], "f") == "def f():\n    return 1"


def written(cells, function, others=()):
    """Return a function with its helpers as these cells define it, or None."""
    known = Definitions()
    for number, cell in enumerate(cells, start=1):
        known.add(number, cell)
    found = known.find(function, others)
    return None if found is None else found.text


def test_helpers_come_along():
    """What a function calls comes with it, and what that calls; a later definition takes the place of an earlier."""
    cells = [
        "%matplotlib inline\nimport numpy as np\nEPS = 1e-9\ndef unused(x): return x",
        "def helper(x):\n    return x + EPS",
        "def cost(w):\n    return sigmoid(w)",
        "def cost(w):\n    'unused in a docstring'\n    return helper(sigmoid(w))",
        "!ls\ndef sigmoid(z):\n    return z",
    ]
    assert written(cells, "cost", ("sigmoid", "cost")) == (
        "EPS = 1e-9\n\n\ndef helper(x):\n    return x + EPS\n\n\n"
        "def cost(w):\n    'unused in a docstring'\n    return helper(sigmoid(w))"
    )
    own = "def cost(w, eps):\n    X = w\n    return X * eps"
    assert written(["X = 1\neps = 2\nw = 3", own], "cost") == own  # its own names, which others have, too
    assert written(["sigmoid = lambda z: z"], "sigmoid") == "sigmoid = lambda z: z"
    assert written(cells, "absent") is None


@given(
    st.lists(st.sampled_from(["a = 1", "b = 2", "    return a", "", "a = 2", "x" * 500, "ä"]), max_size=12), st.data()
)
def test_difference_holds_both_texts(lines, data):
    """Each side, put together again from its parts, is the text that was given; what is equal differs in nothing."""
    other = data.draw(st.permutations(lines)) if lines else ["new"]
    left, right = "\n".join(lines), "\n".join(other)
    found = difference(left, right, ("left", "right"))
    for side, number, text in (("left_parts", "left", left), ("right_parts", "right", right)):
        shown = [line for line in found.lines if getattr(line, number) is not None]
        assert ["".join(part for part, _ in getattr(line, side)) for line in shown] == text.splitlines()
        assert [getattr(line, number) for line in shown] == [*range(1, len(shown) + 1)]
    assert difference(left, left, ("", "")).changes == 0


def test_difference_marks_what_was_changed():
    """A line with another number is one changed line, of which only the number is marked."""
    (line,) = difference("    return x / 2", "    return x / 3", ("", "")).lines
    assert line.kind == "changed"
    assert [text for text, differs in line.left_parts if differs] == ["2"]
    assert [text for text, differs in line.right_parts if differs] == ["3"]


def test_lines_without_anything_in_common_are_two():
    """Of what shares nothing the one is removed and the other added, and nothing of either is marked as changed."""
    found = difference("    return x / 2", "import numpy", ("", ""))
    assert [line.kind for line in found.lines] == ["removed", "added"]


def test_difference_of_very_long_texts_is_cut():
    """Of ten thousand lines the first hundreds are compared."""
    found = difference("\n".join(map(str, range(10_000))), "0", ("", ""))
    assert len(found.lines) < 1000
    assert "more lines" in found.lines[-1].left_parts[0][0]


def test_answers_are_grouped_by_what_they_say():
    """The same answer in other capitals and spaces, and one with a word more, are together; others apart."""
    texts = [
        "It cancels with the denominator.",
        "",
        "it  CANCELS with the denominator",
        "I think it cancels with the denominator!",
        "Because of the logarithm.",
        "",
        "It cancels with the denominator.",
    ]
    assert [sorted(one) for one in clusters(texts)] == [[0, 2, 3, 6], [1, 5], [4]]


@given(st.lists(st.text(alphabet="ab cσ", max_size=12), max_size=30), st.randoms(use_true_random=False))
def test_answer_groups_do_not_hang_on_the_order(texts, rng):
    """Every text is in one group, and whoever handed in first, the same texts are together."""
    places = [*range(len(texts))]
    rng.shuffle(places)
    one = {frozenset(texts[place] for place in found) for found in clusters(texts)}
    two = {frozenset(texts[places[place]] for place in found) for found in clusters([texts[p] for p in places])}
    assert one == two
    assert sorted(place for found in clusters(texts) for place in found) == sorted(places)


def test_queue_names_what_needs_a_human(classroom, reviewed, tmp_path):
    """The cut-off notebook, the one that was not handed in, and a grader's own fault are there."""
    reasons = {one.reason: [student.id for student in one.students] for one in queue(classroom).waiting}
    assert [ids for reason, ids in reasons.items() if "no notebook was handed in" in reason] == [["2001"]]
    assert [ids for reason, ids in reasons.items() if "cut off" in reason] == [["1025"]]
    assert queue(classroom).faults == ()
    course = reviewed.copy(tmp_path / "course")
    path = course.folder / "outcomes" / ASSIGNMENT / "1001.json"
    data = json.loads(path.read_text())
    data["exercises"][1]["criteria"][7] |= {"verdict": "error", "points": None, "message": "the grader could not judge"}
    path.write_text(json.dumps(data))
    (fault,) = queue(Classroom.load(course.folder, ASSIGNMENT)).faults
    assert (fault.exercise, fault.criterion, [one.id for one in fault.students]) == ("cost", "saturation", ["1001"])
    assert fault.message == "the grader could not judge"


def test_answers_of_the_class(classroom):
    """The written question's groups hold the class once, say who is unmarked, and can be found by their address."""
    found = answer_groups(classroom, WRITTEN)
    members = [student for one in found for student in one.students]
    assert sorted(members) == sorted([*REVIEWED, "2001"])
    cancels = next(one for one in found if "cancels" in one.answers[0])
    assert cancels.unmarked == len(cancels) == sum(int(one) % 4 == 2 for one in REVIEWED)
    assert (cancels.target.grade_cell, cancels.target.comment_cell) == (WRITTEN, WRITTEN)
    assert answer_group(classroom, WRITTEN, cancels.id) == cancels
    empty = next(one for one in found if not one.answers[0])
    assert (empty.target.title, "2001" in empty.students) == ("No answer", True)
    with pytest.raises(ReviewError, match="no question 'cost' that is marked by hand"):
        answer_groups(classroom, "cost")
