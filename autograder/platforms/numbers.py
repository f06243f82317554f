"""Points as numbers in a cell, read and written; some files have a decimal comma."""

import re
from collections.abc import Iterable

_DIGITS = 5  # Moodle keeps as many; Canvas shows two
_COMMA = re.compile(r"\d+,\d+")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")


def has_commas(cells: Iterable[str]) -> bool:
    """Say whether numbers in these cells have a decimal comma."""
    return any(_COMMA.fullmatch(text.strip()) for text in cells)


def number(text: str) -> float | None:
    """Return the number that a cell holds, or None."""
    found = _NUMBER.fullmatch(text.strip())
    return None if found is None else float(found.group().replace(",", "."))


def written(points: float, *, comma: bool = False) -> str:
    """Return points as a cell holds them, with a decimal point or comma."""
    text = f"{points:.{_DIGITS}f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if comma else text
