"""Cells that are Python already: IPython's reading of its own syntax leaves them as they are, and takes long."""

import re

# Magics, commands of the shell, questions and calls without brackets; prompts that were copied along; and lines of
# blanks, which IPython empties. Where one of these is found, IPython decides what it means.
_OTHER = re.compile(r"[%!?\r]|^[^\S\n]*[,;/]|^[ \t]*(?:>>>|\.\.\.|In \[|\[)|^[ \t]+$|\A\s", re.MULTILINE)
_AWAITS = re.compile(r"await|async")


def as_python(source: str) -> str | None:
    """Return a cell of several lines as Python, or None where IPython has to read it.

    Of a single line IPython looks at what the names in it mean.
    """
    if source.rstrip("\n").count("\n") == 0 or _OTHER.search(source):
        return None
    return source if source.endswith("\n") else f"{source}\n"


def may_await(source: str) -> bool:
    """Say whether a cell may await something at its top level, which takes one of two words."""
    return _AWAITS.search(source) is not None
