"""What may still go into a page: each part is rendered within limits, or shown as text, or replaced by a sentence."""

import contextlib
import html
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from autograder.sandbox.limits import PageLimits

_KEY = "autograder_budget"  # among a page's resources
FULL = "Not shown here: the page would be too large. It is in the notebook that was handed in."
_CUT = "\n[Cut here: {:,} more characters are in the notebook that was handed in.]"


class Shown(str):
    """HTML that we made of a part, and that has been counted."""

    __slots__ = ()


class _TooLongError(BaseException):
    """Rendering a part took too long; no `except Exception` of a library holds it up."""


class Budget:
    """What may still go into one page."""

    def __init__(self) -> None:
        self.limits = PageLimits()
        self.left = self.limits.content_bytes
        self._characters = self.limits.page_characters
        self._elements = self.limits.elements
        self._text_left = self.limits.text_bytes
        self._references = self.limits.references
        self._cards: Counter[str] = Counter()
        self._cards_left = self.limits.card_bytes
        self._seconds = self.limits.page_seconds

    def show(
        self,
        source: str,
        render: Callable[[str], str],
        *,
        html_itself: bool = False,
        render_card: Callable[[str], str] | None = None,
    ) -> Shown:
        """Return a part as HTML.

        Args:
            source: what it is in the notebook.
            render: makes clean HTML of it; where that is too much work, the source is shown as text.
            html_itself: whether the source is HTML, which has limits of its own.
            render_card: makes clean HTML of a card of ours; by default as of any other part.
        """
        if self._cards[source] > 0:
            self._cards[source] -= 1  # whoever shows it again has no room for it
            self._seconds = max(self._seconds, self.limits.part_seconds)
            return Shown(self._rendered(source, render_card or render, own=True) or notice(FULL))
        may_be = self._may_be_html(source) if html_itself else self._may_be_rendered(source)
        made = self._rendered(source, render) if may_be else None
        return self._take(made) if made is not None else self.text(self._as_text(source))

    def keep_for(self, card: str) -> None:
        """Keep room for a card of ours, which comes after whatever the student's cells have taken."""
        size = len(card.encode("utf-8", "replace"))
        if size <= self._cards_left:
            self._cards_left -= size
            self.left -= size
            self._cards[card] += 1

    def text(self, made: str, instead: str = "") -> Shown:
        """Count what is shown as text; where there is no room for it, return `instead`."""
        size = len(made.encode("utf-8", "replace"))
        if size > self._text_left:
            return Shown(instead or notice(FULL))
        self._text_left -= size
        return self._take(made, instead)

    def _take(self, made: str, instead: str = "") -> Shown:
        size, elements, references = len(made.encode("utf-8", "replace")), made.count("<"), made.count("&")
        if size > self.left or elements > self._elements or references > self._references:
            return Shown(instead or notice(FULL))
        self.left -= size
        self._elements -= elements
        self._references -= references
        return Shown(made)

    def _may_be_rendered(self, source: str) -> bool:
        if len(source) > min(self.limits.cell_characters, self._characters):
            return False
        self._characters -= len(source)
        return True

    def _may_be_html(self, source: str) -> bool:
        return len(source) <= self.left and source.count("<") <= self._elements

    def _rendered(self, source: str, render: Callable[[str], str], *, own: bool = False) -> str | None:
        """Return what the rendering made, or None where it failed, took too long or made too much."""
        if self._seconds <= 0:
            return None
        before = time.process_time()
        try:
            with _within(min(self.limits.part_seconds, self._seconds)):
                made = render(source)
        except (_TooLongError, Exception):  # noqa: BLE001 - whatever is wrong with it, it is still text
            return None
        finally:
            self._seconds -= time.process_time() - before
        return made if own or (made.count("<") <= self._elements and len(made) <= self.left) else None

    def _as_text(self, source: str) -> str:
        shown, rest = source[: self.limits.text_characters], len(source) - self.limits.text_characters
        return f"<pre>{html.escape(shown, quote=False)}{cut(rest)}</pre>"


def cut(characters: int) -> str:
    """Return what to say of so many characters that are not shown."""
    return _CUT.format(characters) if characters > 0 else ""


def notice(text: str) -> str:
    """Return a sentence that stands in the place of a part."""
    return f"<p><em>{html.escape(text)}</em></p>"


def budget_of(context: Any) -> Budget:
    """Return the budget of the page that a template is being filled in for."""
    resources = context.get("resources", {})
    budget: Budget = resources.get(_KEY) or Budget()
    resources[_KEY] = budget
    return budget


def set_budget(resources: dict[str, Any], budget: Budget) -> None:
    """Give a page a budget before its template is filled in."""
    resources[_KEY] = budget


@contextlib.contextmanager
def _within(seconds: float) -> Iterator[None]:
    """Raise `_TooLongError` in the block once it has used the processor so long; in a process's main thread alone."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGVTALRM, _stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - a handler's arguments
    raise _TooLongError
