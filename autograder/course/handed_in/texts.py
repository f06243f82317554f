"""Texts compared as people mean them: editors change line ends, trailing spaces and the composition of letters."""

import functools
import re
import unicodedata

_WORD = re.compile(r"[^\W\d_]+")
_FIRST_WIDE = 0x2E80  # from here on, scripts that put no spaces between words
_PIECE = 2_000  # characters
_KEPT = 2_000  # texts that are no longer than that
_MIN_WORDS = 3  # of a line that can be told from others


def composed(text: str) -> str:
    """Return a text with letters and accents composed in the one way that Unicode recommends.

    It is cut first: composing sorts the accents of a letter, in time that grows with the square of their number.
    """
    if text.isascii():
        return text
    return _composed(text) if len(text) > _PIECE else _known(text)


def _composed(text: str) -> str:
    return "\n".join(map(_composed_line, text.split("\n")))


_known = functools.lru_cache(_KEPT)(_composed)  # a class has the same instructions, cell by cell


def _composed_line(line: str) -> str:
    if line.isascii():
        return line
    return "".join(unicodedata.normalize("NFC", line[start : start + _PIECE]) for start in range(0, len(line), _PIECE))


def comparable(text: str) -> str:
    """Return a cell's text without what no reader sees: trailing spaces, lines without anything at either end."""
    return "\n".join(line.rstrip() for line in composed(text).strip().split("\n"))


def same(one: str, other: str) -> bool:
    """Say whether two texts differ in nothing that means anything."""
    return one == other or comparable(one) == comparable(other)


def same_words(one: str, other: str) -> bool:
    """Say whether two texts differ at most in where their lines break, as formatters of Markdown leave them."""
    return composed(one).split() == composed(other).split()


def words(text: str) -> int:
    """Return how many words a text has; of scripts without spaces, two characters count as one."""
    found = _WORD.findall(text)
    return sum(max(1, len(word) // 2) if ord(word[0]) >= _FIRST_WIDE else 1 for word in found)


def telling_lines(text: str) -> set[str]:
    """Return the lines of a text that are long enough to be known again."""
    lines = (line.strip() for line in composed(text).split("\n"))
    return {line for line in lines if words(line) >= _MIN_WORDS}
