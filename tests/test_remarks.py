"""What is said of a wrong answer that has no name: which step is another one, what stands where, why a line stops."""

from dataclasses import replace

import numpy as np
import pytest

from autograder.card.content import headed
from autograder.certify.local import Local
from autograder.diagnosis.counterexample import smallest
from autograder.diagnosis.exercise import PLAIN
from autograder.diagnosis.naming import diagnosis_for
from autograder.diagnosis.slips.told import slips_for
from autograder.diagnosis.unnamed.causes import cause
from autograder.diagnosis.unnamed.labels import of_labels
from autograder.diagnosis.unnamed.lengths import of_lengths
from autograder.diagnosis.unnamed.remarks import far_out, remark
from autograder.grading.assignment import find
from autograder.grading.compare import Expected, check_same
from autograder.grading.criteria import Failure
from autograder.grading.notation import error_text

SEED = 57
LAYERS = """
def feedforward(weights, biases, X):
    A = [X]
    for l, (W, b) in enumerate(zip(weights, biases)):
        A.append({})
    return {}
"""
RIGHT = "sigmoid(A[l] @ W.T + b)"
FIRST = """
dW, db = backprop(weights, biases, X, Y)
return [weights[0] - rate * dW[0]], [biases[0] - rate * db[0]]
"""


def said(name, exercise, source):
    """Return what is said of a function of ours."""
    own = Local(find(name), exercise, source)
    answers = tuple(own.answer(arguments) for arguments in own.exercise.probes[PLAIN])
    slips = slips_for(find(name), exercise)
    return remark(own.exercise, answers, answers[0], own.answer, lambda: slips.told(answers, own.answer, SEED))


@pytest.mark.parametrize(
    ("name", "exercise", "source", "words"),
    [
        ("neuron", "sigmoid", "return 1 / (3 + np.exp(-z))", "3 + e^(−z) in place of 1 + e^(−z)"),
        ("neuron", "dC_db", "return np.median(sigmoid(X @ w + b) - y)", "the median"),
        ("network", "output_error", "return a - Y[::-1]", "a − (Y from its last row or number to its first)"),
        ("network", "output_error", "return (a - Y) * Y", "δ times Y in place of δ"),
        ("network", "feedforward", LAYERS.format("sigmoid((A[l] + 1) @ W.T + b)", "A"), ""),
        (
            "network",
            "feedforward",
            LAYERS.format("sigmoid(A[l - 1] @ W.T + b)", "A"),
            "item before the last of the list",
        ),
        ("network", "feedforward", LAYERS.format(RIGHT, "A[1:] + A[:1]"), "The right order is layer 0, layer 1"),
        ("network", "gradient_step", FIRST, "right, but some are missing: new W, layer 2"),
        ("network", "hidden_error", "return (delta @ W) * W.sum(axis=0) * a * (1 - a)", "sums of the columns of W"),
    ],
)
def test_a_changed_step_is_told_in_the_texts_notation(name, exercise, source, words):
    """What the numbers are is said of the step that is another one, whether it raises elsewhere or not."""
    body = Local(find(name), exercise, "").exercise.text.whole(source)
    assert words in said(name, exercise, body)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("return np.log(-1 - abs(z))", "For ordinary inputs you return nan"),
        (
            "return 2 / (1 + np.exp(-z))",
            "twice what it should be. That is so for every size of the input: look for a factor 2",
        ),
        ("return None if np.ndim(z) == 2 else 1 / (1 + np.exp(-z))", "It is None for an array of shape (2, 3)"),
        ("return 0.3 * np.cos(z) - 1.7", "All your numbers have the wrong sign"),
        ("return np.where(z < 0, 0.3, 1 / (1 + np.exp(-z)))", "right where z ≥ 0, and wrong where z < 0."),
        ("return np.where(z < 0, 1 / (1 + np.exp(z)), 1 / (1 + np.exp(-z)))", "a right number and yours add up to 1."),
        ("return np.where(z < 0, 2, 0) + 1 / (1 + np.exp(-z))", "yours is the right number plus 2."),
    ],
)
def test_what_has_no_step_is_told_by_its_kind_and_direction(source, words):
    """Numbers that are none, answers that are None for some shapes, and the sign of all numbers are said."""
    assert words in said("neuron", "sigmoid", f"def sigmoid(z):\n    {source}\n")


def test_an_argument_that_does_not_matter_is_told():
    """An answer that stays when an argument changes is said to do so, and of no other argument."""
    text = said("network", "hidden_error", "def hidden_error(delta, W, a):\n    return np.cos(7 * a) * W.shape[0]\n")
    assert "stays the same when delta and W change:" in text


def test_an_error_of_shapes_names_the_arrays_and_the_helper():
    """The line of the student's own function is quoted, the helper in which it stops, and the shapes there."""
    message = (
        "backprop raised ValueError: matmul (@): the left array has 2 columns, and the right one has 4 rows (line 37: "
        "delta = hidden_error(delta, W[l], A[l]); there hidden_error stops at line 23: return delta @ W; delta has "
        "shape (6, 2), W has shape (4, 5))"
    )
    text = cause(message, ())
    assert "It stops in line 37: delta = hidden_error(delta, W[l], A[l]). hidden_error stops at line 23" in text
    assert "There, delta has shape (6, 2), W has shape (4, 5)." in text


def test_numpys_words_for_shapes_are_put_into_plain_ones():
    """The error of a matrix product says which side has how many columns or rows."""
    with pytest.raises(ValueError, match="gufunc") as raised:
        np.ones((2, 3)) @ np.ones((4, 5))
    assert error_text(str(raised.value)) == "matmul (@): the left array has 3 columns, and the right one has 4 rows"


def test_a_law_is_not_said_to_be_broken_by_what_is_no_number():
    """Two answers that are nan are not told apart: the message says that there are no numbers yet."""
    expected = Expected(np.array(1.0), np.array(1.0))
    with pytest.raises(Failure, match=r"has to be made of numbers before this can be checked: you returned nan"):
        check_same(np.nan, np.nan, expected, ("C must not change; yours does", "C"))


def test_a_part_of_an_argument_that_does_not_matter_is_told():
    """Rows and columns that are left out are named, where the argument as a whole is not ignored."""
    source = """
def hidden_error(delta, W, a):
    ends = [0, -1]
    return 0.7 * delta[:, ends] @ W[ends] * a * (1 - a) + 0.01 * np.cos(a)
"""
    text = said("network", "hidden_error", source)
    assert "when the middle columns of delta and the middle rows of W change: are they left out?" in text


@pytest.mark.parametrize(
    ("inner", "words"),
    [
        ("-np.sum(np.log(a[y > 0.5])) / len(y)", "those of this mistake: The term (1−y) ln(1−a) is missing"),
        ("-np.mean(np.where(y > 0.5, np.log(a), np.log(1 - a)))", "your numbers are right. Do you ask whether y is 1?"),
        ("np.mean(a) + y[0]", ""),
        ("np.mean(np.logaddexp(0, X @ w + b) - y * (X @ w + b))", ""),
    ],
)
def test_what_holds_for_labels_of_0_and_1_alone_is_told(inner, words):
    """Who asks whether a label is 1 is told so, with the mistake that is there besides."""
    source = f"def cost(w, b, X, y):\n    a = sigmoid(X @ w + b)\n    return {inner}\n"
    own = Local(find("neuron"), "cost", source)
    answers = {PLAIN: tuple(own.answer(arguments) for arguments in own.exercise.probes[PLAIN])}
    text = of_labels(own.exercise, answers, diagnosis_for(find("neuron"), "cost").where)
    assert words in text
    assert bool(words) == bool(text)


def test_the_one_size_for_which_an_answer_is_right_is_told():
    """Who writes two layers out is told that two layers are right, and which others are not."""
    source = """
def feedforward(weights, biases, X):
    a = sigmoid(X @ weights[0].T + biases[0])
    return [X, a, sigmoid(a @ weights[1].T + biases[1])]
"""
    own = Local(find("network"), "feedforward", source)
    answers = tuple(own.answer(arguments) for arguments in own.exercise.probes[PLAIN])
    assert of_lengths(own.exercise, answers).startswith("You are right where the length of weights is 2, not where")
    right = own.exercise.answers[PLAIN]
    assert of_lengths(own.exercise, right) == ""


def test_the_cause_of_an_error_is_not_read_off_the_line_that_it_quotes():
    """A line with matmul in it may stop for another reason."""
    error = "ValueError: operands could not be broadcast together with shapes (5,3) (2,)"
    message = f"f raised {error} (line 3: np.matmul(a, b) + c)"
    assert "number by number" in cause(message, ())


def test_a_logarithm_of_a_target_is_asked_for():
    """Where an answer is finite for targets between 0 and 1 alone, that is said."""
    inner = "np.log(y * sigmoid(X @ w + b)) + np.log((1 - y) * sigmoid(-X @ w - b))"
    source = f"def cost(w, b, X, y):\n    return -np.mean({inner})\n"
    assert "do you take the logarithm of a target?" in said("neuron", "cost", source)


def test_an_argument_that_was_changed_is_shown_before_and_after():
    """A right answer that changes its argument has an example of it."""
    own = Local(find("neuron"), "sigmoid", "def sigmoid(z):\n    z *= -1\n    return 1 / (1 + np.exp(z))\n")
    found = smallest(own.exercise, lambda arguments: own.call("sigmoid", arguments))
    assert found is not None
    assert (found.shown.name, found.shown.expected, found.shown.got) == ("z after the call", [0, 1], [0, -1])


def test_right_numbers_in_their_order_are_not_said_to_be_in_another():
    """Of a call that gives the right numbers and changes its argument, that alone is said."""
    source = "def sigmoid(z):\n    s = 1 / (1 + np.exp(-z))\n    if np.ndim(z):\n        z += 1\n    return s\n"
    assert "changes its argument z" in said("neuron", "sigmoid", source)


@pytest.mark.parametrize(
    ("got", "asked", "not_asked"),
    [([0.997527], "a clip", "ln 0"), ("infinite", "ln 0", "a clip"), ([1.0, "not a number"], "ln 0", "a clip")],
)
def test_what_is_wrong_far_out_is_asked_by_what_it_is(got, asked, not_asked):
    """A finite answer is cut off somewhere; nan and infinity come of a logarithm or a division."""
    text = far_out(got, logarithms=True)
    assert asked in text
    assert not_asked not in text
    assert "ln 0" not in far_out(got, logarithms=False)


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ("def dC_db(w, b, X, y, errors=[]):", "`errors` has a list or the like as its default value"),
        ("def dC_db(w, b, X, y, seen: dict = {}):", "`seen` has a list or the like"),
        ("def dC_db(w, b, X, y, rate=0.5):", "Is something kept from call to call"),
        ("", "Is something kept from call to call"),
    ],
)
def test_a_default_value_that_is_kept_is_told(head, told):
    """Where answers change from call to call, a default value that calls share is named by the parameter's name."""
    own = Local(find("neuron"), "dC_db", "def dC_db(w, b, X, y):\n    return 0.5\n")
    answers = tuple(own.answer(arguments) for arguments in own.exercise.probes[PLAIN])
    again = replace(answers[0], values=answers[0].values + 1.0)
    assert told in remark(own.exercise, answers, again, own.answer, text=f"{head}\n    return 0.5")


def test_a_power_written_as_in_other_languages_is_told():
    """`^` is said to be no power, whether numpy or Python refuses it."""
    for refused in ("ufunc 'bitwise_xor' not supported", "unsupported operand type(s) for ^: 'float' and 'int'"):
        assert "^ is no power in Python" in cause(f"sigmoid raised TypeError: {refused}", ())


def test_two_mistakes_are_numbered():
    """Neither of two mistakes that were made at once is said to be all that is wrong."""
    assert headed([("A", "a")]) == [("What is wrong: A", "a")]
    assert headed([("A", "a"), ("B", "b")]) == [("What is wrong, 1 of 2: A", "a"), ("What is wrong, 2 of 2: B", "b")]


@pytest.mark.parametrize(("shapes", "told"), [("(5,3) (5,)", True), ("(5,) (5,3)", True), ("(5,3) (4,)", False)])
def test_one_number_per_row_is_asked_for_as_a_column(shapes, told):
    """Where a table meets as many numbers as it has rows, the column that they need is shown."""
    said = cause(f"dC_dw raised ValueError: operands could not be broadcast together with shapes {shapes}", ())
    assert ("v[:, None], they have the shape (5,1)" in said) is told
