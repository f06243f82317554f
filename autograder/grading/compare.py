"""Comparing a student's answer with the right one: what counts as equal, and what to say when it is not.

No message gives a number that belongs to a hidden input, be it right or the student's: some can be worked back to the
input. Numbers are for the counterexample, whose input is public.

The tolerance is that of single precision, whatever the dtype of the answer: a value that a float32 evaluation of the
formula gives is right, even where it came back as a float64. How far such an evaluation may be off depends on the
formula's conditioning at this input, which `diagnosis.rounding` measures as `scale`: the bound on the rounding error
in units of the rounding unit u = 2**-24 (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.1).
"""

import functools
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from autograder.grading import generators, parts
from autograder.grading.criteria import Failure, GraderFault

Array = np.ndarray[Any, np.dtype[np.float64]]

_UNIT = float(np.finfo(np.float32).eps) / 2
_SAFETY = 4.0  # the bound is first order, and the order of operations is the student's
_TINY = float(np.finfo(np.float32).tiny)
_MAX_RANK = 8


@dataclass(frozen=True)
class Expected:
    """The right answer: numbers, an array, or lists, tuples and dicts of these.

    Attributes:
        value: by the reference, of the shape that is asked for.
        scale: how many rounding units a float32 evaluation may be off, same form.
        difference: the same by finite differences, or None.
        difference_error: the bound on their error.
        each: what an item of a list is, as messages name it: layer; see `parts.name`.
    """

    value: Any
    scale: Any
    difference: Any = None
    difference_error: Any = None
    each: str = "number"
    _parts: dict[str, list["Part"]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def is_number(self) -> bool:
        """Whether one number is asked for."""
        return not parts.is_container(self.value) and np.ndim(self.value) == 0

    def parts(self, what: str) -> list["Part"]:
        """Return the arrays that the answer consists of, the whole answer where it is one array.

        Args:
            what: the answer, as messages name it.
        """
        if what not in self._parts:
            self._parts[what] = [
                _part(self, path, parts.name(what, path, self.value, self.each), value)
                for path, value in parts.leaves(self.value)
            ]
        return self._parts[what]

    def check_judges(self) -> None:
        """Compare the two judges with each other.

        Raises:
            GraderFault: reference and finite differences disagree.
        """
        if not self._judges_agree:
            raise GraderFault("the reference and the finite differences disagree")

    @functools.cached_property
    def _judges_agree(self) -> bool:
        return all(part.judges_agree() for part in self.parts("the answer"))

    def theirs(self, got: Any, part: "Part", what: str) -> Any:
        """Return what a student's answer has in the place of a part.

        Raises:
            Failure: the answer is built otherwise.
        """
        return parts.theirs(got, part.path, self.value, what, self.each)


@dataclass(frozen=True)
class Part:
    """One array of the right answer, with its name; `path` leads to it. See `Expected` for the others.

    A generator is the array of its next draws; `drawn` says that it is one. `looser` is how many times the usual
    tolerance an answer may be off.
    """

    path: parts.Path
    name: str
    value: Array
    scale: Array
    difference: Array | None = None
    difference_error: Array | None = None
    drawn: bool = False
    looser: float = 1.0

    def numbers(self, got: Any) -> Array:
        """Return what a student's answer has in this place as numbers.

        Raises:
            Failure: it is not made of real numbers, or is no generator where one is asked for.
        """
        if not self.drawn:
            return as_numbers(got, self.name)
        if not isinstance(got, np.random.Generator):
            raise Failure(f"{self.name} should be a NumPy generator; you returned {parts.kind(got)}")
        return generators.next_draws(got)

    def check_shape(self, got: Any) -> None:
        """Check the shape of what stands in this place.

        Raises:
            Failure: it has another shape.
        """
        __tracebackhide__ = True
        check_shape(self.numbers(got), self.value.shape, self.name)

    def tolerance(self) -> Array:
        """Return how far an answer may be from `value`, same shape."""
        return np.asarray(self.looser * _SAFETY * _UNIT * self.scale + _TINY)

    def judges_agree(self) -> bool:
        """Say whether reference and finite differences, where there are any, give the same."""
        if self.difference is None:
            return True
        return bool(np.all(np.abs(self.value - self.difference) <= self.tolerance() + self._error()))

    def _error(self) -> Array:
        return np.zeros_like(self.value) if self.difference_error is None else self.difference_error

    def shaped(self, got: Any) -> Array:
        """Return numbers in the shape of the right ones; axes of length 1 do not matter here.

        Raises:
            Failure: they are too few or too many, or no numbers.
        """
        __tracebackhide__ = True
        numbers = self.numbers(got)
        if numbers.size != self.value.size:
            raise Failure(f"{self.name}: expected {_shape_words(self.value)}, got {_shape_words(numbers)}")
        return numbers.reshape(self.value.shape)

    def check_number(self, got: Any) -> None:
        """Compare numbers with the right ones; axes of length 1 do not matter here.

        Raises:
            Failure: they differ.
        """
        __tracebackhide__ = True
        if self.drawn and not np.array_equal(self.numbers(got), self.value):
            raise Failure(f"{self.name} is not in the state that it should be in: look at what is drawn, and how often")
        numbers = self.shaped(got)
        with np.errstate(invalid="ignore"):
            wrong = ~(np.abs(numbers - self.value) <= self.tolerance())
            if self.difference is not None:
                wrong |= ~(np.abs(numbers - self.difference) <= 2 * self.tolerance() + self._error())
        if np.any(wrong):
            words = "is wrong" if wrong.size == 1 else f"is wrong in {np.sum(wrong)} of {wrong.size} numbers"
            raise Failure(f"{self.name} {words}{_not_finite(numbers)}")


def _part(expected: Expected, path: parts.Path, name: str, value: Any) -> Part:
    if isinstance(value, np.random.Generator):
        draws = generators.next_draws(value)
        return Part(path, name, draws, np.zeros_like(draws), drawn=True)
    scale = np.asarray(parts.part(expected.scale, path), dtype=np.float64)
    difference, error = (
        None if one is None else np.asarray(parts.part(one, path), dtype=np.float64)
        for one in (expected.difference, expected.difference_error)
    )
    return Part(path, name, np.asarray(value, dtype=np.float64), scale, difference, error)


def as_numbers(value: Any, what: str) -> Array:
    """Return an answer as an array of float64.

    Raises:
        Failure: it is not made of real numbers.
    """
    if type(value) is np.ndarray and value.dtype == np.float64 and value.ndim <= _MAX_RANK:
        return value.copy(order="K")  # as nearly all answers are
    try:
        if not parts.numeric(value):
            raise TypeError
        array = np.asarray(value)
        if array.dtype.kind == "c" and not np.any(array.imag):
            array = array.real
        if array.dtype.kind not in "fiub" or array.ndim > _MAX_RANK:
            raise TypeError
        with np.errstate(all="ignore"):  # an extended number may be too large
            return array.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        raise Failure(f"{what} should be made of real numbers; you returned {parts.kind(value)}") from None


def check_number(got: Any, expected: Expected, what: str, *, looser: float = 1.0) -> None:
    """Compare the numbers of an answer with the right ones, part by part; axes of length 1 do not matter here.

    Args:
        got: the answer.
        expected: the right one.
        what: it is, as messages name it.
        looser: how many times the usual tolerance it may be off.

    Raises:
        Failure: they differ; the first part that is wrong is named.
        GraderFault: the two judges do not agree on what is right.
    """
    __tracebackhide__ = True
    expected.check_judges()
    for part in expected.parts(what):
        replace(part, looser=looser).check_number(expected.theirs(got, part, what))


def check_digits(got: Any, expected: Expected, what: str) -> None:
    """Check that numbers which are nearly right are right to the last digit of single precision.

    Raises:
        Failure: they are not; the text says to how many digits they are right.
    """
    __tracebackhide__ = True
    for part in expected.parts(what):
        theirs = expected.theirs(got, part, what)
        try:
            part.check_number(theirs)
        except Failure:
            off = np.max(np.abs(part.shaped(theirs) - part.value)) / np.max(np.abs(part.value))
            if not 0.0 < off < 1.0:
                raise
            digits = max(1, int(-np.log10(off)))
            raise Failure(f"{part.name} is right to about {digits} digit{'s' * (digits > 1)} only") from None


def formed(got: Any, expected: Expected, what: str) -> Any:
    """Return the numbers of an answer in the form of the right one, so that a law can be stated of its parts.

    Raises:
        Failure: the answer is built otherwise, or a part has too few or too many numbers.
    """
    __tracebackhide__ = True
    pieces = iter([part.shaped(expected.theirs(got, part, what)) for part in expected.parts(what)])
    return parts.mapped(lambda _: next(pieces), expected.value)


def check_form(got: Any, expected: Expected, what: str) -> None:
    """Check that an answer is built as the right one is, and the shape of each of its parts.

    Raises:
        Failure: it is built otherwise, or a part has another shape.
    """
    __tracebackhide__ = True
    for part in expected.parts(what):
        part.check_shape(expected.theirs(got, part, what))


def check_same(got: Any, other: Any, expected: Expected, what: tuple[str, str], *, wider: float = 1.0) -> None:
    """Compare two answers of the student's that a law says are equal.

    Args:
        got: one answer.
        other: the other one.
        expected: the right answer, for its form and its tolerance.
        what: the law that is broken, as a sentence, and the answer as messages name it.
        wider: how many times the usual tolerance they may differ.

    Raises:
        Failure: they differ; the first part that does is named.
    """
    __tracebackhide__ = True
    law, quantity = what
    for part in expected.parts(quantity):
        one, two = (part.numbers(expected.theirs(answer, part, quantity)) for answer in (got, other))
        _check_same(one, two, part, law, wider)


def _check_same(one: Array, two: Array, part: Part, law: str, wider: float) -> None:
    where = f" ({part.name})" if part.path else ""
    if one.size != two.size:
        raise Failure(f"{law}{where}: {_shape_words(two)} and {_shape_words(one)}")
    if one.size != part.scale.size:
        raise Failure(f"{part.name}: expected {_shape_words(part.scale)}, got {_shape_words(one)}")
    scale = np.ravel(part.scale) * wider
    with np.errstate(invalid="ignore"):
        wrong = ~(np.abs(one.ravel() - two.ravel()) <= 2 * _SAFETY * _UNIT * scale + _TINY)
    if np.any(wrong):
        if not np.all(np.isfinite(two)):
            raise Failure(f"{part.name} has to be made of numbers before this can be checked{_not_finite(two)}")
        how_many = "" if one.size == 1 else f": {np.sum(wrong)} of {one.size} numbers differ"
        strange = _not_finite(np.concatenate([one.ravel(), two.ravel()]))
        raise Failure(f"{law}{where}{how_many}{strange}")


def check_shape(got: Any, shape: tuple[int, ...], what: str) -> None:
    """Check the shape of an answer; where one number is asked for, any array of one number will do.

    Raises:
        Failure: it has another shape.
    """
    __tracebackhide__ = True
    numbers = as_numbers(got, what)
    if numbers.shape == shape or (shape == () and numbers.size == 1):
        return
    raise Failure(f"{what}: expected {_shape(shape)}, got {_shape(numbers.shape)}")


def check_unchanged(before: tuple[Any, ...], after: Any, names: tuple[str, ...], what: str) -> None:
    """Check that a function left its arguments as they were; a generator is there to be drawn from.

    Raises:
        Failure: it changed one.
    """
    __tracebackhide__ = True
    after = after if isinstance(after, tuple) and len(after) == len(before) else (None,) * len(before)
    for name, old, new in zip(names, before, after, strict=True):
        if not parts.equal(old, new, drawn=True):
            raise Failure(f"{what} changed its argument {name}: work on a copy, or build a new array")


def _not_finite(numbers: Array) -> str:
    """Say that there are numbers which are none; the first of them stands for all."""
    strange = numbers[~np.isfinite(numbers)]
    return f": you returned {float(strange[0])}".replace("-", "−") if strange.size else ""


def _shape(shape: tuple[int, ...]) -> str:
    return "a single number" if shape == () else f"shape {shape}"


def _shape_words(array: Array) -> str:
    return "a single number" if array.size == 1 else f"shape {array.shape}"
