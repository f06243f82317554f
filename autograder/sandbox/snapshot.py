"""A copy of a student process, seen from outside: call its functions, or copy it again."""

import contextlib
import socket
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import msgpack

from autograder.sandbox.answers import (
    AS_GIVEN,
    Answer,
    Died,
    Places,
    Raised,
    Refused,
    Returned,
    TimedOut,
    read_answers,
    read_places,
)
from autograder.sandbox.channel import Channel, ChannelError, ChannelTimeoutError
from autograder.sandbox.inside.codec import encode
from autograder.sandbox.limits import Limits
from autograder.sandbox.refusals import MachineError, Refusals, short_of

_REPLY_SECONDS = 10.0  # for what only our own code inside has to do
_READ_SECONDS = 0.5  # for an answer that came while something else was done
_VALUE = {"value", "arguments"}  # the keys of an answer with a value: no error, and the function was found
_TRIES, _TRY_SECONDS = 5, 0.2  # for a copy that the machine has no room for now

Call = tuple[str, tuple[Any, ...]]  # a function of the student's, and what it is called with
EncodedCall = tuple[str, list[Any]]  # the same for the pipe


class Adapter(NamedTuple):
    """A function of ours that is called in the place of a class of the student's; it holds no secret.

    Attributes:
        function: its name.
        source: its definition.
        names: those of the student's that it may use, the class among them.
    """

    function: str
    source: str
    names: tuple[str, ...]


class Owner(Protocol):
    """The session that a copy belongs to, and ends with.

    Attributes:
        refusals: tells what the machine itself refuses.
    """

    refusals: Refusals

    def keep(self, snapshot: "Snapshot") -> None:
        """Take a copy into its care."""

    def kill(self, pid: int | None) -> None:
        """Kill a process by its number inside."""


class Snapshot:
    """A copy of the student process, waiting to be called or copied again.

    `places` are those of the functions that were called first, once they were called.
    """

    def __init__(self, session: Owner, channel: Channel, limits: Limits, pid: int) -> None:
        self._session = session
        self._channel = channel
        self._seconds = min(limits.call_seconds, limits.exercise_seconds)
        self._limits = limits
        self._pid = pid
        self._gone: str | None = None
        self._asked = 0
        self._deadline = 0.0
        self._reply: dict[str, Any] | None = None
        self.places: Places = {}

    def snapshot(self) -> "Snapshot":
        """Return a copy of this copy.

        Raises:
            ChannelError: this one is gone or does not answer.
        """
        return take_snapshot(self._session, self._channel, self._limits)

    def stand_in(self, names: Sequence[str], pipe: socket.socket) -> None:
        """Put functions that ask on a pipe in the place of the student's.

        Raises:
            ChannelError: this one is gone or does not answer.
        """
        message = {"op": "stand_in", "functions": list(names), "longest": self._limits.message_bytes}
        self._tell(message, (pipe,))

    def adapt(self, adapters: Mapping[str, Adapter]) -> None:
        """Let calls by these names, which are those of the student's classes, be made through adapters.

        Raises:
            ChannelError: this one is gone or does not answer.
        """
        self._tell({"op": "adapt", "adapters": {name: one._asdict() for name, one in adapters.items()}})

    def _tell(self, message: dict[str, Any], descriptors: tuple[socket.socket, ...] = ()) -> None:
        deadline = time.monotonic() + _REPLY_SECONDS
        self._channel.send(message, deadline, descriptors)
        self._channel.receive(deadline)

    def call(self, function: str, arguments: tuple[Any, ...]) -> Answer:
        """Call a function of the student's with plain data and return what it came to; never raises for their sake."""
        return self.calls([(function, arguments)])[0]

    def calls(self, calls: Sequence[Call]) -> list[Answer]:
        """Make several calls, in the time of one; what ends the process is the answer to all."""
        self.ask([encoded(call) for call in calls])
        return [with_arguments(*both) for both in zip(calls, self.answers(), strict=True)]

    def ask(self, calls: Sequence[EncodedCall]) -> None:
        """Ask for calls without waiting for the answers, which are to be fetched before anything else is asked."""
        self._asked, self._reply = len(calls), None
        self._deadline = time.monotonic() + self._seconds
        if self._gone is not None:
            return
        message = {"op": "calls", "calls": calls}
        with contextlib.suppress(ChannelError):  # then no answer comes either
            self._channel.send(message, self._deadline)

    def answers(self) -> list[Answer]:
        """Return the answers to what was asked last; what ends the process is the answer to all."""
        if self._gone is not None:
            return [Died(self._gone)] * self._asked
        try:
            return [self._judged(answer) for answer in read_answers(self._received(), self._asked)]
        except ChannelTimeoutError:
            self.close("it was stopped: an earlier call took too long")
            return [TimedOut(self._seconds)] * self._asked
        except ChannelError as error:
            self.close("it ended in an earlier call")
            return [Died(str(error))] * self._asked

    def said(self) -> bytes | None:
        """Return the answers to what was asked last, unread, as bytes; None unless each call returned a value."""
        with contextlib.suppress(ChannelError, ValueError):  # too deeply nested
            answers = None if self._gone is not None else self._received().get("answers")
            if isinstance(answers, list) and all(isinstance(one, dict) and one.keys() <= _VALUE for one in answers):
                said: bytes = msgpack.packb(answers)
                return said
        return None

    def _received(self) -> dict[str, Any]:
        if self._reply is None:
            self._reply = self._channel.receive(max(self._deadline, time.monotonic() + _READ_SECONDS))
            self.places = self.places or read_places(self._reply.get("places"))
        return self._reply

    def _judged(self, answer: Answer) -> Answer:
        """Return an answer, or that the machine refused what student code needed for one."""
        limit = self._session.refusals.behind(answer) if isinstance(answer, Raised) else None
        return answer if limit is None else Refused(short_of(limit))

    def close(self, reason: str = "it was closed") -> None:
        """Kill this copy."""
        if self._gone is None:
            self._gone = reason
            self._channel.close()
            self._session.kill(self._pid)


def with_arguments(call: Call, answer: Answer) -> Answer:
    """Return the answer to a call with the arguments as they were given, where it left them so."""
    if isinstance(answer, Returned) and answer.arguments is AS_GIVEN:
        return Returned(answer.value, call[1])
    return answer


def encoded(call: Call) -> EncodedCall:
    """Return a call as the pipe carries it."""
    function, arguments = call
    return function, encode(arguments)


def take_snapshot(session: Owner, channel: Channel, limits: Limits) -> Snapshot:
    """Ask the process at the other end of `channel` to fork, and return the copy.

    Raises:
        MachineError: the machine has no room for it, even when asked again.
        ChannelError: it is gone or does not answer.
    """
    for number in range(_TRIES):
        own = Channel(limits.message_bytes)
        deadline = time.monotonic() + limits.call_seconds
        try:
            channel.send({"op": "snapshot"}, deadline, (own.peer,))
            reply = channel.receive(deadline)
        except ChannelError:
            own.close()
            raise
        own.release_peer()
        if type(pid := reply.get("pid")) is int:
            snapshot = Snapshot(session, own, limits, pid)
            session.keep(snapshot)
            return snapshot
        own.close()
        short = "refused" in reply and session.refusals.is_short_of("RLIMIT_NPROC")
        if not short and number > 0:  # asked once more: there may be room again
            raise ChannelError("it has too many processes, or does not answer as it should")
        time.sleep(_TRY_SECONDS if short else 0)
    raise MachineError(short_of("RLIMIT_NPROC"))
