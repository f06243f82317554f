"""The smallest public input on which an answer is wrong, with the numbers of each marked line of the reference."""

import reprlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograder.diagnosis.exercise import PLAIN, Arguments, Exercise
from autograder.diagnosis.signature import Signature, close_to, items, of_answer, of_function
from autograder.grading import generators
from autograder.grading.compare import Expected
from autograder.grading.criteria import Failure
from autograder.grading.notation import code, error_text, even, rounded
from autograder.grading.parts import is_container
from autograder.grading.parts import part as part_of
from autograder.sandbox.answers import Answer, Raised, Returned
from autograder.sandbox.inside.codec import Ungradable
from autograder.sandbox.limits import EXPLAINING
from autograder.sandbox.printable import printable

_DIGITS = 12
_FEW, _MANY = 4, 8  # more than what misleads by itself
# Shares of an answer's size: answers that differ by less than the first look equal, printed with a few digits; answers
# that agree differ by less than the second.
_NEAR, _CLOSE = 1e-5, 1e-4
_MAX_DIGITS = 40  # of a whole number that is shown in full


@dataclass(frozen=True)
class Shown:
    """The part of an answer that a card compares: the whole answer, or the first part that is wrong.

    Attributes:
        name: of the part.
        expected: what is right.
        got: the student's.
        difference: the right value by finite differences, where there is one.
    """

    name: str
    expected: Any
    got: Any
    difference: Any = None


@dataclass(frozen=True)
class Counterexample:
    """An input, what is right there, and the student's answer.

    Attributes:
        arguments: of the function, as it got them.
        data: the object in the JSON: each argument by name, `expected` and `got`.
        work: each marked line of the reference in the text's notation with its value.
        shown: what the card compares.
        call: the call as it is written in Python, or nothing where an argument cannot be written.
    """

    arguments: Arguments
    data: dict[str, Any]
    work: tuple[tuple[str, Any], ...]
    shown: Shown
    call: str


def smallest(
    exercise: Exercise,
    ask: Callable[[Arguments], Answer],
    others: Callable[[Arguments], list[Signature]] = lambda _: [],
    *,
    several: bool = False,
    like: type[Answer] | None = None,
) -> Counterexample | None:
    """Return the first of the exercise's small inputs on which the answer is wrong, or else of its probe inputs.

    One on which the answer happens to be minus the right one, or that of another mistake, is passed over where a later
    one shows more.

    Args:
        exercise: whose inputs.
        ask: calls the student's function.
        others: returns what other mistakes answer to an input.
        several: where nothing else is known of the mistake, an answer of several numbers shows more than one of one.
        like: what the checks got, a value or an error: an example of the other kind would not explain them.
    """
    for inputs in (exercise.smallest, exercise.probes[PLAIN]):
        found: list[tuple[int, Arguments, Answer, Shown]] = []
        for arguments in inputs:
            answer = ask(arguments)
            if not isinstance(answer, Returned | Raised):
                return None
            shown = _wrong(answer, exercise.expect(*arguments), exercise)
            if shown is None:
                continue
            misleads = _misleads(exercise, arguments, answer, others) + _FEW * (several and _is_one_number(shown))
            misleads += _MANY * (like is not None and not isinstance(answer, like))
            found.append((misleads, arguments, answer, shown))
            if not misleads:
                break
        if found:
            _, arguments, answer, shown = min(found, key=lambda one: one[0])
            return _counterexample(exercise, arguments, answer, shown)
    return _that_changes_arguments(exercise, ask)


def _that_changes_arguments(exercise: Exercise, ask: Callable[[Arguments], Answer]) -> Counterexample | None:
    """Return the first small input after which an argument is another one, though the answer is right."""
    for arguments in exercise.smallest:
        answer = ask(arguments)
        if not isinstance(answer, Returned):
            return None
        changed = of_answer(answer, arguments).changed
        if changed:
            place = changed[0]
            shown = Shown(
                f"{exercise.parameters[place]} after the call", *map(plain, (arguments[place], answer.arguments[place]))
            )
            return _counterexample(exercise, arguments, answer, shown)
    return None


def _is_one_number(shown: Shown) -> bool:
    return not isinstance(shown.got, str) and even(shown.expected) and np.size(shown.expected) == 1


def _misleads(
    exercise: Exercise, arguments: Arguments, answer: Answer, others: Callable[[Arguments], list[Signature]]
) -> int:
    """Say how far an answer leads astray: 3 if it is minus the right one, 2 another mistake's, 1 nearly so, else 0."""
    yours = of_answer(answer, arguments)
    if yours.values is None:
        return 0
    right = of_function(exercise.text.right, arguments)
    if yours.agrees(right) or replace(yours, values=-yours.values).agrees(right):
        return 3
    finite = [one.values[np.isfinite(one.values)] for one in (yours, right) if one.values is not None]
    size = float(np.max(np.abs(np.concatenate(finite)), initial=0.0))
    close = close_to(yours, others(arguments), _CLOSE * size + _CLOSE * _NEAR)
    if any(yours.agrees(other) for other in close):
        return 2
    return int(bool(close_to(yours, close, _NEAR * size)))


def _wrong(answer: Answer, expected: Expected, exercise: Exercise) -> Shown | None:
    """Return what is wrong in an answer: its first wrong part, all of it where it is built otherwise, or None."""
    quantity, notation = exercise.quantity, exercise.text.quantity
    name = quantity if is_container(expected.value) else notation  # the last marked line may be of a part alone
    whole = Shown(name, plain(expected.value), _got(answer), _plain_or_none(expected.difference))
    if not isinstance(answer, Returned):
        return whole
    for part in sorted(expected.parts(quantity), key=lambda part: exercise.worked_out(part.path)):
        try:
            theirs = expected.theirs(answer.value, part, quantity)
        except Failure:
            return whole
        try:
            part.check_number(theirs)
            part.check_shape(theirs)
        except Failure:
            name = part.name if part.path else notation
            return Shown(
                name, plain(part_of(expected.value, part.path)), plain(theirs), _plain_or_none(part.difference)
            )
    return None


def _plain_or_none(value: Any) -> Any:
    return None if value is None else plain(value)


def _counterexample(exercise: Exercise, arguments: Arguments, answer: Answer, shown: Shown) -> Counterexample:
    named = dict(zip(exercise.text.parameters, arguments, strict=True))
    data = {name: plain(value) for name, value in named.items()}
    data |= {"expected": plain(exercise.expect(*arguments).value), "got": _got(answer)}
    work = tuple((notation, plain(value)) for notation, value in exercise.text.work(arguments))
    return Counterexample(arguments, data, work, shown, call_of(exercise, arguments))


def call_of(exercise: Exercise, arguments: Arguments) -> str:
    """Return a call as it is written in Python, below the adapter where a class has one.

    It is nothing where an argument is a generator that no seed makes as it is.
    """
    text = exercise.text
    try:
        call = f"{text.entry}({', '.join(map(code, arguments))})"
    except ValueError:
        return ""
    return f"{text.adapter_source()}\n\n{call}" if text.adapter else call


def _got(answer: Answer) -> Any:
    if isinstance(answer, Raised):
        said = f"raises {answer.type}: {error_text(answer.message)}"
        return printable(said.removesuffix(": "))[: EXPLAINING.text]
    return plain(answer.value) if isinstance(answer, Returned) else None


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it: numbers rounded, those that are not finite as text, all else in words.

    What is too large to be shown is counted; NumPy is never asked to make an array of it.
    """
    if isinstance(value, list | tuple | dict | np.ndarray):
        size = items(value, EXPLAINING.items)
        return _shown(value) if size <= EXPLAINING.numbers else _counted(value, size)
    return _shown(value)


def _counted(value: Any, size: int) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.size} numbers" if value.size else f"no numbers, in an array of shape {value.shape}"
    return f"{size} numbers" if size < EXPLAINING.items else f"{EXPLAINING.items} numbers or more"


def _shown(value: Any) -> Any:
    if isinstance(value, Ungradable):
        return f"a value of type {printable(value.type_name)}"
    if isinstance(value, np.random.Generator):
        return generators.words(value)
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_shown(item) for item in value]
    if isinstance(value, dict):
        return {_key(key): _shown(item) for key, item in value.items()}
    if isinstance(value, bool | int | float):
        return _number(value)
    return printable(str(value)[: EXPLAINING.text])


def _key(key: Any) -> str:
    """Return a dict's key as text; one that is no text is written as in Python."""
    return printable((key if isinstance(key, str) else _words.repr(key))[: EXPLAINING.text])


def _number(value: float) -> float | int | bool | str:
    if isinstance(value, bool | int):
        return value if abs(value) < 1 << 53 else _short(str(value))
    return rounded(value, _DIGITS)


def _short(digits: str) -> str:
    return digits if len(digits) <= _MAX_DIGITS else f"{digits[:_DIGITS]}… ({len(digits)} digits)"


class _Words(reprlib.Repr):
    """Writes a few entries of each container; of an array its shape, for NumPy would write it at any length."""

    def repr_ndarray(self, array: np.ndarray[Any, Any], _level: int) -> str:
        """Return an array in words."""
        return f"an array of shape {array.shape}"


_words = _Words()
