"""The code of a notebook's set-up cell, below its numbers: students read and run it, so it needs NumPy alone.

It uses no name that `from numpy import *` in a cell below would replace, such as `all`, `bool` or `copy`.
"""

import os
from copy import deepcopy
from typing import Any

import numpy as np
from IPython.display import display

# The cell has its own above.
WORKED: dict[str, dict[str, Any]] = {}
CHECKS: list[tuple[Any, ...]] = []
USUAL: dict[str, dict[str, Any]] = {}
PARTS: dict[str, tuple[Any, ...]] = {}
# below: the text of the cell


@np.errstate(all="ignore")  # a warning costs no points
def check(exercise, function):
    """Call your function with small inputs, print what is expected and what you returned, and name usual mistakes."""
    __tracebackhide__ = True
    if os.environ.get("NBGRADER_EXECUTION") == "autograde" and "AUTOGRADER" not in os.environ:
        display({"text/plain": {"NOT GRADED": NOT_GRADED}}, raw=True)  # this is no output: nbgrader stops, and shows it
        raise RuntimeError(NOT_GRADED)
    for _, values, by_hand, expected, points in (row for row in CHECKS if row[0] == exercise):
        given = values if isinstance(values, dict) else dict(zip(WORKED[exercise], values, strict=True))
        print(exercise, "for", ", ".join(f"{name} = {plain(value)}" for name, value in given.items()))
        print((f"  on the way    {by_hand}\n" if by_hand else "") + f"  expected      {plain(expected)}")
        try:
            wrong = what_is_wrong(exercise, function, given, expected)
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            wrong = next((cause for word, cause in CAUSES.items() if word in said), said)
            print(f"  {wrong}")
            if not points:
                raise
        assert points or not wrong, wrong
        print(f"  Not right, but no more than {points} of the points hang on it." if wrong else "  Right.")
    return True


NOT_GRADED = "nbgrader_config.py does not call configure(c), so no hidden grader would run: see 'autograder init'"
CAUSES = {  # by a word in an error
    "NotImplemented": "Not written yet: this function, or one that it calls.",
    "scalar": "A function that takes one number, such as math.exp, got a whole array; np.exp takes both.",
    "ambiguous": "An if takes one truth value, but an array holds many. np.where chooses for each number.",
    **dict.fromkeys(
        ("core dim", "aligned", "broadcast"),
        "The shapes of two arrays in a line do not fit. Print their shapes, and compare them with the task.",
    ),
    "list index out": "A list is shorter than an index says: is an item missing in it, or does a loop go one too far?",
    "of bounds": "An index is too large: does a loop go over the other axis, or one too far?",
}


def what_is_wrong(exercise, function, given, expected):
    """Call a function and return in one line what is wrong with its answer, or nothing."""
    arguments = deepcopy(given)
    yours, right = parts(function(*arguments.values()), expected), parts(expected, expected)
    print("  you returned ", *map(plain, yours.values()))
    for name in given:
        if plain(given[name]) != plain(arguments[name]):
            return f"Your function has changed its argument {name}. Leave it as it is, and build a new array."
    for title, answers in USUAL.items() if given is WORKED.get(exercise) else ():
        if exercise in answers and False not in map(same, yours.values(), parts(answers[exercise], expected).values()):
            return f"{title}."
    wrong = ((place, difference(yours[place], right[place])) for place in right)
    return next((f"{named(exercise, place)}: {what}." for place, what in wrong if what), "")


def named(exercise, place):
    """Return what a part of an answer is called: ∂C/∂W, layer 1."""
    names, first, each = PARTS.get(exercise, ((), 1, "item"))
    numbered = [f"{each} {key + first}" if isinstance(key, int) else key for key in place]
    words = [names[place[0]], *numbered[1:]] if names else numbered
    return ", ".join(words) or exercise


def difference(got, right):
    """Return how an array differs from the right one, or nothing."""
    if got.shape != right.shape and not got.size == right.size == 1:
        return f"expected shape {right.shape}, got shape {got.shape}".replace("shape ()", "a single number")
    if same(got, right):
        return ""
    if not np.all(np.isfinite(got)):
        return "no number; is a return missing, or was a logarithm taken of 0, or something divided by 0"
    ratio = np.sum(got * right) / np.sum(right * right)
    if same(got, right, 0.01) or not same(got, ratio * right) or not round(2 * ratio, 4).is_integer():
        return "close, but not equal" if same(got, right, 0.01) else "the numbers differ; work it by hand"
    return f"{ratio:.4g} times what it should be"


def parts(value, like, place=()):
    """Return the arrays that an answer consists of, by their places; for a tuple, a list will do."""
    like = dict(enumerate(like)) if isinstance(like, tuple) else like
    if not isinstance(like, dict):
        return {place: np.asarray(np.real_if_close(value), dtype=float)}
    if isinstance(value, (list, tuple)) and len(value) != len(like):
        raise ValueError(f"expected a list of {len(like)}, got a list of {len(value)}")
    return {at: one for key in like for at, one in parts(value[key], like[key], (*place, key)).items()}


def same(one, other, share=2e-5):
    """Say whether two arrays hold the same numbers, up to a share of the largest; their shapes may differ."""
    return one.size == other.size and np.allclose(one.ravel(), other.ravel(), 0, 2e-9 + share * np.max(np.abs(other)))


def plain(value):
    """Return an input or an answer as lists of numbers with a few digits."""
    value = list(value.values()) if isinstance(value, dict) else value
    return [*map(plain, value)] if isinstance(value, (list, tuple)) else np.round(value, 6).tolist()
