"""Drawn sources and texts against the review's readers: whatever a student writes, reading it ends soon and well."""

import time

from hypothesis import example, given
from hypothesis import strategies as st

from autograder.grading.assignment import find as find_assignment
from autograder.review.alike.answers import clusters, same, words
from autograder.review.alike.differences import difference
from autograder.review.reading.disguise import disguise, disguise_html
from autograder.review.reading.elsewhere import elsewhere
from autograder.review.reading.functions import Definitions, Written
from autograder.review.reading.marks import Entry
from autograder.review.reading.syntax import tree
from autograder.sandbox.answers import read_places
from autograder.sandbox.limits import READING

SECONDS = 3.0  # of a busy machine; what is drawn below is read in a tenth of one
EXERCISES = find_assignment("neuron").exercises

# Pieces of Python of which thousands, beside or within each other, are hard to read.
_PIECES = (
    *(
        "(",
        "[",
        "{",
        ")",
        "]",
        "}",
        "-",
        "not ",
        "lambda: ",
        "lambda z=",
        "z",
        ",",
        ":",
        ";",
        ".a",
        "**",
        "+z",
        "<z",
        "@d\n",
    ),
    *(
        "\n",
        "\n ",
        "\n  ",
        "\n\n",
        "\r",
        "\f",
        "\\\n",
        "#",
        '"',
        "'",
        '"""',
        "f'{",
        "{z}",
        "{z!r:{z}}",
        "}'",
        "b'",
        "\0",
    ),
    *(
        "z = ",
        "a = b = ",
        "sigmoid = ",
        "def sigmoid(z):",
        "class A:",
        "if z:",
        "else:",
        "try:",
        "except:",
        "for z in z:",
    ),
    *(
        "while z:",
        "with z as z:",
        "match z:",
        "case z:",
        "return z",
        "import z",
        "from z import *",
        "global z",
        "del z",
    ),
    *(
        "1",
        "0x",
        "9" * 400,
        "1e999",
        "1j",
        "…",
        "\u0301",
        "\ufdfa",
        "é",
        "\u2028",
        "%%time\n",
        "!ls\n",
        "*z",
        "*",
        "=",
        ":=",
    ),
)
_pieces = st.lists(
    st.tuples(st.sampled_from(_PIECES), st.sampled_from((1, 1, 1, 2, 50, 2_000, 12_000))), min_size=1, max_size=8
)
sources = st.one_of(
    _pieces.map(lambda parts: "".join(piece * times for piece, times in parts)[: 4 * READING.cell]),
    st.text(max_size=200).map(lambda text: text * 300),
)
_CHARACTERS = "a \n\u0301\u0323\u0f73\u0f74\ufdfa\u1100\u1161\u11a8ßİΣ'\u200d\U0001f468\u0000\u202e_1."
texts = st.lists(
    st.tuples(st.text(_CHARACTERS, min_size=1, max_size=4), st.sampled_from((1, 3, 500, 30_000))), max_size=6
).map(lambda parts: "".join(piece * times for piece, times in parts))


def find(*cells: str) -> Written | None:
    """Return a function that is called `sigmoid` as some cells define it."""
    known = Definitions()
    for number, cell in enumerate(cells, start=1):
        known.add(number, cell)
    return known.find("sigmoid", EXERCISES)


def soon(began: float) -> None:
    """Expect one example to have been read in time."""
    assert time.monotonic() - began < SECONDS


@given(sources)
@example("def sigmoid(z):\n    return f'" + "{z}" * 16_000 + "'")
@example(";".join(f"a{n}=a{n - 1}" for n in range(4_000)) + "\nsigmoid = a3999")
@example("\n".join(f"a{n} = a{n - 1}" for n in range(4_000)) + "\nsigmoid = a3999")
@example("\n".join(f"name_{n} = {n}" for n in range(3_500)) + "\nsigmoid = name_1")
@example("sigmoid = " + "[" * 90 + "1," * 20_000 + "]" * 90)
def test_functions_are_found_in_anything(source):
    """Definitions, trees and what is shown come soon from any source, and are no larger than it is."""
    began = time.monotonic()
    found = find(source, source, "sigmoid(1)")
    shown = source if found is None else found.text
    known = tree(shown)
    soon(began)
    assert known == tree(shown)
    assert len(known.tokens) <= READING.tokens
    if found is not None:
        assert len(shown) <= 2 * len(source) + 2


@given(sources, sources)
@example("ab" * 200 + "\n" + "ba\n" * 400, "ba" * 200 + "\n" + "ab\n" * 400)
@example("\n".join("ab" * 190 for _ in range(400)), "\n".join("ba" * 190 for _ in range(400)))
@example("a\na\nb\n" * 133, "b\nb\na\n" * 133)
def test_anything_is_compared(one, two):
    """Two sources stand side by side soon, and nothing of the lines that are shown is lost."""
    one, two = one[: READING.source], two[: READING.source]
    began = time.monotonic()
    found = difference(one, two, ("one", "two"))
    soon(began)
    left = ["".join(text for text, _ in line.left_parts) for line in found.lines if line.left is not None]
    assert left[: READING.lines] == one.splitlines()[: READING.lines]


@given(st.lists(texts, min_size=1, max_size=4))
@example(["a" + "\u0301\u0323" * 30_000])
@example(["a" + "\u0f73" * 60_000])
@example(["Σ'" * 30_000])
def test_answers_are_grouped(answers):
    """Any answers come to groups soon, each answer to one, and the same words always to the same group."""
    began = time.monotonic()
    for grouped in (clusters([*answers, answers[0]]), same([*answers, answers[0]])):
        members = [place for one in grouped for place in one]
        assert sorted(members) == list(range(len(answers) + 1))
        assert any({0, len(answers)} <= {*one} for one in grouped)
    soon(began)
    assert all(len(words(one)) <= READING.words for one in answers)


@given(
    st.from_regex(r"[a-zA-Z0-9_.-]{2,12}", fullmatch=True),
    st.from_regex(r"[A-Za-zÀ-ž]{1,12}, [A-Za-zÀ-ž]{1,12}", fullmatch=True),
    st.sampled_from(("{}_sigmoid", "x = '{}'", "{}@uni.example", "_{}_", "# {}\n", "{}1", "{}, {}")),
    texts,
)
@example("s123456", "Lovelace, Ada", "{}_sigmoid", "")
def test_ids_and_names_are_hidden_in_anything(student, name, form, text):
    """Id and names are hidden where they are words or parts of identifiers, whatever stands around them."""
    known = Entry(name, "", 0.0)
    for secret in (student, *name.split(", ")):
        if len(secret) > 2 and not secret.isdecimal():
            began = time.monotonic()
            said = disguise(f"{text} {form.replace('{}', secret)} {text}", student, known)
            soon(began)
            assert f" {form.replace('{}', secret)} " not in said
    assert disguise_html('<p class="x">&amp;</p>', student, Entry("P, Class", "", 0.0)).startswith('<p class="x">')


_plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
_place = st.fixed_dictionaries(
    {"kind": st.text(max_size=20) | _plain},
    optional={key: st.integers(-2, 4) | _plain for key in ("cell", "line", "bound")},
)


@given(_plain | st.dictionaries(st.sampled_from(("sigmoid", "helper", "sigmoid.f")), _place | _plain), sources)
@example({"sigmoid": {"kind": "function", "cell": 10**400, "line": 1}}, "")
def test_places_may_be_anything(raw, source):
    """Whatever a student's process says of places is read, and comes to a warning of one line or to none."""
    found = find(source)
    said = elsewhere("sigmoid", read_places(raw), found, {1: source})
    assert said is None or ("\n" not in said.warning and len(said.warning) < 500)
