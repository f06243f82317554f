"""What students wrote, on its way into a page: nothing of it runs, loads, leaves the page or holds it up.

nbconvert renders outputs, markdown and code of a notebook through filters, which these replace, in feedback and in
Formgrader alike. They let through an allow-list of what text needs, by ammonia (`nh3`), which parses as a browser does.
What renders markdown, colours code and parses HTML takes time that grows with the square of what it is given, so that
one cell could take hours: what is longer than anybody writes by hand is shown as the text that it is.
"""

import functools
import html
import re
from typing import Any

import nh3
from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

_TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "caption", "code", "dd", "del", "details", "div", "dl", "dt", "em"),
    *("figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol"),
    *(
        "p",
        "pre",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
    ),
    *("th", "thead", "tr", "tt", "u", "ul", "var"),
}
_ATTRIBUTES = {
    "*": {"class", "dir", "lang", "style", "title"},
    "a": {"href"},
    "img": {"alt", "height", "src", "width"},
    "ol": {"start"},
    "td": {"align", "colspan", "rowspan", "scope"},
    "th": {"align", "colspan", "rowspan", "scope"},
}
# Nothing that loads (no url() can stand in these), covers the page (no position) or hides in it (no display, opacity).
_STYLES = {
    *("background-color", "border", "border-bottom", "border-collapse", "border-radius", "color", "font-size"),
    *(
        "font-style",
        "font-weight",
        "font-variant-numeric",
        "list-style-type",
        "margin",
        "max-width",
        "overflow-wrap",
        "padding",
        "text-align",
        "vertical-align",
        "white-space",
        "width",
    ),
}
# What stands in these is no text: it goes with them.
_CONTENTS = {"script", "style", "template", "noscript", "iframe", "object", "embed", "svg", "math", "title", "textarea"}
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*")
_LINK = re.compile(r"(https?://|mailto:|#)", re.IGNORECASE)
_FUNCTION = re.compile(r"[(\\@]")
# Classes of the page's own scripts and styles: a student's element must not pass for a button of Formgrader's.
_OWN_CLASS = re.compile(r"(ansi-[\w-]+|highlight|[a-z]{1,2}\d?|err|dataframe)")

_MAX_CELL = 20_000  # characters of a cell that are rendered
_MAX_PAGE = 300_000  # and of all cells of a page
_MAX_LINE = 500  # of code
_MAX_FORMULAS = 200  # beginnings of formulas in a cell; for each, the end is looked for in all that follows
_MAX_ELEMENTS = 20_000  # of HTML in an output
_FORMULA = re.compile(r"\\\\[(\[]|\\begin\{")
_BUDGET = "autograder_rendered"  # among a page's resources


class _Coloured(str):
    """HTML that we made of code: of any number of elements, but none within another."""

    __slots__ = ()


def clean_html(text: str | bytes) -> str:
    """Return HTML with nothing in it but text, tables, pictures that it carries itself, and links that are followed."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    if text.count("<") > _MAX_ELEMENTS and not isinstance(text, _Coloured):
        return _as_text(text)
    return nh3.clean(
        text,
        tags=_TAGS,
        clean_content_tags=_CONTENTS,
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        set_tag_attribute_values={"img": {"style": "max-width:100%"}},
        filter_style_properties=_STYLES,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Return an attribute's value as it may stay, or None."""
    if name == "src":
        return value if _PICTURE.fullmatch(value) else None
    if name == "href":
        return value if tag == "a" and _LINK.match(value) else None
    if name == "style":
        return None if _FUNCTION.search(value) else value
    if name == "class":
        return " ".join(part for part in value.split() if _OWN_CLASS.fullmatch(part)) or None
    return value


@pass_context
def markdown2html(context: Context, source: str) -> str:
    """Render markdown as nbconvert does, formulas left for MathJax and pictures from attachments, then clean it."""
    if not _affordable(context, source) or len(_FORMULA.findall(source)) > _MAX_FORMULAS:
        return _as_text(source)
    cell: Any = context.get("cell", {})
    renderer = IPythonRenderer(escape=False, attachments=cell.get("attachments", {}), exclude_anchor_links=True)
    return clean_html(MarkdownWithMath(renderer=renderer).render(source))


@pass_context
def highlight_code(context: Context, source: str, **options: Any) -> str:
    """Colour code as nbconvert does."""
    if not _affordable(context, source) or any(len(line) > _MAX_LINE for line in source.splitlines()):
        return _as_text(source)
    return _Coloured(_highlighter()(source, **options))


@functools.cache
def _highlighter() -> Highlight2HTML:
    return Highlight2HTML(pygments_lexer="ipython3")


def _affordable(context: Context, source: str) -> bool:
    """Say whether a cell may be rendered, and count it among those of its page that were."""
    resources = context.get("resources", {})
    rendered = int(resources.get(_BUDGET) or 0) + len(source)
    if len(source) > _MAX_CELL or rendered > _MAX_PAGE:
        return False
    resources[_BUDGET] = rendered
    return True


def _as_text(source: str) -> str:
    return f"<pre>{html.escape(source)}</pre>"
