"""Numbers as the pages show them: points, shares, bars, shades of the heat map, and how far one has come."""

from collections.abc import Sequence, Sized
from typing import NamedTuple

from autograder.review.changing.actions import Action, Adjustment

_SHADES = 5
_HUNDRED = 100
HEIGHT = 64


class Bar(NamedTuple):
    """One bar of a distribution: its place from the left, its points in words, how many students, and its height."""

    place: int
    label: str
    students: int
    height: float


def points(value: float | None) -> str:
    """Return points, at most three decimals, or a dash where there are none."""
    return "–" if value is None else f"{round(value, 3):g}".replace("-", "−")


def percent(share: float | None) -> str:
    """Return a share of 0 to 1 in percent; not 0 or 100 unless it is."""
    if share is None:
        return "–"
    rounded = round(share * _HUNDRED)
    if 0 < share < 1:
        rounded = min(max(rounded, 1), _HUNDRED - 1)
    return f"{rounded} %"


def whole(number: int) -> str:
    """Return a whole number as it is read."""
    return f"{number:,}"


def count(number: int, one: str, more: str = "") -> str:
    """Return a number of things in words: `1 student`, `2 students`."""
    return f"{whole(number)} {one if number == 1 else more or one + 's'}"


def moment(when: str) -> str:
    """Return a moment in ISO 8601 as it is read; what is none, as it is."""
    return when[:19].replace("T", " ")


def bars(found: Sequence[tuple[float, float, int]]) -> list[Bar]:
    """Return the bars of a distribution, the highest of height `HEIGHT`; one student can still be seen beside many."""
    most = max((students for _, _, students in found), default=0) or 1
    return [
        Bar(place, _range(low, high), students, max(round(HEIGHT * students / most, 1), 1.5 if students else 0))
        for place, (low, high, students) in enumerate(found)
    ]


def _range(low: float, high: float) -> str:
    return points(low) if low == high else f"{points(low)} to {points(high)}"


def heat(share: float | None) -> str:
    """Return the class of a field of the heat map: `h0` where nobody passes to `h4` where nearly everybody does."""
    return "h-none" if share is None else f"h{min(int(share * _SHADES), _SHADES - 1)}"


def seen(groups: Sequence[Sized], number: int) -> int:
    """Return the number of students in the first `number` groups."""
    return sum(len(group) for group in groups[:number])


def adjusted(adjustment: Adjustment | None) -> str:
    """Return in words what happens to marks."""
    if adjustment is None:
        return "left as they were"
    if adjustment.kind == "clear":
        return "those given by hand taken away"
    return f"{'set to' if adjustment.kind == 'set' else 'changed by'} {points(adjustment.points)}"


def state(action: Action) -> str:
    """Return in words what came of an action."""
    words = [f"done for {action.done}"]
    words += [f"⚠ {count(action.conflicts, 'conflict')}"] if action.conflicts else []
    words += [f"⚠ {action.waiting} still waiting"] if action.waiting else []
    return ", ".join(words) + (", then taken back" if action.undone_by else "")
