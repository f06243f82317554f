"""Pictures on the card: what a student's function does, beside what it should do."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Picture:
    """A picture that stands in the page itself.

    Attributes:
        alt: what it shows, in words that say as much.
        uri: a `data:` address with the picture.
    """

    alt: str
    uri: str
