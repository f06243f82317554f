"""Right functions in the place of a student's: here a name asks, and another process, the reference's, answers.

Both ends of that pipe are in this file. A student's process holds nothing but the asking one. Student code may write to
the pipe what it likes, so the answering end checks what comes before it uses it.
"""

import builtins
import contextlib
import os
import socket
import threading
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .codec import contains_ungradable, decode, encode
from .wire import Closed, TooLong, Wire

Functions = Mapping[str, Callable[..., Any]]

_NUMBERS = "biufc"  # kinds of dtypes


class StandIns:
    """Makes functions that ask another process.

    Args:
        pipe: to that process.
        longest: bytes of a question, and of its answer.
    """

    def __init__(self, pipe: socket.socket, longest: int) -> None:
        self._wire = Wire(pipe, longest, descriptors=0)
        self._longest = longest
        self._lock = threading.Lock()  # student code may call from several threads
        self._process = os.getpid()

    def function(self, name: str) -> Callable[..., Any]:
        """Return the function that asks for a right one of this name."""

        def stand_in(*arguments: Any, **named: Any) -> Any:
            """Ask the judge for the right answer."""
            return self._ask(name, arguments, named)

        stand_in.__name__ = stand_in.__qualname__ = name
        return stand_in

    def _ask(self, name: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if os.getpid() != self._process:
            raise RuntimeError(f"{name} answers only in the process that is judged, not in one that it has started")
        given = [[_as_plain(one) for one in arguments], {key: _as_plain(one) for key, one in named.items()}]
        question = {"ask": name, "given": encode(given)}
        with self._lock:
            reply = self._exchange(name, question)
        if "value" in reply:
            return decode(reply["value"])
        raise getattr(builtins, reply["raised"])(reply["message"])

    def _exchange(self, name: str, question: dict[str, Any]) -> dict[str, Any]:
        try:
            self._wire.send(question)
            return self._wire.receive()
        except TooLong:
            raise ValueError(f"{name} was given more than {self._longest} bytes") from None
        except Closed:
            raise RuntimeError(f"{name} answers no more: it was asked too often, or not by calling it") from None
        except BaseException:
            # A signal's handler has raised it. The answer that is still to come would be taken for the next one's.
            self._wire.close()
            raise


def _as_plain(value: Any) -> Any:
    """Return what holds an array of numbers, such as a Series of pandas, as that array."""
    if isinstance(value, np.ndarray | np.generic) or not hasattr(type(value), "__array__"):
        return value
    return np.asarray(value)


def answer(pipe: socket.socket, functions: Functions, longest: int, most: int) -> int:
    """Answer questions until nobody can ask any more, one is malformed, or there were enough.

    Args:
        pipe: from the process that asks.
        functions: that may be asked for.
        longest: bytes of a question, and of its answer.
        most: questions that are answered.

    Returns:
        How many were answered.
    """
    wire = Wire(pipe, longest, descriptors=0)
    answered = 0
    with contextlib.closing(wire), contextlib.suppress(Closed), warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        while answered < most:
            name, arguments, named = _question(wire, functions)
            try:
                wire.send(_answer(name, functions[name], arguments, named))
            except (TooLong, MemoryError):
                wire.send(_raised("ValueError", f"the answer of {name} has more than {longest} bytes"))
            answered += 1
    return answered


def _question(wire: Wire, functions: Functions) -> tuple[str, list[Any], dict[str, Any]]:
    """Return the next question: the name of a function, and what it is called with.

    Raises:
        Closed: there is none, or it is malformed.
    """
    try:
        message = wire.receive()
        name, (arguments, named) = message["ask"], decode(message["given"])
        well_formed = name in functions and type(arguments) is list and type(named) is dict
    except Closed:
        raise
    except Exception as error:  # whatever reading untrusted bytes may raise
        raise Closed from error
    if not well_formed or not all(type(key) is str for key in named):
        raise Closed
    return name, arguments, named


def _answer(name: str, function: Callable[..., Any], arguments: list[Any], named: dict[str, Any]) -> dict[str, Any]:
    odd = contains_ungradable([arguments, named])
    if odd is not None:
        return _raised(
            "TypeError", f"{name} takes numbers, arrays, and lists, tuples or dicts of these: no {odd.type_name}"
        )
    try:
        return {"value": encode(_called(function, arguments, named))}
    except Exception as error:  # noqa: BLE001 - whatever the reference raises for what student code chose
        # The text of the exception would be the reference's own.
        kind = next(one.__name__ for one in type(error).__mro__ if one.__module__ == builtins.__name__)
        return _raised(kind, f"a right {name} raises {kind} for these arguments")


def _called(function: Callable[..., Any], arguments: list[Any], named: dict[str, Any]) -> Any:
    """Call a function, with arrays in the place of lists of numbers where it takes no lists: a student's own may."""
    try:
        return function(*arguments, **named)
    except (TypeError, AttributeError):
        given = [_as_array(one) for one in arguments]
        return function(*given, **{key: _as_array(one) for key, one in named.items()})


def _as_array(value: Any) -> Any:
    if not isinstance(value, list | tuple):
        return value
    try:
        array = np.array(value)
    except ValueError:  # its rows are of different lengths
        return value
    return array if array.dtype.kind in _NUMBERS else value


def _raised(kind: str, message: str) -> dict[str, Any]:
    return {"raised": kind, "message": message}
