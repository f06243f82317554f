"""Answers that do not look at their input: no law earns them anything, and laws still earn what they did for others."""

import pytest

from autograder.certify.blind import BLIND_SHARE, Task, expressions, judge_blind
from autograder.certify.local import Local
from autograder.diagnosis.exercise import exercises
from autograder.grading.assignment import find, names
from autograder.grading.blind import why_blind
from autograder.grading.student import Student
from autograder.judge.judge import DEFAULT_SEED

NEURON = find("neuron")
EXERCISES = [(name, exercise) for name in names() for exercise in find(name).exercises]


def passed(exercise, body):
    """Return the criteria that a function passes, by what it returns."""
    parameters = ", ".join(exercises(NEURON)[exercise].parameters)
    found = Local(NEURON, exercise, f"def {exercise}({parameters}):\n    return {body}\n").finding(DEFAULT_SEED)
    criteria = {"cost": "shape twice order", "dC_dw": "shape twice order", "dC_db": "shape twice", "sigmoid": "shape"}
    return [one for one in criteria[exercise].split() if one not in {*found.failed, *found.skipped}]


@pytest.mark.parametrize(
    ("exercise", "body"),
    [
        ("sigmoid", "z"),
        ("sigmoid", "1.0 * z + 1e-12"),
        ("cost", "1.0"),
        ("cost", "np.mean(X)"),
        ("cost", "np.random.random()"),
        ("dC_dw", "w"),
        ("dC_dw", "np.max(X, axis=0)"),
        ("dC_db", "b"),
        ("dC_db", "-np.mean(y)"),
    ],
)
def test_no_law_is_earned_by_a_blind_answer(exercise, body):
    """Constants, arguments handed back and functions of one argument alone pass no shape, twice or order."""
    assert passed(exercise, body) == []


@pytest.mark.parametrize(
    ("exercise", "body", "laws"),
    [
        ("sigmoid", "-z", ["shape"]),
        ("cost", "np.mean(X @ w)", ["shape", "twice", "order"]),
        ("dC_dw", "X.T @ y / len(y)", ["shape", "twice", "order"]),
        ("dC_db", "np.mean(sigmoid(X @ w))", ["shape", "twice"]),
    ],
)
def test_a_wrong_answer_that_looks_keeps_its_laws(exercise, body, laws):
    """What depends on two arguments, or on the only one, is no blind answer, however wrong it is."""
    assert passed(exercise, body) == laws


@pytest.mark.parametrize(
    ("exercise", "body"),
    [("sigmoid", "1.0 * (np.asarray(z) >= 0)"), ("dC_db", "np.sign(np.mean(sigmoid(X @ w + b) - y))")],
)
def test_no_seed_makes_a_rounded_answer_blind(exercise, body):
    """An answer that changes seldom loses no law by chance, whatever the hidden inputs are."""
    parameters = ", ".join(exercises(NEURON)[exercise].parameters)
    function = Local(NEURON, exercise, f"def {exercise}({parameters}):\n    return {body}\n")
    assert {why_blind(Student(function), seed, exercises(NEURON)[exercise]) for seed in range(20)} == {""}


@pytest.mark.parametrize(("body", "words"), [("np.log(X @ w - 9e9)[0]", "gives nan"), ("1.0", "gives the same answer")])
def test_nan_is_not_called_the_same_answer(body, words):
    """Who returns nan is told that, and not that the answer does not depend on the input."""
    own = Local(NEURON, "cost", f"def cost(w, b, X, y):\n    return {body}\n")
    assert words in why_blind(Student(own), DEFAULT_SEED, own.exercise)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "exercise"), EXERCISES)
def test_blind_programs_earn_at_most_a_tenth(name, exercise):
    """One in thirty of the certificate's blind programs earns no more than a tenth; certifying judges all of them."""
    some = tuple(expressions(exercises(find(name))[exercise].parameters)[::30])
    task: Task = (find(name), exercise, some, DEFAULT_SEED)
    assert [found.expression for found in judge_blind(task) if found.share > BLIND_SHARE] == []


def test_there_are_many_blind_programs_and_all_are_different():
    """Of a function of several arguments there are 200, each of which names at most one argument."""
    found = expressions(("w", "b", "X", "y"))
    assert len(set(found)) == len(found) == 200
    assert "z" in expressions(("z",))
    assert not [one for one in expressions(("z",)) if one.startswith(("np.sort", "-z", "np.mean"))]
