"""What a student is told of a wrong answer: names from evidence, counterexamples, remarks, and no double jeopardy."""

import json
import textwrap

import numpy as np
import pytest

from autograder.certify.solutions import solution
from autograder.diagnosis.catalogue import CatalogueError, mistakes
from autograder.diagnosis.exercise import exercises
from autograder.diagnosis.naming import diagnosis_for, wrong_function
from autograder.diagnosis.signature import Signature, of_function
from autograder.grading.assignment import find
from autograder.judge.judge import Job, judge_notebooks
from autograder.judge.notebook import from_script

ASSIGNMENT = find("neuron")
JOB = Job("neuron", run_checks=False, pictures="none", preload=False)


def judged(**changed):
    """Judge a solution with some functions of its own; return its exercises by name."""
    source = solution(ASSIGNMENT, {name: textwrap.dedent(text) for name, text in changed.items()})
    judgement = judge_notebooks({"neuron": from_script(source, ASSIGNMENT.exercises)}, JOB, ASSIGNMENT)
    assert judgement.outcome == "graded"
    return {result.exercise: result for result in judgement.exercises}


def named(result):
    """Return the ids of what was named."""
    return [mistake["mistake"] for mistake in result.mistakes]


def message(result):
    """Return what is said of the first criterion that failed."""
    return next(entry.message for entry in result.criteria if entry.verdict == "fail")


def gradient(expression):
    """Return a gradient with another last line."""
    return f"def dC_dw(w, b, X, y):\n    a = sigmoid(X @ w + b)\n    return {expression}\n"


@pytest.mark.slow
def test_two_mistakes_at_different_places_are_named_together():
    """A gradient that is turned round and not averaged has both names."""
    assert sorted(named(judged(dC_dw=gradient("(y - a) @ X"))["dC_dw"])) == ["dw-no-mean", "dw-sign"]


@pytest.mark.slow
def test_a_mistake_only_nearly_made_has_no_name():
    """A sum over the entries that is off by a thousandth on some inputs is not the missing mean."""
    assert named(judged(dC_dw=gradient("X.T @ (a - y) * (1 + 1e-3 * (len(y) > 6))"))["dC_dw"]) == []


@pytest.mark.slow
def test_a_name_has_to_hold_on_fresh_inputs():
    """Answers that are a catalogued mistake's on the probe inputs alone are not named."""
    known = sorted({len(arguments[3]) for arguments in exercises(ASSIGNMENT)["dC_dw"].probes["plain"]})
    source = f"X.T @ (a - y) if len(y) in {known} else X.T @ (a - y) / 2"
    assert named(judged(dC_dw=gradient(source))["dC_dw"]) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("X.T @ (a - y) * 3 / len(y)", "Every number is 3 times what it should be."),
        ("-X.T @ (a - y) / len(y) ** 2 * len(w)", "Every number is"),
        ("X.T @ (a - y) / len(y) + np.random.rand()", "The same call gives another answer the second time."),
        ("X.T @ (a - y) + (globals().update(o=globals().get('n'), n=X.shape), X.shape == o)[1]", "The same call gives"),
        ("X.T @ (a - y) / len(y) * np.nan", "For ordinary inputs you return nan"),
    ],
)
def test_an_unknown_mistake_is_told_in_numbers(expression, said):
    """Ratios, changing answers and numbers that are none are said; no name is invented."""
    result = judged(dC_dw=gradient(expression))["dC_dw"]
    assert (said in message(result), named(result)) == (said != "Every number is", [])


@pytest.mark.slow
def test_a_gradient_that_fits_ones_own_wrong_cost_is_told_so():
    """Where cost and gradient share a mistake the card says that they agree; it earns nothing."""
    cost = "def cost(w, b, X, y):\n    return np.mean((X @ w + b - y) ** 2)\n"
    by_w = "def dC_dw(w, b, X, y):\n    return 2 * X.T @ (X @ w + b - y) / len(y)\n"
    result = judged(cost=cost, dC_dw=by_w)["dC_dw"]
    assert "It is the slope of your own cost" in message(result)
    assert {entry.criterion: entry.verdict for entry in result.criteria}["value"] == "fail"


@pytest.mark.slow
def test_a_wrong_sigmoid_costs_the_other_exercises_nothing():
    """What fails with one's own sigmoid alone passes with a right one in its place, and says so."""
    results = judged(
        sigmoid="def sigmoid(z):\n    return 1 / (1 + np.exp(z))\n", dC_dw=gradient("X.T @ (a - y) / len(y)")
    )
    assert results["sigmoid"].points < results["sigmoid"].max_points
    assert [results[name].points for name in ("cost", "dC_dw", "dC_db")] == [6.0, 7.0, 3.0]
    assert "passes with a correct sigmoid in place of yours" in {entry.message for entry in results["dC_dw"].criteria}


@pytest.mark.slow
def test_a_mistake_is_named_behind_a_wrong_sigmoid():
    """A gradient that is wrong by itself is named although the sigmoid that it calls is wrong, too."""
    results = judged(sigmoid="def sigmoid(z):\n    return np.tanh(z)\n", dC_dw=gradient("X.T @ (a - y)"))
    assert named(results["dC_dw"]) == ["dw-no-mean"]
    assert results["dC_dw"].evidence.stand_ins == ("sigmoid",)


@pytest.mark.slow
def test_a_sigmoid_of_other_arguments_is_not_replaced_to_the_worse():
    """Who gives sigmoid another meaning and uses it rightly keeps the marks."""
    odd = "def sigmoid(z, b=0.0):\n    return 1 / (1 + np.exp(-(z + b)))\n"
    by_w = "def dC_dw(w, b, X, y):\n    return X.T @ (sigmoid(X @ w, b) - y) / len(y)\n"
    assert judged(sigmoid=odd, dC_dw=by_w)["dC_dw"].points == 7.0


@pytest.mark.slow
def test_the_counterexample_is_the_smallest_and_is_worked_by_hand():
    """It is the first small input that shows this mistake and no other; its steps lead to the expected number."""
    result = judged(cost="def cost(w, b, X, y):\n    return -np.mean(y * np.log(sigmoid(X @ w + b)))\n")["cost"]
    found = result.counterexample
    assert {key: found[key] for key in "wbXy"} == {"w": [1.0], "b": 1.0, "X": [[1.0]], "y": [0.25]}
    assert (round(found["expected"], 6), round(found["got"], 6)) == (1.626928, 0.031732)
    assert result.evidence.work[-1][1] == found["expected"]


@pytest.mark.slow
def test_an_error_in_a_helper_quotes_the_line_that_calls_it():
    """The line of the exercise's own function comes first, then the helper's, and the shapes of the arrays there."""
    helper = "def add_up(rows, errors):\n    return rows @ errors\n\n"
    result = judged(dC_dw=helper + gradient("add_up(X, a - y)"))["dC_dw"]
    said = message(result)
    assert "return add_up(X, a - y); there add_up stops at line" in said
    assert ": return rows @ errors; rows has shape (5, 3), errors has shape (5,))" in said
    assert "gufunc" not in said


@pytest.mark.slow
def test_a_counterexample_may_be_an_exception_or_no_number():
    """What was raised, returned or infinite is shown in words that JSON can hold."""
    raised = judged(cost="def cost(w, b, X, y):\n    raise KeyError('w')\n")["cost"]
    assert raised.counterexample["got"].startswith("raises KeyError")
    naive = judged(
        cost="def cost(w, b, X, y):\n    a = sigmoid(X @ w + b)\n"
        "    return -np.mean(y * np.log(a) + (1 - y) * np.log(1 - a))\n"
    )["cost"]
    assert (naive.counterexample["X"], naive.counterexample["got"]) == ([[40.0]], "inf")


def test_no_counterexample_holds_a_hidden_input():
    """All that a counterexample shows is on the public list."""
    for exercise in exercises(ASSIGNMENT).values():
        hidden = {
            json.dumps(np.asarray(value).tolist())
            for group in exercise.probes.values()
            for args in group
            for value in args
        }
        shown = [
            json.dumps(np.asarray(value).tolist()) for args in exercise.smallest for value in args if np.size(value) > 2
        ]
        assert not hidden.intersection(shown)


@pytest.mark.slow
def test_the_same_solution_twice_gives_the_same_bytes():
    """The JSON of two judgements of one solution is equal, byte by byte."""
    source = solution(ASSIGNMENT, {"dC_dw": gradient("X.T @ (y - a)"), "sigmoid": "def sigmoid(z):\n    return z\n"})
    content = from_script(source, ASSIGNMENT.exercises)
    first, second = (json.dumps(judge_notebooks({"neuron": content}, JOB, ASSIGNMENT).to_json("x")) for _ in range(2))
    assert first == second


def test_signatures_agree_but_for_rounding():
    """Shape, kind, changed arguments and numbers decide; a float32's rounding does not."""
    one = Signature("number", (2,), np.array([1.0, 2.0]))
    assert one.agrees(Signature("number", (2,), np.array([1.0, 2.0 + 1e-12])))
    assert not one.agrees(Signature("number", (2,), np.array([1.0, 2.0 + 1e-6])))
    assert one.agrees(Signature("number", (2,), np.array([1.0, 2.0 + 1e-6]), precision=2e-5))
    assert not one.agrees(Signature("number", (2, 1), np.array([1.0, 2.0])))
    assert not one.agrees(Signature("number", (2,), np.array([1.0, 2.0]), changed=(0,)))
    assert not one.agrees(Signature("None"))


def test_a_signature_knows_what_a_call_changed():
    """A function that writes into its argument is told from one that does not."""
    assert of_function(lambda x, y: np.negative(y, out=y), (np.ones(2), np.ones(2))).changed == (1,)
    assert of_function(lambda x, y: -x, (np.ones(2), np.ones(2))).changed == ()
    assert of_function(lambda x, y: np.negative(y, out=y), (np.ones(2), np.zeros(2))).changed == ()  # −0 is 0
    assert of_function(lambda pair: np.negative(pair[0], out=pair[0]), ((np.ones(2), 1.0),)).changed == (0,)


def test_a_wrong_function_warns_nobody(recwarn):
    """What NumPy says of a wrong formula, as of the mean of nothing, reaches no terminal."""
    assert of_function(np.mean, (np.empty(0),)).kind == "number"
    assert [str(one.message) for one in recwarn] == []


def test_an_entry_that_cannot_be_used_is_named(tmp_path):
    """A catalogue file with an unknown key is an error that says which file."""
    (tmp_path / "mistakes").mkdir()
    (tmp_path / "mistakes" / "bad.toml").write_text('[odd]\ntitle = "x"\nnonsense = 1\n')
    with pytest.raises(CatalogueError, match=r"bad\.toml: \[odd\]: unknown key nonsense"):
        mistakes(tmp_path)


@pytest.mark.parametrize("name", ASSIGNMENT.exercises)
def test_every_mistake_differs_from_the_right_answer_and_from_every_other(name):
    """On the probe inputs no catalogued mistake has the answers of another one, or none that are wrong."""
    exercise = exercises(ASSIGNMENT)[name]
    known = [mistake for mistake in mistakes(ASSIGNMENT.folder) if mistake.exercise == name and mistake.known]
    singles = diagnosis_for(ASSIGNMENT, name)._singles

    def fitting(*made):
        function = wrong_function(exercise, made) if made else exercise.text.right
        answers = {group: [of_function(function, args) for args in exercise.probes[group]] for group in exercise.probes}
        return [candidate.mistakes[0].id for candidate in singles.fitting(answers)]

    assert fitting() == []
    assert {mistake.id: fitting(mistake) for mistake in known} == {mistake.id: [mistake.id] for mistake in known}
