"""What a student is told of a hidden test that failed: only words that the test's own text spells out."""

import ast
import builtins
import re

_FIELD = "…"
_KNOWN = {
    name for name, found in vars(builtins).items() if isinstance(found, type) and issubclass(found, BaseException)
} | {"Timeout", "ProcessEnded"}  # ours


def told(source: str, kind: str, message: str) -> str:
    """Return what to say of a hidden test that failed.

    Args:
        source: of the test.
        kind: the name of the type of the exception.
        message: its text, which may hold more than a student should read.
    """
    for form, words in _messages(source):
        if form.fullmatch(message):
            return words
    return f"A hidden test failed: {kind if kind in _KNOWN else 'an error'}"


def _messages(source: str) -> list[tuple[re.Pattern[str], str]]:
    """Return the messages that a test's own text spells out: what each looks like, and how it is told.

    Nothing else is told: student code runs beside the test, and could make any other message carry the test's text out.
    """
    try:
        tree = ast.parse("\n".join(line for line in source.splitlines() if not line.lstrip().startswith(("%", "!"))))
    except SyntaxError:
        return []
    found = []
    for node in ast.walk(tree):
        text: ast.expr | None = None
        if isinstance(node, ast.Assert):
            text = node.msg
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
            text = node.exc.args[0]
        if isinstance(text, ast.Constant) and isinstance(text.value, str):
            found.append((re.compile(re.escape(text.value)), text.value))
        elif isinstance(text, ast.JoinedStr):
            found.append(_template(text))
    return found


def _template(text: ast.JoinedStr) -> tuple[re.Pattern[str], str]:
    literal = [str(part.value) if isinstance(part, ast.Constant) else None for part in text.values]
    form = "".join(".*" if part is None else re.escape(part) for part in literal)
    return re.compile(form, re.DOTALL), "".join(_FIELD if part is None else part for part in literal)
