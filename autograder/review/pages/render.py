"""Templates into HTML: whatever they are given is text, and is escaped; what a page would obey is shown."""

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from autograder.card.content import ICONS, WORDS
from autograder.review.pages import figures
from autograder.review.pages.links import place
from autograder.review.reading import apart
from autograder.sandbox.printable import printable

_HERE = Path(__file__).parent
# No script at all: pages are made on the server, and what a student wrote can neither run, load nor leave.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'"
POLICY = f"{_POLICY}; frame-ancestors 'self'"  # which a page cannot say of itself


def render(template: str, **values: Any) -> str:
    """Return a template filled in."""
    return _environment().get_template(template).render(**values)


def rendered(template: str, **values: Any) -> Iterator[str]:
    """Yield a template filled in, piece by piece, for what is too long to be held as one."""
    yield from _environment().get_template(template).generate(**values)


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.globals |= {
        "style": Markup((_HERE / "review.css").read_text(encoding="utf-8")),  # noqa: S704 - ours
        "policy": _POLICY,
        "icons": ICONS,
        "words": WORDS,
        "bars": figures.bars,
        "heat": figures.heat,
        "seen": figures.seen,
        "place": place,
    }
    environment.filters |= {
        "points": figures.points,
        "percent": figures.percent,
        "whole": figures.whole,
        "count": figures.count,
        "adjusted": figures.adjusted,
        "state": figures.state,
        "moment": figures.moment,
        "answer": _answer,
        "html_card": Markup,  # what passed the allow-list of `autograder.course.pages.html`
    }
    return environment


def _answer(text: str) -> Markup:
    """Return an answer in words with its formulas."""
    shown = printable(text)
    return Markup(apart.answer(shown) if "$" in shown or "\\begin{" in shown else escape(shown))  # noqa: S704 - escaped


def _shown(value: Any) -> Any:
    """Show control characters in text instead of letting a page obey them."""
    if value is None:
        return ""
    return printable(value) if type(value) is str else value
