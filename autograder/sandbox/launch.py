"""Starting student processes: forked from a zygote, or each by itself.

A `Sandbox` lives as long as its worker.
"""

import atexit
import select
from dataclasses import dataclass
from typing import Any, Protocol, Self

from autograder.sandbox.channel import Channel, ChannelError
from autograder.sandbox.limits import Limits
from autograder.sandbox.started import Started
from autograder.sandbox.walls.bubblewrap import Wall
from autograder.sandbox.walls.landlock import LandlockWall
from autograder.sandbox.zygote import CONTROL_BYTES, Zygote

AnyWall = Wall | LandlockWall

_FORKED = ("nested", "landlock")  # from a zygote; behind the other walls each is started by itself


def wall_of(isolation: str, readable: tuple[str, ...] = ()) -> AnyWall:
    """Return a wall by its name: `nested`, `single`, `landlock` or `none`.

    Args:
        isolation: its name.
        readable: absolute paths of files and folders that the course lets student code read besides.
    """
    return LandlockWall(readable=readable) if isolation == "landlock" else Wall(isolation, readable=readable)


class Forked:
    """A submission forked from the zygote, the process `pid`: it ends when its control channel closes."""

    def __init__(self, zygote: Zygote) -> None:
        self.pid = zygote.pid

    def kill(self) -> None:
        """Do nothing: its first process, which holds no student code, ends with the channel and takes all along."""

    def explain(self) -> str:
        """Return why it did not start."""
        return "the student process did not start behind its inner wall: run 'autograder doctor'"


@dataclass(frozen=True)
class Launched:
    """A submission's processes and our ends of the two channels to them.

    Attributes:
        control: to its first process.
        channel: to the process that runs cells.
        process: all of it; its `pid` may hold those of other submissions, too.
        counted: how the kernel counts its processes: see `inside/__main__`.
        watched: whether its first process is to be told the limits that no kernel enforces.
    """

    control: Channel
    channel: Channel
    process: Started | Forked
    counted: dict[str, int | bool] | None = None
    watched: bool = False

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
        wall: which they are behind; that it stands here is made sure of before the first is started.
        limits: of which only those are used that hold for the worker as a whole.
        preload: modules to load before any student code.
        spare: whether to keep one child ready behind its wall, so that it is raised while the one before is judged.
    """

    def __init__(self, wall: AnyWall, limits: Limits, preload: tuple[str, ...], *, spare: bool = False) -> None:
        self.wall = wall
        self._limits = limits
        self._preload = preload
        self._known: tuple[str, ...] = ()
        self._keep_spare = spare
        self._spare: Launched | None = None
        self._zygote = Zygote(wall, limits, preload) if wall.isolation in _FORKED else None
        atexit.register(self.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The zygote's outer wall on this machine, where there is one."""
        return self._zygote.pid if self._zygote is not None else None

    @property
    def isolation(self) -> Any:
        """The wall's name."""
        return self.wall.isolation

    def learn(self, cells: tuple[str, ...]) -> None:
        """Have cells compiled once for all submissions, which have them as they were handed out; before any is started.

        Args:
            cells: their sources, which must be the instructor's, never a student's.
        """
        self._known = cells
        if self._zygote is not None:
            self._zygote.known = cells

    def wait(self) -> None:
        """Wait until student processes can be forked.

        Raises:
            WallError: they cannot, or the wall does not hold.
        """
        if self._zygote is not None:
            self._zygote.wait()

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
        if self.wall.isolation not in _FORKED:
            control, channel = Channel(CONTROL_BYTES), Channel(message_bytes)
            process = Started(self.wall, self._limits, "single", (control, channel), self._preload)
            return Launched(control, channel, process, self.wall.counted(self._limits, apart=False))
        self.wait()
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
        control, channel = Channel(CONTROL_BYTES), Channel(message_bytes)
        zygote = self._zygote
        try:
            if zygote is None:
                raise ChannelError("there is no zygote")
            zygote.fork(control, channel)
        except ChannelError:
            zygote = self._renew()
            zygote.fork(control, channel)
        watched = self.wall.isolation == "landlock"
        return Launched(control, channel, Forked(zygote), zygote.counted, watched)

    def _renew(self) -> Zygote:
        self.close()
        zygote = Zygote(self.wall, self._limits, self._preload)
        zygote.known = self._known
        zygote.wait()
        self._zygote = zygote
        return zygote

    def close(self) -> None:
        """End the zygote and all that came of it."""
        self._drop(self._spare)
        self._spare = None
        if self._zygote is not None:
            self._zygote.close()
            self._zygote = None
