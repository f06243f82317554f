"""What takes the place of a student's id and names in an archive that may be shown."""

import functools
import hashlib
import itertools
import re
import unicodedata

from autograder.review.reading.marks import Entry

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
_LEAST = 2  # letters of a name that is looked for: a single one stands in every text
_PART, _ANYWHERE = 3, 6  # letters from which a name is looked for in identifiers, and anywhere
_INITIAL = 4  # letters of a name to which others' initials may be joined
_MOST_NAMES = 6
_HIDDEN = "▢▢▢"
_ASCII = str.maketrans({"ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ł": "l", "Ł": "L", "ß": "ss"})
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ø": "oe", "Ø": "Oe"})
_TAG = re.compile(r"(<[^>]*>)")
_SAYING = re.compile(r'\b(?:alt|title)="[^"]*"')


def pseudonym(secret: str, length: int) -> str:
    """Return letters that are the same for the same secret, and tell nothing of it."""
    number = int.from_bytes(hashlib.sha256(secret.encode()).digest())
    letters = []
    for _ in range(length):
        number, place = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[place])
    return "".join(letters)


def disguise(text: str, student: str, entry: Entry | None) -> str:
    """Return a text without a student's own id and names, also as parts of identifiers and of e-mail addresses.

    A name of two letters is hidden where no letter or digit is next to it, one of up to five as a part of an identifier
    (`ada_loss`, `adaLoss`), a longer one wherever it stands.
    """
    folded = text.casefold()
    for word in _words(student, entry.name if entry is not None else ""):
        if word.casefold() in folded:  # many times as fast as looking for it in any case
            text = re.sub(re.escape(word), _hide, text, flags=re.IGNORECASE)
    return text


def disguise_html(html: str, student: str, entry: Entry | None) -> str:
    """Return HTML of ours as `disguise` returns text: tags stay what they are, but for what they say in words."""
    parts = _TAG.split(html)
    parts[::2] = [disguise(part, student, entry) for part in parts[::2]]
    parts[1::2] = [_SAYING.sub(lambda said: disguise(said[0], student, entry), part) for part in parts[1::2]]
    return "".join(parts)


@functools.lru_cache(20_000)
def _words(student: str, name: str) -> tuple[str, ...]:
    """Return in which ways a student may be named, the longest first."""
    names = [part for part in re.split(r"[^\w]+", unicodedata.normalize("NFC", name)) if part][:_MOST_NAMES]
    joined = [one + other for one, other in itertools.permutations(names, 2)]
    short = [one[0] + other for one, other in itertools.permutations(names, 2) if len(other) >= _INITIAL]
    short += [other + one[0] for one, other in itertools.permutations(names, 2) if len(other) >= _INITIAL]
    written = {form for word in (student, *names, *joined, *short) for form in _forms(word)}
    return tuple(sorted((word for word in written if len(word) >= _LEAST), key=lambda word: (-len(word), word)))


def _forms(word: str) -> set[str]:
    """Return a word with its accents in either encoding, and as it is written without them."""
    composed = unicodedata.normalize("NFC", word)
    return {
        composed,
        unicodedata.normalize("NFD", word),
        _plain(composed).translate(_ASCII),
        _plain(composed.translate(_UMLAUTS)).translate(_ASCII),
    }


def _plain(word: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", word) if not unicodedata.combining(char))


def _hide(match: re.Match[str]) -> str:
    word = match[0]
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    if word.isdecimal():
        alone = not (before.isdecimal() or after.isdecimal())
    elif len(word) < _PART:
        alone = not (before.isalnum() or after.isalnum())
    elif len(word) >= _ANYWHERE or any(char.isdecimal() for char in word):
        alone = True
    else:
        starts = not before.isalpha() or (before.islower() and word[0].isupper())
        ends = not after.isalpha() or (after.isupper() != word[-1].isupper())
        alone = starts and ends
    return _HIDDEN if alone else word
