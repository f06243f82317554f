"""What differs between two pieces of code, line by line, as a page shows it side by side."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["same", "changed", "added", "removed"]


@dataclass(frozen=True)
class Line:
    """A line on each side, with its number from 1, or None where that side has none.

    `left_parts` and `right_parts` are the texts cut where they differ: (text, whether it differs).
    """

    kind: Kind
    left: int | None
    right: int | None
    left_parts: tuple[tuple[str, bool], ...]
    right_parts: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Difference:
    """Two pieces of code side by side; `changes` is the number of lines that are not the same."""

    left_title: str
    right_title: str
    lines: tuple[Line, ...]

    @property
    def changes(self) -> int:
        """How many lines are not the same."""
        return sum(line.kind != "same" for line in self.lines)


def difference(left: str, right: str, titles: tuple[str, str]) -> Difference:
    """Return two pieces of code side by side."""
    raise NotImplementedError
