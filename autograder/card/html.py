"""The feedback card as HTML: one exercise's result as the student reads it in nbgrader's pages, without scripts.

Every element says its own colours and margins, since the pages around it have styles of their own, light and dark.
Nothing is wider than a phone: tables wrap, and so do long words.
"""

import html as markup

from autograder.card.content import (
    BESIDE,
    BY_HAND,
    ICONS,
    TRY,
    WORDS,
    YOURS,
    Card,
    Comparison,
    Example,
    Line,
    headed,
    passed_text,
    rendered,
)
from autograder.grading.results import ExerciseResult, Picture, Verdict

_TEXT, _QUIET, _WHITE = "#1f2328", "#57606a", "#ffffff"
_COLOURS: dict[Verdict, str] = {"pass": "#1a7f37", "fail": "#b42318", "skip": _QUIET, "error": "#8a5a00"}
_CARD = (
    f"background-color:{_WHITE};color:{_TEXT};border:1px solid #8c959f;border-radius:6px;padding:0.7em 1em;"
    "max-width:46em;overflow-wrap:break-word"
)
_WRONG = (
    f"background-color:#fff4e5;color:{_TEXT};border:1px solid #b85a00;border-radius:4px;padding:0.5em 0.8em;"
    "margin:0.6em 0"
)
_TITLE = f"color:{_TEXT};font-size:1.15em;font-weight:bold;margin:0 0 0.3em"
_LINE = f"color:{_TEXT};margin:0.4em 0"
_TABLE = f"border-collapse:collapse;border:0;color:{_TEXT};font-size:0.95em;margin:0.7em 0"
_CAPTION = f"color:{_TEXT};font-weight:bold;padding:0 0 0.2em;text-align:left;white-space:nowrap"
_LIST = f"color:{_TEXT};list-style-type:none;margin:0.7em 0;padding:0"
_ITEM = f"border-bottom:1px solid #d0d7de;color:{_TEXT};margin:0;padding:0.25em 0"
_ROW = f"background-color:{_WHITE}"
_IMAGE = "max-width:100%"
_WIDTH = 380
_SHORT = 24  # characters of the longest number; only longer words are broken


def html(result: ExerciseResult) -> str:
    """Return the card as HTML: verdict, what is wrong, an example by hand, pictures, and each criterion."""
    return rendered(_html, result)


def _html(card: Card) -> str:
    parts = [_head(card), *_mistakes(card), *_told(card), *_example(card.example), *map(_picture, card.pictures)]
    parts += [_criteria(card.open_lines), _passed(card)]
    return f'<div style="{_CARD}">{"".join(parts)}</div>'


def notice(reason: str) -> str:
    """Return a card for an exercise that was not judged at all, as HTML."""
    return (
        f'<div style="{_CARD}"><strong>Not marked yet.</strong> {_escape(reason)}. Your teacher will look at it.</div>'
    )


def _escape(text: str) -> str:
    """Return text for HTML, quotes left as they are, as the pages' filter writes it."""
    return markup.escape(text, quote=False)


def _mark(verdict: Verdict) -> str:
    """Return a verdict as icon and word."""
    return f'<span style="color:{_COLOURS[verdict]};white-space:nowrap">{ICONS[verdict]} {WORDS[verdict]}</span>'


def _head(card: Card) -> str:
    title = f'<h3 style="{_TITLE}">{_escape(card.exercise)}: {_escape(card.points)}, {_mark(card.verdict)}</h3>'
    return title + (f'<p style="{_LINE}">{_escape(card.stand_in)}</p>' if card.stand_in else "")


def _mistakes(card: Card) -> list[str]:
    return [
        f'<div style="{_WRONG}"><p style="{_LINE}"><strong>{_escape(heading)}</strong></p>'
        f'<p style="{_LINE}">{_escape(hint)}</p></div>'
        for heading, hint in headed(card.mistakes)
    ]


def _told(card: Card) -> list[str]:
    said = f'<p style="{_LINE}"><strong>{_escape(card.told)}</strong></p>'
    return [f'<div style="{_WRONG}">{said}</div>'] if card.told else []


def _example(example: Example | None) -> list[str]:
    if example is None:
        return []
    rows = "".join(_step(name, lines) for name, lines in example.steps)
    steps = _table(BY_HAND, _heads("Step", "Value"), rows)
    return [steps, _comparison(example.comparison), *_call(example.call)]


def _call(call: str) -> list[str]:
    """Return the code to try; where it has several lines they stay as they are, below each other."""
    if not call:
        return []
    several = "\n" in call
    style = f"color:{_TEXT};overflow-wrap:anywhere" + (";white-space:pre-wrap" if several else "")
    code = f'<samp style="{style}">{_escape(call)}</samp>'
    return [f'<p style="{_LINE}">{TRY}{"<br>" if several else " "}{code}</p>']


def _step(name: str, lines: tuple[str, ...]) -> str:
    value = "<br>".join(map(_escape, lines))
    return _row(_cell(_escape(name), "row"), _cell(value))


def _comparison(comparison: Comparison) -> str:
    numbers = "".join(_cell(_escape(column), "col", right=True) for column in comparison.columns)
    rows = "".join(_answer(title, cells, len(comparison.columns)) for title, cells in comparison.rows)
    return _table(BESIDE, _heads("Answer") + numbers, rows)


def _answer(title: str, cells: tuple[str, ...], columns: int) -> str:
    colour = _COLOURS["fail"] if title == YOURS else _TEXT
    name = f"{ICONS['fail']} {title}" if title == YOURS else title
    span = columns if len(cells) < columns else 1
    right = max(map(len, cells)) <= _SHORT  # numbers; a sentence stands on the left
    numbers = (_cell(_escape(cell), colour=colour, bold=title == YOURS, right=right, span=span) for cell in cells)
    return _row(_cell(name, "row", colour=colour, bold=title == YOURS), *numbers)


def _picture(picture: Picture) -> str:
    if not picture.uri:
        return f'<p style="{_LINE}">{_escape(picture.alt)}</p>'
    alt = markup.escape(picture.alt)
    image = f'<img src="{markup.escape(picture.uri)}" alt="{alt}" width="{_WIDTH}" style="{_IMAGE}">'
    return f'<p style="{_LINE}">{image}</p>'


def _criteria(lines: tuple[Line, ...]) -> str:
    return f'<ul style="{_LIST}">{"".join(map(_criterion, lines))}</ul>' if lines else ""


def _criterion(line: Line) -> str:
    said = _escape(line.message)
    note = f'<br><span style="color:{_COLOURS[line.verdict]};overflow-wrap:anywhere">{said}</span>' if said else ""
    return f'<li style="{_ITEM}">{_mark(line.verdict)}, {_escape(line.points)}: {_escape(line.label)}{note}</li>'


def _passed(card: Card) -> str:
    """Return what passed, folded away: it is there to be looked up."""
    if not card.passed_lines:
        return ""
    words = f"{ICONS['pass']} {passed_text(len(card.passed_lines))}"
    summary = f'<summary style="color:{_COLOURS["pass"]}">{words}</summary>'
    return f"<details>{summary}{_criteria(card.passed_lines)}</details>"


def _table(caption: str, heads: str, rows: str) -> str:
    return (
        f'<table style="{_TABLE}"><caption style="{_CAPTION}">{_escape(caption)}</caption>'
        f"<thead>{_row(heads)}</thead><tbody>{rows}</tbody></table>"
    )


def _row(*cells: str) -> str:
    return f'<tr style="{_ROW}">{"".join(cells)}</tr>'


def _heads(*titles: str) -> str:
    return "".join(_cell(title, "col", wrap=False) for title in titles)


def _cell(  # noqa: PLR0913 - what a cell may be, each by name
    text: str,
    scope: str = "",
    *,
    colour: str = _TEXT,
    bold: bool = False,
    right: bool = False,
    wrap: bool = True,
    span: int = 1,
) -> str:
    """Return a table's cell, a heading where it has a scope; `text` is HTML."""
    broken = max(map(len, text.split()), default=0) > _SHORT
    shown = _QUIET if scope == "col" else colour
    style = (
        f"background-color:{_WHITE};border:0;border-bottom:1px solid #d0d7de;color:{shown};"
        f"font-variant-numeric:tabular-nums;font-weight:{'bold' if bold or scope == 'col' else 'normal'};"
        f"overflow-wrap:{'anywhere' if broken else 'normal'};padding:0.25em 1.2em 0.25em 0;"
        f"text-align:{'right' if right else 'left'};vertical-align:top;white-space:{'normal' if wrap else 'nowrap'}"
    )
    tag = "th" if scope else "td"
    extra = f' scope="{scope}"' if scope else f' colspan="{span}"' if span > 1 else ""
    return f'<{tag}{extra} style="{style}">{text}</{tag}>'
