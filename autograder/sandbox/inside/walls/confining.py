"""The landlock wall's door: a submission is forked behind rules on files and a filter, with a supervisor."""

import contextlib
import os
import signal
import socket
import struct
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ..wire import Closed, Wire
from . import landlock, reaper, rlimits, steps, trial, usage
from .guard import ConfinedGuard

Serve = Callable[[socket.socket], None]

_HOMES = ("HOME", "TMPDIR", "IPYTHONDIR", "MPLCONFIGDIR")  # variables that name the scratch folder or are in it
_OWN_PID = struct.pack("=I", 0x5EED_57D7)  # in the filter, where a process's own number belongs
_ENTRIES = 4096
_MEASURE_SECONDS = 5.0


@dataclass(frozen=True)
class Rules:
    """What the outside says of this machine.

    Attributes:
        folder: in which each submission has its scratch folder.
        readable: what all may read and run; without those parts of it that nobody may see.
        roots: the folders that these are in, or are themselves.
        devices: that all may use.
        abi: the most that is used of Landlock.
    """

    folder: str
    readable: list[str]
    roots: list[str]
    devices: list[str]
    abi: int


@dataclass(frozen=True)
class _Place:
    """A scratch folder for one submission, and the rules that hold for it besides those that hold for all."""

    scratch: str
    rules: landlock.Ruleset


@dataclass(frozen=True)
class _Submission:
    """A submission that runs: its scratch folder, and the lock on its uid, held until all of it is gone."""

    scratch: str
    lock: int | None


class LandlockDoor:
    """Forks submissions behind Landlock.

    Args:
        serve: what the child runs, once it is confined.
        program: the seccomp filter.
        rules: what the outside says of this machine.
    """

    def __init__(self, serve: Serve, program: bytes, rules: Rules) -> None:
        self._serve = serve
        self._program = program
        self._rules = rules
        self._abi = rules.abi
        self._common: landlock.Ruleset | None = None
        self._running: dict[int, _Submission] = {}
        self._next: _Place | None = None  # made ahead, so that nobody waits for it
        self._made = 0
        self._measure_at = 0.0

    def check(self) -> dict[str, Any]:
        """Return whether the kernel has Landlock; that it holds is tried by a submission of the worker's own."""
        steps.adopt_orphans()  # where a supervisor is killed, what it watched comes to this process
        signal.signal(signal.SIGCHLD, lambda *_: self._reap())
        try:
            os.stat(f"/proc/self/task/{os.getpid()}/children")  # by which a supervisor finds all that it is to end
            self._abi = min(landlock.kernel_abi(), self._rules.abi)
            # The same for all: what may be read at all, and where may be written at all.
            self._common = self._ruleset(self._rules.readable, self._rules.folder)
            self._next = self._make_place()
            if os.getuid() != 0:  # root still has to become another user in each
                steps.drop_capabilities()
        except OSError as error:
            return {"stands": False, "apart": False, "failed": f"{error.strerror}", "errno": error.errno or 0}
        self._prepare()
        return {"stands": True, "apart": False}

    def start(self, wire: Wire, message: dict[str, Any]) -> None:
        """Fork a submission; whatever fails there is told to the worker."""
        control, channel = wire.take_descriptor(), wire.take_descriptor()
        lock = wire.take_number() if message["uid"] is not None else None
        scratch = None
        try:
            place, self._next = self._next or self._make_place(), None
            scratch = place.scratch
            with _unsignalled():  # its end must not be noticed before it is known
                self._fork(control, channel, place, lock, message)
        except OSError as error:  # the machine has no room for another process, or file, now
            if scratch is not None:
                usage.remove(scratch)
            if lock is not None:
                os.close(lock)
            with contextlib.suppress(Closed):
                Wire(control).send({"refused": str(error)})
        finally:
            control.close()
            channel.close()
        self._prepare()

    def close(self) -> None:
        """Wait for the ends of all submissions, each of which ends with its control channel; leave no file behind."""
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        while self._running:
            self._ended(*os.waitpid(-1, 0))
        usage.remove(self._rules.folder)

    def _prepare(self) -> None:
        """Make what the next submission needs, and now and then count what is counted with its processes.

        Nobody waits for it meanwhile. Counting takes as long as a few starts; the limit that comes of it has room for
        many others.
        """
        with contextlib.suppress(OSError):  # then tried again when it is needed
            self._next = self._next or self._make_place()
        now = time.monotonic()
        if os.getuid() == 0 or now < self._measure_at:  # as root each has a user of its own, as a rule
            return
        self._measure_at = now + _MEASURE_SECONDS
        with _unsignalled():
            rlimits.measure()

    def _make_place(self) -> _Place:
        self._made += 1
        scratch = os.path.join(self._rules.folder, str(self._made))
        os.mkdir(scratch, 0o700)
        # These hold besides: of all scratch folders its own alone.
        return _Place(scratch, self._ruleset(self._rules.roots, scratch))

    def _ruleset(self, readable: list[str], writable: str) -> landlock.Ruleset:
        """Return rules on files: what may be read and run, beside the devices, and the folder to write in."""
        rules = landlock.Ruleset(self._abi)
        for path in readable:
            rules.allow(path, landlock.READ)
        for path in self._rules.devices:
            rules.allow(path, landlock.USE)
        rules.allow(writable, landlock.WRITE)
        return rules

    def _fork(
        self, control: socket.socket, channel: socket.socket, place: _Place, lock: int | None, message: dict[str, Any]
    ) -> None:
        try:
            if (uid := message["uid"]) is not None:
                os.chown(place.scratch, uid, uid)
            pid = steps.fork_first()
        except OSError:
            place.rules.close()
            raise
        if pid != 0:
            place.rules.close()
            self._running[pid] = _Submission(place.scratch, lock)
            return
        status = 1  # for the zygote: something may have been left
        try:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
            self._become_supervisor(control, channel, place, message)
            status = 0
        except BaseException as error:  # noqa: BLE001 - whatever fails, nothing of the student's runs
            with contextlib.suppress(Closed):
                Wire(control).send({"refused": f"{type(error).__name__}: {error}"})
        finally:
            os._exit(status)

    def _become_supervisor(
        self, control: socket.socket, channel: socket.socket, place: _Place, message: dict[str, Any]
    ) -> None:
        """Leave root, build what is to confine the submission, fork it, and watch it."""
        zygote, uid = os.getppid(), message["uid"]
        scratch, own = place.scratch, place.rules
        os.setsid()
        steps.close_descriptors(
            {control.fileno(), channel.fileno(), own.fileno(), self._common.fileno()}  # type: ignore[union-attr]
        )
        if uid is not None:
            steps.drop_bounding_set()
            steps.become(uid)
            steps.drop_capabilities()
        if self._abi >= landlock.SIGNALS_ABI:
            signals = landlock.Ruleset(self._abi, files=False)
            signals.restrict()
            signals.close()
        scope = usage.Scratch(scratch, int(message["scratch_bytes"]), _ENTRIES)
        confined_reader, confined_writer = os.pipe()  # the process that is to be confined closes them when it is
        shared = (channel.fileno(), confined_writer)
        guard = ConfinedGuard(scope, shared, confined_reader, alone=_cannot_signal(zygote))

        def confined() -> None:
            """Confine this process, then do what it is for."""
            self._confine(scratch, own, channel)
            if message.get("trial"):
                Wire(channel).send(trial.report(zygote, self._rules.folder))
            else:
                self._serve(channel)

        reaper.supervise(control, lambda: _say_why_not(channel, confined), guard)

    def _confine(self, scratch: str, own: landlock.Ruleset, channel: socket.socket) -> None:
        """Give up, in this order and for good, all that a submission may not have."""
        supervisor = os.getppid()
        os.setsid()
        for path in (os.__file__, __file__):  # as this user
            os.stat(path)
        steps.dumpable()  # its supervisor looks at what it has open
        steps.die_first()
        steps.die_with_parent()
        if os.getppid() != supervisor:
            raise OSError("its supervisor is gone")
        _move_to(scratch)
        self._common.restrict()  # type: ignore[union-attr]
        own.restrict()
        steps.close_descriptors({channel.fileno()})
        steps.filter_system_calls(self._program.replace(_OWN_PID, struct.pack("=I", os.getpid())))

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                self._ended(pid, status)

    def _ended(self, pid: int, status: int) -> None:
        """Clean up after a submission; where its supervisor was killed, its processes came to this one."""
        submission = self._running.pop(pid, None)
        if submission is None:
            return
        if status != 0:
            self._end_strays()
        usage.remove(submission.scratch)
        if submission.lock is not None:
            os.close(submission.lock)

    def _end_strays(self) -> None:
        """Kill all children that are no supervisors, and what comes to this process when these end."""
        while strays := [pid for pid in usage.children(os.getpid()) if pid not in self._running]:
            for pid in strays:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, 0)


@contextlib.contextmanager
def _unsignalled() -> Iterator[None]:
    """Let ends of children be noticed only afterwards."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})


def _move_to(scratch: str) -> None:
    """Make a folder the one that this process works in, and that its libraries write to."""
    os.chdir(scratch)
    before = os.environ["HOME"]
    os.environ.update({name: os.environ[name].replace(before, scratch, 1) for name in _HOMES if name in os.environ})
    tempfile.tempdir = None


def _cannot_signal(zygote: int) -> bool:
    """Return whether a signal to all would spare the process that submissions are forked from, and so all others."""
    try:
        os.kill(zygote, 0)
    except PermissionError:
        return True
    except ProcessLookupError:
        return False
    return False


def _say_why_not(channel: socket.socket, confined: Callable[[], None]) -> None:
    """Run what is to be confined; where that fails, tell the worker why."""
    try:
        confined()
    except Exception as error:  # noqa: BLE001 - whatever fails, nothing of the student's has run
        with contextlib.suppress(Closed):
            number = getattr(error, "errno", None)
            Wire(channel).send({"refused": f"{type(error).__name__}: {error}", "errno": number or 0})
