"""Starting student processes: forked from a zygote behind both walls, or one bubblewrap for each.

A `Sandbox` lives as long as its worker. Which of the two ways works here is found out once.
"""

import atexit
import contextlib
import json
import os
import select
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

from autograder.sandbox import seccomp
from autograder.sandbox.bubblewrap import Wall, WallError, explain
from autograder.sandbox.channel import Channel, ChannelError
from autograder.sandbox.fonts import font_lists
from autograder.sandbox.limits import Limits

_ERROR_BYTES = 1 << 16
_INFO_BYTES = 1 << 12
_GONE_SECONDS = 5.0


class Process(Protocol):
    """A submission's processes, to be ended from outside."""

    def kill(self) -> None:
        """End them at once, if closing their control channel did not."""

    def explain(self) -> str:
        """Return why they did not start, in one line."""


class Started:
    """A program behind the outer wall, with what it wrote on stderr.

    Raises:
        WallError: a program that the wall needs is not installed.
    """

    def __init__(
        self, wall: Wall, limits: Limits, mode: str, sockets: tuple[Channel, ...], preload: tuple[str, ...]
    ) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `kill`
        self._folder = None if wall.walled else tempfile.TemporaryDirectory(prefix="autograder-")
        program = _memory_file(seccomp.compile_filter()) if wall.walled else None
        self._info, info = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        numbers = [channel.peer.fileno() for channel in sockets]
        fonts = font_lists() if any(name.startswith("matplotlib") for name in preload) else []
        outer = wall.command(limits.scratch_bytes, fonts, program if mode == "single" else None, info)
        arguments = [mode, ",".join(preload), "" if program is None or mode == "single" else str(program)]
        folder = "/" if self._folder is None else self._folder.name
        try:
            self._process = subprocess.Popen(
                [*outer, *wall.python(), *arguments, *map(str, numbers)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                env=wall.environment(folder),
                cwd=folder,
                pass_fds=[*numbers, *([] if program is None else [program, info])],
                start_new_session=True,
            )
        except OSError as error:
            raise WallError(f"the student process did not start ({error.strerror}): run 'autograder doctor'") from error
        finally:
            os.close(info)
            if program is not None:
                os.close(program)
        for channel in sockets:
            channel.release_peer()

    @property
    def pid(self) -> int:
        """The process on this machine that holds all the others."""
        return self._process.pid

    def kill(self) -> None:
        """End it and everything inside, and wait until nothing is left that the next submission could feel."""
        if self._errors.closed:
            return
        self._kill_inside()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._info)
        self._errors.close()
        if self._folder is not None:
            self._folder.cleanup()

    def _kill_inside(self) -> None:
        """Kill the first process behind the wall; bubblewrap, its parent, ends when the kernel has ended the rest.

        Without a wall there is none, and where bubblewrap does not end in time it is killed by the caller.
        """
        with contextlib.suppress(OSError, ValueError, KeyError, subprocess.TimeoutExpired):
            os.kill(json.loads(os.read(self._info, _INFO_BYTES))["child-pid"], signal.SIGKILL)
            self._process.wait(_GONE_SECONDS)

    def explain(self) -> str:
        """Return why it did not start, in one line; ends it."""
        if self._errors.closed:
            return explain("")
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=1)  # its last words, if it is about to end by itself
        self._errors.seek(0)
        text = self._errors.read(_ERROR_BYTES).decode("utf-8", "replace")
        self.kill()
        return explain(text)


class Zygote:
    """The process behind the outer wall from which submissions are forked."""

    def __init__(self, wall: Wall, limits: Limits, preload: tuple[str, ...]) -> None:
        self._limits = limits
        self.known: tuple[str, ...] = ()
        self._channel = Channel(_ERROR_BYTES)
        self._process = Started(wall, limits, "zygote", (self._channel,), preload)
        self._nested: bool | None = None

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


class Forked:
    """A submission forked from the zygote: it ends when its control channel closes."""

    def kill(self) -> None:
        """Do nothing: its first process, which holds no student code, ends with the channel and takes all along."""

    def explain(self) -> str:
        """Return why it did not start."""
        return "the student process did not start behind its inner wall: run 'autograder doctor'"


@dataclass(frozen=True)
class Launched:
    """A submission's processes and our ends of the two channels to them."""

    control: Channel
    channel: Channel
    process: Process

    def is_waiting(self) -> bool:
        """Say whether they still wait for their first message: what has ended has said so, or closed its end."""
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        return not poll.poll(0)

    def close(self) -> None:
        """End them."""
        self.control.close()
        self.channel.close()
        self.process.kill()


class Sandbox:
    """Where one worker's student processes come from.

    Args:
        wall: the outer wall.
        limits: of which only those that hold for the worker as a whole are used.
        preload: modules to load before any student code.
        nested: whether to try the inner wall at all.
        spare: whether to keep one child ready behind its walls, so that it is raised while the one before is judged.
    """

    def __init__(
        self, wall: Wall, limits: Limits, preload: tuple[str, ...], *, nested: bool = True, spare: bool = False
    ) -> None:
        self._wall = wall
        self._limits = limits
        self._preload = preload
        self._known: tuple[str, ...] = ()
        self._keep_spare = spare
        self._spare: Launched | None = None
        self._zygote = Zygote(wall, limits, preload) if nested and wall.walled else None
        atexit.register(self.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The zygote's outer wall on this machine, where there is one."""
        return self._zygote.pid if self._zygote is not None else None

    def learn(self, cells: tuple[str, ...]) -> None:
        """Have cells compiled once for all submissions, which have them as they were handed out; before any is started.

        Args:
            cells: their sources, which must be the instructor's, never a student's.
        """
        self._known = cells
        if self._zygote is not None:
            self._zygote.known = cells

    def mode(self) -> str:
        """Return which walls student code is behind: `nested`, `single` or `none`.

        Raises:
            WallError: they cannot be had.
        """
        if self._zygote is not None and not self._zygote.nested():
            self.close()
        if self._zygote is not None:
            return "nested"
        return "single" if self._wall.walled else "none"

    def stands(self, pid: int | None) -> bool:
        """Say whether the outer wall that was `pid` still stands; whoever ends it from outside ends all behind it."""
        return self.pid == pid and (self._zygote is None or self._zygote.answers())

    def start(self, message_bytes: int) -> Launched:
        """Start a submission's processes.

        Args:
            message_bytes: how large a message from them may be.

        Raises:
            WallError: they cannot be started.
        """
        if self.mode() != "nested":
            control, channel = Channel(_ERROR_BYTES), Channel(message_bytes)
            process = Started(self._wall, self._limits, "single", (control, channel), self._preload)
            return Launched(control, channel, process)
        launched, self._spare = self._spare, None
        if launched is None or not launched.is_waiting() or launched.channel.max_bytes != message_bytes:
            self._drop(launched)
            launched = self._fork(message_bytes)
        if self._keep_spare:
            self._spare = self._fork(message_bytes)
        return launched

    def _drop(self, launched: Launched | None) -> None:
        if launched is not None:
            launched.close()

    def _fork(self, message_bytes: int) -> Launched:
        """Let the zygote fork a child, or a new zygote where the old one was killed from outside."""
        control, channel = Channel(_ERROR_BYTES), Channel(message_bytes)
        try:
            if self._zygote is None:
                raise ChannelError("there is no zygote")
            self._zygote.fork(control, channel)
        except ChannelError:
            self._renew().fork(control, channel)
        return Launched(control, channel, Forked())

    def _renew(self) -> Zygote:
        self.close()
        zygote = Zygote(self._wall, self._limits, self._preload)
        zygote.known = self._known
        zygote.nested()
        self._zygote = zygote
        return zygote

    def close(self) -> None:
        """End the zygote and all that came of it."""
        self._drop(self._spare)
        self._spare = None
        if self._zygote is not None:
            self._zygote.close()
            self._zygote = None


def _memory_file(data: bytes) -> int:
    """Return a descriptor from which a program started by us can read `data`."""
    descriptor = os.memfd_create("seccomp")
    os.write(descriptor, data)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
