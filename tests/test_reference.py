"""References as plain functions: keys that name lines, wrong functions, marked lines, stable twins, roundings."""

import ast
import importlib.util
import itertools
import textwrap

import numpy as np
import pytest

from autograder.diagnosis import rounding
from autograder.diagnosis.judged import ReferenceFunction
from autograder.diagnosis.lines import LineError, Lines
from autograder.diagnosis.reference import Reference

NUMBERS = itertools.count()
CLASS = '''
import numpy as np

START = 1.0


class Learner:
    """A class."""

    def __init__(self, rate):
        self.rate = rate
        self.w = START

    def step(self, x):
        rate = self.rate
        self.w -= rate * x  #: w
        return self.w

    def back(self, x):
        rate = self.rate
        self.w += rate * x
        return self.w


def learned(rate, xs):
    """Let one learn."""
    learner = Learner(rate)
    for x in xs:
        learner.step(x)
    return learner.back(1.0)
'''
MODULE = '''
import numpy as np

from autograder.diagnosis import stable

SCALE = 2.0


def helper(x):
    return SCALE * x


def total(x, y):
    """Return a number."""
    found = []
    for one in x:
        square = one * one  #: x_i squared
        found.append(square + 1)  #: and one more
    if len(found) > 2:
        found = found[:2]
    elif y:
        found = found[1:]
    s = helper(sum(found))
    s += y  #: with y
    return s  #: T = the total of it


def log_of_one_more(x):
    return np.log(1 + x)  #: ln(1 + x)


@stable(log_of_one_more)
def stable_log(x):
    return np.log1p(x)
'''


def loaded(folder, text):
    """Return a reference with this text."""
    path = folder / "reference.py"
    path.write_text(text)
    spec = importlib.util.spec_from_file_location(f"reference_{next(NUMBERS)}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return Reference(module)


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """A reference with a loop, a helper, an `elif` and a stable twin."""
    return loaded(tmp_path_factory.mktemp("reference"), MODULE)


@pytest.fixture(scope="module")
def learner(tmp_path_factory):
    """A class and the adapter that uses it."""
    return ReferenceFunction(loaded(tmp_path_factory.mktemp("class"), CLASS), "Learner", "learned")


def lines(source):
    """Return the lines of a function or a class."""
    return Lines(ast.parse(textwrap.dedent(source)).body[0])


@pytest.mark.parametrize(
    ("key", "number"),
    [
        ("a = 1", 0),
        ("a=1  # with a comment", 0),
        ("for i in range(3):", 1),
        ("for i in range( 3 ) :", 1),
        ("a += b[i,\n 'x']", 2),
        ('a += b[i, "x"]', 2),
        ("if a:", 3),
        ("elif b:", 5),
        ("try:", 7),
        ("with open(a) as c:", 9),
        ("return a @ 2", 12),
        ("pass @1", 4),
        ("pass @2", 6),
        ("pass@2", 6),
    ],
)
def test_a_key_names_one_line(key, number):
    """Spacing, breaks, quotes and comments do not matter; a header names a compound statement; `@2` the second."""
    source = """
    def f(a, b):
        a = 1
        for i in range(3):
            a += b[i, 'x']
        if a:
            pass
        elif b:
            pass
        try:
            a = 2
        except ValueError:
            with open(a) as c:
                a = 3
        while a:
            return a @ 2
    """
    found = lines(source)
    assert found.texts[found.number(key)] == found.texts[number]
    assert found.number(key) == number


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("a = 2", "has no line 'a = 2'; it has: a = 1; a = 1; return a"),
        ("a = 1", "stands there 2 times; end the key with @1, @2"),
        ("a = 1 @3", "stands there 2 times, not 3"),
        ("a = = 1", "has no line"),
    ],
)
def test_a_key_that_names_no_line_or_several_says_so(key, said):
    """The message names the function, the key, and what there is."""
    with pytest.raises(LineError, match=said):
        lines("def f(a):\n    a = 1\n    a = 1\n    return a\n").number(key)


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"a = x + 1": "a = x + 2"}, 4 * 5),
        ({"a = x + 1": ""}, 4 * 3),
        ({"a = x + 1": "a = x\na = a * 3"}, 4 * 9),
        ({"for _ in range(2):": "for _ in range(3):"}, 8 * 4),
        ({"for _ in range(2):": "if a:", "a = x + 1": "a = 5"}, 2 * 5),
        ({"for _ in range(2):": "pass"}, 4),
        ({"a = a * 2": "a = a + 1", "return a": "return -a"}, -6),
        ({"a = a * 2": ""}, 4),
    ],
)
def test_changes_are_made_at_once(changes, answer):
    """A line becomes none, one or several; a header keeps its body; all keys are of the original."""
    source = "def f(x):\n    a = x\n    a = x + 1\n    for _ in range(2):\n        a = a * 2\n    return a\n"
    found = lines(source)
    names = {}
    exec(compile(ast.Module([found.changed(found.edits(changes))], []), "f", "exec"), names)
    assert names["f"](3) == answer
    assert ast.unparse(found.definition) == ast.unparse(ast.parse(source).body[0])  # the original stays


def test_two_changes_of_one_line_are_refused():
    """Which of them should count nobody could tell."""
    with pytest.raises(LineError, match="two changes of the line"):
        lines("def f(x):\n    return x\n").edits({"return x": "return 1", "return  x": "return 2"})


def test_a_changed_helper_changes_this_call_alone(reference):
    """The function is wrong through its helper, and the helper itself stays as it is."""
    edits = reference.edits({"helper": {"return SCALE * x": "return SCALE + x"}})
    right, wrong = reference.function("total"), reference.function("total", edits)
    assert (right([1.0], 0.0), wrong([1.0], 0.0)) == (4.0, 4.0)
    assert (right([2.0], 0.0), wrong([2.0], 0.0)) == (10.0, 7.0)
    assert reference.function("helper")(3.0) == 6.0


def test_a_source_runs_by_itself(reference):
    """What is printed of a wrong function has all that it needs; its changed helper has a name of its own."""
    edits = reference.edits({"helper": {"return SCALE * x": "return SCALE + x"}, "total": {"s += y": "s -= y"}})
    source = reference.source("total", edits, given={"helper"})
    names = {"helper": lambda _x: 57}
    exec(source, names)
    assert names["total"]([2.0, 3.0, 4.0], 1.0) == 2.0 + (5.0 + 10.0) - 1.0
    assert names["helper"](0) == 57
    assert '"""' not in source


def test_marked_lines_tell_their_values(reference):
    """In the order of the work; of a loop the first three passes; an added value and a returned one as well."""
    work = reference.work("total", ([1.0, 2.0, 3.0, 4.0], 0.5))
    assert [(note, float(value)) for note, value in work] == [
        ("x_i squared, pass 1", 1.0),
        ("and one more, pass 1", 2.0),
        ("x_i squared, pass 2", 4.0),
        ("and one more, pass 2", 5.0),
        ("x_i squared, pass 3", 9.0),
        ("and one more, pass 3", 10.0),
        ("with y", 14.5),
        ("T = the total of it", 14.5),
    ]
    assert reference.quantity("total") == "T"


def test_right_answers_come_from_the_stable_twin(reference):
    """The plain function loses its digits for small x; the twin does not, and the rest is of the plain text."""
    one = ReferenceFunction(reference, "log_of_one_more")
    assert one.right(1e-20) == 1e-20
    assert one.function()(1e-20) == 0.0
    assert one.work((1.0,)) == [("ln(1 + x)", np.log(2.0))]
    assert one.right_source() == "def log_of_one_more(x):\n    return np.log1p(x)\n"


def test_a_body_becomes_a_whole_function(reference):
    """Who writes only the body of a function gets the rest; a whole one, with what it needs, stays."""
    one = ReferenceFunction(reference, "total")
    assert one.whole("return x") == "def total(x, y):\n    return x\n"
    assert (
        one.whole("import math\n\ndef total(x, y):\n    return 1") == "import math\n\ndef total(x, y):\n    return 1\n"
    )


def test_roundings_follow_the_conditioning(reference):
    """Where the formula loses digits in single precision, an answer may be off by more."""
    one = ReferenceFunction(reference, "log_of_one_more")
    near, far = rounding.scale(one, (1e-3,)), rounding.scale(one, (1e3,))
    assert near < 10 * 1e-3 * rounding.MULTIPLE
    assert 1 < far / np.log(1e3) / rounding.MULTIPLE < 3
    exact = rounding.moved(np.array([1, 2]), rounding.Signs(np.random.default_rng(0)))
    assert exact.tolist() == [1, 2]


def test_a_class_is_called_through_its_adapter(learner):
    """Right answers, parameters, steps by hand and roundings are the adapter's; marked lines are the methods'."""
    assert (learner.parameters, learner.quantity) == (("rate", "xs"), "w")
    assert learner.right(0.5, [2.0, 4.0]) == -1.5
    assert learner.work((0.5, [2.0, 4.0])) == [("w, pass 1", 0.0), ("w, pass 2", -2.0)]
    assert 0 < rounding.scale(learner, (0.5, [2.0, 4.0])) < 100
    assert learner.adapter_source().startswith("def learned(rate, xs):\n    learner = Learner(rate)\n")


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"Learner": {"self.w = START": "self.w = 0"}}, -2.5),
        ({"Learner": {"self.w -= rate * x": "self.w += rate * x"}}, 4.5),
        ({"Learner": {"rate = self.rate @2": "rate = 0"}}, -2.0),
        ({"Learner.step": {"rate = self.rate": "rate = 0"}}, 1.5),
        ({"Learner.back": {"rate = self.rate": "rate = 0"}}, -2.0),
        ({"Learner.back": {"return self.w": "return 7"}, "Learner": {"self.w = START": "self.w = 3"}}, 7),
    ],
)
def test_a_mistake_of_a_class_is_a_changed_line_of_a_method(learner, changes, answer):
    """A line is looked for in all methods, or in the one that is named; its source is the whole class."""
    edits = learner.edits(changes)
    assert learner.function(edits)(0.5, [2.0, 4.0]) == answer
    assert learner.from_source(learner.source(edits))(0.5, [2.0, 4.0]) == answer
    assert learner.right(0.5, [2.0, 4.0]) == -1.5


def test_a_line_that_several_methods_have_is_refused_until_one_is_named(learner):
    """The message says how to name a method; a method that there is not is said to be missing."""
    with pytest.raises(LineError, match=r'stands there 2 times; .*change_in."Learner.…"'):
        learner.edits({"Learner": {"rate = self.rate": "rate = 0"}})
    with pytest.raises(LineError, match="Learner has no method 'forth'"):
        learner.edits({"Learner.forth": {"rate = self.rate": "rate = 0"}})
    with pytest.raises(LineError, match=r"Learner has no line 'self\.w = START'"):
        learner.edits({"Learner.step": {"self.w = START": "pass"}})
