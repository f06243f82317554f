"""Drawn HTML, markdown and code on their way into a page: little work, little memory and little text come of it.

What drawing found is below as examples, with what each came to before there were bounds.
"""

import time

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course.pages import filters
from autograder.course.pages.budget import Budget
from autograder.sandbox.limits import PageLimits

LIMITS = PageLimits()
TEMPLATE = jinja2.Environment()
NAMES = ("markdown2html", "highlight_code", "clean_html", "ansi2html")
TEMPLATE.filters |= {name: getattr(filters, name) for name in NAMES}
_SLACK = 2.0  # seconds: bounds are of the processor's time, which a busy machine stretches
_MAX_TIMES = 12  # for each character of a part, where it is no picture

ELEMENTS = (
    *("a", "b", "code", "em", "font", "i", "nobr", "s", "tt", "u", "p", "div", "span", "table", "tr", "td", "th"),
    *("tbody", "li", "ul", "ol", "dl", "dt", "dd", "h1", "blockquote", "pre", "select", "option", "svg", "math"),
    *("template", "object", "button", "form", "caption", "details", "summary", "ruby", "rt", "textarea", "title"),
    *("style", "script", "hr", "br", "img", "frameset", "plaintext", "body", "x-y"),
)
_TAGS = st.builds(
    lambda start, name, rest: f"{start}{name}{rest}",
    st.sampled_from(("<", "<", "</")),
    st.sampled_from(ELEMENTS),
    st.sampled_from((">", ">", " title=%d>", " class='%d'>", "/>", "")),
)
_ODD = st.sampled_from(
    ("x", "<!--", "-->", "<", ">", "&", "&amp", "<![CDATA[", "]]>", "<?", "</", '"', "'", '<p a="', " a%d", "/")
)
_MARKS = st.sampled_from(
    (
        *("> ", "* ", "1. ", "*a ", "_", "**", "[", "![](", "](", "`", "``", "<a ", "$", "$$", "\\(", "\\\\[", "|a"),
        *("|-|\n", "|a|b|\n|-|-|\n", "- a\n ", "    ", "#", "~~", "[^1]: x\n", "[a]: b\n", "http://a", "[a](b", "\n"),
        *("\n\n", "```\n", "\\begin{a}", "&#", "<b title=%d>", "<p>\n\n", "</b>", "x", "a\n===\n", "\\"),
    )
)


def repeated(pieces, most):
    """Draw texts of a few blocks of pieces, each many times over, numbered where a piece has a place for it."""
    block = st.tuples(st.lists(pieces, min_size=1, max_size=5).map("".join), st.sampled_from((1, 30, most)))
    return st.lists(block, min_size=1, max_size=3).map(
        lambda blocks: "".join(text.replace("%d", str(number)) for text, times in blocks for number in range(times))
    )


def expect_little(rendering, source):
    """Render a part within a page's budget, and expect that neither time nor text is out of proportion."""
    budget = Budget()
    before = time.process_time()
    made = TEMPLATE.from_string(f"{{{{ source | {rendering} }}}}").render(
        source=source, cell={}, resources={"autograder_budget": budget}
    )
    assert time.process_time() - before < LIMITS.part_seconds + _SLACK
    assert len(made) <= LIMITS.content_bytes
    assert len(made) <= _MAX_TIMES * len(source) + LIMITS.repeated_characters
    assert made.count("<") <= LIMITS.elements
    return made


@given(repeated(st.one_of(_TAGS, _TAGS, _ODD), 3_000))
def test_html_is_little_work(source):
    """An output of any HTML costs little and becomes little."""
    expect_little("clean_html", source)


@given(repeated(st.one_of(_MARKS, _MARKS, _TAGS, _ODD), 2_000))
def test_markdown_is_little_work(source):
    """A written answer of any markdown, with any HTML in it, costs little and becomes little."""
    expect_little("markdown2html", source)


@given(
    repeated(
        st.sampled_from(("a.", "1", "'", '"""', "f'{", "#", "\n", "%%x\n", "\\", "(", "0x", "é", "\x1b[1m")), 4_000
    )
)
def test_code_and_printed_text_are_little_work(source):
    """Any code, and anything printed, costs little and becomes little."""
    expect_little("highlight_code", source)
    expect_little("ansi2html", source)


# Most of these come to tens of megabytes, gigabytes of memory or many seconds where nothing is bounded.
def _formatting(spelling, times):
    """Return so many formatting elements in a paragraph, none of them equal to another."""
    return "<p>" + "".join(spelling.replace("%d", str(number)) for number in range(times))


_BLOCKS = "<p>x" * 4_000
FOUND = {
    "formatting-in-blocks": ("clean_html", "".join(f"<p><b title={i}>" for i in range(2_000)) + "<p>x" * 2_000),
    "formatting-nested": ("clean_html", _formatting("<b title=%d>", 19_980)),
    "formatting-in-markdown": ("markdown2html", _formatting("<p><b title=%d>", 600) + "<p>x" * 2_000),
    "attributes": ("clean_html", "<p " + " ".join(f"a{i}" for i in range(150_000)) + ">"),
    "closed-in-a-comment": ("clean_html", _formatting("<b title=%d><!--</b>-->", 3_000) + _BLOCKS),
    "closed-in-an-attribute": ("clean_html", _formatting("<b title='%d</b>'>", 3_000) + _BLOCKS),
    "closed-in-a-style": ("clean_html", _formatting("<b title=%d><style></b></style>", 3_000) + _BLOCKS),
    "closed-in-a-cell": ("clean_html", _formatting("<b title=%d><table><td></b></table>", 2_000) + _BLOCKS),
    "closed-in-a-drawing": ("clean_html", _formatting("<b title=%d><svg></b></svg>", 3_000) + _BLOCKS),
    "hidden-by-a-comment": ("clean_html", "<style><!--</style>" + _formatting("<b title=%d>", 3_000) + _BLOCKS),
    "hidden-by-a-quote": ("clean_html", '<p ">' + _formatting("<b title=%d>", 3_000) + _BLOCKS),
    "misnested": ("clean_html", _formatting("<b title=%d><i>x</b>", 3_000) + _BLOCKS),
    "links": ("clean_html", _formatting("<a href=#%d><div>", 3_000) + _BLOCKS),
    "tables-in-markdown": ("markdown2html", "|a|b|\n|-|-|\n->" * 1_250),
    "brackets": ("markdown2html", "[" * 20_000),
    "colours": ("ansi2html", "\x1b[1mx" * 200_000),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_stays_found(name):
    """Each spelling that once cost seconds, gigabytes or megabytes is little work, and something of it is shown."""
    assert expect_little(*FOUND[name])


# Honest HTML, some of it never closed as HTML allows, and much of it.
HONEST = {
    "table-with-caption": "<table><caption><b>All</b> of it</caption>" + "<tr><td><a href='#x'>1</a></td></tr>" * 3_000,
    "dataframe": "<style scoped>.dataframe tbody tr th { vertical-align: top }</style><table class='dataframe'>"
    + ("<tr><th>1</th>" + "<td><b>0.5</b></td>" * 20 + "</tr>") * 200
    + "</table>",
    "never-closed": "<table>" + "<tr><td>1<td><i>2</i>" * 1_500 + "</table><ul>" + "<li>x" * 1_000 + "</ul><p>a<p>b",
    "code": "<pre><code>" + "<span class='n'>x</span>\n" * 5_000 + "</code></pre>",
    "report": "<b>Result</b><br>" + "<p>a <a href='#x'>link</a> and <em>more</em> <img alt=''></p>" * 1_000,
}


@pytest.mark.parametrize("name", HONEST)
def test_honest_html_is_rendered(name):
    """Large tables, lists, code and reports come out as HTML, not as the text of it."""
    assert "&lt;" not in expect_little("clean_html", HONEST[name])
