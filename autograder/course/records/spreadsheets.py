"""Texts in files that spreadsheets open: none of ours is a formula there."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # as OWASP lists them


def harmless(text: str) -> str:
    """Return a text that a spreadsheet shows and does not run: one that starts as a formula gets a ' before it."""
    return f"'{text}" if text.startswith(_FORMULA) else text
