"""One submission's processes, seen from outside: run its cells, take snapshots, call their functions, end it."""

import contextlib
import select
import signal
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Self

from autograder.sandbox import outputs
from autograder.sandbox.answers import Raised, read_error
from autograder.sandbox.channel import ChannelError, ChannelTimeoutError
from autograder.sandbox.launch import Launcher
from autograder.sandbox.limits import STAND_IN_QUESTIONS, Limits
from autograder.sandbox.printable import printable
from autograder.sandbox.refusals import Refusals, processes_below, reached, short_of
from autograder.sandbox.snapshot import Snapshot, take_snapshot
from autograder.sandbox.walls.bubblewrap import WallError, explain

_REPLY_SECONDS = 10.0  # for what only our own code inside has to do
_MAX_TEXT = 200
_BESIDE = 5  # processes of ours that may be counted with a submission's: those of the right functions that stand in
_MAX_FAILED = 500
_PART = 1 << 20  # bytes of a file per message


@dataclass(frozen=True)
class CellRun:
    """How a cell ended: `ok`, `error`, `timeout` (it was interrupted) or `died` (its process ended or was killed).

    `refused` says what the machine had too little of, where that is why the cell ended with an error; `limit` which of
    its own limits the submission reached, where it was that.
    """

    status: str
    outputs: list[dict[str, Any]]
    error: Raised | None = None
    refused: str | None = None
    limit: str | None = None


@dataclass
class Setup:
    """What a session starts with: files of its working folder and names in its namespace."""

    files: dict[str, bytes] = field(default_factory=dict)
    names: dict[str, Any] = field(default_factory=dict)


class KernelError(RuntimeError):
    """A notebook's kernel cannot be had, or does not do its part; the text says which and why."""


class Session:
    """A student process behind its walls. Use as a context manager; everything of it ends with the block.

    Raises, in its methods:
        WallError: the process could not be started.
        KernelError: the kernel in it could not, or cannot be talked to.
        ChannelError: the process is gone or broke the protocol.
    """

    def __init__(self, sandbox: Launcher, limits: Limits, setup: Setup) -> None:
        self._limits = limits
        self._setup = setup
        self._log = outputs.OutputLog(limits)
        self._snapshots: list[Snapshot] = []
        self._ended: str | None = None
        self.closed = False
        launched = self._launched = sandbox.start(limits.message_bytes)
        self._control, self._channel = launched.control, launched.channel
        self._first = launched.process.pid  # above all that is counted as this submission's
        self._most = 0  # processes, where they are counted with others
        self.refusals = Refusals(self._control, self._note, self._is_crowded)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def prepare(self) -> None:
        """Wait until the process is up, then hand it its files, names and limits.

        Raises:
            WallError: it did not start.
            KernelError: the kernel in it did not.
        """
        limits = self._limits
        message = {
            "op": "setup",
            "files": self._setup.files,
            "names": self._setup.names,
            "max_value_bytes": limits.message_bytes // 2,
            "rlimits": {
                "RLIMIT_AS": limits.address_space,
                "RLIMIT_NPROC": limits.processes,
                "RLIMIT_CPU": limits.process_cpu_seconds,
                "RLIMIT_FSIZE": limits.file_bytes,
                "RLIMIT_NOFILE": limits.descriptors,
                "RLIMIT_CORE": 0,
            },
            "counted": self._launched.counted,
        }
        deadline = time.monotonic() + limits.start_seconds
        try:
            if self._launched.watched:
                watch = {"processes": limits.processes, "scratch_bytes": limits.scratch_bytes}
                self._control.send({"op": "watch", **watch}, deadline)
            self._channel.send(message, deadline)
            ready = self._channel.receive(deadline)
        except ChannelError as error:
            raise WallError(self._why_not_started()) from error
        if "refused" in ready:
            raise WallError(explain(printable(str(ready["refused"])[:_MAX_TEXT])))
        if "failed" in ready:
            raise KernelError(f"does not start ({_kernel_said(ready)})")
        self._most = int(ready.get("processes", 0))
        if self._launched.watched and type(ready.get("first")) is int:
            self._first = ready["first"]
        self.refusals.lowered = [str(name) for name in ready.get("lowered", [])]

    def _why_not_started(self) -> str:
        with contextlib.suppress(ChannelError):
            report = self._control.drain()
            if report is not None and "refused" in report:
                return explain(printable(str(report["refused"])[:_MAX_TEXT]))
        return self._launched.process.explain()

    def run_cell(self, number: int, source: str, seconds: float, *, brief: bool = False) -> CellRun:
        """Run a cell for at most `seconds`; interrupt it then, and kill the process if that does not help.

        Args:
            number: of the cell.
            source: its text.
            seconds: that it may take.
            brief: of an error no traceback is shown, which takes longer than most cells that end with one.
        """
        self._log.start_cell()
        if self._ended is not None:
            return CellRun("died", [])
        try:
            return self._run_cell({"op": "run", "cell": number, "source": source, "brief": brief}, seconds)
        except ChannelTimeoutError:
            self._kill_main()
            reason = f"stopped after {seconds:g} s; it could not be interrupted"
            return CellRun("died", [*self._log.outputs, outputs.error("Timeout", reason)])
        except ChannelError as error:
            reason = self._why_gone(error)
            self._kill_main()
            return CellRun("died", [*self._log.outputs, outputs.error("ProcessEnded", reason)])

    def _run_cell(self, message: dict[str, Any], seconds: float) -> CellRun:
        deadline = time.monotonic() + seconds
        self._channel.send(message, deadline)
        try:
            done = self._gather(deadline)
        except ChannelTimeoutError:
            self._control.send({"op": "interrupt"}, time.monotonic() + _REPLY_SECONDS)
            self._gather(time.monotonic() + self._limits.interrupt_seconds)
            notice = outputs.error("Timeout", f"stopped after {seconds:g} s")
            return CellRun("timeout", [*self._log.outputs, notice])
        if not done.get("error"):
            return CellRun("ok", self._log.outputs)
        error = read_error(done["error"])
        short = self.refusals.behind(error)
        if short is not None:
            return CellRun("error", self._log.outputs, error, refused=short_of(short))
        return CellRun("error", self._log.outputs, error, limit=reached(error, self._limits))

    def _gather(self, deadline: float) -> dict[str, Any]:
        while True:
            message = self._receive(deadline)
            if "done" in message:
                return message
            if "failed" in message:
                raise KernelError(f"cannot be talked to ({_kernel_said(message)})")
            self._log.add(message.get("output"))

    def _receive(self, deadline: float) -> dict[str, Any]:
        """Return the next message; a report that the process has ended counts once all that it sent is read."""
        while True:
            left = deadline - time.monotonic()
            if left <= 0:  # also while more and more keeps coming
                raise ChannelTimeoutError("no answer in time")
            if (message := self._channel.pending()) is not None:
                return message
            watched = [self._channel] if self._ended else [self._channel, self._control]
            ready, _, _ = select.select(watched, [], [], 0 if self._ended else left)
            if self._channel in ready:
                self._channel.fill()
            elif self._control in ready:
                self._note(self._control.drain() or {})
            elif self._ended:
                raise ChannelError(self._ended)

    def _note(self, report: dict[str, Any]) -> None:
        if "ended" in report:
            self._ended = _describe_end(report)

    def _why_gone(self, error: ChannelError) -> str:
        """Return why the process is gone, waiting a moment for the reaper's report."""
        if self._ended is None:
            try:
                self._ended = _describe_end(self._control.receive(time.monotonic() + 1))
            except ChannelError:
                self._ended = str(error)
        return self._ended

    def snapshot(self) -> Snapshot:
        """Return a copy of the process as it is now, for calls.

        Raises:
            MachineError: the machine has no room for it.
            ChannelError: the process is gone or does not answer.
        """
        if self._ended is not None:
            raise ChannelError(self._ended)
        try:
            return take_snapshot(self, self._channel, self._limits)
        except ChannelTimeoutError:
            self._kill_main()  # so that nobody waits for it again
            raise

    def written(self) -> tuple[dict[str, bytes], bool]:
        """Return the files that the cells wrote into the working folder, by path, and whether there were too many.

        A process that has ended, or does not answer as it should, leaves none.
        """
        found: dict[str, bytes] = {}
        left, most, cut = self._limits.written_bytes, self._limits.written_files, False
        with contextlib.suppress(ChannelError):
            for path, size in self._listed(most + 1):
                cut = cut or size > left or len(found) == most
                if size <= left and len(found) < most and (data := self._contents(path, size)) is not None:
                    found[path] = data
                    left -= size
        return found, cut

    def _listed(self, most: int) -> list[tuple[str, int]]:
        if self._ended is not None:
            return []
        files = self._ask({"op": "written", "most": most}).get("files")
        pairs = files.items() if isinstance(files, dict) else ()
        return [(path, size) for path, size in pairs if _is_path(path) and type(size) is int and size >= 0]

    def _contents(self, path: str, size: int) -> bytes | None:
        """Return a file's contents, or None where they are not what was said."""
        found = b""
        while len(found) < size:
            part = self._ask({"op": "read", "path": path, "offset": len(found), "size": _PART}).get("data")
            if not isinstance(part, bytes) or not part or len(found) + len(part) > size:
                return None
            found += part
        return found

    def _ask(self, message: dict[str, Any]) -> dict[str, Any]:
        """Ask the process that ran the cells for something that only our own code inside has to do."""
        deadline = time.monotonic() + _REPLY_SECONDS
        self._channel.send(message, deadline)
        while "output" in (reply := self._receive(deadline)):  # of a thread that still prints
            pass
        return reply

    def answer(self, source: str, names: Sequence[str], pipe: socket.socket) -> None:
        """Let this process answer for functions what another one asks on a pipe; it does nothing else meanwhile.

        Args:
            source: of the functions, ours.
            names: of those that may be asked for.
            pipe: its end of it.

        Raises:
            ChannelError: this one is gone, or the source does not run in it.
        """
        message = {
            "op": "answer",
            "source": source,
            "functions": list(names),
            "longest": self._limits.message_bytes,
            "most": STAND_IN_QUESTIONS,
        }
        deadline = time.monotonic() + _REPLY_SECONDS
        self._channel.send(message, deadline, (pipe,))
        reply = self._channel.receive(deadline)
        if "failed" in reply:
            raise ChannelError(f"its source does not run where only libraries are: {printable(str(reply['failed']))}")

    def has_answered(self, seconds: float) -> bool:
        """Wait until this process has come to the end of answering; say whether it has."""
        try:
            return "answered" in self._channel.receive(time.monotonic() + seconds)
        except ChannelError:
            return False

    def _is_crowded(self) -> bool:
        """Say whether other processes are counted with this submission's, which has fewer than it may have."""
        if self._launched.counted is None:
            return False
        own = processes_below(self._first)
        if self._most == self._limits.processes:  # there were no others when the limit was set
            others = self.refusals.used() - max(own, processes_below(self._first))
            return others > _BESIDE and own < self._limits.processes
        if self._launched.watched:  # where the limit has room for many others, and is counted anew
            return self.refusals.used() + self._limits.processes >= self._most
        return own < self._limits.processes

    def keep(self, snapshot: Snapshot) -> None:
        """Take a snapshot of this session into its care: it is closed with it."""
        self._snapshots.append(snapshot)

    def seal(self) -> None:
        """Kill the process that ran the cells: nothing that comes after can reach an output."""
        if self._ended is None:
            self._kill_main()
        self._channel.close()

    def _kill_main(self) -> None:
        self._ended = self._ended or "it was stopped"
        self.kill(None)

    def kill(self, pid: int | None) -> None:
        """Kill a process of this session by its number inside, or the one that ran the cells."""
        if self.closed:
            return
        message = {"op": "kill"} if pid is None else {"op": "kill", "pid": pid}
        try:
            self._control.send(message, time.monotonic() + _REPLY_SECONDS)
        except ChannelError:
            self._launched.process.kill()

    def close(self) -> None:
        """End every process of this session and free what it held."""
        self.closed = True
        for snapshot in self._snapshots:
            snapshot.close()
        self._launched.close()


def _is_path(raw: Any) -> bool:
    """Say whether something names a file within the working folder, in a form that a path of ours may have."""
    if not isinstance(raw, str) or not 0 < len(raw) <= _MAX_TEXT or printable(raw) != raw:
        return False
    path = PurePosixPath(raw)
    return not path.is_absolute() and ".." not in path.parts


def _kernel_said(message: dict[str, Any]) -> str:
    return " ".join(printable(str(message["failed"])[:_MAX_FAILED]).split())


def _describe_end(report: dict[str, Any]) -> str:
    status = report.get("ended")
    if isinstance(why := report.get("why"), str):
        return f"the process was killed: {printable(why)[:_MAX_TEXT]}"
    if type(status) is not int:
        return "the process ended"
    if status == -signal.SIGXCPU:
        return "the process was killed: it had used up its time of the processor"
    if status < 0:
        return f"the process was killed by signal {-status}"
    return f"the process ended with exit code {status}"
