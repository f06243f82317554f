"""Numbers, arrays and names as a student reads them: six digits at most, true minus signs, words where not finite.

Values come as `counterexample.plain` leaves them: bool, int, float, text, and lists and dicts of these.
"""

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograder.grading import generators

DIGITS = 6
_MAX_DIGITS = 12  # `plain` rounds to as many
_WHOLE = 10**DIGITS
_POINT_SPACE, _DIGIT_SPACE = "\u2008", "\u2007"
BLANKS = str.maketrans(_POINT_SPACE + _DIGIT_SPACE, "  ")  # where all characters are equally wide
_WORDS = {"inf": "infinite", "-inf": "minus infinite", "nan": "not a number (nan)"}


_MATMUL = re.compile(
    r"matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature \S+ "
    r"\(size (\d+) is different from (\d+)\)"
)
_FEW_AXES = re.compile(
    r"matmul: Input operand (\d) does not have enough dimensions \(has 0, gufunc core with signature \S+ requires 1\)"
)


def error_text(message: str) -> str:
    """Return an error's text in words of this course, where NumPy's are those of its inside."""
    message = _MATMUL.sub(r"matmul (@): the left array has \2 columns, and the right one has \1 rows", message)
    return _FEW_AXES.sub(lambda found: f"matmul (@): the {_SIDES[int(found[1])]} of @ is a plain number", message)


_SIDES = ("left side", "right side")


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence lists them: one; one and another; one, another and a third."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def rounded(value: float, digits: int) -> float | str:
    """Return a number for JSON, in so many significant digits; what is not finite by its name."""
    if not math.isfinite(value):
        return str(value)
    short = float(f"{value:.{digits}g}")
    return short if math.isfinite(short) else value  # rounded up, the largest numbers would be infinite


def number(value: Any, digits: int = DIGITS) -> str:
    """Return a number as text; a text that stands for one that is not finite in words, any other as it is."""
    if isinstance(value, str):
        return _WORDS.get(value, value)
    if isinstance(value, bool | np.bool_) or value is None:
        return str(value)
    if isinstance(value, int) and abs(value) < _WHOLE:
        return _signed(str(value))
    if not math.isfinite(value):
        return _WORDS[str(float(value))]
    mantissa, _, exponent = f"{float(value):.{digits}g}".partition("e")
    text = f"{mantissa}e{int(exponent)}" if exponent else mantissa
    return "0" if text == "-0" else _signed(text)


def _signed(text: str) -> str:
    return text.replace("-", "−")


def values(value: Any, digits: int = DIGITS) -> str:
    """Return a number or an array on one line: [1, 2] for one row, and for more of them each row in brackets."""
    if isinstance(value, dict):
        return f"{{{', '.join(_entries(value, digits))}}}"
    if not isinstance(value, list):
        return number(value, digits)
    return f"[{', '.join(values(item, digits) for item in value)}]"


def _entries(value: dict[str, Any], digits: int = DIGITS) -> list[str]:
    return [f"{key!r}: {values(item, digits)}" for key, item in value.items()]


def rows(value: Any) -> list[str]:
    """Return an array of two axes one row per line, a dict one entry per line, anything else on one line."""
    if isinstance(value, dict) and value:
        return _entries(value)
    if isinstance(value, list) and value and all(isinstance(row, list) for row in value):
        first, last = 0, len(value) - 1
        return [
            ("[" if place == first else " ") + values(row) + ("]" if place == last else ",")
            for place, row in enumerate(value)
        ]
    return [values(value)]


def shape(value: Any) -> tuple[int, ...]:
    """Return the shape of a number or a nested list."""
    found: list[int] = []
    while isinstance(value, list):
        found.append(len(value))
        value = value[0] if value else None
    return tuple(found)


def even(value: Any) -> bool:
    """Say whether a value is a number, or an array whose rows are equally long; a text or a dict is neither."""
    if not isinstance(value, list):
        return not isinstance(value, str | dict)
    kinds = {shape(item) for item in value}
    return len(kinds) <= 1 and all(isinstance(item, str) or even(item) for item in value)


def code(value: Any, simple: Callable[[Any], str] = repr) -> str:
    """Return an argument, as a function gets it, as it is written in Python.

    Args:
        value: the argument.
        simple: writes what is no array and no container.

    Raises:
        ValueError: it is a generator, and no seed makes it as it is.
    """
    if isinstance(value, np.random.Generator):
        return generators.code(value)
    if isinstance(value, np.ndarray):
        return f"np.array({value.tolist()!r})"
    if isinstance(value, np.generic):
        return simple(value.item())
    if isinstance(value, dict):
        return "{" + ", ".join(f"{simple(key)}: {code(item, simple)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        inside = ", ".join(code(item, simple) for item in value)
        return f"[{inside}]" if isinstance(value, list) else f"({inside}{',' if len(value) == 1 else ''})"
    return simple(value)


def aligned(numbers: list[Any]) -> list[str]:
    """Return numbers that stand below each other, right-aligned, with their points below each other.

    The first is right and the last is what came: where they differ only further behind, all get as many digits as show
    it. What is no number stays as it is.
    """
    digits = next((d for d in range(DIGITS, _MAX_DIGITS) if _told_apart(numbers, d)), _MAX_DIGITS)
    texts = [number(value, digits) for value in numbers]
    widest = max(len(_tail(text)) for text in texts)
    return [text + _blank(widest, _tail(text)) if _plain(text) else text for text in texts]


def _told_apart(numbers: list[Any], digits: int) -> bool:
    right, came = numbers[0], numbers[-1]
    return number(right, digits) != number(came, digits) or bool(right == came)


def _plain(text: str) -> bool:
    return text.lstrip("−").replace(".", "").isdecimal()


def _tail(text: str) -> str:
    """Return what stands behind the point of a number without an exponent, with the point."""
    return "." + text.partition(".")[2] if _plain(text) and "." in text else ""


def _blank(width: int, tail: str) -> str:
    """Return spaces as wide as a point and digits."""
    missing = width - len(tail)
    point = _POINT_SPACE if missing and not tail else ""
    return point + _DIGIT_SPACE * (missing - len(point))
