"""What a judged call came to: a value, or one of the ways in which it gave none."""

import builtins
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autograder.sandbox.channel import ChannelError
from autograder.sandbox.inside.codec import CodecError, decode
from autograder.sandbox.printable import printable

_MAX_TEXT = 500
_MAX_NAME = 100
_MAX_PLACES = 64
_MAX_NUMBER = 1_000_000


@dataclass(frozen=True)
class Where:
    """A line of the student's.

    Attributes:
        cell: number of the code cell as run.
        line: in the cell.
        text: of the line.
        called: what its cell is called.
        inside: where the line calls a helper that stops: the helper's name and its line.
        shapes: of the arrays in the line that stops, in words.
    """

    cell: int
    line: int
    text: str
    called: str = ""
    inside: str = ""
    shapes: str = ""


@dataclass(frozen=True)
class Place:
    """Where a function of the student's was defined, as its own process tells it: that can lie.

    Attributes:
        kind: its type's name, and the file of code that is no cell's.
        cell: the number of the code cell in which its code stands, as run, or None.
        line: the line there at which it begins, or None.
        bound: the number of the cell after which its name stood for it, or None.
    """

    kind: str
    cell: int | None = None
    line: int | None = None
    bound: int | None = None


Places = Mapping[str, Place]
"""By name: the judged function first, then those that it leads to."""


AS_GIVEN = object()


@dataclass(frozen=True)
class Returned:
    """The call returned a value; `arguments` are what it was given, as they were afterwards, or `AS_GIVEN`."""

    value: Any
    arguments: Any


@dataclass(frozen=True)
class Raised:
    """Student code raised an exception.

    Attributes:
        type: its name.
        message: its text.
        where: it was raised.
        kind: the type of Python's own that it is, or is derived from.
        because: why, where the rest of the notebook tells.
    """

    type: str
    message: str
    where: Where | None
    kind: str = ""
    because: str = ""


@dataclass(frozen=True)
class Missing:
    """There is no function, or class, of that name; `because` may say why."""

    because: str = ""
    kind: str = "function"


@dataclass(frozen=True)
class TimedOut:
    """No answer came in time; the process was killed."""

    seconds: float


@dataclass(frozen=True)
class Died:
    """The process ended or broke the protocol instead of answering."""

    reason: str


@dataclass(frozen=True)
class Refused:
    """The machine had no room for the call, through no fault of the student's."""

    reason: str


Answer = Returned | Raised | Missing | TimedOut | Died | Refused


def read_answers(reply: dict[str, Any], count: int) -> list[Answer]:
    """Return the answers that a reply to that many calls stands for.

    Raises:
        ChannelError: it does not stand for as many.
    """
    answers = reply.get("answers")
    if not isinstance(answers, list) or len(answers) != count or not all(isinstance(item, dict) for item in answers):
        raise ChannelError("a malformed answer")
    return [_read_answer(answer) for answer in answers]


def _read_answer(reply: dict[str, Any]) -> Answer:
    """Return the answer that a reply stands for.

    Raises:
        ChannelError: it stands for none.
    """
    if reply.get("missing") is True:
        return Missing()
    if "raised" in reply:
        return read_error(reply["raised"])
    try:
        after = decode(reply["arguments"]) if "arguments" in reply else AS_GIVEN
        return Returned(decode(reply.get("value")), after)
    except (CodecError, RecursionError, MemoryError, ValueError) as error:
        raise ChannelError("a malformed value") from error


def read_error(raw: Any) -> Raised:
    """Return the exception that a dict from inside describes.

    Raises:
        ChannelError: it describes none.
    """
    if not (isinstance(raw, dict) and isinstance(raw.get("type"), str) and isinstance(raw.get("message"), str)):
        raise ChannelError("a malformed error")
    kind, message = (printable(raw[key][:_MAX_TEXT]) for key in ("type", "message"))
    builtin = raw.get("kind")
    known = builtin if isinstance(builtin, str) and isinstance(getattr(builtins, builtin, None), type) else ""
    return Raised(kind, message, _read_where(raw.get("where")), known)


def _read_where(raw: Any) -> Where | None:
    if not isinstance(raw, dict):
        return None
    cell, line, text = raw.get("cell"), raw.get("line"), raw.get("text")
    if type(cell) is int and type(line) is int and isinstance(text, str):
        inside, shapes = (
            printable(raw[key][:_MAX_TEXT]) if isinstance(raw.get(key), str) else "" for key in ("inside", "shapes")
        )
        return Where(cell, line, printable(text[:_MAX_TEXT]), inside=inside, shapes=shapes)
    return None


def read_places(raw: Any) -> Places:
    """Return the places that a dict from inside, or from an outcome, stands for; what is malformed is left out."""
    if not isinstance(raw, dict):
        return {}
    pairs = list(raw.items())[:_MAX_PLACES]
    found = {printable(name[:_MAX_NAME], ""): _read_place(one) for name, one in pairs if isinstance(name, str)}
    return {name: one for name, one in found.items() if one is not None}


def _read_place(raw: Any) -> Place | None:
    if not isinstance(raw, dict) or not isinstance(raw.get("kind"), str):
        return None
    numbers = [raw.get(key) for key in ("cell", "line", "bound")]
    cell, line, bound = (one if type(one) is int and 0 < one < _MAX_NUMBER else None for one in numbers)
    return Place(printable(raw["kind"][:_MAX_NAME], ""), cell, line, bound)
