"""The process that runs student code: cells first, then snapshots of it that answer calls."""

import builtins
import contextlib
import io
import math
import os
import signal
import socket
import sys
import traceback
import warnings
from importlib.machinery import PathFinder
from types import ModuleType
from typing import Any

import numpy as np

from . import stand_ins
from .codec import decode, encode
from .files import Folder
from .places import Places
from .shell import Shell, streams
from .walls import rlimits
from .wire import Closed, Wire, plain

_MAX_TEXT = 2_000
_BUILTIN = {one for one in vars(builtins).values() if isinstance(one, type)}


class Student:
    """Serves one end of the pipe; see the contract in `__main__`."""

    def __init__(self, wire: Wire, shell: Shell) -> None:
        self._wire = wire
        self._shell = shell
        self._max_value_bytes = 1 << 20
        self._copies: list[int] = []
        self._adapters: dict[str, dict[str, Any]] = {}
        self._places = Places(shell)
        self._folder = Folder()
        self._told = False  # where functions were defined: with the first answers
        self._streams = streams(self._send)
        self._process = os.getpid()

    def serve_cells(self) -> None:
        """Answer `setup`, `run`, `snapshot`, `answer`, `written` and `read` until the pipe closes."""
        self._shell.emit = self._emit
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        sys.stdin = io.StringIO()
        sys.stdout, sys.stderr = self._streams
        sys.path.insert(0, "")  # as in a kernel: what lies in the working folder can be imported
        operations = {
            "setup": self._setup,
            "run": self._run,
            "snapshot": self._snapshot,
            "answer": self._answer,
            "written": self._folder.written,
            "read": self._folder.read,
        }
        self._serve(operations)

    def serve_calls(self) -> None:
        """Answer `calls`, `stand_in`, `adapt` and `snapshot` until the pipe closes."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._shell.emit = _ignore
        sys.stdout = sys.stderr = io.StringIO()
        self._serve(
            {"calls": self._calls, "stand_in": self._stand_in, "adapt": self._adapt, "snapshot": self._snapshot}
        )

    def _serve(self, operations: dict[str, Any]) -> None:
        with contextlib.suppress(Closed):
            while True:
                message = self._wire.receive()
                self._wire.send(operations[message["op"]](message))

    def _end_if_copied(self) -> None:
        """End this process if student code has made it by a fork: the one that was asked answers."""
        if os.getpid() != self._process:
            os._exit(0)

    def _emit(self, output: dict[str, Any]) -> None:
        self._flush()
        self._send(output)

    def _flush(self) -> None:
        for stream in self._streams:
            stream.flush()

    def _send(self, output: dict[str, Any]) -> None:
        self._wire.send({"output": plain(output)})

    def _setup(self, message: dict[str, Any]) -> dict[str, Any]:
        self._max_value_bytes = message["max_value_bytes"]
        self._folder.put(message["files"])
        self._shell.user_ns.update(message["names"])
        _register(self._shell.user_module)
        limits = message["rlimits"]
        if message["counted"] is not None:
            limits = rlimits.limits_above_others(limits, **message["counted"])
        told = {"first": os.getppid(), "processes": limits["RLIMIT_NPROC"]}
        return {"ready": True, "lowered": rlimits.apply(limits), **told}

    def _run(self, message: dict[str, Any]) -> dict[str, Any]:
        shell = self._shell
        self._shell.execution_count = message["cell"]
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            with shell.brief_errors() if message["brief"] else contextlib.nullcontext():
                result = shell.run_cell(message["source"], store_history=True)
            error = result.error_before_exec or result.error_in_exec
        except KeyboardInterrupt as interrupt:
            error = interrupt
            shell.emit({"output_type": "error", "ename": "KeyboardInterrupt", "evalue": "", "traceback": []})
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._end_if_copied()
        self._flush()
        self._places.note(message["cell"])
        return {"done": "ok" if error is None else "error", "error": error and self._describe(error)}

    def _snapshot(self, _message: dict[str, Any]) -> dict[str, Any]:
        channel = self._wire.take_descriptor()
        self._reap()
        try:
            pid = os.fork()
        except OSError as error:  # the student's processes are as many as may be, or the machine's
            channel.close()
            return {"refused": str(error.strerror)}
        if pid == 0:
            self._wire.close()
            self._wire, self._copies, self._process = Wire(channel), [], os.getpid()
            try:
                self.serve_calls()
            finally:
                os._exit(0)
        channel.close()
        self._copies.append(pid)
        return {"pid": pid}

    def _reap(self) -> None:
        """Let go of copies that have ended: until then each counts as one of the processes that there may be."""
        with contextlib.suppress(ChildProcessError):
            self._copies = [pid for pid in self._copies if os.waitpid(pid, os.WNOHANG) == (0, 0)]

    def _stand_in(self, message: dict[str, Any]) -> dict[str, Any]:
        made = stand_ins.StandIns(self._wire.take_descriptor(), message["longest"])
        self._shell.user_ns.update({name: made.function(name) for name in message["functions"]})
        return {"ready": True}

    def _adapt(self, message: dict[str, Any]) -> dict[str, Any]:
        self._adapters = message["adapters"]
        return {"ready": True}

    def _adapted(self, name: str) -> Any:
        """Return what is called in the place of a student's class; of theirs it sees only what it may use.

        A student may have called anything `sum` or `np`: an adapter has Python's own and NumPy.
        """
        adapter, theirs = self._adapters[name], self._shell.user_ns
        space = {"np": np, "math": math, **{one: theirs[one] for one in adapter["names"] if one in theirs}}
        exec(adapter["source"], space)  # noqa: S102 - the author's own text
        return space[adapter["function"]]

    def _answer(self, message: dict[str, Any]) -> dict[str, Any]:
        pipe, names = self._wire.take_descriptor(), message["functions"]
        space: dict[str, Any] = {"__name__": "reference"}
        try:
            exec(message["source"], space)  # noqa: S102 - running code is what this process is for
            functions = {name: space[name] for name in names}
        except Exception as error:  # noqa: BLE001 - whatever the reference needs and is not here
            pipe.close()
            return {"failed": f"{type(error).__name__}: {error}"[:_MAX_TEXT]}
        self._wire.send({"ready": True})
        return {"answered": stand_ins.answer(pipe, functions, message["longest"], message["most"])}

    def _call(self, name: str, given: Any) -> dict[str, Any]:
        function = self._shell.user_ns.get(name)
        if function is None:
            return {"missing": True}
        if name in self._adapters:
            function = self._adapted(name)
        arguments = decode(given)
        try:
            with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
                value = function(*arguments)
        except BaseException as error:  # noqa: BLE001 - whatever a student's function raises is an answer
            return {"raised": self._describe(error)}
        finally:
            self._end_if_copied()
        after = self._encode(arguments)
        return {"value": self._encode(value), **({} if after == given else {"arguments": after})}

    def _calls(self, message: dict[str, Any]) -> dict[str, Any]:
        places = {} if self._told else self._places.of({function for function, _ in message["calls"]})
        self._told = True
        return {"answers": [self._call(function, given) for function, given in message["calls"]], "places": places}

    def _encode(self, value: Any) -> list[Any]:
        if isinstance(value, np.ndarray) and value.size * value.itemsize > self._max_value_bytes:
            return ["?", f"array of {value.size} numbers"]
        try:
            return encode(value)
        except Exception:  # noqa: BLE001 - a value whose own methods fail is no plain data
            return ["?", type(value).__name__[:80]]

    def _describe(self, error: BaseException) -> dict[str, Any]:
        text = "".join(traceback.format_exception_only(type(error), error)).strip()
        name = type(error).__name__
        message = text.removeprefix(f"{name}:").strip()
        with contextlib.suppress(Exception):
            message = str(error.msg if isinstance(error, SyntaxError) else error)
        where = self._shell.cell_line(error)
        return {"type": name[:80], "kind": _kind(error), "message": message[:_MAX_TEXT], "where": where}


def _kind(error: BaseException) -> str:
    """Return the name of the type of Python's own that an exception is, or is derived from."""
    return next(one.__name__ for one in type(error).__mro__ if one in _BUILTIN)


def _register(module: ModuleType) -> None:
    """Let code find the module that it stands in, as a dataclass and pickle do; a library of that name stays one."""
    name = module.__name__
    if name not in sys.modules and name not in sys.stdlib_module_names and PathFinder.find_spec(name) is None:
        sys.modules[name] = module


def _ignore(_output: dict[str, Any]) -> None:
    """Drop an output: what a judged call displays is shown nowhere."""


def run(channel: socket.socket, shell: Shell) -> None:
    """Serve cells on a channel; ends with the process."""
    Student(Wire(channel), shell).serve_cells()
