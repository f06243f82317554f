"""An answer of several arrays, piece by piece: which of them are right while others are wrong."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from autograder.diagnosis.exercise import Exercise
from autograder.diagnosis.signature import Signature
from autograder.grading.compare import Array, Expected
from autograder.grading.parts import Path, name

_PAIR = 2  # halves of an answer, such as ∂C/∂W and ∂C/∂b


@dataclass(frozen=True)
class Piece:
    """One array of an answer.

    Attributes:
        path: that leads to it.
        is_last: whether it belongs to the last layer.
        right: the right numbers.
        yours: the student's.
    """

    path: Path
    is_last: bool
    right: Array
    yours: Array


def pieces_of(expected: Expected, right: Array, yours: Array) -> list[Piece]:
    """Return the pieces of two answers of the same form, whose numbers stand one after another."""
    parts = expected.parts("")
    ends = np.cumsum([part.value.size for part in parts])[:-1]
    last = max((part.path[-1] for part in parts if part.path), default=0)
    both = zip(parts, np.split(right, ends), np.split(yours, ends), strict=True)
    return [Piece(part.path, bool(part.path) and part.path[-1] == last, a, b) for part, a, b in both]


def joined(pieces: Sequence[Piece], which: Literal["right", "yours"]) -> Signature:
    """Return the numbers of pieces as one answer."""
    numbers = [getattr(piece, which) for piece in pieces]
    return Signature("number", (), np.concatenate(numbers) if numbers else np.zeros(0))


def groups(exercise: Exercise, expected: Expected) -> Iterator[tuple[str, str, Callable[[Piece], bool]]]:
    """Yield groups of pieces: what each is, with its verb; what the others are; and which pieces belong to it."""
    right = expected.value
    if isinstance(right, tuple) and len(right) == _PAIR:
        one, other = (name(exercise.quantity, (key,), right, "") for key in range(_PAIR))
        yield f"{one} is", f"{other} is", lambda piece: piece.path[0] == 0
        yield f"{other} is", f"{one} is", lambda piece: piece.path[0] == 1
    if exercise.each.startswith("layer"):
        first = 1 if exercise.each != "layer" else 0
        yield "The last layer is", "the layers below it are", lambda piece: piece.is_last
        yield (
            "The first layer is",
            "the layers above it are",
            lambda piece: bool(piece.path) and piece.path[-1] == first,
        )
