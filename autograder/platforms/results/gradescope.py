"""Gradescope's `results.json`: one test per exercise, whose output is the card.

Where anything is held back there is no score at all and no test: Gradescope adds up scores, and one that is missing
would be a point lost. What is known is told all the same.
"""

from typing import Any, Literal

from autograder import __version__
from autograder.card import html, text
from autograder.grading.results import ExerciseResult
from autograder.platforms.results.checked import LIMIT, Checked, cut, dump

Visibility = Literal["visible", "after_due_date", "after_published", "hidden"]

_CARD = 150_000  # characters of one card's HTML; a usual one has ten thousand
_TEXT = 50_000  # characters of the text that takes its place


def result(checked: Checked, visibility: Visibility = "visible") -> dict[str, Any]:
    """Return the result of one file as the object that Gradescope reads.

    Args:
        checked: the file.
        visibility: when students see it.
    """
    shown = _held(checked) if checked.held else _marked(checked)
    data = {
        "execution_time": round(checked.seconds, 1),
        "visibility": visibility,
        "stdout_visibility": "hidden",  # it is for the instructor
        **shown,
        "extra_data": _extra(checked),
    }
    return _fitted(data)


def _marked(checked: Checked) -> dict[str, Any]:
    exercises = checked.judgement.exercises
    data = checked.judgement.to_json(checked.name)
    tests = [_test(number, one) for number, one in enumerate(exercises, 1)]
    told = {"output": checked.events, "output_format": "text"} if checked.events else {}
    return {"score": data["points"], **told, "tests": tests}


def _held(checked: Checked) -> dict[str, Any]:
    cards = [html.html(one) for one in checked.judgement.exercises]
    if not cards:
        return {"output": checked.held, "output_format": "text", "tests": []}
    return {"output": "".join([html.notice(checked.held), *cards]), "output_format": "html", "tests": []}


def _test(number: int, one: ExerciseResult) -> dict[str, Any]:
    card = html.html(one)
    shown = ("html", card) if len(card) <= _CARD else ("text", cut("\n".join(text.text(one)), _TEXT))
    return {
        "name": one.exercise,
        "name_format": "text",
        "number": str(number),
        "score": one.points,
        "max_score": one.max_points,
        "status": "passed" if one.passed else "failed",
        "output": shown[1],
        "output_format": shown[0],
        "tags": sorted({entry["mistake"] for entry in one.mistakes}),
        "extra_data": {"criteria": {entry.criterion: entry.verdict for entry in one.criteria}},
    }


def _extra(checked: Checked) -> dict[str, Any]:
    """Return what is kept with the submission for scripts of the instructor's."""
    data = checked.judgement.to_json(checked.name)
    kept = ("assignment", "outcome", "points", "max_points", "wall")
    return {"nbgrader-autograder": {"version": __version__, **{name: data.get(name) for name in kept}}}


def _fitted(data: dict[str, Any]) -> dict[str, Any]:
    """Cut the longest outputs until the whole is small enough."""
    holders = [one for one in (data, *data["tests"]) if "output" in one]
    while len(dump(data).encode()) > LIMIT:
        longest = max(holders, key=lambda one: len(one["output"]))
        longest["output"], longest["output_format"] = cut(longest["output"], len(longest["output"]) // 2), "text"
    return data
