"""The process that submissions are forked from, seen from outside."""

import time
from typing import Any

from autograder.sandbox.bubblewrap import Wall, WallError
from autograder.sandbox.channel import Channel, ChannelError
from autograder.sandbox.limits import Limits
from autograder.sandbox.started import Started

CONTROL_BYTES = 1 << 16  # of a message on a control channel


class Zygote:
    """The process behind the outer wall from which submissions are forked."""

    def __init__(self, wall: Wall, limits: Limits, preload: tuple[str, ...]) -> None:
        self._limits = limits
        self.known: tuple[str, ...] = ()
        self._channel = Channel(CONTROL_BYTES)
        self._process = Started(wall, limits, "zygote", (self._channel,), preload)
        self._nested: bool | None = None
        self.apart = False  # whether the kernel counts the processes of each submission by themselves

    @property
    def pid(self) -> int:
        """The outer wall's process on this machine."""
        return self._process.pid

    def nested(self) -> bool:
        """Wait until it is up; return whether the kernel lets it raise the inner wall.

        Raises:
            WallError: it did not start.
        """
        if self._nested is None:
            try:
                report = self._channel.receive(time.monotonic() + self._limits.start_seconds)
            except ChannelError as error:
                raise WallError(self._process.explain()) from error
            self._nested = report.get("nested") is True
            self.apart = report.get("apart") is True
            self._learn()
        return self._nested

    def _learn(self) -> None:
        """Let it compile what every submission has; all that this changes is how long it takes."""
        if self.known and self._nested:
            self._ask({"op": "learn", "cells": list(self.known)})

    def fork(self, control: Channel, channel: Channel) -> None:
        """Let it fork a child that serves the other ends of two channels.

        Raises:
            ChannelError: it is gone.
        """
        message = {"op": "start", "scratch_bytes": self._limits.scratch_bytes}
        deadline = time.monotonic() + self._limits.start_seconds
        self._channel.send(message, deadline, (control.peer, channel.peer))
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
