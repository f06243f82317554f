"""Numbers and arrays as a student reads them: at most six digits, a true minus sign, words for what is not finite.

Values come as `counterexample.plain` leaves them: bool, int, float, text, and lists of these.
"""

import math
from typing import Any

import numpy as np

DIGITS = 6
_MAX_DIGITS = 12  # `plain` rounds to as many
_WHOLE = 10**DIGITS
_WORDS = {"inf": "infinite", "-inf": "minus infinite", "nan": "not a number (nan)"}


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
    """Return a number or an array on one line: (1, 2) for one row, and for more of them each row in brackets."""
    if not isinstance(value, list):
        return number(value, digits)
    if not value:
        return "()"
    return f"({', '.join(values(item, digits) for item in value)})"


def rows(value: Any) -> list[str]:
    """Return an array of two axes a row at a time, anything else on one line."""
    if isinstance(value, list) and value and all(isinstance(row, list) for row in value):
        return [values(row) for row in value]
    return [values(value)]


def shape(value: Any) -> tuple[int, ...]:
    """Return the shape of a number or a nested list."""
    found: list[int] = []
    while isinstance(value, list):
        found.append(len(value))
        value = value[0] if value else None
    return tuple(found)


def code(value: Any) -> str:
    """Return an argument as it is written in Python."""
    return f"np.array({value!r})" if isinstance(value, list) else repr(value)


def aligned(numbers: list[Any]) -> list[str]:
    """Return numbers that stand below each other with equally many decimals, where six digits are enough for that.

    The first is right and the last is what came: where they differ only further behind, all get as many digits as show
    it.
    """
    digits = next((d for d in range(DIGITS, _MAX_DIGITS) if _told_apart(numbers, d)), _MAX_DIGITS)
    finite = [value for value in numbers if _is_number(value)]
    sizes = [abs(value) for value in finite if value != 0]
    if not sizes:
        return [number(value, digits) for value in numbers]
    at_most = digits - 1 - math.floor(math.log10(max(sizes)))
    if not 0 <= at_most <= digits + 2 or min(sizes) < 10.0 ** (2 - at_most):
        return [number(value, digits) for value in numbers]
    decimals = max(_decimals(value, at_most) for value in finite)
    return [_fixed(value, decimals) if _is_number(value) else number(value, digits) for value in numbers]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _told_apart(numbers: list[Any], digits: int) -> bool:
    right, came = numbers[0], numbers[-1]
    return number(right, digits) != number(came, digits) or bool(right == came)


def _fixed(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}"
    return _signed(text if float(text) else text.removeprefix("-"))


def _decimals(value: float, at_most: int) -> int:
    """Return how many decimals a number needs."""
    return len(f"{value:.{at_most}f}".partition(".")[2].rstrip("0"))
