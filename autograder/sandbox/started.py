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

    Args:
        wall: the outer wall.
        limits: of which those are used that hold for all of it.
        mode: which program: `zygote`, `single` or `kernel`.
        sockets: that it serves.
        told: the modules that it loads first, or how it starts a kernel.

    Raises:
        WallError: a program that the wall needs is not installed.
    """

    def __init__(
        self, wall: Wall, limits: Limits, mode: str, sockets: tuple[Channel, ...], told: tuple[str, ...]
    ) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `kill`
        self._folder = None if wall.walled else tempfile.TemporaryDirectory(prefix="autograder-")
        filtered = mode != "zygote"  # from the start; otherwise the inner wall does it
        rules = seccomp.compile_filter(times=mode != "single", real=wall.real) if wall.walled else None
        program = None if rules is None else _memory_file(rules)
        self._ends_others = mode == "kernel" and not wall.walled
        self._info, info = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        numbers = [channel.peer.fileno() for channel in sockets]
        fonts = font_lists() if any(name.startswith("matplotlib") for name in told) else []
        outer = wall.command(limits.scratch_bytes, fonts, program if filtered else None, info)
        arguments = [mode, ",".join(told), "" if program is None or filtered else str(program)]
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
        if self._ends_others:  # a kernel is no member of its group: with its control channel closed, it ends the kernel
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_GONE_SECONDS)
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
