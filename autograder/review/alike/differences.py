"""What differs between two pieces of code, line by line, as a page shows it side by side."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from autograder.sandbox.limits import READING

Kind = Literal["same", "changed", "added", "removed"]
Parts = tuple[tuple[str, bool], ...]

_ALIKE = 0.4  # a line that shares less with its neighbour is another line
_MORE = "… and {} more lines"


@dataclass(frozen=True)
class Line:
    """A line on each side, with its number from 1, or None where that side has none.

    `left_parts` and `right_parts` are the texts cut where they differ: (text, whether it differs).
    """

    kind: Kind
    left: int | None
    right: int | None
    left_parts: Parts
    right_parts: Parts


@dataclass(frozen=True)
class Difference:
    """Two pieces of code side by side; `problem` says why there are no lines, where they could not be compared."""

    left_title: str
    right_title: str
    lines: tuple[Line, ...]
    problem: str = ""

    @property
    def changes(self) -> int:
        """How many lines are not the same."""
        return sum(line.kind != "same" for line in self.lines)


def difference(left: str, right: str, titles: tuple[str, str]) -> Difference:
    """Return two pieces of code side by side; of very long ones the beginning."""
    one, two = _lines(left), _lines(right)
    # Spaces at the end of a line are no difference that anybody sees.
    matcher = SequenceMatcher(None, [line.rstrip() for line in one], [line.rstrip() for line in two], autojunk=False)
    found: list[Line] = []
    within = _Within()
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        if tag == "equal":
            found += [_same(i + n, j + n, one[i + n], two[j + n]) for n in range(i_end - i)]
        else:
            found += _replaced(one, two, (i, i_end), (j, j_end), within)
    return Difference(*titles, tuple(found))


def _lines(text: str) -> list[str]:
    lines = text.splitlines()
    return lines if len(lines) <= READING.lines else [*lines[: READING.lines], _MORE.format(len(lines) - READING.lines)]


def _same(left: int, right: int, one: str, two: str) -> Line:
    return Line("same", left + 1, right + 1, ((one, False),), ((two, False),))


def _replaced(
    one: list[str], two: list[str], left: tuple[int, int], right: tuple[int, int], within: "_Within"
) -> Iterator[Line]:
    """Yield the lines of a stretch that differs, those that were changed beside what they were changed into."""
    (i, i_end), (j, j_end) = left, right
    while i < i_end and j < j_end:
        changed = within.changed(i, j, one[i], two[j])
        if changed is None:
            yield Line("removed", i + 1, None, ((one[i], True),), ())
            i += 1
            continue
        yield changed
        i, j = i + 1, j + 1
    for place in range(i, i_end):
        yield Line("removed", place + 1, None, ((one[place], True),), ())
    for place in range(j, j_end):
        yield Line("added", None, place + 1, (), ((two[place], True),))


class _Within:
    """Compares lines character by character, as long as few characters have been compared with each other."""

    def __init__(self) -> None:
        self._left = READING.pairs

    def changed(self, i: int, j: int, left: str, right: str) -> Line | None:
        """Return two lines side by side with their differences marked, or None where they have too little in common."""
        self._left -= len(left) * len(right)
        if self._left < 0 or len(left) > READING.columns or len(right) > READING.columns:
            return Line("changed", i + 1, j + 1, ((left, True),), ((right, True),))
        matcher = SequenceMatcher(None, left, right, autojunk=False)
        if matcher.ratio() < _ALIKE:
            return None
        lefts, rights = [], []
        for tag, a, a_end, b, b_end in matcher.get_opcodes():
            lefts += [(left[a:a_end], tag != "equal")] if a_end > a else []
            rights += [(right[b:b_end], tag != "equal")] if b_end > b else []
        return Line("changed", i + 1, j + 1, tuple(lefts), tuple(rights))
