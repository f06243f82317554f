"""The first process of a submission: it starts the one that runs student code, and interrupts or kills it."""

import contextlib
import os
import select
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..wire import Closed, Wire
from . import rlimits, steps

_WALL = 0x4000_0000  # children of every kind: a `clone` may ask for no signal at its end


class Guard:
    """What a first process does besides, where no namespace does it; here nothing."""

    seconds: float | None = None  # between two looks

    def begin(self) -> None:
        """Do what is to be done once the submission is forked."""

    def look(self) -> str | None:
        """Look at what the submission uses; return what it had too much of, when that has been ended."""

    def watch(self, message: dict[str, Any]) -> None:
        """Take limits, and look from now on."""

    def holds(self, pid: int) -> bool:
        """Return whether a process is of this submission, so that it may be killed; a namespace has no others."""
        return pid > 1

    def end(self) -> None:
        """End all processes of the submission."""


def supervise(control: socket.socket, main: Callable[[], None], guard: Guard | None = None) -> None:
    """Fork `main`, obey `control`, report the end of `main`, and return when `control` closes.

    In a pid namespace all end with this process; elsewhere the guard ends them.
    """
    guard = guard or Guard()
    steps.undumpable()
    steps.adopt_orphans()
    steps.leave_standard_streams()
    reader, writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(writer)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    wire = Wire(control)
    try:
        pid = rlimits.fork()
    except OSError as error:  # the machine has no room for another process now
        wire.send({"refused": str(error)})
        return
    if pid == 0:
        _become_main(control, reader, writer, main)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a cell that interrupts its process group, which this one is in
    guard.begin()
    why: str | None = None
    with contextlib.suppress(Closed):
        while True:
            ready, _, _ = select.select([wire.fileno(), reader], [], [], guard.seconds)
            why = guard.look() or why
            if reader in ready:
                os.read(reader, 4096)
                _reap(wire, pid, why)
            if wire.fileno() in ready:
                _obey(wire, wire.receive(), pid, guard)
    guard.end()


def _become_main(control: socket.socket, reader: int, writer: int, main: Callable[[], None]) -> None:
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.close(reader)
        os.close(writer)
        control.close()
        main()
    finally:
        os._exit(0)


def _obey(wire: Wire, message: dict[str, Any], main: int, guard: Guard) -> None:
    if message["op"] == "room":
        counted = {"used": rlimits.used()} if message.get("count") else {}
        wire.send({"refused": rlimits.refused(), **counted})
        return
    if message["op"] == "watch":
        guard.watch(message)
        return
    target = message.get("pid", main)
    number = signal.SIGINT if message["op"] == "interrupt" else signal.SIGKILL
    if isinstance(target, int) and guard.holds(target):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(target, number)


def _reap(wire: Wire, main: int, why: str | None) -> None:
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG | _WALL)
            if pid == 0:
                return
            if pid == main:
                wire.send({"ended": os.waitstatus_to_exitcode(status), **({"why": why} if why else {})})


def end_others() -> None:
    """Kill all that is left below this process, which has adopted it: without walls no namespace does."""
    with contextlib.suppress(ChildProcessError, OSError):
        while True:
            for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split():
                os.kill(int(pid), signal.SIGKILL)
            os.waitpid(-1, 0)
