"""A program behind the outer wall: how it is started, why it did not start, and how the program ends.

How one submission behind it ends: see `inside.walls.reaper`.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from autograder.sandbox.channel import Channel
from autograder.sandbox.fonts import font_lists
from autograder.sandbox.limits import Limits
from autograder.sandbox.walls import seccomp
from autograder.sandbox.walls.bubblewrap import Wall, WallError, environment_in, explain
from autograder.sandbox.walls.landlock import LandlockWall

_ERROR_BYTES = 1 << 16
_INFO_BYTES = 1 << 12
_GONE_SECONDS = 5.0
_FILTERED = ("single", "kernel")  # from their start on; others filter what they fork


class Started:
    """A program behind a wall, or that makes walls, with what it wrote on stderr.

    Args:
        wall: which.
        limits: of which those are used that hold for all of it.
        mode: which program; see `inside/__main__`.
        sockets: that it serves.
        told: the modules that it loads first, or how it starts a kernel.

    Raises:
        WallError: a program that the wall needs is not installed.
    """

    def __init__(
        self, wall: Wall | LandlockWall, limits: Limits, mode: str, sockets: tuple[Channel, ...], told: tuple[str, ...]
    ) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `kill`
        self.folder = _folder_of(wall)
        self._ends_itself = isinstance(wall, LandlockWall) or (mode == "kernel" and not wall.walled)
        program = _filter_for(wall, mode)
        at_once = program is not None and mode in _FILTERED
        self._info, info = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        numbers = [channel.peer.fileno() for channel in sockets]
        fonts = font_lists() if any(name.startswith("matplotlib") for name in told) else []
        if isinstance(wall, LandlockWall):
            command = wall.command()
            _give_fonts(fonts, self.folder)
        else:
            outer = wall.command(limits.scratch_bytes, fonts, program if at_once else None, info)
            command = [*outer, *wall.python()]
        arguments = [mode, ",".join(told), "" if program is None or at_once else str(program)]
        folder = "/" if self.folder is None else str(self.folder)
        try:
            self._process = subprocess.Popen(
                [*command, *arguments, *map(str, numbers)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                env=wall.environment(folder),
                cwd=folder,
                pass_fds=[*numbers, *([] if program is None else [program, info])],
                start_new_session=True,
            )
        except OSError as error:
            self._remove_folder()
            raise WallError(explain(str(error.strerror))) from error
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
        if self._ends_itself:  # once its channel is closed, with all that came of it
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_GONE_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._info)
        self._errors.close()
        self._remove_folder()

    def _remove_folder(self) -> None:
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

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


def _folder_of(wall: Wall | LandlockWall) -> Path | None:
    """Make the folder in which a program runs that has none of its own behind its wall."""
    if isinstance(wall, LandlockWall):
        return wall.folder()
    return None if wall.walled else Path(tempfile.mkdtemp(prefix="autograder-"))


def _filter_for(wall: Wall | LandlockWall, mode: str) -> int | None:
    """Return a descriptor with the filter of system calls, where there is one."""
    if isinstance(wall, LandlockWall):
        return _memory_file(seccomp.compile_filter(confined=wall.abi_here()))
    if not wall.walled:
        return None
    return _memory_file(seccomp.compile_filter(times=mode != "single", real=wall.real))


def _give_fonts(fonts: Sequence[Path], folder: Path | None) -> None:
    """Put Matplotlib's lists of fonts where it looks for them, in a folder of this machine."""
    for one in fonts if folder is not None else ():
        target = Path(environment_in(str(folder))["MPLCONFIGDIR"])
        target.mkdir(exist_ok=True)
        shutil.copy(one, target)


def _memory_file(data: bytes) -> int:
    """Return a descriptor from which a program started by us can read `data`."""
    descriptor = os.memfd_create("seccomp")
    os.write(descriptor, data)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
