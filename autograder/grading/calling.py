"""Tests that were written for a grade cell, judged from outside: they call the student's functions by their names.

    @criterion(points=1)
    @calling("squares")
    def test_cell(squares):
        "Gives the squares."
        assert squares(2) == [1, 4]

A function behaves as it does in the notebook: it may return None, change lists, dicts and arrays that it is given, and
raise an exception, which the test may expect. All else is a grader's: values are plain data, and the student's process
never sees the test.
"""

import builtins
import inspect
import textwrap
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from autograder.grading.criteria import Failure, GraderFault
from autograder.grading.student import Student, check_gradable, failure
from autograder.grading.told import told
from autograder.sandbox.answers import Missing, Raised, Returned
from autograder.sandbox.inside.codec import encode

Test = Callable[..., None]


def calling(*functions: str) -> Callable[[Test], Callable[[Student], None]]:
    """Give a test functions of the student's, by name and as its arguments.

    Whatever the test raises then is the student's failure, and they are told only what the test's own text spells out.

    Args:
        functions: in the order of the test's parameters.
    """

    def mark(test: Test) -> Callable[[Student], None]:
        """Make a criterion of a test that calls the student's functions."""

        def judged(student: Student) -> None:
            """Run the test with the student's functions."""
            _run(test, [_Function(student, name) for name in functions])

        judged.__name__, judged.__doc__, judged.__module__ = test.__name__, test.__doc__, test.__module__
        return judged

    return mark


class _EndError(BaseException):
    """Nothing more can be asked, or the grader cannot judge; no `except Exception` of a test's may take it."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(str(reason))
        self.reason = reason


class _Told:
    """A mark of an exception that a function of the student's has raised, with what the student is told of it."""

    told: Failure


class _Function:
    """A function of the student's."""

    def __init__(self, student: Student, name: str) -> None:
        self._student = student
        self._name = name
        self.ended: _EndError | None = None

    def __call__(self, *arguments: Any) -> Any:
        try:
            answer = self._student.ask(self._name, *arguments)
            if isinstance(answer, Returned):
                check_gradable(self._name, answer.value)
            elif not isinstance(answer, Raised | Missing):
                raise failure(self._name, answer)
        except (Failure, GraderFault) as error:
            self.ended = _EndError(error)
            raise self.ended from None
        if not isinstance(answer, Returned):
            raise _raised(self._name, answer)
        _put_back(arguments, answer.arguments)
        return answer.value


def _run(test: Test, functions: Sequence[_Function]) -> None:
    """Run a test.

    Raises:
        Failure: it failed; the text is what the student is told.
        GraderFault: it could not judge.
    """
    raised: BaseException | None = None
    try:
        test(*functions)
    except (_EndError, Exception, pytest.fail.Exception) as error:  # noqa: BLE001 - as in a cell, any of them fails
        raised = error
    ended = next((function.ended for function in functions if function.ended is not None), None)
    if ended is not None:
        raise ended.reason
    if isinstance(raised, _Told):
        raise raised.told
    if raised is not None:
        source = textwrap.dedent(inspect.getsource(test))
        raise Failure(told(source, _kind(raised), str(raised)))


def _kind(error: BaseException) -> str:
    return AssertionError.__name__ if isinstance(error, pytest.fail.Exception) else type(error).__name__


def _raised(name: str, answer: Raised | Missing) -> BaseException:
    """Return the exception that a test sees: of the type of Python's own that the student's is, or is derived from."""
    known, message = "NameError", f"name {name!r} is not defined"
    if isinstance(answer, Raised):
        known, message = answer.kind, answer.message
    found = getattr(builtins, known, Exception)
    kind = found if issubclass(found, Exception) and not issubclass(found, BaseExceptionGroup) else Exception
    inside = {"__str__": lambda _: message, "__init__": _ignore, "told": _failure(name, answer)}
    error: BaseException = type(kind.__name__, (_Told, kind), inside)()
    error.args = (message,)
    return error


def _failure(name: str, answer: Raised | Missing) -> Failure:
    """Return what the student is told; no text of their own exception, which may carry hidden inputs out."""
    if isinstance(answer, Missing):
        return failure(name, answer)
    if answer.type == NotImplementedError.__name__:
        return failure(name, Raised(answer.type, "", None))
    return Failure(f"{name} raised {answer.kind or 'an error'} in a hidden test")


def _ignore(_error: BaseException) -> None:
    """Make an exception without the arguments that some types ask for."""


def _put_back(given: Any, after: Any) -> Any:
    """Let what was given be what it was after the call; return it, or what stands in its place."""
    if isinstance(given, np.ndarray) and isinstance(after, np.ndarray) and given.shape == after.shape:
        if encode(given) != encode(after):
            given[...] = after
        return given
    if isinstance(given, tuple) and isinstance(after, tuple) and len(given) == len(after):
        for one, two in zip(given, after, strict=True):
            _put_back(one, two)
        return given
    if isinstance(given, list) and isinstance(after, list):
        if encode(given) != encode(after):
            given[:] = [_put_back(*both) for both in zip(given, after, strict=False)] + after[len(given) :]
        return given
    if isinstance(given, dict) and isinstance(after, dict):
        if encode(given) != encode(after):
            merged = {key: _put_back(given[key], one) if key in given else one for key, one in after.items()}
            given.clear()
            given.update(merged)
        return given
    return after
