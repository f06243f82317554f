"""The process that every submission of a worker is forked from: it has loaded everything and runs no student code."""

import contextlib
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable

from . import pages, reaper, room, walls
from .wire import Closed, Wire

_APART, _REFUSED, _TOGETHER = 0, 1, 2  # exit codes of the child that tries the inner wall
_GARBAGE = 50_000  # objects, after which the collector looks for rings of them

Serve = Callable[[socket.socket], None]
Learn = Callable[[list[str]], None]


class Zygote:
    """Forks a walled-off child for each `start`; see the contract in `__main__`.

    Args:
        control: the socket to the worker outside.
        serve: what the child runs, once it is walled off.
        learn: reads and compiles cells that every submission has.
        scratch: the folder that it may write to.
        program: the seccomp filter.
    """

    def __init__(self, control: socket.socket, serve: Serve, learn: Learn, scratch: str, program: bytes) -> None:
        self._wire = Wire(control)
        self._serve = serve
        self._learn = learn
        self._scratch = scratch
        self._program = program

    def run(self) -> None:
        """Answer until the worker is gone."""
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are not waited for
        nested, apart = _can_nest()
        _settle()
        with contextlib.suppress(Closed):
            self._wire.send({"ready": True, "nested": nested, "apart": apart})
            while True:
                message = self._wire.receive()
                if message["op"] == "learn":
                    self._learn(message["cells"])
                    _settle()
                if message["op"] != "start":
                    self._wire.send({"ready": True})
                    continue
                sockets = (self._wire.take_descriptor(), self._wire.take_descriptor())
                self._start(*sockets, int(message["scratch_bytes"]))
                for sock in sockets:
                    sock.close()

    def _start(self, control: socket.socket, channel: socket.socket, scratch_bytes: int) -> None:
        uid, gid = os.getuid(), os.getgid()
        try:
            pid = walls.fork_into_namespaces()
        except OSError as error:  # the machine has no room for another process now
            with contextlib.suppress(Closed):
                Wire(control).send({"refused": str(error)})
            return
        if pid == 0:
            try:
                self._become_first(control, channel, scratch_bytes, uid, gid)
            except BaseException as error:  # noqa: BLE001 - whatever fails, nothing of the student's runs
                with contextlib.suppress(Closed):
                    Wire(control).send({"refused": f"{type(error).__name__}: {error}"})
            finally:
                os._exit(0)

    def _become_first(
        self, control: socket.socket, channel: socket.socket, scratch_bytes: int, uid: int, gid: int
    ) -> None:
        """Raise the inner wall, in this order, and serve behind it."""
        os.setsid()  # a signal to one's process group would reach the zygote, which is of the same user
        walls.stay_the_same_user(uid, gid)
        walls.forbid_namespaces()
        walls.die_first()
        walls.cover(self._scratch, scratch_bytes)
        walls.close_descriptors({control.fileno(), channel.fileno()})
        walls.drop_capabilities()
        walls.filter_system_calls(self._program)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        reaper.supervise(control, lambda: self._serve(channel))


def _settle() -> None:
    """Keep the garbage collector of a child from touching, and so copying, what is shared; make forking cheap."""
    gc.collect()
    gc.set_threshold(_GARBAGE)  # a submission ends before it has made much
    gc.freeze()
    pages.collapse()


def _can_nest() -> tuple[bool, bool]:
    """Try in a child whether the kernel grants the inner wall's namespaces, and counts processes in there apart."""
    uid, gid = os.getuid(), os.getgid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        pid = walls.fork_into_namespaces()
        if pid == 0:
            _try_walls(uid, gid)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    except OSError:
        return False, False
    else:
        return status in (_APART, _TOGETHER), status == _APART
    finally:
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)


def _try_walls(uid: int, gid: int) -> None:
    """Raise what a kernel may refuse, in a child of its own, whose exit code says what was granted."""
    try:
        walls.stay_the_same_user(uid, gid)
        walls.forbid_namespaces()
        walls.cover(".", 1 << 12)
    except OSError as error:
        print(f"inner wall: {error}", file=sys.stderr, flush=True)  # noqa: T201 - read by the doctor
        os._exit(_REFUSED)
    os._exit(_APART if room.counted_apart() else _TOGETHER)
