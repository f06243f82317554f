"""PrairieLearn's `results.json`: one test per exercise, whose message is the card as text, with its pictures.

Where anything is held back, `gradable` is false and there is no score: that costs no points and no attempt.
"""

import textwrap
from dataclasses import replace
from typing import Any

from autograder.card import text
from autograder.card.content import WORDS, content
from autograder.grading.results import ExerciseResult
from autograder.platforms.results.checked import LIMIT, Checked, cut, dump

_TEXT = 50_000  # characters of one card's text
_LEFT_OUT = "A picture was left out here: with it the result would be larger than PrairieLearn takes. In words:"


def result(checked: Checked) -> dict[str, Any]:
    """Return the result of one file as the object that PrairieLearn reads."""
    return _fitted(_held(checked) if checked.held else _marked(checked))


def _marked(checked: Checked) -> dict[str, Any]:
    data = checked.judgement.to_json(checked.name)
    points, most = data["points"], data["max_points"]
    return {
        "gradable": True,
        "score": min(max(points / most, 0.0), 1.0) if most else 0.0,
        "message": f"{points:g} of {most:g} points\n{checked.events}".rstrip(),
        "tests": [_test(one) for one in checked.judgement.exercises],
    }


def _held(checked: Checked) -> dict[str, Any]:
    lines = [line for one in checked.judgement.exercises for line in ("", *text.text(one))]
    message = {"message": cut("\n".join(lines[1:]), _TEXT)} if lines else {}
    return {"gradable": False, "format_errors": [checked.held], **message, "tests": []}


def _test(one: ExerciseResult) -> dict[str, Any]:
    card = content(one)
    pictures = [{"label": picture.alt, "url": picture.uri} for picture in card.pictures if picture.uri]
    in_words = tuple(picture for picture in card.pictures if not picture.uri)
    shown = replace(one, evidence=replace(one.evidence, pictures=in_words))  # the others say the same beside themselves
    return {
        "name": one.exercise,
        "description": "; ".join(title for title, _ in card.mistakes) or WORDS[card.verdict],
        "points": one.points,
        "max_points": one.max_points,
        "message": cut("\n".join(text.text(shown)), _TEXT),
        "images": pictures,
    }


def _fitted(data: dict[str, Any]) -> dict[str, Any]:
    """Leave out the largest pictures, then cut the longest messages, until the whole is small enough."""
    while len(dump(data).encode()) > LIMIT:
        with_pictures = [one for one in data["tests"] if one["images"]]
        if with_pictures:
            largest = max(with_pictures, key=lambda one: sum(len(image["url"]) for image in one["images"]))
            words = textwrap.wrap(" ".join(image["label"] for image in largest["images"]), text.WIDTH)
            largest["message"] = "\n".join([largest["message"], "", _LEFT_OUT, *words])
            largest["images"] = []
        else:
            longest = max((data, *data["tests"]), key=lambda one: len(one.get("message", "")))
            longest["message"] = cut(longest["message"], len(longest["message"]) // 2)
    return data
