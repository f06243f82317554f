"""The copy of a snapshot in which one exercise's calls are made."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from autograder.judge.run import Run
from autograder.sandbox.answers import Answer, Died, Missing, TimedOut
from autograder.sandbox.channel import ChannelError
from autograder.sandbox.session import Snapshot


class Fork:
    """Gives the calls of one exercise a fresh copy of a snapshot, and another one when that copy has died.

    Args:
        run: what running the notebook came to.
        exercise: whose snapshot is copied.
        seconds: that all calls may take together.
        stand_ins: source of functions that take the place of the student's, by name.
    """

    def __init__(self, run: Run, exercise: str, seconds: float, stand_ins: Mapping[str, str] | None = None) -> None:
        self._run = run
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._stand_ins = stand_ins or {}
        self._snapshot = run.snapshots.get(exercise)
        self._gone = "its process had ended before this exercise was reached"
        self._copy: Snapshot | None = None

    def call(self, function: str, arguments: tuple[Any, ...]) -> Answer:
        """Call a function of the student's in the copy."""
        return self.calls(function, [arguments])[0]

    def calls(self, function: str, inputs: Sequence[tuple[Any, ...]]) -> list[Answer]:
        """Call a function several times, in the time of one call; what ends it is the answer to all."""
        if self._snapshot is None:
            return [Died(self._gone)] * len(inputs)
        if time.monotonic() > self._deadline:
            return [TimedOut(self._seconds)] * len(inputs)
        try:
            if self._copy is None:
                self._copy = self._copy_of(self._snapshot)
        except ChannelError as error:
            self._snapshot, self._gone = None, str(error)
            return [Died(self._gone)] * len(inputs)
        answers = self._copy.calls(function, inputs)
        if any(isinstance(answer, Died) for answer in answers):
            self._copy = None
        return [Missing(self._run.first_error()) if isinstance(answer, Missing) else answer for answer in answers]

    def _copy_of(self, snapshot: Snapshot) -> Snapshot:
        copy = snapshot.snapshot()
        for source in self._stand_ins.values():
            copy.define(source)
        return copy

    def close(self) -> None:
        """Throw the copy away."""
        if self._copy is not None:
            self._copy.close()
