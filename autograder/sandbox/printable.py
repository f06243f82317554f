"""Text that student code produced, without what a terminal or a page would obey instead of showing."""

import unicodedata

_KEPT = "\n\t"
_PICTURES = 0x2400  # U+2400 shows NUL, U+2401 the next control character, and so on
_DELETE = 0x7F


def printable(text: str, kept: str = _KEPT) -> str:
    """Return text with control characters, direction marks and the like shown instead of obeyed.

    Args:
        text: what student code wrote.
        kept: control characters that may stay.
    """
    if text.isprintable():
        return text
    obeyed = {ord(char): _shown(char) for char in set(text) if char not in kept and not _harmless(char)}
    return text.translate(obeyed) if obeyed else text


def _harmless(char: str) -> bool:
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _shown(char: str) -> str:
    code = ord(char)
    if code < _DELETE and unicodedata.category(char) == "Cc":
        return chr(_PICTURES + code)
    return "\ufffd"
