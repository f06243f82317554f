"""Criteria from a box: each is one line in a grader, and judges by the exercise's own inputs and right answers.

    test_value = value("Gives the mean of the entries.", points=3, cases=("small", "large"), looser=THREE_DIGITS)
    test_digits = digits(points=0.5, cases=("small", "large"))
    test_shape = shape(points=1)

What an exercise is comes through the fixture `exercise`; see `Exercise` for all that a grader may ask of it.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from autograder.grading.blind import Exercise, why_blind
from autograder.grading.compare import (
    Expected,
    check_digits,
    check_form,
    check_number,
    check_same,
    check_unchanged,
    formed,
)
from autograder.grading.criteria import Failure, criterion
from autograder.grading.parts import mapped
from autograder.grading.student import Student, returned
from autograder.sandbox.answers import Died, Raised, Returned

THREE_DIGITS = 300.0  # `looser`: single precision has seven digits; who has the first three right has the method right

Criterion = Callable[..., None]
Cases = str | Sequence[str]


def value(  # noqa: PLR0913 - each is a word in a grader's line
    label: str, *, points: float, cases: Cases, also: Cases = (), needs: Sequence[str] = (), looser: float = 1.0
) -> Criterion:
    """Return the criterion that the answers are right, by the reference and by finite differences where there are any.

    Args:
        label: what the student reads.
        points: what it earns.
        cases: the names of the inputs on which it is judged.
        also: those on which it is judged where the call gives an answer; where it gives none, others judge that.
        needs: criteria that must have passed.
        looser: how many times the usual tolerance an answer may be off, where `digits` judges the rest.
    """

    def test(student: Student, seed: int, exercise: Exercise, case: str) -> None:
        """Compare with the right answer."""
        __tracebackhide__ = True
        arguments = exercise.draw(case, seed)
        answer = _answered(student, exercise, arguments, gently=case in _names(also))
        if answer is not None:
            check_number(answer.value, exercise.expect(*arguments), exercise.quantity, looser=looser)

    return _made(test, label, points, needs, (*_names(cases), *_names(also)))


def digits(
    label: str = "Is exact: right to about six digits.",
    *,
    points: float,
    cases: Cases,
    needs: Sequence[str] = ("value",),
) -> Criterion:
    """Return the criterion that answers which are nearly right are exact; see `value` for the arguments.

    So a fault in the fourth digit costs these points, and no others. Let the last input of `value` come first here: a
    function that keeps something from one call to the next is then asked twice in a row.
    """

    def test(student: Student, seed: int, exercise: Exercise, case: str) -> None:
        """Compare all digits."""
        __tracebackhide__ = True
        arguments = exercise.draw(case, seed)
        check_digits(student.call(exercise.name, *arguments).value, exercise.expect(*arguments), exercise.quantity)

    return _made(test, label, points, needs, cases)


def shape(
    label: str = "Has the right shape.", *, points: float, cases: Cases, also: Cases = (), needs: Sequence[str] = ()
) -> Criterion:
    """Return the criterion that an answer is built and shaped as the right one; see `unchanged` for the arguments."""

    def test(student: Student, seed: int, exercise: Exercise, case: str) -> None:
        """Compare the shape."""
        __tracebackhide__ = True
        _check_looks(student, seed, exercise)
        answer = _answered(student, exercise, exercise.draw(case, seed), gently=case in _names(also))
        if answer is not None:
            check_form(answer.value, exercise.expect(*exercise.draw(case, seed)), exercise.quantity)

    return _made(test, label, points, needs, (*_names(cases), *_names(also)))


def types(
    label: str, *, points: float, cases: Cases, needs: Sequence[str] = ("value",), looser: float = THREE_DIGITS
) -> Criterion:
    """Return the criterion that answers are right for inputs of other kinds, too; see `value` for the arguments."""
    return value(label, points=points, cases=cases, needs=needs, looser=looser)


def unchanged(
    label: str = "Leaves its arguments as they were.",
    *,
    points: float,
    cases: Cases,
    also: Cases = (),
    needs: Sequence[str] = (),
) -> Criterion:
    """Return the criterion that a call changes none of its arguments.

    Args:
        label: what the student reads.
        points: what it earns.
        cases: the names of the inputs on which it is judged.
        also: those on which it is judged where the call gives an answer; where it gives none, others judge that.
        needs: criteria that must have passed.
    """

    def test(student: Student, seed: int, exercise: Exercise, case: str) -> None:
        """Compare the arguments before and after."""
        __tracebackhide__ = True
        _check_looks(student, seed, exercise)
        answer = _answered(student, exercise, exercise.draw(case, seed), gently=case in _names(also))
        if answer is not None:
            check_unchanged(exercise.draw(case, seed), answer.arguments, exercise.parameters, exercise.name)

    return _made(test, label, points, needs, (*_names(cases), *_names(also)))


def order(
    label: str = "Does not depend on the order of the entries.",
    *,
    points: float,
    cases: Cases,
    along: Sequence[str],
    needs: Sequence[str] = (),
) -> Criterion:
    """Return the criterion that the answer stays when entries change places.

    Args:
        label: what the student reads.
        points: what it earns.
        cases: the names of the inputs.
        along: the parameters that have an entry on each row.
        needs: criteria that must have passed.
    """
    test = _law(along, lambda rows: rows[::-1].copy(), "when the entries are in another order", wider=1.0)
    return _made(test, label, points, needs, cases)


def twice(
    label: str = "Does not change when every entry is there twice.",
    *,
    points: float,
    cases: Cases,
    along: Sequence[str],
    needs: Sequence[str] = (),
) -> Criterion:
    """Return the criterion that the answer stays when every entry is repeated; see `order` for the arguments."""
    test = _law(along, lambda rows: np.concatenate([rows, rows]), "when every entry is there twice", wider=2.0)
    return _made(test, label, points, needs, cases)


def _law(along: Sequence[str], changed: Callable[[Any], Any], when: str, *, wider: float) -> Criterion:
    """Return the test of a law of two answers: other entries, the same answer.

    Args:
        along: the parameters that have an entry on each row.
        changed: what becomes of their rows.
        when: what must change nothing, in words.
        wider: how many times the usual tolerance they may differ.
    """

    def test(student: Student, seed: int, exercise: Exercise, case: str) -> None:
        """Compare with the answer to the changed rows."""
        __tracebackhide__ = True
        _check_looks(student, seed, exercise)
        arguments = exercise.draw(case, seed)
        named = zip(exercise.parameters, exercise.draw(case, seed), strict=True)
        others = [changed(given) if name in along else given for name, given in named]
        other = student.call(exercise.name, *others).value
        own = student.call(exercise.name, *arguments).value
        broken = f"{exercise.quantity} must not change {when}; yours does"
        check_same(other, own, exercise.expect(*arguments), (broken, exercise.quantity), wider=wider)

    return test


def symmetry(  # noqa: PLR0913 - what a law of two answers consists of
    label: str,
    *,
    points: float,
    cases: Cases,
    turned: Callable[..., tuple[Any, ...]],
    answer: Callable[[Any], Any],
    what: str,
    needs: Sequence[str] = (),
) -> Criterion:
    """Return the criterion that two answers obey a law.

    Args:
        label: what the student reads.
        points: what it earns.
        cases: the names of the inputs.
        turned: the other arguments, made of the first.
        answer: what the second answer becomes, to be compared with the first; it is given in the right answer's form.
        what: the law as a sentence: σ(z) must be 1 − σ(−z).
        needs: criteria that must have passed.
    """

    def test(student: Student, seed: int, exercise: Exercise, case: str) -> None:
        """Compare with the answer to the changed arguments."""
        __tracebackhide__ = True
        _check_looks(student, seed, exercise)
        arguments = exercise.draw(case, seed)
        one = student.call(exercise.name, *arguments).value
        other = student.call(exercise.name, *turned(*exercise.draw(case, seed))).value
        expected = exercise.expect(*exercise.draw(case, seed))
        broken = f"{what}; this does not hold for yours"
        check_same(
            answer(formed(other, expected, exercise.quantity)), one, expected, (broken, exercise.quantity), wider=2.0
        )

    return _made(test, label, points, needs, cases)


def saturation(
    label: str, *, points: float, cases: Cases, scale: Callable[..., Any], needs: Sequence[str] = ("value",)
) -> Criterion:
    """Return the criterion that answers stay finite and right where the plain formula loses its digits.

    A call that changes its arguments only there fails it as well; one that does so everywhere fails `unchanged` alone.

    Args:
        label: what the student reads.
        points: what it earns.
        cases: the names of the inputs.
        scale: of the arguments: by how many roundings of single precision an answer may be off, a bound by hand.
        needs: criteria that must have passed.
    """

    def test(student: Student, seed: int, exercise: Exercise, case: str) -> None:
        """Compare what is finite, far out."""
        __tracebackhide__ = True
        arguments = exercise.draw(case, seed)
        right = exercise.expect(*arguments).value
        bound = scale(*arguments)
        bounds = mapped(lambda value: np.broadcast_to(bound, np.shape(value)), right)
        expected = Expected(right, bounds)
        answer = student.call(exercise.name, *arguments)
        check_number(answer.value, expected, f"{exercise.quantity} at large values")
        changed = _changed(exercise, exercise.draw(case, seed), answer)
        if changed is not None:
            first = next(iter(exercise.cases))
            elsewhere = student.call(exercise.name, *exercise.draw(first, seed))
            if _changed(exercise, exercise.draw(first, seed), elsewhere) is None:
                raise changed

    return _made(test, label, points, needs, cases)


def _changed(exercise: Exercise, before: tuple[Any, ...], answer: Returned) -> Failure | None:
    """Return what to say of an argument that a call has changed, or None."""
    try:
        check_unchanged(before, answer.arguments, exercise.parameters, exercise.name)
    except Failure as failure:
        return failure
    return None


def _made(test: Criterion, label: str, points: float, needs: Sequence[str], cases: Cases) -> Criterion:
    test.__doc__ = label
    return criterion(points=points, needs=tuple(needs))(pytest.mark.parametrize("case", _names(cases))(test))


def _names(cases: Cases) -> tuple[str, ...]:
    return (cases,) if isinstance(cases, str) else tuple(cases)


def _answered(student: Student, exercise: Exercise, arguments: Sequence[Any], *, gently: bool) -> Returned | None:
    """Return the answer of a call; with `gently`, None where it stops with an error: other criteria judge that.

    Raises:
        Failure: there is none, or one that cannot be graded.
    """
    __tracebackhide__ = True
    answer = student.ask(exercise.name, *arguments)
    return None if gently and isinstance(answer, Raised | Died) else returned(exercise.name, answer)


def _check_looks(student: Student, seed: int, exercise: Exercise) -> None:
    """Check that answers depend on the values of the input alone: a law that any constant obeys earns nothing.

    Raises:
        Failure: the answers are blind (see `grading.blind`).
    """
    __tracebackhide__ = True
    why = student.once(f"blind {exercise.name}", lambda first: why_blind(first, seed, exercise))
    if why:
        raise Failure(why)
