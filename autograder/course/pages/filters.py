"""The filters through which nbconvert's templates show a submission's text: each part within the page's budget.

What renders markdown, colours code and parses HTML takes time that grows with the square of what it is given, so that
one cell could take hours: what is longer than anybody writes by hand, or takes too long, is shown as the text it is.
"""

import functools
import html
import re
import secrets
from typing import Any
from urllib.parse import unquote

from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.filters import Highlight2HTML
from nbconvert.filters import ansi2html as coloured
from nbconvert.filters import strip_files_prefix as strip_prefix
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from autograder.card.formulas import formula, in_html, left_open
from autograder.course.pages.budget import FULL, Budget, Shown, budget_of, cut, notice
from autograder.course.pages.html import clean

_ATTACHMENT = "attachment:"
_KINDS = ("image/png", "image/jpeg", "image/gif", "image/webp")
_DATA = re.compile(r"data:(image/(?:png|jpeg|gif|webp));base64,([A-Za-z0-9+/=]+)")
_ELSEWHERE = re.compile(r"(?!attachment:)[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)  # is neither shown nor missed
_IMG = re.compile(r"(<img\b[^<>]{0,2000}?\bsrc\s*=\s*)[\"']?([^\"'<>\s]+)[\"']?([^<>]{0,2000}>)", re.IGNORECASE)
_TAG = re.compile(r"<(/?[a-z][a-z0-9]*)(?: [a-z-]+=\"[^\"]*\")*>")  # as the parser that cleans HTML writes them
_FORMULA = re.compile(r"\\\\[(\[]|\\begin\{")


# Formulas in HTML are left for its parser, which alone knows what is text there: their dollar signs are known by this.
_DOLLAR, _OTHER = "\U000f5a5a", "\U000f5a5b"
_DOLLARS = re.compile(r"(?<!\\)\$")
_SWAPPED = str.maketrans({_DOLLAR: "$", "$": _OTHER})


class TooMuchError(ValueError):
    """A part is too much work to render."""


class _Renderer(IPythonRenderer):
    """nbconvert's renderer, which puts an attached picture into the page each time that it is shown.

    Formulas are left out of what has to be cleaned: an element that nobody else can write stands in the place of each.
    """

    def __init__(self, attachments: dict[str, Any], budget: Budget) -> None:
        super().__init__(escape=False, attachments=attachments, exclude_anchor_links=True)
        self._left = budget.left
        self._formulas: list[tuple[str, bool]] = []
        token = secrets.token_hex(16)
        self._place = f'<var lang="{token}-{{}}"></var>'
        self._places = re.compile(rf'<var lang="{token}-(\d+)"></var>')

    def inline_math(self, body: str) -> str:
        """Leave a formula for later."""
        return self._later(body, block=False)

    def block_math(self, body: str) -> str:
        """Leave a formula on a line of its own for later."""
        return self._later(body, block=True)

    multiline_math = block_math

    def latex_environment(self, name: str, body: str) -> str:
        """Leave an environment for later."""
        return self._later(f"\\begin{{{name}}}{body}\\end{{{name}}}", block=True)

    def _later(self, tex: str, *, block: bool) -> str:
        self._formulas.append((tex, block))
        return self._place.format(len(self._formulas) - 1)

    def with_formulas(self, cleaned: str) -> str:
        """Return cleaned HTML with each formula in its place."""
        if _DOLLAR in cleaned:
            cleaned = in_html(cleaned.translate(_SWAPPED)).replace(_OTHER, "$")
        return self._places.sub(self._formula, left_open(cleaned))

    def _formula(self, found: re.Match[str]) -> str:
        tex, block = self._formulas[int(found[1])]
        return formula(tex, block=block)

    def _as_tex(self, text: str) -> str:
        return self._places.sub(lambda found: self._formulas[int(found[1])][0], text)

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Render a picture, as long as there is room for it; say so where it is not there."""
        text = self._as_tex(text)  # a description is no place for formulas
        embedded = self._embed_image_or_attachment(url)
        if embedded == url and not _ELSEWHERE.match(url):
            return _placeholder(url.removeprefix(_ATTACHMENT), text)
        if len(embedded) > self._left:
            return notice(FULL)
        self._left -= len(embedded)
        made: str = super().image(text, url, title)
        return made

    def block_html(self, html: str) -> str:
        """Render HTML with its pictures."""
        return str(super().block_html(_DOLLARS.sub(_DOLLAR, self._with_pictures(html))))

    def inline_html(self, html: str) -> str:
        """Render HTML with its pictures."""
        return str(super().inline_html(self._with_pictures(html)))

    def _with_pictures(self, text: str) -> str:
        return _IMG.sub(self._picture, text)

    def _picture(self, found: re.Match[str]) -> str:
        embedded = self._embed_image_or_attachment(found[2])
        if embedded == found[2] and not _ELSEWHERE.match(embedded):
            return _placeholder(found[2].removeprefix(_ATTACHMENT), "")
        if len(embedded) > self._left:
            return notice(FULL)
        self._left -= len(embedded)
        return f'{found[1]}"{html.escape(embedded)}"{found[3]}'

    def _embed_image_or_attachment(self, src: str) -> str:
        """Return an attached picture as data, or the address itself where there is none."""
        for name in (src.removeprefix(_ATTACHMENT), unquote(src.removeprefix(_ATTACHMENT))):
            bundle = self.attachments.get(name)
            if bundle:
                kind = next((one for one in _KINDS if one in bundle), next(iter(bundle)))
                return f"data:{kind};base64,{bundle[kind]}"
        return src


def _placeholder(name: str, text: str) -> str:
    """Return what stands in the place of a picture that is not there."""
    said = f": {text}" if text else ""
    return f"<em>[The picture {html.escape(unquote(name))} was not handed in{html.escape(said)}]</em>"


@pass_context
def markdown2html(context: Context, source: str) -> Shown:
    """Render markdown as nbconvert does, with pictures from attachments, and clean it; formulas become MathML."""
    budget = budget_of(context)
    cell: Any = context.get("cell", {})

    source, pictures = _without_data(source, cell.get("attachments", {}))

    def render(text: str) -> str:
        """Turn Markdown into HTML."""
        if len(_FORMULA.findall(text)) > budget.limits.formulas:
            raise TooMuchError
        renderer = _Renderer(pictures, budget)
        return renderer.with_formulas(_cleaned(MarkdownWithMath(renderer=renderer).render(text)))

    return budget.show(source, render)


def _without_data(source: str, attachments: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return a text and its attachments, with the pictures that are written out in it, as Colab does, among these."""
    found: dict[str, Any] = {}

    def attach(match: re.Match[str]) -> str:
        """Put a name in the place of a picture."""
        name = f"picture-{len(found)}"
        found[name] = {match[1]: match[2]}
        return _ATTACHMENT + name

    return _DATA.sub(attach, source), {**attachments, **found}


@pass_context
def clean_html(context: Context, text: str | bytes) -> Shown:
    """Clean the HTML of an output; what came through another of these filters is clean."""
    if isinstance(text, Shown):
        return text
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    return budget_of(context).show(text, _cleaned, html_itself=True, render_card=_card)


@pass_context
def highlight_code(context: Context, source: str, **options: Any) -> Shown:
    """Colour code as nbconvert does."""
    budget = budget_of(context)

    def render(text: str) -> str:
        """Colour code."""
        if any(len(line) > budget.limits.line_characters for line in text.splitlines()):
            raise TooMuchError
        made: str = _highlighter()(text, **options)
        return made

    return budget.show(source, render)


@pass_context
def ansi2html(context: Context, text: str) -> Shown:
    """Show printed text with its colours, or without them where there are too many; its place is a `<pre>`."""
    budget = budget_of(context)
    shown, rest = text[: budget.limits.text_characters], len(text) - budget.limits.text_characters
    if shown.count("\x1b") > budget.limits.colours:
        shown = shown.replace("\x1b", "␛")
    made = str(coloured(shown))
    return budget.text(made + cut(rest), instead=FULL)


@pass_context
def strip_files_prefix(context: Context, text: str) -> str:
    """Leave clean HTML as it is: no address of a file is left in it that nbconvert could change."""
    return text if isinstance(text, Shown) else str(budget_of(context).show(text, strip_prefix, html_itself=True))


def _cleaned(text: str) -> str:
    """Return clean HTML whose tables can be moved sideways by themselves, and whose pictures have a description.

    Raises:
        TooMuchError: it is too much work for a parser.
    """
    return _TAG.sub(_reached, _clean(text))


def _card(text: str) -> str:
    """Return a clean card, whose tables are never wider than a phone."""
    return in_html(_clean(text))


def _clean(text: str) -> str:
    made = clean(text)
    if made is None:
        raise TooMuchError
    return made


def _reached(found: re.Match[str]) -> str:
    tag, name = found[0], found[1]
    if name == "table":
        return f'<div class="scroll" tabindex="0" role="group" aria-label="table">{tag}'
    if name == "/table":
        return f"{tag}</div>"
    return tag if name != "img" or " alt=" in tag else f'{tag[:-1]} alt="A picture that this cell made">'


@functools.cache
def _highlighter() -> Highlight2HTML:
    return Highlight2HTML(pygments_lexer="ipython3")
