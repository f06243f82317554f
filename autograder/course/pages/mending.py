"""Repairs by nbconvert, unneeded in our pages: it parses each page for them, which takes longer than making it."""

from typing import Any

import nbconvert.exporters.html as exporting
from bs4 import BeautifulSoup


class _Whole(str):
    """A page in which there is nothing to mend; stands in for what nbconvert would parse, and print again."""

    __slots__ = ()

    def select(self, _selector: str) -> list[Any]:
        """Return what is to be mended."""
        return []


def parse_only_to_mend() -> None:
    """Let nbconvert's exporters of this process parse only pages in which they have something to mend."""
    exporting.BeautifulSoup = parsed


def parsed(page: str, features: str) -> "str | BeautifulSoup":
    """Return a page as nbconvert wants it: parsed, where there is something to mend."""
    return BeautifulSoup(page, features) if "jp-Notebook" in page or _lacks_text(page) else _Whole(page)


def _lacks_text(page: str) -> bool:
    """Say whether a picture has no text for those who do not see it."""
    end = 0
    while (start := page.find("<img", end)) >= 0:
        end = page.find(">", start)
        if end < 0 or " alt=" not in page[start:end]:
            return True
    return False
