"""Verdicts of two trials: which one counts."""

import pytest

from autograder.grading.results import CriterionResult, better, exercise_result, stood_in

SAID = "passes with a correct sigmoid in place of yours"


def result(*verdicts):
    """Return an exercise with a criterion of one point for each verdict."""
    worth = {"pass": 1.0, "error": None}
    criteria = [
        CriterionResult(f"c{number}", "It.", verdict, worth.get(verdict, 0.0), 1.0, f"said {verdict}")
        for number, verdict in enumerate(verdicts)
    ]
    return exercise_result("cost", criteria)


@pytest.mark.parametrize(
    ("first", "second", "best"),
    [
        (("fail", "skip"), ("pass", "pass"), ("pass", "pass")),
        (("fail", "skip"), ("pass", "fail"), ("pass", "fail")),
        (("fail", "pass"), ("pass", "fail"), ("pass", "pass")),
        (("fail", "pass"), ("fail", "fail"), ("fail", "pass")),
        (("fail", "skip"), ("fail", "skip"), ("fail", "skip")),
        (("error", "fail"), ("error", "pass"), ("error", "pass")),
        (("fail", "fail"), ("pass", "error"), ("pass", "error")),
    ],
)
def test_the_better_verdict_counts(first, second, best):
    """Of each criterion the better verdict counts; what was judged only in one trial counts as there."""
    found = better(result(*first), result(*second), ("sigmoid",))
    assert tuple(entry.verdict for entry in found.criteria) == best
    assert found.points == result(*best).points
    gained = [entry for entry, one in zip(found.criteria, first, strict=True) if one != "pass" == entry.verdict]
    assert {entry.message for entry in gained} <= {SAID}


def test_a_trial_that_is_nowhere_better_is_not_taken():
    """Where the second trial gains nothing the first itself is returned, with its own words."""
    first = result("fail", "pass", "skip")
    assert better(first, result("fail", "pass", "fail"), ("sigmoid",)) is first


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("sigmoid",), "a correct sigmoid"),
        (("feedforward", "cost"), "correct versions of feedforward and cost"),
        (("feedforward", "cost", "output_error"), "correct versions of feedforward, cost and output_error"),
    ],
)
def test_what_stood_in_is_listed_as_in_a_sentence(names, said):
    """One function stands in as `a correct one`; several are listed with commas and a single `and`."""
    assert stood_in(names) == said
