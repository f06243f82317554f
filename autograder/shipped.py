"""Folders that come with the package: notebooks and documentation."""

import re
from pathlib import Path

NOTEBOOKS = ("neuron", "network")  # assignments that come with their notebooks, in the order of a course
_PACKAGE = Path(__file__).parent
_PAGE = re.compile(r"(?<![\w/])docs/(?=[\w-]+\.md)")


def shipped(name: str) -> Path:
    """Return a shipped folder, `source` or `docs`: inside the package, or in a clone at the repository's root."""
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def located(text: str) -> str:
    """Return a message in which pages of the documentation, as docs/set-up.md, are named by where they lie here."""
    return _PAGE.sub(lambda _: f"{shipped('docs')}/", text)


def notebooks(assignment: str) -> Path:
    """Return the instructor's folder of an assignment that comes with its notebooks."""
    return shipped("source") / assignment
