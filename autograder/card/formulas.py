r"""Formulas in TeX as MathML, which browsers show without any script.

What cannot be read as a formula stays readable: it is shown as the code that it is. How deeply a formula is nested is
bounded before the converter, and before a browser, sees it: both follow the nesting by recursion.
"""

import functools
import html
import itertools
import re
from collections.abc import Callable

import nh3
from math_core import LatexError, LatexToMathML

_CHARACTERS = 2_000  # of a formula; what people write has a few hundred
_DEPTH = 24  # of its groups, and of the elements made of it
_FENCES = 5  # brackets that grow, within each other: beside a fraction each is twice as high as the one in it
_ELEMENTS = 4_000
_WIDE = 32  # characters of TeX from which on a formula may be wider than a phone
_OPENS, _CLOSES = ("{", r"\left", r"\begin"), ("}", r"\right", r"\end")
_NESTING = re.compile(r"\\[{}\\]|\\(?:left|right|begin|end)(?![A-Za-z])|[{}]")
_TEXT = re.compile(r"\\(?:text|mbox)\{([^{}]*)\}")
_IN_TEXT = re.compile(r"\$([^$]*)\$")
_LABEL = re.compile(r"\\label\{[^{}]*\}")
_NUMBERED = re.compile(r"\\(begin|end)\{(align|alignat|equation|gather|multline|flalign)\}")
# Environments by names that the converter does not know.
_OTHER_NAMES = (
    (re.compile(r"\\begin\{eqnarray\*?\}"), r"\\begin{array}{rcl}"),
    (re.compile(r"\\end\{eqnarray\*?\}"), r"\\end{array}"),
    (re.compile(r"\\(begin|end)\{split\}"), r"\\\1{aligned}"),
)
_TAGS = {
    *("math", "menclose", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mphantom", "mprescripts"),
    *("mroot", "mrow", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr"),
    *("munder", "munderover"),
}
_ATTRIBUTES = {
    "*": {"displaystyle", "mathvariant", "scriptlevel", "style"},
    "math": {"display"},
    "menclose": {"notation"},
    "mfrac": {"linethickness"},
    "mo": {
        "fence",
        "form",
        "largeop",
        "lspace",
        "maxsize",
        "minsize",
        "movablelimits",
        "rspace",
        "stretchy",
        "symmetric",
    },
    "mover": {"accent"},
    "mpadded": {"height", "width"},
    "mspace": {"width"},
    "mtd": {"columnspan"},
    "munder": {"accentunder"},
    "munderover": {"accent", "accentunder"},
}
_STYLES = {
    *("border-right", "border-top", "color", "justify-items", "margin-left", "padding-bottom", "padding-left"),
    *("padding-right", "padding-top", "text-align", "width"),
}
# No space is wider than a line of text, and none takes a formula far back over what stands before it.
_VALUE = re.compile(r"[a-z]+|-?\d?(\.\d+)?(em|pt|px)?")
_STYLE = re.compile(r"(?!.*-\d*[1-9]\d*(\.\d+)?em)[a-zA-Z0-9#%.:; -]*")
_FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+)\$|(\\begin\{([a-z]+\*?)\}.*?\\end\{\4\})", re.DOTALL)
_PIECES = re.compile(r"(<(?:[^<>\"]|\"[^\"]*\")*>)")
_TAG = re.compile(r"<(/?)[a-z]")
_CODE = ("<samp", "</samp", "<code", "</code", "<pre", "</pre", "<kbd", "</kbd")


def formula(tex: str, *, block: bool = False) -> str:
    """Return a formula as clean HTML: MathML, or the TeX as code where it cannot be read or is too much work.

    Args:
        tex: without the dollar signs around it; an environment, with its beginning and end.
        block: whether it stands on a line of its own.
    """
    made = mathml(tex, block=block)
    if made is None:
        begin = '<code class="formula">' if block else "<code>"
        return f"{begin}{html.escape(tex.strip(), quote=False)}</code>"
    if not block and len(tex) <= _WIDE:
        return made
    # By keyboard, so that it can be moved sideways.
    reached = ' tabindex="0" role="group" aria-label="formula"' if len(tex) > _WIDE else ""
    return f'<span class="{"formula" if block else "wide"}"{reached}>{made}</span>'


def text(source: str) -> str:
    """Return plain text as HTML, in which each formula is one."""
    made, end = [], 0
    for found in _FORMULA.finditer(source):
        tex = found[1] or found[2] or found[3]
        made += [html.escape(source[end : found.start()], quote=False), formula(tex, block=not found[2])]
        end = found.end()
    return "".join([*made, _code_from_open(source[end:])])


def in_html(cleaned: str) -> str:
    """Return clean HTML in which each formula between dollar signs is one; code to try stays as it is."""
    return _outside_code(cleaned, text) if "$" in cleaned else cleaned


def left_open(cleaned: str) -> str:
    """Return clean HTML in which a formula that nobody closed is shown as code."""
    return _outside_code(cleaned, _code_from_open) if "$$" in cleaned else cleaned


def _code_from_open(source: str) -> str:
    before, sign, tex = source.partition("$$")
    code = f"<code>{html.escape(sign + tex, quote=False)}</code>" if sign else ""
    return f"{html.escape(before, quote=False)}{code}"


def _outside_code(cleaned: str, shown: Callable[[str], str]) -> str:
    """Return clean HTML with all text that has a dollar sign, and is no code, shown in another way."""
    made, code = [], False
    for piece in _PIECES.split(cleaned):
        if piece.startswith("<"):
            code = not piece.startswith("</") if piece.startswith(_CODE) else code
            made.append(piece)
        else:
            made.append(piece if code or "$" not in piece else shown(html.unescape(piece)))
    return "".join(made)


@functools.lru_cache(1_000)
def mathml(tex: str, *, block: bool = False) -> str | None:
    """Return a formula as clean MathML, or None where it cannot be read or is too much work."""
    if len(tex) > _CHARACTERS or _nesting(tex) > _DEPTH or _nesting(tex, (r"\left",), (r"\right",)) > _FENCES:
        return None
    try:
        made = _converter().convert_with_local_state(_known(tex.strip()), displaystyle=block)
    except LatexError:
        return None
    if made.count("<") > _ELEMENTS or _depth(made) > _DEPTH:
        return None
    cleaned = nh3.clean(
        made,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        filter_style_properties=_STYLES,
        link_rel=None,
    )
    return cleaned if cleaned.startswith("<math") else None


def _attribute(tag: str, name: str, value: str) -> str | None:  # noqa: ARG001 - nh3's call
    if name == "style":
        return value if _STYLE.fullmatch(value) else None
    return value if _VALUE.fullmatch(value) else None


def _known(tex: str) -> str:
    """Return TeX in words that the converter knows: no numbers of equations, and no formulas within text."""
    tex = _NUMBERED.sub(r"\\\1{\2*}", _LABEL.sub("", tex))
    for name, other in _OTHER_NAMES:
        tex = name.sub(other, tex)
    return _TEXT.sub(lambda found: rf"\text{{{_IN_TEXT.sub(_outside, found[1])}}}", tex)


def _outside(found: re.Match[str]) -> str:
    """Take a formula out of the text around it: end that text before it, begin another after it."""
    return rf"}}{found[1]}\text{{"


def _nesting(tex: str, opens: tuple[str, ...] = _OPENS, closes: tuple[str, ...] = _CLOSES) -> int:
    """Return how deeply the groups of a formula are nested."""
    steps = ((found in opens) - (found in closes) for found in _NESTING.findall(tex))
    return max(itertools.accumulate(steps, initial=0))


def _depth(made: str) -> int:
    """Return how deeply the elements of MathML are nested."""
    return max(itertools.accumulate((-1 if end else 1 for end in _TAG.findall(made)), initial=0))


@functools.cache
def _converter() -> LatexToMathML:
    return LatexToMathML(fancy_error=False)
