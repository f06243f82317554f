"""A short text for the platform's comment: the points, and what to mend. Nothing in it is a student's own text."""

import html
import re

from autograder.course.records.spreadsheets import harmless
from autograder.platforms.class_marks import ClassMarks, Earned
from autograder.platforms.numbers import written
from autograder.review.reading.model import Result

_OURS = re.compile(r"\d+(\.\d+)? of \d+(\.\d+)? points\.")
_TAG = re.compile(r"<[^>]*>")
_CHARACTERS = 1000


def comment(marks: ClassMarks, earned: Earned) -> str:
    """Return the comment on one submission, on one line."""
    parts = [f"{written(earned.points)} of {written(marks.max_points)} points."]
    if earned.penalty:
        parts.append(f"{written(earned.penalty)} points off for being late.")
    parts += [_part(marks, name, result) for name, result in earned.results.items() if result.points is not None]
    text = " ".join(" ".join(parts).split())
    if len(text) > _CHARACTERS:
        text = text[: _CHARACTERS - 1].rsplit(" ", 1)[0] + " …"
    return harmless(text)


def is_ours(text: str) -> bool:
    """Say whether a comment is one of these, from an earlier export, or nothing: then another takes its place."""
    plain = _TAG.sub("", html.unescape(text)).strip()
    return not plain or _OURS.match(plain) is not None


def _part(marks: ClassMarks, name: str, result: Result) -> str:
    """Return what is to be mended in one exercise, or nothing."""
    if result.passed:
        return ""
    if result.mistakes:
        return f"{name}: {' '.join(_sentence(one.title) for one in result.mistakes)}"
    lost = f"{name}: {written(result.points or 0.0)} of {written(result.max_points)} points"
    if not result.failed:
        return f"{lost}."
    first, *others = result.failed
    more = f", and {len(others)} more" if others else ""
    return f"{lost}; not passed: {marks.labels.get((name, first), first).rstrip('.')}{more}."


def _sentence(title: str) -> str:
    return title if title.endswith((".", "?", "!")) else f"{title}."
