"""What students wrote, on its way into a page: text stays, and nothing that could run or load comes through."""

import re
from html import escape

import jinja2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograder.card import html as card
from autograder.course.pages import filters
from autograder.course.pages.html import clean_html
from autograder.grading.results import CriterionResult, exercise_result
from autograder.sandbox.printable import printable

HOSTILE = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src='data:image/svg+xml;base64,PHN2Zz4='>",
    "<img src=data:text/html,<script>alert(1)</script>>",
    "<img src=https://evil.example/pixel.png>",
    "<img srcset='https://evil.example/a.png 2x'>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<math href='javascript:alert(1)'>x</math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href=' java\tscript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:x'>x</a>",
    "<a href='file:///etc/passwd'>x</a>",
    "<a href='/terminals/1'>x</a>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='javascript:alert(1)'></object>",
    "<embed src='javascript:alert(1)'>",
    "<base href='https://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<link rel=stylesheet href='https://evil.example/x.css'>",
    "<style>body{display:none}</style>",
    "<style>@import 'https://evil.example/x.css';</style>",
    "<div style='background:url(https://evil.example/x)'>x</div>",
    "<div style='position:fixed;inset:0;z-index:9999'>x</div>",
    "<div style='width:expression(alert(1))'>x</div>",
    "<form action='https://evil.example/'><input name=a><button>go</button></form>",
    "<input autofocus onfocus=alert(1)>",
    "<button class='btn full-credit' onclick=alert(1)>Full credit</button>",
    "<select autofocus onfocus=alert(1)>",
    "<textarea autofocus onfocus=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<p id=test_cost-comment name=test_cost>x</p>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<title><img src=x onerror=alert(1)></title>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml-stylesheet href='javascript:alert(1)'?>",
    "<x onclick=alert(1) style=width:9px>x</x>",
    "<a onmouseover=alert(1)>x",
    "<div data-url='x' data-main='x'>x</div>",
    "<span class='glyphicon save-icon score-saved'>x</span>",
    "\x00<script>alert(1)</script>",
    "<scr\x00ipt>alert(1)</scr\x00ipt>",
    "<img/src=x/onerror=alert(1)>",
    "<<script>alert(1)//<</script>",
    "<table background='javascript:alert(1)'><tr><td background='https://evil.example/'>x</td></tr></table>",
    "<div>" * 5000 + "<script>alert(1)</script>",
]
ACTIVE = re.compile(
    r"<(script|svg|math|iframe|object|embed|style|link|meta|base|form|input|button|select|textarea|template|body|video|audio"
    r"|x|marquee|title|noscript)\b|\son\w+\s*=|javascript:|vbscript:|evil\.example|expression\(|position|\sid=|\sname=|data-"
    r"|url\(|\bbtn\b|save-icon|data:text|data:image/svg|file:",
    re.IGNORECASE,
)
TEMPLATE = jinja2.Environment()
TEMPLATE.filters |= {
    name: getattr(filters, name) for name in ("markdown2html", "highlight_code", "clean_html", "ansi2html")
}


def tags_of(html):
    """Return what stands inside tags; text may say anything."""
    return " ".join(re.findall(r"<[^>]*>", html))


def rendered(source, cell=None):
    """Return markdown as a page gets it."""
    return TEMPLATE.from_string("{{ source | markdown2html }}").render(source=source, cell=cell or {})


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_active_comes_through(text):
    """Neither as HTML output nor in a markdown cell is anything left that runs, loads, submits or hides."""
    for html in (
        clean_html(text),
        clean_html(text.encode()),
        rendered(text),
        rendered(f"Some *text*\n\n{text}\n\nmore"),
    ):
        assert not ACTIVE.search(tags_of(html))


@given(st.text(), st.sampled_from(HOSTILE), st.text())
@example("\n\r\n", "<div>" * 20_000, "\0 \xa0\r")
def test_text_around_does_not_bring_it_back(before, text, after):
    """Whatever stands before and after, cleaning twice gives what cleaning once gave, and nothing is active."""
    once = clean_html(before + text + after)
    assert not ACTIVE.search(tags_of(once))
    assert clean_html(once) == once


def test_text_tables_and_links_stay():
    """What text needs comes through: tables, emphasis, code, own pictures and links."""
    kept = '<table><thead><tr><th scope="col">a</th></tr></thead><tbody><tr><td>1 &lt; 2</td></tr></tbody></table>'
    assert clean_html(kept) == kept
    assert 'href="https://example.org/"' in clean_html('<a href="https://example.org/">x</a>')
    picture = '<img src="data:image/png;base64,iVBORw0=" alt="a plot" style="max-width:100%">'
    assert clean_html(picture) == picture


def test_our_card_comes_through_unharmed():
    """The feedback card is written in what the filter allows."""
    results = [
        CriterionResult(verdict, "A <label> & more.", verdict, 0.0, 1.0, "said “so”")
        for verdict in ("pass", "fail", "skip", "error")
    ]
    html = card.html(exercise_result("cost", results))
    assert clean_html(html) == html
    assert clean_html(card.notice("a <reason>")) == card.notice("a <reason>")


def test_formulas_and_attachments_are_kept():
    """Formulas become MathML, and an attached picture becomes part of the page."""
    assert "<math><mfrac><mi>a</mi><mi>b</mi></mfrac><mo>&lt;</mo><mn>1</mn></math>" in rendered(r"$\frac{a}{b} < 1$")
    cell = {"attachments": {"neuron.png": {"image/png": "iVBORw0="}}}
    assert 'src="data:image/png;base64,iVBORw0="' in rendered("![one neuron](attachment:neuron.png)", cell)


IN_HTML = {
    "<div>$x$ and $$y$$</div>": "<div>{x} and {y}</div>",
    "<p title='$x$'>$x$</p>": '<p title="$x$">{x}</p>',
    "<pre>$x$</pre>": "<pre>$x$</pre>",
    "<div>\\$5 and \\$6, or $5</div>": "<div>\\$5 and \\$6, or $5</div>",
    "<ul><li>$x$</li></ul>\n\na `$x$` for \\$5 and \\$6": "<ul><li>{x}</li></ul>",
}


@pytest.mark.parametrize("source", IN_HTML)
def test_formulas_in_html_are_formulas(source):
    """Between the tags of HTML that stands in markdown, a formula is one; in code, attributes and prices it is none."""
    inline, block = "<math><mi>x</mi></math>", '<span class="formula"><math display="block"><mi>y</mi></math></span>'
    made = rendered(source)
    assert made.startswith(IN_HTML[source].format(x=inline, y=block))
    assert made.endswith("<p>a <code>$x$</code> for $5 and $6</p>\n") == ("`" in source)


def test_a_formula_that_nobody_closed_is_code():
    """No paragraph of a page has a double dollar sign: what it begins is shown as code, and code stays code."""
    assert rendered("so $$x^2 & y") == "<p>so <code>$$x^2 &amp; y</code></p>\n"
    assert rendered("use `$$` for $y$") == "<p>use <code>$$</code> for <math><mi>y</mi></math></p>\n"


@pytest.mark.parametrize("text", ["\x1b[2J\x1b[31mred", "\x07", "a\u202eb", "\x9b31m", "\x00", "a\u2028b", "\rfake"])
def test_control_characters_are_shown_not_obeyed(text):
    """Escapes, bells, direction marks and returns reach no terminal."""
    shown = printable(text)
    assert shown.isprintable()
    assert len(shown) == len(text)


def test_ordinary_text_stays_as_it_is():
    """Letters of any language, signs, line ends and tabs are kept."""
    text = "σ(z) = 0.5\n\tschön 神经元 🧠\n"
    assert printable(text) == text


# Each took minutes to hours at the size that a notebook may have.
SLOW = {
    "environments": ("markdown2html", "\\begin{a}"),
    "brackets": ("markdown2html", "\\\\["),
    "names": ("highlight_code", "a."),
    "numbers": ("highlight_code", "1."),
    "nested": ("clean_html", "<ul><li>"),
}


@pytest.mark.parametrize("name", SLOW)
def test_what_would_take_hours_to_render_is_shown_as_text(name):
    """A part that its renderer would need very long for is in the page as the text that it is, up to a length."""
    rendering, part = SLOW[name]
    source = part * 250_000
    page = TEMPLATE.from_string(f"{{{{ source | {rendering} }}}}").render(source=source)
    assert page.startswith(f"<pre>{escape(source[:90_000])}")
    assert page.endswith(
        f"[Cut here: {len(source) - 100_000:,} more characters are in the notebook that was handed in.]</pre>"
    )


def test_many_cells_that_each_may_be_rendered_are_not_rendered_all():
    """The cells of a page share what may be rendered of it; the first ones are."""
    cells = "{% for _ in range(500) %}{{ source | markdown2html }}{% endfor %}"
    page = TEMPLATE.from_string(cells).render(source="*a* " * 4_000, cell={}, resources={})
    assert page.startswith("<p><em>a</em>")
    assert 0 < page.count("<pre>*a*") < 500


def test_code_is_coloured_and_nothing_in_it_is_markup():
    """Ordinary code is coloured as nbconvert does it, also where a cell has a great many words."""
    page = TEMPLATE.from_string("{{ source | highlight_code(metadata={}) | clean_html }}").render(
        source="a = '<b>'\n" * 1_900
    )
    assert page.count('<span class="n">a</span>') == 1_900
    assert "<b>" not in page
