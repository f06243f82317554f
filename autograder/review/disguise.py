"""What takes the place of a student's id and names in an archive that may be shown."""

import hashlib
import re

from autograder.review.marks import Entry

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
_LEAST = 2  # letters of a name that is looked for: a single one stands in every text
_HIDDEN = "▢▢▢"


def pseudonym(secret: str, length: int) -> str:
    """Return letters that are the same for the same secret, and tell nothing of it."""
    number = int.from_bytes(hashlib.sha256(secret.encode()).digest())
    letters = []
    for _ in range(length):
        number, place = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[place])
    return "".join(letters)


def disguise(text: str, student: str, entry: Entry | None) -> str:
    """Return a text without a student's own id and names, wherever these stand as words."""
    names = [student, *re.split(r"[,\s]+", entry.name if entry is not None else "")]
    words = sorted({re.escape(name) for name in names if len(name) >= _LEAST}, key=len, reverse=True)
    if not words:
        return text
    return re.sub(rf"(?<!\w)({'|'.join(words)})(?!\w)", _HIDDEN, text, flags=re.IGNORECASE)
