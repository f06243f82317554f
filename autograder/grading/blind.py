"""Blind answers: those that do not look at the input, though a law may hold for them; laws earn nothing then.

An answer is blind where, for each kind of input, it is the same for other values, or depends on one argument where the
right one depends on several; or where it is everywhere that of a mistake which the catalogue marks as blind.
"""

import functools
import itertools
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np

from autograder.grading.compare import Expected, check_number
from autograder.grading.criteria import Failure
from autograder.grading.parts import equal, leaves, mapped
from autograder.grading.student import Student

_SEVERAL = 2  # arguments
_OTHER = 1_000_003  # added to the seed, for another input of the same kind
_PAIRS = 4  # of inputs per kind: an answer that seldom changes, such as a sign, may be the same on the first of them
_ROUNDINGS = 64.0  # of single precision, by which two spellings of a blind mistake may differ

Call = Callable[[tuple[Any, ...]], Any]


class Exercise(Protocol):
    """What a criterion asks of an exercise."""

    @property
    def name(self) -> str:
        """The name of the exercise and of its function."""

    @property
    def cases(self) -> Mapping[str, Any]:
        """The hidden inputs, by name."""

    @property
    def quantity(self) -> str:
        """What the answer is, as messages name it."""

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the function's parameters."""

    def draw(self, case: str, seed: int) -> tuple[Any, ...]:
        """Return the arguments of a named case, the same for the same seed, and fresh copies each time."""

    @property
    def blind(self) -> tuple[Callable[..., Any], ...]:
        """Wrong functions that are as good as blind: an argument handed back, and the like."""

    def expect(self, *arguments: Any) -> Expected:
        """Return the right answer with its tolerance."""


def why_blind(student: Student, seed: int, exercise: Exercise) -> str:
    """Say in what a student's answers are blind; nothing where they are not.

    Args:
        student: whose function is called.
        seed: of the hidden inputs.
        exercise: which function, and its inputs.

    Raises:
        Failure: a call gave no answer.
    """
    pairs = [[_Kind(exercise, case, seed + 2 * number * _OTHER) for case in exercise.cases] for number in range(_PAIRS)]
    kinds, *others = pairs

    def call(arguments: tuple[Any, ...]) -> Any:
        """Ask the student's function."""
        return student.call(exercise.name, *arguments).value

    blind = _is_nowhere_seeing(call, kinds)
    if blind and _may_see(call, kinds):
        blind = _is_nowhere_seeing(call, list(itertools.chain(*others)))
    if not (blind or _is_marked(call, kinds, exercise.blind)):
        return ""
    if all(_is_nan(call(kind.first())) for kind in kinds if kind.places):
        return f"{exercise.name} gives nan (not a number) for each input: this is judged once it gives numbers"
    if any(not equal(call(kind.first()), call(kind.first())) for kind in kinds[:1]):
        return (
            f"{exercise.name} gives another answer to the same input the second time: this is judged once it does not"
        )
    return (
        f"{exercise.name} gives the same answer for different inputs, or looks at one argument alone: "
        "this is judged once the answer depends on all of them"
    )


def _is_nan(answer: Any) -> bool:
    """Say whether an answer is made of nan alone."""
    parts = [np.asarray(part) for _, part in leaves(answer)]
    return bool(parts) and all(part.dtype.kind == "f" and bool(np.all(np.isnan(part))) for part in parts)


def _is_nowhere_seeing(call: Call, kinds: list["_Kind"]) -> bool:
    """Say whether answers are blind for some kind of input, and seeing for none.

    Where inputs differ in one argument alone, they cannot tell whether an answer looks at several: they do not count.
    """
    some = False
    for kind in kinds:  # nearly always the first one decides, and the others' inputs are never drawn
        if not kind.places:
            continue
        found = kind.is_blind(call)
        if found is False or (found is None and not any(len(other.places) > 1 for other in kinds)):
            return False
        some = some or found is True
    return some


def _may_see(call: Call, kinds: list["_Kind"]) -> bool:
    """Say whether more inputs may tell more: answers are the same the second time, but not the same everywhere."""
    first, *others = (kind for kind in kinds if kind.places)
    answer = call(first.first())
    return equal(answer, call(first.first())) and any(not equal(answer, call(kind.first())) for kind in others)


class _Kind:
    """Two inputs of one kind, of the same shapes and other values.

    Args:
        exercise: whose inputs.
        case: the kind's name.
        seed: of the first.
    """

    def __init__(self, exercise: Exercise, case: str, seed: int) -> None:
        self._exercise, self._case, self._seed = exercise, case, seed

    @functools.cached_property
    def places(self) -> list[int]:
        """The places of the arguments that differ."""
        pairs = zip(self.first(), self._second(), strict=True)
        return [place for place, pair in enumerate(pairs) if not equal(*pair)]

    def first(self) -> tuple[Any, ...]:
        """Return the first input, in fresh copies."""
        return self._exercise.draw(self._case, self._seed)

    def _second(self) -> tuple[Any, ...]:
        return self._exercise.draw(self._case, self._seed + _OTHER)

    def is_blind(self, call: Call) -> bool | None:
        """Say whether an answer is the same for both inputs, another the second time, or looks at one argument alone.

        It is None where an answer looks at the only argument that there is to look at.
        """
        one = call(self.first())
        if equal(one, call(self._second())) or not equal(one, call(self.first())):
            return True
        if len(self.places) > 1 and self._has_causes(call, one):
            return False
        return self._has_causes(self._right, self._right(self.first())) or None

    def _right(self, arguments: tuple[Any, ...]) -> Any:
        return self._exercise.expect(*arguments).value

    def _has_causes(self, call: Call, answer: Any) -> bool:
        """Say whether an answer depends on the values of two arguments at the least; asks no more than that needs."""
        causes = (place for place in self.places if not equal(answer, call(self._mixed(place))))
        return len(list(itertools.islice(causes, _SEVERAL))) == _SEVERAL

    def _mixed(self, place: int) -> tuple[Any, ...]:
        """Return the first input with one argument of the second."""
        arguments = list(self.first())
        arguments[place] = self._second()[place]
        return tuple(arguments)


def _is_marked(call: Call, kinds: list[_Kind], blind: tuple[Callable[..., Any], ...]) -> bool:
    """Say whether the answers are those of one of these functions everywhere."""
    left, some = blind, False
    for kind in kinds:  # nearly always the first one decides, and the others' inputs are never drawn
        if not left:
            return False
        if kind.places:
            answer, some = call(kind.first()), True
            left = tuple(function for function in left if _is_like(answer, function(*kind.first())))
    return bool(left) and some


def _is_like(got: Any, answer: Any) -> bool:
    """Say whether an answer is one of ours but for roundings."""
    scale = mapped(lambda part: np.full(np.shape(part), _ROUNDINGS * np.max(np.abs(part), initial=0.0)), answer)
    try:
        check_number(got, Expected(answer, scale), "")
    except Failure:
        return False
    return True
