"""Formulas as MathML: what people write is read, what cannot be read is shown as code, and nothing in one is active."""

import html
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.card import formulas
from autograder.review.pages import render

ROOT = Path(__file__).parent.parent
READ = [
    r"\frac{\partial C}{\partial w_j}=\frac1n\sum x_j\,(\sigma(z)-y)",
    r"\begin{align}a&=b\label{x}\\c&=d\nonumber\end{align}",
    r"\begin{eqnarray}a&=&b\end{eqnarray}",
    r"\begin{cases}1&\text{if $x>0$}\\0&\text{else}\end{cases}",
    r"\begin{equation}\begin{split}a&=b\end{split}\end{equation}",
    r"\hat y = \operatorname*{argmax}_k \mathbf{w}_k^{\top} x",
    r"\mathbb{R}^{n\times k},\quad\lVert w\rVert_2^2",
]
UNREAD = [
    r"\unknown{x}",
    r"\frac{",
    r"\href{javascript:alert(1)}{x}",
    r"\class{btn}{x}",
    r"\style{position:fixed}{x}",
    r"\newcommand{\a}{\a\a}\a",
    "{" * 100 + "}" * 100,
    "x_{" * 300 + "}" * 300,
    r"\begin{matrix}" * 60 + r"\end{matrix}" * 60,
    r"\left(" * 100 + r"\right)" * 100,
    r"\sqrt" * 300 + " x",
    r"\left(\frac{1}{" * 6 + "x" + r"}\right)" * 6,
    "x" * 3_000,
    "x" + "'" * 1_900,
]
PIECES = st.sampled_from(
    [
        *r"{}^_&$#~'x1<>",
        *("\\\\", r"\frac", r"\sqrt", r"\left(", r"\right)", r"\text{", r"\color{red}", r"\hspace{-9em}"),
        *(r"\begin{array}{c|c}", r"\end{array}", r"\sum", r"\hat", r"\newcommand{\y}", r"\y"),
        *("<script>", "onload=", '"', " "),
    ]
)
ALLOWED = re.compile(r"</?(math|m[a-z]+|code|span)( [a-z-]+=\"[^\"<>]*\")*>")
ACTIVE = re.compile(r"\s(on\w+|href|src|id|name|class=\"(?!formula|wide))|javascript:|url\(|position", re.IGNORECASE)


@pytest.mark.parametrize("tex", READ)
def test_what_people_write_is_read(tex):
    """Fractions, environments, cases, text with formulas in it and accents become MathML, without numbers."""
    made = formulas.mathml(tex, block=True)
    assert made.startswith('<math display="block">')
    assert "\\" not in made
    assert "(1)" not in made


@pytest.mark.parametrize("tex", UNREAD, ids=range(len(UNREAD)))
def test_what_cannot_be_read_is_shown_as_code(tex):
    """Unknown commands, open groups, what is nested deeply or very long, and macros without an end stay readable."""
    assert formulas.formula(tex) == f"<code>{tex}</code>"
    assert formulas.formula(tex, block=True) == f'<code class="formula">{tex}</code>'


@given(st.lists(PIECES, max_size=60))
def test_nothing_in_a_formula_is_active(pieces):
    """Whatever it is made of, a formula is MathML of the allow-list or code, and nothing that a page obeys."""
    made = formulas.formula("".join(pieces))
    tags = re.findall(r"<[^>]*>", made)
    assert [tag for tag in tags if not ALLOWED.fullmatch(tag) or ACTIVE.search(tag)] == []


@pytest.mark.parametrize("assignment", ["neuron", "network"])
def test_all_formulas_of_our_notebooks_are_read(assignment):
    """Every formula that our own notebooks show becomes MathML."""
    notebook = json.loads((ROOT / "source" / assignment / f"{assignment}.ipynb").read_text())
    text = "\n\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    made = formulas.text(text)
    assert made.count("<math") > 50
    assert "<code>" not in made
    assert "$$" not in made


def test_growing_brackets_stay_on_a_page():
    """Brackets that grow are read as deeply as people nest them; each further level would be twice as high."""
    assert formulas.mathml(r"\left(\frac{1}{" * 5 + "x" + r"}\right)" * 5) is not None


@pytest.mark.parametrize(("source", "made"), [("so $$x^2 & y", "so <code>$$x^2 &amp; y</code>"), ("$5 is dear", None)])
def test_a_formula_that_nobody_closed_is_code(source, made):
    """An open formula is shown as code up to the end of its text; a lone dollar sign stays."""
    assert formulas.text(source) == (made or source)
    assert formulas.left_open(f"<p>{html.escape(source)}</p>") == f"<p>{made or source}</p>"


@pytest.mark.slow
def test_review_shows_formulas_of_answers():
    """An answer in words is text in the review, and its formulas are MathML; what is no formula is text."""
    made = render._environment().filters["answer"](r"It is $\frac1n$ <b>of</b> $$\bad$$")
    assert made.startswith("It is <math><mfrac>")
    assert made.endswith('</math> &lt;b&gt;of&lt;/b&gt; <code class="formula">\\bad</code>')


def test_cards_may_hold_formulas():
    """A formula in a card's text is shown as one; code to try, and a lone dollar sign, stay as they are."""
    card = '<p title="$a$">The mean $\\frac1n$ is &lt; $5</p><samp style="color:red">f("$x$")</samp>'
    made = formulas.in_html(card)
    assert made.startswith('<p title="$a$">The mean <math><mfrac>')
    assert made.endswith('</math> is &lt; $5</p><samp style="color:red">f("$x$")</samp>')
