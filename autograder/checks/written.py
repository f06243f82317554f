"""Values as they are written in a cell: in one line where they fit, else an item per line."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.grading.notation import code
from autograder.grading.parts import is_container

WIDTH = 120
_BRACKETS = {dict: "{}", list: "[]", tuple: "()"}


@dataclass(frozen=True)
class Raw:
    """A piece of Python that is written as it is."""

    text: str


def answer(value: Any, digits: int) -> Any:
    """Return an answer as plain lists of rounded numbers; several arrays in a list are a tuple, as `parts` wants it."""
    if isinstance(value, dict):
        return {key: answer(item, digits) for key, item in value.items()}
    if is_container(value):
        return tuple(answer(item, digits) for item in value)
    return _rounded(np.asarray(value).tolist(), digits)


def _rounded(value: Any, digits: int) -> Any:
    if isinstance(value, list):
        return [_rounded(item, digits) for item in value]
    return float(f"{float(value):.{digits}g}") + 0.0  # −0 becomes 0


def written(value: Any, before: str = "", after: str = "") -> str:
    """Return a value as Python, with what stands before and after it on its line.

    Args:
        value: numbers, text, arrays, or lists, tuples and dicts of these.
        before: on the same line; items of a value that does not fit are set four further in.
        after: on the last line.
    """
    line = f"{before}{code(value, _simple)}{after}"
    if len(line) <= WIDTH or not isinstance(value, dict | list | tuple):
        return line + "\n"
    indent = " " * (len(before) - len(before.lstrip()) + 4)
    items = value.items() if isinstance(value, dict) else ((None, item) for item in value)
    keys = isinstance(value, dict)
    inside = "".join(written(item, f"{indent}{_simple(key)}: " if keys else indent, ",") for key, item in items)
    brackets = _BRACKETS[type(value)]
    return f"{before}{brackets[0]}\n{inside}{indent[4:]}{brackets[1]}{after}\n"


def _simple(value: Any) -> str:
    """Return a number, or a text in double quotes."""
    if isinstance(value, Raw):
        return value.text
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
