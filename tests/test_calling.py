"""Tests that were written for a notebook, judged from outside: what they see of a student's function."""

import contextlib

import numpy as np
import pytest

from autograder.grading import Failure, GraderFault, calling
from autograder.grading.student import Student
from autograder.sandbox.answers import Died, Missing, Raised, Refused, Returned, TimedOut
from autograder.sandbox.inside.codec import decode, encode


class Process:
    """Answers each call in the same way, or by a function of the arguments, as they come through the pipe."""

    def __init__(self, answer):
        self.answer = answer

    def call(self, function, arguments):
        """Answer a call."""
        if not callable(self.answer):
            return self.answer
        given = decode(encode(arguments))
        value = self.answer(*given)
        return Returned(decode(encode(value)), decode(encode(given)))

    def close(self):
        """End it."""


def judge(test, answer):
    """Judge a test of one function by how that answers."""
    calling("f")(test)(Student(Process(answer)))


def test_what_is_given_may_be_changed():
    """Lists, dicts and arrays are after the call what the function made of them, in their places."""

    def change(items, table, array, pair):
        items[0].append(3)
        table.clear()
        array *= 2
        pair[0].pop()

    def test(f):
        inner = [1, 2]
        items, table, array, pair = [inner], {"a": 1}, np.ones(2), ([5], 6)
        assert f(items, table, array, pair) is None
        assert inner == [1, 2, 3]
        assert items[0] is inner
        assert table == {}
        assert array.tolist() == [2.0, 2.0]
        assert pair == ([], 6)

    judge(test, change)


@pytest.mark.parametrize(
    "kind", ["ValueError", "KeyError", "OSError", "UnicodeDecodeError", "SyntaxError", "StopIteration", "Exception"]
)
def test_an_exception_is_of_pythons_own_type(kind):
    """A test expects an exception by its type, and reads its message; another type goes by."""
    types = vars(__import__("builtins"))

    def test(f):
        with pytest.raises(types[kind]) as caught:
            f(1)
        assert str(caught.value) == "no 'a'"
        assert not isinstance(caught.value, AssertionError)

    judge(test, Raised("Own", "no 'a'", None, kind))


@pytest.mark.parametrize("answer", [TimedOut(5.0), Died("it ended"), Returned(decode(["?", "Odd"]), ())])
def test_no_test_swallows_what_gave_no_answer(answer):
    """A test that expects any exception does not pass by a time limit, a dead process, or a value that is not plain."""

    def test(f):
        with contextlib.suppress(BaseException):  # as a bare `except`
            f(1)

    with pytest.raises(Failure):
        judge(test, answer)


def test_a_fault_of_the_machine_is_none_of_the_students():
    """Where the machine had no room for the call, nobody fails, whatever the test expects."""

    def test(f):
        with pytest.raises(Exception, match="room"):
            f(1)

    with pytest.raises(GraderFault, match="no room"):
        judge(test, Refused("no room"))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda _: 1, "too small"),
        (lambda _: "a", "A hidden test failed: TypeError"),
        (lambda _: 7, "… is odd"),
        (Raised("Own", "the input was 3", None, "ValueError"), "f raised ValueError in a hidden test"),
        (Missing(), "there is no function f when its check is reached"),
        (Raised("NotImplementedError", "3", None, "NotImplementedError"), "f is not filled in yet"),
    ],
)
def test_only_spelled_out_words_are_told(answer, said):
    """No value of a hidden test, nor a message of the student's that may hold one, is told."""

    def test(f):
        number = f(3)
        if number < 2:  # pytest adds to the messages of assert statements in this file
            raise AssertionError("too small")
        if number % 2:
            raise AssertionError(f"{number} is odd")

    with pytest.raises(Failure) as caught:
        judge(test, answer)
    assert str(caught.value) == said
