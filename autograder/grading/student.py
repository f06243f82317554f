"""The student as a grader sees them: functions to call, whose every misbehaviour is a Failure with a message."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from autograder.grading.criteria import Failure, GraderFault, MachineFault
from autograder.grading.notation import error_text
from autograder.sandbox.answers import Answer, Died, Missing, Raised, Refused, Returned, TimedOut, Where
from autograder.sandbox.inside.codec import contains_ungradable, unsendable
from autograder.sandbox.printable import printable

NoValue = Raised | Missing | TimedOut | Died


class Process(Protocol):
    """A copy of the student process; `autograder.judge.running.fork.Fork` is one."""

    def call(self, function: str, arguments: tuple[Any, ...]) -> Answer:
        """Call a function of the student's."""

    def fresh(self) -> "Process":
        """Return another copy, in which nothing was called yet."""

    def close(self) -> None:
        """End it."""


class TimeoutFailure(Failure):
    """A judged call took too long; the rest of the exercise is not judged."""


class Student:
    """`student.cost(w, b, X, y)` calls the student's `cost` in their process and returns plain data."""

    def __init__(self, process: Process, first: "Student | None" = None) -> None:
        self._process = process
        self._first = first or self
        self._found: dict[str, str] = {}

    def __getattr__(self, function: str) -> Callable[..., Any]:
        if function.startswith("_"):
            raise AttributeError(function)
        return lambda *arguments: self.call(function, *arguments).value

    def once(self, question: str, ask: Callable[["Student"], str]) -> str:
        """Return the answer to a question about this student, which is asked only once; never in a fresh process."""
        found = self._first._found  # noqa: SLF001 - another one of this class
        if question not in found:
            found[question] = ask(self._first)
        return found[question]

    @contextlib.contextmanager
    def fresh(self) -> Iterator["Student"]:
        """Give the same student in a process in which nothing was called yet."""
        with contextlib.closing(self._process.fresh()) as process:
            yield Student(process, self._first)

    def call(self, function: str, *arguments: Any) -> Returned:
        """Call a function and return its value with the arguments as they were afterwards.

        Raises:
            Failure: it returned nothing that can be graded; the text says why, to the student.
            GraderFault: an argument is no plain data, and cannot be sent.
            MachineFault: the machine had no room for the call.
        """
        return returned(function, self.ask(function, *arguments))

    def ask(self, function: str, *arguments: Any) -> Returned | NoValue:
        """Call a function and return the answer, whatever it is.

        Raises:
            GraderFault: an argument is no plain data, and cannot be sent.
            MachineFault: the machine had no room for the call.
        """
        if odd := unsendable(arguments):
            raise GraderFault(f"an argument of {function} is a value of type {odd}, which cannot be sent")
        answer = self._process.call(function, arguments)
        if isinstance(answer, Refused):
            raise MachineFault(answer.reason)
        return answer


def returned(function: str, answer: Returned | NoValue) -> Returned:
    """Return the answer of a call.

    Raises:
        Failure: it is nothing that can be graded; the text says why, to the student.
    """
    if not isinstance(answer, Returned):
        raise failure(function, answer)
    if answer.value is None:
        raise Failure(f"{function} returned None: is a return statement missing?")
    check_gradable(function, answer.value)
    return answer


def check_gradable(function: str, value: Any) -> None:
    """Check that a returned value is plain data.

    Raises:
        Failure: a part of it is not; the text says so to the student.
    """
    if found := contains_ungradable(value):
        raise Failure(f"{function} returned a value of type {printable(found.type_name)}, which cannot be graded")


def failure(function: str, answer: NoValue) -> Failure:
    """Return what to tell the student whose function gave no value."""
    if isinstance(answer, Missing):
        return Failure(f"there is no {answer.kind} {function} when its check is reached{answer.because}")
    if isinstance(answer, TimedOut):
        return TimeoutFailure(f"{function} gave no answer within {answer.seconds:g} s and was stopped")
    if isinstance(answer, Died):
        return Failure(f"{function} gave no answer: {answer.reason}")
    if answer.type == "NotImplementedError":
        return Failure(f"{function} is not filled in yet{_at(answer.where)}{answer.because}")
    return Failure(f"{function} raised {answer.type}: {error_text(answer.message)}{_at(answer.where)}{answer.because}")


def _at(where: Where | None) -> str:
    if where is None:
        return ""
    place = f"{where.called}, line {where.line}" if where.called.startswith("In ") else f"line {where.line}"
    more = f"; there {where.inside}" if where.inside else ""
    return f" ({place}: {where.text}{more}{f'; {where.shapes}' if where.shapes else ''})"
