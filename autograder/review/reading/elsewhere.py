"""Whether the function that was judged is the one whose text is shown, by where its own process says it was defined."""

from collections.abc import Mapping
from dataclasses import dataclass

from autograder.review.reading.functions import Written, leading_lines
from autograder.sandbox.answers import Place, Places
from autograder.sandbox.limits import READING

_NO_CELL = "function in "  # such as <string>: see `autograder.sandbox.inside.places`
_TIMED = "function in <timed exec>"  # IPython's, for a cell that begins with %%time


@dataclass(frozen=True)
class Elsewhere:
    """A judged function that was defined elsewhere: a warning in words, and the text of the cells to look at."""

    warning: str
    text: str


def elsewhere(function: str, places: Places, shown: Written | None, cells: Mapping[int, str]) -> Elsewhere | None:
    """Return where a judged function, or one that it leads to, was defined; None where the shown text is the place.

    Args:
        function: its name.
        places: of it and of what it leads to; nothing where none are known.
        shown: its text and where that stands, or None where there is none.
        cells: sources of the code cells up to the one that judges it, by number.
    """
    odd = {name: one for name, one in places.items() if _is_odd(name, one, function, shown, cells)}
    if function in odd and _known_by_its_parts(function, odd, places):
        del odd[function]
    if not odd:
        return None
    name, place = next(iter(odd.items()))
    what = "The function that was judged" if name == function else f"{name}, to which the judged function leads,"
    warning = f"{what} {_said(place, cells)}{', not by the text above' if shown else ''}."
    told = {number for one in odd.values() for number in (one.cell, one.bound) if number is not None}
    numbers = sorted(told & cells.keys())
    texts = [f"# Code cell {number}:\n{cells[number][: READING.raw]}" for number in numbers]
    return Elsewhere(warning, "\n\n\n".join([f"# {warning}", *texts]))


def _known_by_its_parts(function: str, odd: Places, places: Places) -> bool:
    """Say whether an object that is no function, such as `np.vectorize` makes, holds only functions that are shown."""
    parts = [name for name in places if name.startswith(f"{function}.")]
    defined = any(places[name].cell is not None for name in parts)
    return places[function].cell is None and defined and not any(name in odd for name in parts)


def _is_odd(name: str, place: Place, function: str, shown: Written | None, cells: Mapping[int, str]) -> bool:
    """Say whether something was not defined by the text that is shown."""
    if place.cell is not None and place.line is not None:
        return shown is None or not shown.holds(place.cell, place.line + leading_lines(cells.get(place.cell, "")))
    if place.kind == _TIMED and shown is not None and name in shown.places:
        number = shown.places[name][0]
        return number != place.bound or not cells.get(number, "").lstrip().startswith("%%time")
    if name == function or place.kind.startswith(_NO_CELL):
        return True
    return shown is not None and name in shown.places and shown.places[name][0] != place.bound


def _said(place: Place, cells: Mapping[int, str]) -> str:
    """Return in words where something was defined."""
    if place.cell is not None:
        line = (place.line or 1) + leading_lines(cells.get(place.cell, ""))
        return f"was defined in In [{place.cell}], line {line}"
    if place.bound is not None:
        return f"was put there by In [{place.bound}] ({place.kind}), by code that is no cell's own"
    return f"is no function of a cell's ({place.kind})"
