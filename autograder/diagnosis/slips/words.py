"""An expression in the notation of the text."""

import ast
import re
from collections.abc import Mapping

from autograder.diagnosis.slips.changes import METHODS
from autograder.diagnosis.trees import cloned

ITEMS = {"A[0]": "X", "A[1]": "A of layer 1", "weights[-1]": "W", "biases[-1]": "b"}
_WRITTEN = (
    ("np.log(", "ln("),
    ("np.sum(", "Σ ("),
    ("np.max(", "max("),
    ("np.min(", "min("),
    ("np.median(", "median("),
    ("np.mean(", "mean("),
    ("np.exp(", "exp("),
    ("np.sqrt(n)", "√n"),
    ("np.sqrt(", "√("),
    ("np.prod(", "the product of ("),
    ("np.std(", "the standard deviation of ("),
    ("sigmoid(", "σ("),
    ("len(X)", "n"),
    ("len(y)", "n"),
    ("len(w)", "k"),
    ("len(weights)", "the number of layers"),
    ("len(biases)", "the number of layers"),
    (", axis=1", ""),
    (", axis=0", ""),
    (".T", "ᵀ"),
    (" ** 2", "²"),
    ("**", "^"),
    (" * ", " · "),
    (" @ ", " "),
    ("-", "−"),
    ("+ −", "− "),
    ("− −", "+ "),
)

# A mean has a value of its own for each column, and a sum is written as Σ, whose text says over what it runs.
_ALONG = re.compile(r"np\.(mean|median|max|min)\((.+?), axis=([01])\)")
_WAYS = {"0": "down each column", "1": "along each row"}


def written(value: ast.expr, words: Mapping[str, str], *, axes: bool = False) -> str:
    """Return an expression in the text's notation; with `axes`, each total says along which axis."""
    named = cloned(value)
    signs: dict[str, str] = {}
    for node in ast.walk(named):
        if isinstance(node, ast.Name) and words.get(node.id, node.id) != node.id:
            sign = f"name{len(signs)}_"
            signs[sign] = words[node.id] if node is named else braced(words[node.id])
            node.id = sign
    text = ast.unparse(named)
    for old, new in ((old, new if text == old else braced(new)) for old, new in words.items() if "[" in old):
        text = re.sub(rf"\b{re.escape(old)}", new, text)
    for pattern, said in METHODS.items():
        text = re.sub(pattern, said, text)
    if not axes:
        text = _ALONG.sub(lambda found: f"np.{found[1]}({found[2]} {_WAYS[found[3]]})", text)
    for old, new in _WRITTEN:
        text = text if axes and "axis" in old else text.replace(old, new)
    text = re.sub(r"name\d+_", lambda match: signs[match[0]], text)
    return re.sub(r"\(\(([^()]*(?:\([^()]*\)[^()]*)*)\)\)", r"(\1)", text)


def braced(words: str) -> str:
    """Return words in brackets where what stands before or after them could be misread."""
    whole = words.startswith("(") and words.endswith(")") and words.count("(") == 1
    return f"({words})" if " " in words and not whole else words
