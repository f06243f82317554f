"""The feedback card: the same facts as HTML and as text, harmless and small whatever a student's function gives."""

import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from hand_ins import path_of
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from autograder.assignments.neuron.reference import EXERCISES, dC_db, dC_dw, sigmoid, stable_cost
from autograder.card import html as card
from autograder.card import pictures
from autograder.card import text as card_text
from autograder.card.content import content
from autograder.card.pictures import picture
from autograder.course.pages.html import clean_html
from autograder.diagnosis.counterexample import plain
from autograder.grading import notation
from autograder.grading.assignment import find
from autograder.grading.drawings import Bars, Labels, Lines
from autograder.grading.results import CriterionResult, Evidence, Picture, exercise_result
from autograder.judge.judge import DEFAULT_SEED, Job, judge_notebooks
from autograder.judge.solution import read_solution
from autograder.sandbox.inside.codec import Ungradable

MOST_BYTES = 60_000
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)> \u202egnp.exe\u2066 \x1b[2J\x00 " + "a" * 3000
HOSTILE_VALUES = [
    *(float("nan"), float("inf"), -float("inf"), 1e308, -1e-308, -0.0, 10**400, True, None, HOSTILE, b"x", 1 + 2j),
    *([], [[]], [1.0, [2.0, 3.0]], [float("nan")] * 3, [1e308, -1e308], [[HOSTILE]], {"a": 1}, Ungradable(HOSTILE)),
    *(np.zeros((0, 3)), np.ones((400, 400)), np.array([[1.5], [np.inf]]), np.float16(0.1), np.longdouble(1) / 3),
]
MISTAKE = {"mistake": "m", "title": "The sign is reversed", "hint": "Check which is subtracted from which."}
PICTURE = Picture("Two curves. At z = 0, 0.5 is right.", "data:image/png;base64,iVBORw0KGgo=")

LABELS = Labels("title", "x", "y", "right", "yours")


class Page(HTMLParser):
    """The tags with their attributes, and the text, of HTML."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        """Note text."""
        self.texts.append(data)

    @property
    def words(self):
        """Everything that is read aloud: text, and the words of pictures."""
        return squeezed(" ".join([*self.texts, *(attrs["alt"] for tag, attrs in self.tags if tag == "img")]))


def squeezed(text):
    """Return text without what lays it out."""
    return re.sub(r"[\s\u2007\u2008]+", "", text)


def result_of(expected=0.5, got=2.0, *, message="", difference=None, pictures=(), **arguments):
    """Return a result with one criterion of each verdict, a mistake and a counterexample."""
    verdicts = ("fail", "skip", "error", "pass")
    criteria = [
        CriterionResult(verdict, f"Label of {verdict}.", verdict, None if verdict == "error" else 0.0, 1.0, message)
        for verdict in verdicts
    ]
    data = {name: plain(value) for name, value in (arguments or {"z": 0.0}).items()}
    data |= {"expected": plain(expected), "got": plain(got)}
    work = (("−z", plain(-0.0)), ("∂C/∂w_j = (1/n) Σ x_j (σ(z) − y)", plain(expected)))
    part = ("∂C/∂w_j", plain(expected), plain(got))
    call = f"dC_dw({', '.join(map(notation.code, (arguments or {'z': 0.0}).values()))})"
    slopes = None if difference is None else plain(difference)
    evidence = Evidence(work, call, part, slopes, ("sigmoid",), tuple(pictures))
    found = replace(exercise_result("dC_dw", criteria), counterexample=data, mistakes=(MISTAKE,), evidence=evidence)
    assert content(found).example is not None
    return found


def judged(path):
    """Return the results of a solution, as a course would judge it."""
    assignment = find("neuron")
    notebook, module = read_solution(path, assignment)
    job = Job("neuron", run_checks=False, preload=False, module=module)
    return judge_notebooks({"neuron": notebook}, job, assignment).exercises


@pytest.fixture(scope="module")
def wrong(slow, tmp_path_factory):
    """The results of solutions that are wrong in every exercise."""
    path = tmp_path_factory.mktemp("wrong") / "all.py"
    path.write_text(
        "import numpy as np\n"
        "def sigmoid(z):\n    return 1 / 1 + np.exp(-z)\n"
        "def cost(w, b, X, y):\n    a = 1 / (1 + np.exp(-(X @ w + b)))\n"
        "    return np.mean(y * np.log(a) + (1 - y) * np.log(1 - a))\n"
        "def dC_dw(w, b, X, y):\n    return X.T @ (y - 1 / (1 + np.exp(-(X @ w + b)))) / len(y)\n"
        "def dC_db(w, b, X, y):\n    return np.sum(1 / (1 + np.exp(-(X @ w + b))) - y)\n"
    )
    return judged(path)


def test_each_kind_of_picture_is_there(wrong):
    """Where a function is wrong on ordinary inputs, each card has a PNG picture with words that name three numbers."""
    assert len(wrong) == 4
    for result in wrong:
        (shown,) = result.evidence.pictures
        image = Image.open(io.BytesIO(base64.b64decode(shown.uri.partition(",")[2])))
        assert image.format == "PNG"
        assert len(np.unique(np.asarray(image.convert("L")))) > 5
        assert len(re.findall(r"is right and yours is", shown.alt)) >= 3


def test_the_filter_leaves_the_card_as_it_is(wrong):
    """What the pages' filter makes of a card is the card."""
    for result in (*wrong, result_of(pictures=[PICTURE]), result_of([1.0, 2.0], [[1.0], [2.0]])):
        html = card.html(result)
        assert clean_html(html) == html
    assert clean_html(card.notice("a <reason>")) == card.notice("a <reason>")


def test_html_and_text_say_the_same(wrong):
    """Every fact of a card stands in its HTML and in its text, in the same order."""
    for result in (*wrong, result_of(pictures=[PICTURE], difference=0.5)):
        said = content(result)
        facts = [said.exercise, said.points, *(text for mistake in said.mistakes for text in mistake), said.stand_in]
        facts += [line for _, lines in said.example.steps for line in lines]
        facts += [cell for _, cells in said.example.comparison.rows for cell in cells]
        facts += [said.example.call, *(shown.alt for shown in said.pictures)]
        for line in said.open_lines:
            facts += [line.label, line.points, line.message]
        facts += [said.told]
        html = Page(card.html(result))
        text = squeezed("".join(card_text.text(result)))
        for fact in map(squeezed, facts):
            assert fact in html.words
            assert fact in text
        order = [text.index(squeezed(fact)) for fact in (said.points, said.example.call, said.open_lines[0].label)]
        assert order == sorted(order)


def test_verdicts_are_words():
    """Each verdict stands there as a word with its icon, in HTML and in text."""
    html, text = Page(card.html(result_of())).words, squeezed("".join(card_text.text(result_of())))
    for verdict in ("✔ passed", "✘ not yet", "– not run yet", "? needs a human"):
        assert squeezed(verdict) in text
        assert squeezed(verdict) in html


@pytest.mark.slow
def test_what_is_right_is_short():
    """A card on which all passed is a line with the checks folded away behind it, without example or table."""
    (result, *_) = judged(path_of("right_stable"))
    html = card.html(result)
    assert "4 of 4 points" in html
    assert "<details><summary" in html
    assert "<table" not in html
    assert "<img" not in html
    assert len(html) < 4000


@pytest.mark.parametrize("got", HOSTILE_VALUES, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("expected", [0.5, [0.25, -0.5]], ids=["scalar", "vector"])
def test_any_answer_is_shown_harmlessly(got, expected):
    """Whatever came, the card is made, passes the filter, runs and loads nothing, and fits 80 columns as text."""
    result = result_of(np.array(expected), got, message=HOSTILE, difference=np.array(expected))
    html = card.html(result)
    assert clean_html(html) == html
    assert len(html.encode()) <= MOST_BYTES
    page = Page(html)
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "style", "link", "img", "iframe", "svg"})
    for line in (*card_text.text(result), *(text.translate(notation.BLANKS) for text in page.texts)):
        assert line.isprintable()
    assert max(map(len, card_text.text(result))) <= 80


def test_the_largest_card_is_small_enough(wrong):
    """With three noisy pictures, three mistakes and long messages everywhere a card still takes at most 60 kB."""
    largest = max((shown for result in wrong for shown in result.evidence.pictures), key=lambda shown: len(shown.uri))
    assert len(largest.uri) < 16_000
    result = result_of([0.1] * 4, HOSTILE, message=HOSTILE, pictures=[largest] * 3)
    result = replace(result, mistakes=({**MISTAKE, "title": HOSTILE, "hint": HOSTILE},) * 3)
    assert len(card.html(result).encode()) <= MOST_BYTES


def test_nothing_in_it_runs_or_loads(wrong):
    """A card has no script, style sheet, handler or address; its pictures are in it, each with words."""
    for result in wrong:
        page = Page(card.html(result))
        for tag, attributes in page.tags:
            assert tag not in {"script", "style", "link", "a", "iframe", "object", "form"}
            assert not any(name.startswith("on") or name in ("href", "srcset", "id") for name in attributes)
            if tag == "img":
                assert attributes["src"].startswith("data:image/png;base64,")
                assert len(attributes["alt"]) > 40
        assert "://" not in "".join(page.texts)


def test_tables_have_captions_and_headings(wrong):
    """Each table has a caption, and each heading says whether it is of a row or of a column."""
    for result in wrong:
        tags = Page(card.html(result)).tags
        assert len([tag for tag, _ in tags if tag == "table"]) == len([tag for tag, _ in tags if tag == "caption"]) == 2
        assert all(attributes.get("scope") in ("row", "col") for tag, attributes in tags if tag == "th")


def test_no_hidden_number_is_shown(wrong):
    """No number of a hidden input, and no right answer to one, stands on a card or in the words of a picture."""
    numbers = [value for case in ("workhorse", "wide", "tall", "soft") for value in numbers_of(case)]
    drawn = [EXERCISES["sigmoid"].draw(case, DEFAULT_SEED)[0] for case in ("four", "nine")]
    numbers += [value for z in drawn for value in [*z, *sigmoid(z)]]
    hidden = {f"{abs(value):.5g}" for value in numbers}
    hidden = {text for text in hidden if len(text) > 5}
    assert len(hidden) > 100
    for result in wrong:
        shown = re.findall(r"\d+\.\d+", Page(card.html(result)).words)
        assert {f"{float(text):.5g}" for text in shown} & hidden == set()


def numbers_of(case):
    """Return the numbers of a hidden input and of the right answers to it."""
    arguments = EXERCISES["cost"].draw(case, DEFAULT_SEED)
    answers = [EXERCISES[name].expect(*arguments).value for name in ("cost", "dC_dw", "dC_db")]
    return np.concatenate([np.ravel(part) for part in (*arguments, *answers)])


def test_the_same_work_gives_the_same_bytes(tmp_path, wrong):
    """Judged again, after other pictures were drawn, every card is the same to the byte."""
    path = path_of("wrong_no_mean")
    first = [card.html(result) for result in judged(path)]
    for result in reversed(wrong):
        card.html(result)
    assert [card.html(result) for result in judged(path)] == first


@pytest.mark.slow
def test_a_right_sigmoid_in_place_of_theirs_is_said():
    """Where a right sigmoid stood in, the card says so, and what failed even then is judged, not skipped."""
    _, result, *_ = judged(path_of("wrong_math_exp"))
    said = content(result)
    assert said.stand_in.startswith("Judged with a correct sigmoid in place of yours")
    assert [line.verdict for line in said.open_lines] == ["fail"]


def test_several_functions_that_stood_in_are_listed():
    """The card lists them once, with commas and a single `and`."""
    names = ("feedforward", "cost", "output_error")
    result = replace(result_of(), evidence=Evidence(stand_ins=names))
    assert content(result).stand_in == (
        "Judged with correct versions of feedforward, cost and output_error in place of yours: "
        "what is wrong in yours costs nothing here."
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((0.5, "0.5"), (2, "2"), (-0.25, "−0.25"), (1 / 3, "0.333333"), (-0.0, "0"), (0, "0"), (True, "True")),
        *((123456789.0, "1.23457e8"), (4.2e-18, "4.2e−18"), (-1e308, "−1e308"), (10**5, "100000")),
        *(("inf", "infinite"), ("-inf", "minus infinite"), ("nan", "not a number (nan)"), ("raises X", "raises X")),
    ],
)
def test_numbers_are_read_easily(value, text):
    """Six digits at most, a true minus sign, no needless zeros, and words for what is not finite."""
    assert notation.number(value) == text


def test_arrays_are_written_as_in_mathematics():
    """A row is in brackets, each row of a matrix by itself, and the call is Python that gives the same arguments."""
    assert notation.values([1.0, -2.0]) == "[1, −2]"
    assert notation.rows([[1.0, -1.0], [2.0, 0.0]]) == ["[[1, −1],", " [2, 0]]"]
    assert notation.shape([[1, 2, 3]]) == (1, 3)
    assert eval(notation.code(np.array([[1, 2]]))).dtype == int
    assert eval(notation.code(np.array([1.0]))).dtype == float
    assert eval(notation.code(([np.array([1.0])], {"a": 2}, 3.0)))[1:] == ({"a": 2}, 3.0)


def test_numbers_that_differ_look_different():
    """Where the sixth digit is too few, more are shown; points stand below each other."""
    assert notation.aligned([0.500000001, 0.500000001, 0.5]) == ["0.500000001"] * 2 + ["0.5" + "\u2007" * 8]
    assert notation.aligned([0.333333333333, 0.333333300001]) == ["0.33333333", "0.3333333\u2007"]
    assert notation.aligned([40, "inf"]) == ["40", "infinite"]
    assert notation.aligned([-0.25, 10.5]) == ["−0.25", "10.5\u2007"]
    assert notation.aligned([2.0, 0.5]) == ["2\u2008\u2007", "0.5"]


@given(st.lists(st.floats() | st.integers(), min_size=2, max_size=3))
def test_any_numbers_are_aligned(numbers):
    """Any numbers give as many texts; those without words or exponents end at the same place."""
    texts = notation.aligned([plain(value) for value in numbers])
    assert len(texts) == len(numbers)
    tails = {len(re.sub(r"^−?\d+", "", text)) for text in texts if re.fullmatch(r"−?\d+[.\d\u2007\u2008]*", text)}
    assert len(tails) <= 1


def test_a_step_fits_beside_its_value():
    """A counterexample with a matrix shows each row on its line, and each component in its column."""
    result = result_of([0.25, -0.5], [0.5, -1.0], w=np.ones(2), b=1.0, X=np.array([[1.0, -1.0], [2.0, 0.0]]))
    example = content(result).example
    assert dict(example.steps)["X"] == ("[[1, −1],", " [2, 0]]")
    assert example.comparison.columns == ("∂C/∂w_1", "∂C/∂w_2")
    assert dict(example.comparison.rows) == {"right": ("0.25", "−0.5"), "yours": ("0.5\u2007", "−1\u2008\u2007")}
    assert example.call == "dC_dw(np.array([1.0, 1.0]), 1.0, np.array([[1.0, -1.0], [2.0, 0.0]]))"


def test_a_wrong_shape_is_named():
    """Where the numbers are right in another shape, the shapes stand beside them."""
    rows = content(result_of([0.25, -0.5], [[0.25], [-0.5]])).example.comparison.rows
    assert dict(rows) == {"right": ("[0.25, −0.5], shape (2,)",), "yours": ("[[0.25], [−0.5]], shape (2, 1)",)}


def drawn(exercise, function):
    """Return what the neuron draws of a function that stands for a student's."""

    def value(name, arguments):
        assert name == exercise
        try:
            with np.errstate(all="ignore"):
                return np.asarray(function(*arguments), dtype=float)
        except (TypeError, ValueError, OverflowError):
            return None

    return EXERCISES[exercise].picture(value)


RIGHT = {"sigmoid": sigmoid, "cost": stable_cost, "dC_dw": dC_dw, "dC_db": dC_db}


@pytest.mark.parametrize("exercise", RIGHT)
def test_nothing_is_drawn_where_an_eye_sees_nothing(exercise):
    """A right function, one off by a rounding, one of another shape, one that gives nothing: no picture."""
    right = RIGHT[exercise]
    assert drawn(exercise, right) == ()
    assert drawn(exercise, lambda *arguments: right(*arguments) * (1 + 1e-6)) == ()
    assert drawn(exercise, lambda *arguments: np.zeros(77)) == ()
    assert drawn(exercise, lambda *arguments: float("x")) == ()


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, 1e308, -1e308, 1e-308, 0.0])
@pytest.mark.parametrize("exercise", RIGHT)
def test_any_numbers_are_drawn(exercise, wrong):
    """Numbers of any size are drawn or left out, and the words name what came."""
    for drawing in drawn(exercise, lambda *arguments: RIGHT[exercise](*arguments) * 0 + wrong):
        shown = picture(drawing, drawn=True)
        assert shown.uri.startswith("data:image/png;base64,")
        assert notation.number(plain(float(f"{wrong:.3g}")), 3) in shown.alt


def test_what_is_not_finite_leaves_a_gap():
    """A curve is interrupted where it is not finite, and followed just out of the picture where it is far off."""
    shown = pictures._clipped(np.array([np.inf, np.nan, 1e308, -1e308, 0.5]), 0.0, 1.0)
    assert np.array_equal(shown, [np.nan, np.nan, 2.0, -1.0, 0.5], equal_nan=True)


def test_a_function_of_one_number_is_drawn_too():
    """A sigmoid that takes no array is asked for one number after another."""
    (drawing,) = drawn("sigmoid", lambda z: float(z) + 0.0 if np.ndim(z) == 0 else float("x"))
    assert drawing.yours.tolist() == drawing.x.tolist()


def test_what_looks_right_is_drawn_further_out():
    """A sigmoid and a cost that fail only where |z| is large are drawn there, and the words say where."""
    (drawing,) = drawn("sigmoid", lambda z: np.exp(z) / (1 + np.exp(z)))
    assert "At z = 0, 0.5 is right and yours is 0.5. At z = 750, 1 is right and yours is not a number" in drawing.alt
    (drawing,) = drawn(
        "cost", lambda w, b, X, y: -np.mean(y * np.log(a := sigmoid(X @ w + b)) + (1 - y) * np.log(1 - a))
    )
    assert "yours is infinite" in drawing.alt


@pytest.mark.parametrize("drawn", [True, False])
def test_a_picture_may_stay_words(drawn):
    """A picture that is only described, or cannot be drawn, leaves its words on the card."""
    broken = Bars("Two bars.", None, ("one",), np.array([1.0]), np.array([2.0]))
    shown = picture(broken, drawn=drawn)
    assert shown == Picture("Two bars.")
    assert "Two bars." in Page(card.html(result_of(pictures=[shown]))).texts


def test_a_drawing_does_not_depend_on_the_one_before():
    """The canvas is used again and again, and every drawing comes out as on a fresh one."""
    x = np.linspace(0.0, 1.0, 9)
    lines = Lines("Lines.", LABELS, x, x, x**2)
    bars = Bars("Bars.", LABELS, ("one", "two"), x[:2], -x[:2])
    alone = [picture(drawing, drawn=True).uri for drawing in (lines, bars)]
    assert [picture(drawing, drawn=True).uri for drawing in (bars, lines)] == alone[::-1]
    assert all(alone)
