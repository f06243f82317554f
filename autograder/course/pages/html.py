"""What students wrote, on its way into a page: nothing of it runs, loads, leaves the page or holds it up.

HTML passes an allow-list of what text needs, by ammonia (`nh3`), which parses as a browser does. The filters of
`autograder.course.pages.filters` do so for feedback and Formgrader.
"""

import html
import re

import nh3

from autograder.course.pages.parsing import affordable, depth
from autograder.sandbox.limits import PageLimits

_TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "caption", "code", "dd", "del", "details", "div", "dl", "dt", "em"),
    *("figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol"),
    *("p", "pre", "q", "s", "samp", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td"),
    *("tfoot", "th", "thead", "tr", "tt", "u", "ul", "var"),
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
    *("font-style", "font-weight", "font-variant-numeric", "list-style-type", "margin", "max-width", "overflow-wrap"),
    *("padding", "text-align", "vertical-align", "white-space", "width"),
}
# What stands in these is no text: it goes with them.
_CONTENTS = {"script", "style", "template", "noscript", "iframe", "object", "embed", "svg", "math", "title", "textarea"}
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*")
_LINK = re.compile(r"(https?://|mailto:|#)", re.IGNORECASE)
_FUNCTION = re.compile(r"[(\\@]")
# Classes of the page's own scripts and styles: a student's element must not pass for a button of Formgrader's.
_OWN_CLASS = re.compile(r"(ansi-[\w-]+|highlight|[a-z]{1,2}\d?|err|dataframe)")


def clean_html(text: str | bytes) -> str:
    """Return HTML with nothing in it but text, tables, pictures that it carries itself, and links that are followed.

    What is too much work for a parser is shown as the text that it is.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    made = clean(text)
    if made is not None:
        return made
    shown = html.escape(text.lstrip("\r\n"), quote=False)  # a parser leaves out a line end that stands first in <pre>
    return nh3.clean(f"<pre>{shown}</pre>", tags={"pre"})  # which writes single characters its own way, such as \xa0


def clean(text: str) -> str | None:
    """Return clean HTML, or None where it is too much work for a parser, here or in a browser."""
    if not affordable(text):
        return None
    made = nh3.clean(
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
    limit = PageLimits().depth
    return made if made.count("<") <= limit or depth(made) <= limit else None


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
