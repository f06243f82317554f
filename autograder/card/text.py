"""The feedback card as plain text, for a terminal: what the HTML says, in the same order."""

import textwrap
from collections.abc import Iterable

from autograder.card.content import (
    BESIDE,
    BY_HAND,
    ICONS,
    TRY,
    WORDS,
    Card,
    Comparison,
    Example,
    Line,
    headed,
    passed_text,
    rendered,
)
from autograder.grading.notation import BLANKS
from autograder.grading.results import ExerciseResult

WIDTH = 80
_STEP = 30  # columns before the value of a step, and before an answer
_LABEL = 28  # columns before what was checked


def text(result: ExerciseResult) -> list[str]:
    """Return the card as lines of at most `WIDTH` characters."""
    return rendered(_text, result)


def _text(card: Card) -> list[str]:
    parts = [
        _head(card),
        *(_mistake(heading, hint) for heading, hint in headed(card.mistakes)),
        _filled(card.told),
        [] if card.example is None else _example(card.example),
        *(_filled(f"Picture: {picture.alt}") for picture in card.pictures),
        [line for entry in (*card.open_lines, *_passed(card)) for line in _criterion(entry)],
    ]
    return [line for part in parts for line in part]


def _filled(text: str, indent: str = "  ", more: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent + more, break_on_hyphens=False)


def _head(card: Card) -> list[str]:
    mark = f"{ICONS[card.verdict]} {WORDS[card.verdict]}"
    title = f"{card.exercise}: {card.points}, {mark}"
    return [title, *_filled(card.stand_in)]


def _mistake(heading: str, hint: str) -> list[str]:
    return [*_filled(heading), *_filled(hint, "    ")]


def _example(example: Example) -> list[str]:
    lines = [f"  {BY_HAND}"]
    for name, values in example.steps:
        lines += _pair(name, values)
    return [*lines, *_comparison(example.comparison), *_call(example.call)]


def _call(call: str) -> list[str]:
    """Return the code to try, as it is where it has several lines: broken elsewhere it would not run."""
    if "\n" in call:
        return [f"  {TRY}", *textwrap.indent(call, "    ").splitlines()]
    return _filled(f"{TRY} {call}", more="  ") if call else []


def _pair(name: str, values: Iterable[str]) -> list[str]:
    """Return a step: its notation, and its value beside it or, where that is too long, below."""
    head, shown = f"    {name}", list(values)
    lines = [] if len(head) < _STEP else [head]
    for number, value in enumerate(shown):
        start = head if number == 0 and not lines else ""
        lines += textwrap.wrap(value, WIDTH, initial_indent=f"{start:<{_STEP}}", subsequent_indent=" " * (_STEP + 1))
    return lines


def _comparison(comparison: Comparison) -> list[str]:
    titles = ["", *(title for title, _ in comparison.rows)]
    table = [comparison.columns, *(cells for _, cells in comparison.rows)]
    full = [cells for cells in table if len(cells) == len(comparison.columns)]
    widths = [max(map(len, column)) for column in zip(*full, strict=True)]
    if _STEP + sum(width + 2 for width in widths) > WIDTH:
        what = comparison.columns[0].rpartition(", number ")[0] or comparison.columns[0]
        return [f"  {BESIDE}: {what}", *(line for t, c in comparison.rows for line in _pair(t, c))]
    lines = [f"  {BESIDE}"]
    for title, cells in zip(titles, table, strict=True):
        if len(cells) == len(widths):
            shown = "  ".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
            lines.append(f"{'    ' + title:<{_STEP}}{shown.translate(BLANKS)}".rstrip())
        else:
            lines += _pair(title, cells)
    return lines


def _passed(card: Card) -> tuple[Line, ...]:
    """Return what passed: each by itself where no mistake has a name, for then it may tell; else all in one line."""
    lines = card.passed_lines
    if card.verdict == "pass" or not lines:
        return ()
    if not card.mistakes:
        return lines
    earned = sum(float(line.points.partition("/")[0]) for line in lines)
    return (Line("pass", f"{earned:g}/{earned:g}", f"{passed_text(len(lines))}.", ""),)


def _criterion(line: Line) -> list[str]:
    mark = f"{ICONS[line.verdict]} {WORDS[line.verdict]}"
    indent = " " * _LABEL
    label = textwrap.wrap(line.label, WIDTH - _LABEL)
    lines = [f"  {mark:<15}{line.points:>9}  {label[0] if label else ''}", *(indent + more for more in label[1:])]
    return lines + textwrap.wrap(line.message, WIDTH, initial_indent=indent, subsequent_indent=indent)
