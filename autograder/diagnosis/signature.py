"""What a call came to, in a form in which a student's answer and a catalogued mistake's can be compared."""

import math
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.grading import generators
from autograder.grading.compare import Array, as_numbers
from autograder.grading.criteria import Failure
from autograder.grading.notation import rounded
from autograder.grading.parts import copied, equal
from autograder.sandbox.answers import Answer, Raised, Returned
from autograder.sandbox.limits import EXPLAINING

# An edit of the formula and a student's spelling of it round differently, but nowhere near as differently as mistakes.
_DOUBLE, _SINGLE = 1e-9, 2e-5
_EXACT = 1e-12  # two spellings of one mistake that is no approximation
_SINGLES = ("f2", "f4", "c8")
_FLOOR = 1e-12  # what is smaller than this is nothing: 4e-18 in one spelling is 0 in another
_DIGITS = 5
_EVIDENCE = 2  # finite numbers, at the least; that something raises a TypeError may have many causes
# Where arrays do not fit together, a loop meets the one error, and a product of matrices the other.
_DOES_NOT_FIT = ("raised IndexError", "raised ValueError")
NOTHING = "nothing"  # the kind of what gave no answer: it hung, died or is not there


Form = tuple[str, tuple[int | str, ...], tuple[int, ...]]  # kind, shape and arguments changed


@dataclass(frozen=True)
class Signature:
    """One call's result.

    Attributes:
        kind: `number`, `generator`, `None`, `raised <type>`, `other`, or `nothing` where no answer came.
        shape: of the numbers; one number is () in whatever array it comes. Of arrays in lists, tuples and dicts it is
            one text that says how they are built.
        values: the numbers as float64, in C order.
        changed: the places of the arguments that the call has changed.
        precision: how far apart two equal results may be, as a share of the largest of their numbers.
    """

    kind: str
    shape: tuple[int | str, ...] = ()
    values: Array | None = None
    changed: tuple[int, ...] = ()
    precision: float = _DOUBLE

    @property
    def form(self) -> Form:
        """What it has in common with each result that it agrees with: all but the numbers."""
        return "does not fit" if self.kind in _DOES_NOT_FIT else self.kind, self.shape, self.changed

    def agrees(self, other: "Signature", *, exactly: bool = False) -> bool:
        """Say whether the two are the same but for rounding; `exactly` allows for the roundings of a formula alone."""
        if self.form != other.form:
            return False
        if self.values is None or other.values is None:
            return True
        precision = max(self.precision, other.precision)
        return same(self.values, other.values, min(precision, _EXACT) if exactly else precision)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data, for grouping submissions that do the same."""
        data: dict[str, Any] = {"kind": self.kind}
        if self.values is not None:
            data["shape"] = list(self.shape)
            data["values"] = [rounded(value, _DIGITS) for value in self.values[: EXPLAINING.numbers]]
        return data | ({"changed": list(self.changed)} if self.changed else {})


def values_of(signature: Signature) -> Array:
    """Return the numbers of a call; none where it gave none."""
    return np.zeros(0) if signature.values is None else signature.values


def are_evidence(answers: Iterable[Signature]) -> bool:
    """Say whether answers are enough to conclude from: two finite numbers, at the least."""
    return sum(int(np.sum(np.isfinite(values_of(answer)))) for answer in answers) >= _EVIDENCE


def same(one: Array, other: Array, precision: float) -> bool:
    """Say whether two lists of numbers are equal but for rounding; inf and nan are equal to themselves."""
    if one.tobytes() == other.tobytes():
        return True
    return bool(same_rows(one[np.newaxis], other, precision)[0])


def same_rows(rows: Array, one: Array, precision: float) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Say of each row whether it is equal to a list of numbers but for rounding."""
    largest = np.max(np.abs(one[np.isfinite(one)]), initial=0.0)
    with np.errstate(invalid="ignore"):
        close = np.abs(rows - one) <= precision * largest + _FLOOR
    equal_anyway = (rows == one) | (np.isnan(rows) & np.isnan(one))
    result: np.ndarray[Any, np.dtype[np.bool_]] = np.all(close | equal_anyway, axis=1)
    return result


def close_to(one: Signature, others: Iterable[Signature], most: float) -> list[Signature]:
    """Return the results that are built like one with numbers, and differ by at most `most` in each number."""
    own, built = values_of(one), (one.kind, one.shape)
    like = [other for other in others if other.values is not None and (other.kind, other.shape) == built]
    rows = np.array([other.values for other in like]).reshape(len(like), own.size)
    with np.errstate(invalid="ignore"):
        near = np.abs(rows - own) <= most
    near |= (rows == own) | (np.isnan(rows) & np.isnan(own))
    return [other for other, is_near in zip(like, np.all(near, axis=1), strict=True) if is_near]


def of_answer(answer: Answer, arguments: tuple[Any, ...]) -> Signature:
    """Return the signature of a student's answer to these arguments."""
    if isinstance(answer, Raised):
        return Signature(f"raised {answer.type}")
    if not isinstance(answer, Returned):
        return Signature(NOTHING)
    return _of_value(answer.value, _changed(arguments, answer.arguments))


def of_function(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Signature:
    """Return the signature of one of our own functions for these arguments."""
    given = copied(arguments)
    with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):  # as the mean of nothing gives
        try:
            value = function(*given)
        except Exception as error:  # noqa: BLE001 - what a catalogued mistake raises is what it is known by
            return Signature(f"raised {type(error).__name__}")
    changed = (n for n, pair in enumerate(zip(arguments, given, strict=True)) if not _untouched(*pair))
    return _of_value(value, tuple(changed))


def _untouched(before: Any, after: Any) -> bool:
    """Say whether an argument's copy, which a function was given, is what it was."""
    if isinstance(before, list | tuple | dict):
        return equal(before, after, drawn=True)
    if not isinstance(before, np.ndarray) or (before.shape == after.shape and before.tobytes() == after.tobytes()):
        return True
    return np.array_equal(before, after, equal_nan=True)  # as for students: −0 is 0


def _of_value(value: Any, changed: tuple[int, ...]) -> Signature:
    if value is None:
        return Signature("None", changed=changed)
    if items(value, EXPLAINING.items) >= EXPLAINING.items and not isinstance(value, np.ndarray):
        return Signature("other", changed=changed)
    try:
        return _of_numbers(value, changed)
    except Failure:
        return _of_parts(value, changed)


def _of_numbers(value: Any, changed: tuple[int, ...]) -> Signature:
    if isinstance(value, np.random.Generator):
        return Signature("generator", ("generator",), generators.next_draws(value), changed)
    numbers = as_numbers(value, "it")
    dtype = np.asarray(value).dtype
    precision = _SINGLE if f"{dtype.kind}{dtype.itemsize}" in _SINGLES else _DOUBLE
    shape = () if numbers.size == 1 else numbers.shape
    return Signature("number", shape, numbers.ravel(), changed, precision)


def _of_parts(value: Any, changed: tuple[int, ...]) -> Signature:
    """Return the signature of arrays in lists, tuples and dicts: all their numbers, and how they are built."""
    try:
        found = sorted(_leaves(value, ()), key=lambda leaf: leaf[0])
    except Failure:
        return Signature("other", changed=changed)
    if not found:
        return Signature("other", changed=changed)
    form = "; ".join(f"{'/'.join(path)}: {one.shape}" for path, one in found)
    values = np.concatenate([values_of(one) for _, one in found])
    return Signature("number", (form,), values, changed, max(one.precision for _, one in found))


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Signature]]:
    """Yield the arrays of a value, each with its path, as large as can be: (1, 2) is one, and so is [1, 2].

    Raises:
        Failure: a part is no array.
    """
    try:
        yield path, _of_numbers(value, ())
    except Failure:
        if not isinstance(value, list | tuple | dict):
            raise
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(item, (*path, str(key)))


def _changed(before: tuple[Any, ...], after: Any) -> tuple[int, ...]:
    """Return the places of arguments that are no more what they were; `after` may be anything."""
    if not isinstance(after, tuple) or len(after) != len(before):
        return tuple(range(len(before)))
    return tuple(n for n, (old, new) in enumerate(zip(before, after, strict=True)) if not equal(old, new, drawn=True))


def items(value: Any, most: int) -> int:
    """Return how many numbers, and lists without any, a nested value holds; at `most` counting ends.

    Axes without numbers count as if they had one each: what has a million empty rows is not small.
    """
    count, left = 0, [value]
    while left and count < most:
        one = left.pop()
        if isinstance(one, list | tuple) and one:
            left += one[: most - count]
        elif isinstance(one, dict) and one:
            left += [*one.keys(), *one.values()][: most - count]
        else:
            count += math.prod(max(length, 1) for length in one.shape) if isinstance(one, np.ndarray) else 1
    return count
