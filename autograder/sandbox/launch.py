"""Starting student processes: forked from a zygote behind both walls, or one bubblewrap for each.

A `Sandbox` lives as long as its worker. Which of the two ways works here is found out once.
"""

import atexit
import os
import select
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from autograder.sandbox.bubblewrap import Wall
from autograder.sandbox.channel import Channel, ChannelError
from autograder.sandbox.limits import Limits
from autograder.sandbox.started import Started
from autograder.sandbox.zygote import CONTROL_BYTES, Zygote


class Process(Protocol):
    """A submission's processes, to be ended from outside."""

    def kill(self) -> None:
        """End them at once, if closing their control channel did not."""

    @property
    def pid(self) -> int | None:
        """The process on this machine that holds them, and may hold those of other submissions."""

    def explain(self) -> str:
        """Return why they did not start, in one line."""


class Forked:
    """A submission forked from the zygote: it ends when its control channel closes."""

    def __init__(self, pid: int) -> None:
        self.pid: int | None = pid

    def kill(self) -> None:
        """Do nothing: its first process, which holds no student code, ends with the channel and takes all along."""

    def explain(self) -> str:
        """Return why it did not start."""
        return "the student process did not start behind its inner wall: run 'autograder doctor'"


@dataclass(frozen=True)
class Launched:
    """A submission's processes and our ends of the two channels to them.

    `counted` says how the kernel counts its processes: see `inside/__main__`.
    """

    control: Channel
    channel: Channel
    process: Process
    counted: dict[str, int | bool] | None = None

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


class Launcher(Protocol):
    """Where student processes come from."""

    def start(self, message_bytes: int) -> Launched:
        """Start a submission's processes; no message from them may be larger.

        Raises:
            WallError: they cannot be started.
        """


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

    @property
    def isolation(self) -> str:
        """What keeps student code in: `bubblewrap`, or `none`."""
        return self._wall.isolation

    @property
    def readable(self) -> tuple[str, ...]:
        """The paths that student code may read besides the system."""
        return self._wall.readable

    @property
    def uid(self) -> int:
        """The uid as which student code runs, as the host sees it."""
        return self._wall.uid

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
            control, channel = Channel(CONTROL_BYTES), Channel(message_bytes)
            process = Started(self._wall, self._limits, "single", (control, channel), self._preload)
            # As root student code has a user to itself, and nobody else's processes count with its own.
            alone = self._wall.walled and os.getuid() == 0
            counted = None if alone else self._counted(shared=not self._wall.walled)
            return Launched(control, channel, process, counted)
        launched, self._spare = self._spare, None
        if launched is None or not launched.is_waiting() or launched.channel.max_bytes != message_bytes:
            self._drop(launched)
            launched = self._fork(message_bytes)
        if self._keep_spare:
            self._spare = self._fork(message_bytes)
        return launched

    def _counted(self, *, shared: bool) -> dict[str, int | bool]:
        return {"neighbours": self._limits.neighbours, "shared": shared}

    def _drop(self, launched: Launched | None) -> None:
        if launched is not None:
            launched.close()

    def _fork(self, message_bytes: int) -> Launched:
        """Let the zygote fork a child, or a new zygote where the old one was killed from outside."""
        control, channel = Channel(CONTROL_BYTES), Channel(message_bytes)
        zygote = self._zygote
        try:
            if zygote is None:
                raise ChannelError("there is no zygote")
            zygote.fork(control, channel)
        except ChannelError:
            zygote = self._renew()
            zygote.fork(control, channel)
        return Launched(control, channel, Forked(zygote.pid), None if zygote.apart else self._counted(shared=True))

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
