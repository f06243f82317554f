"""A program behind the outer wall: how it is started, why it did not start, and how all of it ends."""

import contextlib
import json
import os
import signal
import subprocess
import tempfile

from autograder.sandbox import seccomp
from autograder.sandbox.bubblewrap import Wall, WallError, explain
from autograder.sandbox.channel import Channel
from autograder.sandbox.fonts import font_lists
from autograder.sandbox.limits import Limits

_ERROR_BYTES = 1 << 16
_INFO_BYTES = 1 << 12
_GONE_SECONDS = 5.0


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
        program = _memory_file(seccomp.compile_filter(times=mode != "single")) if wall.walled else None
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


def _memory_file(data: bytes) -> int:
    """Return a descriptor from which a program started by us can read `data`."""
    descriptor = os.memfd_create("seccomp")
    os.write(descriptor, data)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
