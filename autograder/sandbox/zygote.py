"""The process that submissions are forked from, seen from outside."""

import time
from typing import Any

from autograder.sandbox.channel import Channel, ChannelError, Open
from autograder.sandbox.limits import Limits
from autograder.sandbox.printable import printable
from autograder.sandbox.started import Started
from autograder.sandbox.walls.bubblewrap import Wall, WallError
from autograder.sandbox.walls.landlock import LandlockWall

CONTROL_BYTES = 1 << 16  # of a message on a control channel
_MAX_TEXT = 300


class StepError(WallError):
    """A wall does not stand here.

    Attributes:
        step: which step of raising it fails.
        number: the error's, or 0 where there is none.
    """

    def __init__(self, wall: str, step: str, number: int = 0) -> None:
        super().__init__(f"the {wall} wall does not stand here ({step}): run 'autograder doctor'")
        self.step, self.number = step, number


class Zygote:
    """The process from which submissions are forked, each behind its wall.

    Args:
        wall: which.
        limits: of a submission.
        preload: modules that it loads before it forks any.
        mode: another program in its place, which only tries the wall.
    """

    def __init__(
        self, wall: Wall | LandlockWall, limits: Limits, preload: tuple[str, ...], mode: str | None = None
    ) -> None:
        self._wall = wall
        self._limits = limits
        self.known: tuple[str, ...] = ()
        self._channel = Channel(CONTROL_BYTES)
        self._process = Started(wall, limits, mode or wall.isolation, (self._channel,), preload)
        self._is_up = False
        self._apart = False
        if isinstance(wall, LandlockWall):
            self._channel.send(wall.rules(str(self._process.folder)), time.monotonic() + limits.start_seconds)

    @property
    def pid(self) -> int:
        """Its process on this machine, or its outer wall's."""
        return self._process.pid

    @property
    def counted(self) -> dict[str, int | bool] | None:
        """How the kernel counts a submission's processes; see `Wall.counted`."""
        return self._wall.counted(self._limits, apart=self._apart)

    def wait(self) -> None:
        """Wait until it is up, and make sure that the wall that it forks submissions behind holds.

        Raises:
            WallError: it did not start, or the wall does not hold.
        """
        if self._is_up:
            return
        try:
            report = self._channel.receive(time.monotonic() + self._limits.start_seconds)
        except ChannelError as error:
            raise WallError(self._process.explain()) from error
        self._check(report)
        self._apart = report.get("apart") is True
        if isinstance(self._wall, LandlockWall):
            self._try_landlock()
        self._is_up = True
        if self.known:  # all that this changes is how long it takes
            self._ask({"op": "learn", "cells": list(self.known)})

    def _check(self, report: dict[str, Any]) -> None:
        if report.get("stands") is not True:
            step = printable(str(report.get("failed") or report.get("refused") or "it does not say why"))[:_MAX_TEXT]
            number = report.get("errno")
            raise StepError(self._wall.isolation, step, number if isinstance(number, int) else 0)

    def _try_landlock(self) -> None:
        """Let a submission of our own try whether it is kept in."""
        control, channel = Channel(CONTROL_BYTES), Channel(CONTROL_BYTES)
        try:
            self.fork(control, channel, trial=True)
            self._check(channel.receive(time.monotonic() + self._limits.start_seconds))
        except ChannelError as error:
            try:
                self._check(control.receive(time.monotonic() + 1))
            except ChannelError:
                raise WallError(self._process.explain()) from error
        finally:
            control.close()
            channel.close()

    def fork(self, control: Channel, channel: Channel, *, trial: bool = False) -> None:
        """Let it fork a child that serves the other ends of two channels.

        Args:
            control: to the child's first process.
            channel: to the process that runs the cells.
            trial: only try whether the wall holds, and say so on the channel.

        Raises:
            ChannelError: it is gone.
            WallError: there is no uid for the child.
        """
        claim = self._wall.claim() if isinstance(self._wall, LandlockWall) else None
        message = {"op": "start", "scratch_bytes": self._limits.scratch_bytes, "trial": trial}
        message["uid"] = None if claim is None else claim.uid
        sent: tuple[Open, ...] = (control.peer, channel.peer, *([] if claim is None else [claim.held]))
        try:
            self._channel.send(message, time.monotonic() + self._limits.start_seconds, sent)
        finally:
            if claim is not None:
                claim.held.close()
        control.release_peer()
        channel.release_peer()

    def answers(self) -> bool:
        """Say whether it is still there."""
        return self._ask({"op": "ping"})

    def _ask(self, message: dict[str, Any]) -> bool:
        deadline = time.monotonic() + self._limits.start_seconds
        try:
            self._channel.send(message, deadline)
            return self._channel.receive(deadline).get("ready") is True
        except ChannelError:
            return False

    def close(self) -> None:
        """End it and all that came of it."""
        self._channel.close()
        self._process.kill()
