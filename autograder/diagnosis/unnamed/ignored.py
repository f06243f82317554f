"""What an answer ignores that it should look at: arguments, and rows, columns and numbers of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.diagnosis.claims import elsewhere, mirrored
from autograder.diagnosis.exercise import PLAIN, Arguments, Exercise
from autograder.diagnosis.signature import Signature, of_function
from autograder.grading import notation

_ASKED = 3  # probe inputs on which a function is asked what it looks at
_AXES = {1: ("number",), 2: ("row", "column")}  # how the items along each axis of an array are called
_MIDDLE = "the middle"
STAYS = "Your answer stays the same when"

Ask = Callable[[Arguments], Signature]
Move = Callable[[Any], Any]


def ignored(exercise: Exercise, yours: tuple[Signature, ...], ask: Ask) -> str:
    """Say what does not change a student's answer though it changes the right one, or nothing.

    Args:
        exercise: whose answers they are.
        yours: the answers on the plain probe inputs.
        ask: calls the student's function once more.
    """
    asked = _Asked(exercise, yours, ask)
    names = [name for place, name in enumerate(exercise.text.parameters) if asked.ignores(place, elsewhere, mirrored)]
    if names:
        change = "changes" if len(names) == 1 else "change"
        return f"{STAYS} {notation.listed(names)} {change}: does it use {notation.listed(names)}?"
    left_out = [
        words
        for place, name in enumerate(exercise.text.parameters)
        for words, moves in _items(name, exercise.probes[PLAIN][0][place])
        if asked.ignores(place, *moves)
    ]
    if not left_out:
        return ""
    alone = len(left_out) == 1 and not left_out[0].startswith(_MIDDLE)
    change = "changes: is it" if alone else "change: are they"
    return f"{STAYS} {notation.listed(left_out)} {change} left out?"


@dataclass(frozen=True)
class _Asked:
    """A student's function, as far as it was asked; see `ignored`."""

    exercise: Exercise
    yours: tuple[Signature, ...]
    ask: Ask

    def ignores(self, place: int, *moves: Move) -> bool:
        """Say whether an argument that moves the right answer leaves the student's as it is."""
        moved = [(number, arguments) for move in moves for number, arguments in self._moved(place, move)]
        right = self.exercise.answers[PLAIN]
        matters = any(
            not of_function(self.exercise.text.right, arguments).agrees(right[number]) for number, arguments in moved
        )
        return matters and all(self.ask(arguments).agrees(self.yours[number]) for number, arguments in moved)

    def _moved(self, place: int, move: Move) -> Iterator[tuple[int, Arguments]]:
        """Yield a few inputs with another value of one argument, each with its number."""
        for number, arguments in enumerate(self.exercise.probes[PLAIN][:_ASKED]):
            yield number, (*arguments[:place], move(arguments[place]), *arguments[place + 1 :])


def _items(name: str, value: Any) -> Iterator[tuple[str, tuple[Move, ...]]]:
    """Yield the first and the last item along each axis of an array, and those between, and what moves them alone."""
    if not isinstance(value, np.ndarray):
        return
    for axis, called in enumerate(_AXES.get(value.ndim, ())):
        for words, item in (
            (f"the first {called} of {name}", slice(0, 1)),
            (f"the last {called} of {name}", slice(-1, None)),
            (f"{_MIDDLE} {called}s of {name}", slice(1, -1)),
        ):
            yield words, (_only(axis, item, elsewhere), _only(axis, item, mirrored))


def _only(axis: int, item: slice, move: Move) -> Move:
    """Return a function that changes some items of an array alone; a value without such items stays as it is."""

    def moved(value: Any) -> Any:
        """Return a value with one row or column changed."""
        if np.ndim(value) <= axis:
            return value
        chosen = (slice(None),) * axis + (item,)
        copy = np.array(value, dtype=float)
        copy[chosen] = np.asarray(move(value))[chosen]
        return copy

    return moved
