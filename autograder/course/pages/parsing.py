"""How much work HTML would be for a parser, before one sees it.

A browser's parser, and so the one that cleans HTML, repeats each formatting element that is still open (`<b>`, `<a>`)
in each block that follows, and looks through all of them at each new one. 35 KB can so become 78 MB. It also compares
each attribute of an element with all others. Tags are read here as the HTML standard says; where only a parser can
say what is a tag (in a script, a drawing, a list of choices), all text is taken for tags that are never closed.
"""

import itertools
import re

from autograder.sandbox.limits import PageLimits

_LIMITS = PageLimits()
_FORMATTING = frozenset(
    ("a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u")
)
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
_RAW = frozenset(("style", "script", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "noscript"))
# What these hold is read by rules of their own, or closes and opens elements in ways that only a parser knows.
_UNSURE = frozenset(("svg", "math", "select", "template", "plaintext", "frameset", "object", "applet", "marquee"))
_CELLS = frozenset(("td", "th", "caption"))  # what is open before a cell of a table stays open after it
# What is closed by what comes after it, where nobody closes it.
_IMPLIED = frozenset(
    ("p", "li", "dt", "dd", "option", "tr", "td", "th", "tbody", "thead", "tfoot", "colgroup", "rb", "rt", "rp")
)

_SPACE = r"[\t\n\f\r ]"
_ATTRIBUTE = (
    r"(?:=[^\t\n\f\r />=]*+|[^\t\n\f\r />=]++)"
    rf"(?:{_SPACE}*+={_SPACE}*+(?:\"[^\"]*+\"|'[^']*+'|[^\t\n\f\r >\"'][^\t\n\f\r >]*+|(?=>)))?+"
)
_TOKEN = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))"
    r"|<[!?][^>]*+>?|</[^A-Za-z>][^>]*+>?"
    rf"|<(?P<end>/?)(?P<name>[A-Za-z][^\t\n\f\r />]*+)(?P<attributes>(?>[\t\n\f\r /]++|{_ATTRIBUTE})*+)(?:>|\Z)",
    re.DOTALL,
)
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_ADOPTIONS = 8  # times that a parser may repeat what is open for the end of an element that is not the last one opened
_ANY_FORMATTING = re.compile(rf"<(?:{'|'.join(sorted(_FORMATTING))})(?=[\t\n\f\r />])", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)")


class _UnsureError(Exception):
    """Only a parser can say what of the text is a tag."""


class _Open:
    """The elements that a parser has open, as far as can be known for sure, and what repeating them has cost."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._sizes: list[int] = []  # of formatting elements; 0 for all others
        self._count = self._characters = 0
        self.repeated = self.repeated_characters = 0

    def start(self, name: str, size: int) -> None:
        """Open an element."""
        self._spend(_ADOPTIONS if name in ("a", "nobr") else 1)
        if name in _CELLS and self._count:
            raise _UnsureError
        if name in _VOID:
            return
        formatting = name in _FORMATTING
        self._names.append(name)
        self._sizes.append(size if formatting else 0)
        self._count += formatting
        self._characters += size if formatting else 0

    def end(self, name: str) -> None:
        """Close an element where a parser surely would: it is the last, but for ones that close themselves."""
        last = len(self._names) - 1
        while last >= 0 and self._names[last] != name and self._names[last] in _IMPLIED:
            last -= 1
        matched = last >= 0 and self._names[last] == name
        self._spend(1 if matched else _ADOPTIONS)
        if not matched:
            return
        closed = self._sizes[last:]
        del self._names[last:], self._sizes[last:]
        self._count -= sum(1 for size in closed if size)
        self._characters -= sum(closed)

    def _spend(self, times: int) -> None:
        self.repeated += times * self._count
        self.repeated_characters += times * self._characters


def affordable(text: str) -> bool:
    """Return whether a parser would come to the end of an HTML text with little work, and with little more text."""
    elements = text.count("<")
    if elements > _LIMITS.part_elements:
        return False
    opened = _Open()
    try:
        return _read(text, opened)
    except _UnsureError:
        return not _ANY_FORMATTING.search(text) or len(text) * elements <= _LIMITS.unsure_product


def _read(text: str, opened: _Open) -> bool:
    """Return whether reading all tags stays within the limits.

    Raises:
        _UnsureError: only a parser could read them.
    """
    position = 0
    while found := _TOKEN.search(text, position):
        position = found.end()
        name = (found["name"] or "").lower()
        if not name:
            continue
        if found["end"]:
            opened.end(name)
        else:
            if len(found["attributes"]) > _LIMITS.attributes and _attributes(found["attributes"]) > _LIMITS.attributes:
                return False
            position = _after_raw(text, name, position)
            if name not in _RAW:
                opened.start(name, position - found.start())
        if opened.repeated > _LIMITS.repeated or opened.repeated_characters > _LIMITS.repeated_characters:
            return False
    return True


def _attributes(text: str) -> int:
    return sum(1 for _ in _ATTRIBUTES.finditer(text))


def _after_raw(text: str, name: str, position: int) -> int:
    """Return where reading goes on after a start tag: what a style or a script holds is no HTML.

    Raises:
        _UnsureError: it holds what could be taken for a tag, or the element is one that has rules of its own.
    """
    if name in _UNSURE:
        raise _UnsureError
    if name not in _RAW:
        return position
    following = text.find("<", position)
    if following < 0 or text[following : following + len(name) + 2].lower() != f"</{name}":
        raise _UnsureError
    return following


def depth(cleaned: str) -> int:
    """Return how deeply the elements of cleaned HTML are nested."""
    steps = (-1 if end else 1 for end, name in _TAG.findall(cleaned) if name not in _VOID)
    return max(itertools.accumulate(steps, initial=0))
