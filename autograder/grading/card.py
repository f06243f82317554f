"""The feedback card: one exercise's result as the student reads it, as HTML without scripts and as plain text."""

from html import escape

from autograder.grading.results import CriterionResult, ExerciseResult

_ICONS = {"pass": "✔", "fail": "✘", "skip": "–", "error": "?"}
_WORDS = {"pass": "passed", "fail": "not yet", "skip": "not judged", "error": "needs a human"}
_COLOURS = {"pass": "#1a7f37", "fail": "#b42318", "skip": "#57606a", "error": "#8a5a00"}
_AGAIN = "as above"
_CARD = "border:1px solid #8c959f;border-radius:6px;padding:0.6em 0.9em;max-width:46em"
_CELL = "text-align:left;vertical-align:top;padding:0.25em 0.6em 0.25em 0;border:0"


def html(result: ExerciseResult) -> str:
    """Return the card as HTML: a heading, a table with a row for each criterion, and what it means."""
    messages = _messages(result)
    rows = "".join(_row(criterion, message) for criterion, message in zip(result.criteria, messages, strict=True))
    head = "".join(
        f'<th scope="col" style="{_CELL}">{title}</th>' for title in ("Result", "Points", "What was checked")
    )
    title = f"<b>{escape(result.exercise)}</b>: {points_text(result.points, result.max_points)}"
    return (
        f'<div style="{_CARD}"><p style="margin:0 0 0.4em">{title}</p>'
        f'<table style="border-collapse:collapse;font-size:0.95em"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _messages(result: ExerciseResult) -> list[str]:
    """Return what is said beside each criterion; the same words are not said twice."""
    said: set[str] = set()
    messages = []
    for criterion in result.criteria:
        messages.append(_AGAIN if criterion.message in said else criterion.message)
        said |= {criterion.message} if criterion.message else set()
    return messages


def _row(criterion: CriterionResult, message: str) -> str:
    verdict = criterion.verdict
    style = f"{_CELL};white-space:nowrap;color:{_COLOURS[verdict]}"
    note = f'<br><span style="color:{_COLOURS[verdict]}">{escape(message)}</span>' if message else ""
    return (
        f'<tr><td style="{style}">{_ICONS[verdict]} {_WORDS[verdict]}</td>'
        f'<td style="{_CELL};white-space:nowrap">{_number(criterion.points)} / {_number(criterion.max_points)}</td>'
        f'<td style="{_CELL}">{escape(criterion.label)}{note}</td></tr>'
    )


def text(result: ExerciseResult) -> list[str]:
    """Return the card as lines of plain text."""
    lines = [f"{result.exercise}: {points_text(result.points, result.max_points)}"]
    for criterion, message in zip(result.criteria, _messages(result), strict=True):
        mark = f"{_ICONS[criterion.verdict]} {_WORDS[criterion.verdict]}"
        points = f"{_number(criterion.points)}/{_number(criterion.max_points)}"
        lines.append(f"  {mark:<15}{points:>8}  {criterion.label}")
        if message:
            lines.append(f"{'':<27}{message}")
    return lines


def points_text(points: float | None, max_points: float) -> str:
    """Return points as words."""
    if points is None:
        return f"not marked yet, of {_number(max_points)} points"
    return f"{_number(points)} of {_number(max_points)} points"


def _number(points: float | None) -> str:
    return "?" if points is None else f"{points:g}"


def notice(reason: str) -> str:
    """Return a card for an exercise that was not judged at all, as HTML."""
    return f'<div style="{_CARD}"><b>Not marked yet.</b> {escape(reason)}. Your teacher will look at it.</div>'
