"""The nested wall's door: a submission is forked into namespaces of its own, within those of its worker."""

import contextlib
import os
import signal
import socket
from collections.abc import Callable
from typing import Any

from ..wire import Closed, Wire
from . import reaper, rlimits, steps

_SCRATCH = "/scratch"

Serve = Callable[[socket.socket], None]


class NestedDoor:
    """Forks submissions into namespaces.

    Args:
        serve: what the child runs, once it is walled off.
        program: the seccomp filter.
    """

    def __init__(self, serve: Serve, program: bytes) -> None:
        self._serve = serve
        self._program = program

    def check(self) -> dict[str, Any]:
        """Try whether the kernel grants the namespaces, and counts processes in there by themselves."""
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        try:
            return _try_in_a_child()
        except OSError as error:
            return {"stands": False, "apart": False, "failed": str(error.strerror), "errno": error.errno or 0}
        finally:
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are not waited for

    def start(self, wire: Wire, message: dict[str, Any]) -> None:
        """Fork a submission; whatever fails there is told to the worker."""
        control, channel = wire.take_descriptor(), wire.take_descriptor()
        self._fork(control, channel, int(message["scratch_bytes"]))
        control.close()
        channel.close()

    def close(self) -> None:
        """Do nothing: each submission ends with its control channel, and with the outer wall."""

    def _fork(self, control: socket.socket, channel: socket.socket, scratch_bytes: int) -> None:
        uid, gid = os.getuid(), os.getgid()
        try:
            pid = steps.fork_into_namespaces()
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
        steps.stay_the_same_user(uid, gid)
        steps.forbid_namespaces()
        steps.die_first()
        steps.cover(_SCRATCH, scratch_bytes)
        steps.close_descriptors({control.fileno(), channel.fileno()})
        steps.drop_capabilities()
        steps.filter_system_calls(self._program)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        reaper.supervise(control, lambda: self._serve(channel))


def _try_in_a_child() -> dict[str, Any]:
    """Raise what a kernel may refuse in a child of its own, and return what it says."""
    uid, gid = os.getuid(), os.getgid()
    ours, theirs = map(Wire, socket.socketpair())
    pid = steps.fork_into_namespaces()
    if pid == 0:
        try:
            ours.close()
            theirs.send(_try_walls(uid, gid))
        finally:
            os._exit(0)
    theirs.close()
    try:
        return ours.receive()
    except Closed:
        return {"stands": False, "apart": False, "failed": "the child that tried it ended", "errno": 0}
    finally:
        ours.close()
        os.waitpid(pid, 0)


def _try_walls(uid: int, gid: int) -> dict[str, Any]:
    try:
        steps.stay_the_same_user(uid, gid)
        steps.forbid_namespaces()
        steps.cover(".", 1 << 12)
    except OSError as error:
        failed = error.strerror if error.filename is None else f"{error.filename}: {error.strerror}"
        return {"stands": False, "apart": False, "failed": str(failed), "errno": error.errno or 0}
    return {"stands": True, "apart": rlimits.counted_apart()}
