"""The process in which one exercise's calls are made."""

import contextlib
import time
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import msgpack

from autograder.judge.running.run import Run
from autograder.judge.running.stand_ins import Answering, StandIns
from autograder.sandbox.answers import Answer, Died, Missing, Raised, Refused, Returned, TimedOut
from autograder.sandbox.channel import ChannelError
from autograder.sandbox.refusals import MachineError
from autograder.sandbox.snapshot import Call, EncodedCall, Snapshot, encoded, with_arguments


class LikelyCall(NamedTuple):
    """A call that is likely to be made of every submission: encoded once for all of them.

    Attributes:
        call: as it is made.
        encoded: as it is sent.
        key: equal for calls with equal arguments.
    """

    call: Call
    encoded: EncodedCall
    key: bytes


def likely(call: Call) -> LikelyCall:
    """Return a call that is likely to be made."""
    sent = encoded(call)
    return LikelyCall(call, sent, _key(sent))


class CallTime:
    """What all calls of an exercise may still take together; nothing but calls uses it up.

    Our own work between them does not: on a busy machine loading a catalogue alone takes seconds, and what is told of
    an answer would depend on who else works there.

    Args:
        seconds: of wall-clock time.
    """

    def __init__(self, seconds: float) -> None:
        self._left = seconds

    def limit(self, seconds: float) -> None:
        """Leave no more than this."""
        self._left = min(self._left, seconds)

    def expired(self) -> bool:
        """Say whether nothing is left."""
        return self._left <= 0

    @contextlib.contextmanager
    def used(self) -> Iterator[None]:
        """Count what is done within."""
        began = time.monotonic()
        try:
            yield
        finally:
            self._left -= time.monotonic() - began


class Fork:
    """Gives the calls of one exercise a process that nothing was asked of, and another one when that has died.

    The first is the snapshot itself, for copying a process takes as long as judging in it. Where a copy may be needed
    as well, `keep` says so; where it is needed unforeseen, the cells are run once more.

    Args:
        run: what running the notebook came to.
        exercise: whose snapshot is used.
        keep: leave the snapshot as it is, and call a copy.
        ahead: calls that are likely to be made; all are asked for at once.
        stand_ins: right functions that take the place of the student's.
    """

    def __init__(
        self,
        run: Run,
        exercise: str,
        *,
        keep: bool = False,
        ahead: Sequence[LikelyCall] = (),
        stand_ins: StandIns | None = None,
    ) -> None:
        self._run = run
        self._exercise = exercise
        self._seconds = run.limits.exercise_seconds
        self._time = CallTime(self._seconds)
        self._keep = keep
        self._stand_ins = stand_ins
        self._answering: Answering | None = None
        self._gone: Answer = Died("its process had ended before this exercise was reached")
        self._process: Snapshot | None = None
        self._first_run = not run.renewed
        self._ahead: Sequence[LikelyCall] = ()
        self._known: defaultdict[bytes, deque[Answer]] = defaultdict(deque)
        self.asked_more = False  # than what was asked ahead
        if ahead and (process := self._living()) is not None:
            self._ahead = ahead
            process.ask([one.encoded for one in ahead])

    def call(self, function: str, arguments: tuple[Any, ...]) -> Answer:
        """Call a function of the student's."""
        self._fetch()
        call = (function, arguments)
        sent = encoded(call)
        known = self._known.get(_key(sent))
        return known.popleft() if known else self._made([call], [sent])[0]

    def said(self) -> bytes | None:
        """Return the answers to the calls that were asked ahead, as bytes; None unless each returned a value."""
        if not self._ahead or self._process is None or self._stand_ins is not None:
            return None
        said = self._process.said()
        self._note_places(self._process)
        return said

    def text(self) -> str:
        """Return the text of the exercise's function, without its comments; nothing where there is none."""
        return self._run.causes.text_of(self._exercise)

    def ask_ahead(self, calls: Sequence[LikelyCall]) -> None:
        """Make calls at once that are about to be made one by one; what gives no answer is asked for again then."""
        answers = self._made([one.call for one in calls], [one.encoded for one in calls])
        for one, answer in zip(calls, answers, strict=True):
            if isinstance(answer, Returned | Raised):
                self._known[one.key].append(answer)

    def fresh(self) -> "Fork":
        """Return a process in which nothing was called yet; what is left of the time here is for both."""
        self.asked_more = True
        other = Fork(self._run, self._exercise, keep=True, stand_ins=self._stand_ins)
        other._time = self._time
        return other

    def calls(self, calls: Sequence[Call]) -> list[Answer]:
        """Make several calls, in the time of one; what ends the process is the answer to all."""
        return self._made(calls, [encoded(call) for call in calls])

    def _made(self, calls: Sequence[Call], sent: Sequence[EncodedCall]) -> list[Answer]:
        self._fetch()
        self.asked_more = True
        if self.expired():
            return [TimedOut(self._seconds)] * len(calls)
        with self._time.used():
            process = self._living()
            if process is None:
                return [self._gone] * len(calls)
            process.ask(sent)
            answers = self._unless_unanswered(process.answers())
        self._note_places(process)
        if any(isinstance(answer, Died) for answer in answers):
            self._process = None
        return [self._explained(*both) for both in zip(calls, answers, strict=True)]

    def limit(self, seconds: float) -> None:
        """Let all calls from now on take no longer than this together, nor longer than they could have taken anyway."""
        self._time.limit(seconds)

    def expired(self) -> bool:
        """Say whether the time for calls is over: each is answered by `TimedOut` from then on."""
        return self._time.expired()

    def _fetch(self) -> None:
        """Keep the answers to what was asked ahead; where that ended the process, each call is made by itself."""
        ahead, self._ahead = self._ahead, ()
        if not ahead:
            return
        answers = self._unless_unanswered(self._process.answers()) if self._process is not None else []
        self._note_places(self._process)
        if not answers or any(isinstance(answer, Died | TimedOut | Refused) for answer in answers):
            self._process = None
            return
        for one, answer in zip(ahead, answers, strict=True):
            self._known[one.key].append(self._explained(one.call, answer))

    def _note_places(self, process: Snapshot | None) -> None:
        """Keep where the student's function was defined, for the reviewer."""
        if process is not None and process.places and self._stand_ins is None:
            self._run.places.setdefault(self._exercise, process.places)

    def _living(self) -> Snapshot | None:
        """Return the process that is to be called, a new one where there is none; None where there can be none."""
        if self._first_run and self._run.renewed:  # because of another exercise: those of the first run are gone
            self._process = None
        if self._process is None and not isinstance(self._gone, Refused):
            try:
                self._process = self._new()
            except MachineError as error:
                self._gone = Refused(str(error))
            except ChannelError as error:
                self._gone = Died(str(error))
        return self._process

    def _new(self) -> Snapshot | None:
        process = self._run.process(self._exercise, keep=self._keep)
        self._first_run = not self._run.renewed
        if process is not None and self._stand_ins is not None:
            self._end_answering()
            try:
                self._answering = self._stand_ins.put_into(process)
            except ChannelError:
                process.close()
                raise
        return process

    def _unless_unanswered(self, answers: list[Answer]) -> list[Answer]:
        """Return answers, unless the process of the right functions has ended: the student's may have missed it."""
        if self._answering is None or not self._answering.has_failed():
            return answers
        self.close()
        self._process = None
        return [Refused("the process of the right functions that stood in has ended")] * len(answers)

    def _explained(self, call: Call, answer: Answer) -> Answer:
        """Return an answer with what the run of the notebook says of it: which cell, and why a name is missing."""
        causes = self._run.causes
        if isinstance(answer, Missing):
            kind = "class" if call[0] in self._run.adapters else "function"
            return Missing(causes.of_missing(call[0], self._exercise), kind)
        if isinstance(answer, Raised):
            unfilled = answer.type == "NotImplementedError"
            because = causes.below(call[0], self._exercise) if unfilled else causes.of(answer)
            return replace(answer, where=causes.called(answer.where), because=because)
        return with_arguments(call, answer)

    def close(self) -> None:
        """End the process, and the answers to its questions."""
        if self._process is not None:
            self._process.close()
        self._end_answering()

    def _end_answering(self) -> None:
        if self._answering is not None:
            self._answering.close()
            self._answering = None


def _key(sent: EncodedCall) -> bytes:
    """Return what two calls with equal arguments have in common."""
    key: bytes = msgpack.packb(sent)
    return key
