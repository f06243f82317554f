"""Starts a real kernel, such as R's, and runs a notebook's cells in it through nbclient; see `__main__`.

The kernel is another program: another language's, or a Python that is not this one. Student code runs there, not here.
"""

import asyncio
import contextlib
import json
import os
import signal
import socket
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from .files import Folder
from .walls import rlimits
from .wire import Closed, Wire, plain

_MAX_TEXT = 2_000
_MAX_LINE = 200
_OURS = ("PYTHONPATH", "PYTHONHASHSEED", "MPLBACKEND")  # what this interpreter was started with


class _OneSpec(KernelSpecManager):
    """Knows the one kernel that was found outside, whatever is installed here."""

    spec: KernelSpec

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:  # noqa: ARG002 - whatever it is called
        """Return it."""
        return self.spec


class _Client(NotebookClient):
    """nbclient, which gathers no more output of a cell than may be sent."""

    left = 0  # characters

    def output(self, outs: list[Any], msg: dict[str, Any], display_id: str | None, cell_index: int) -> Any:
        """Gather an output, if there is room for it."""
        self.left -= len(json.dumps(msg["content"], default=str))
        return super().output(outs, msg, display_id, cell_index) if self.left > 0 else None


class Kernel:
    """Serves one end of the pipe.

    Args:
        wire: that end.
        told: how the kernel is started, as `autograder.sandbox.kernel` says.
    """

    def __init__(self, wire: Wire, told: dict[str, Any]) -> None:
        self._wire = wire
        self._told = told
        self._folder = Folder()
        self._loop = asyncio.new_event_loop()
        self._base = Path.cwd()
        self._reply: dict[str, Any] = {}
        self._longest = 0
        self._running = False
        self._interrupting: asyncio.Future[None] | None = None
        self._manager: AsyncKernelManager
        self._client: _Client

    def serve(self) -> None:
        """Answer `setup`, `run`, `written` and `read` until the pipe closes."""
        self._loop.add_signal_handler(signal.SIGINT, self._interrupt)
        operations = {
            "setup": self._setup,
            "run": self._run,
            "written": self._folder.written,
            "read": self._folder.read,
        }
        try:
            while True:
                message = self._wire.receive()
                self._wire.send(operations[message["op"]](message))
        except Closed:
            return

    def _setup(self, message: dict[str, Any]) -> dict[str, Any]:
        """Start the kernel; what it and its libraries write beside the student's work lies in folders of its own."""
        self._longest = message["max_value_bytes"]
        for name in ("work", "home", "run"):
            (self._base / name).mkdir()
        os.chdir(self._base / "work")
        self._folder.put(message["files"])
        limits = message["rlimits"]
        if message["counted"] is not None:
            limits = rlimits.limits_above_others(limits, **message["counted"])
        lowered = rlimits.apply(limits)
        try:
            self._loop.run_until_complete(self._start())
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a kernel is told
            return {"failed": f"{type(error).__name__}: {error}{self._last_words()}"[:_MAX_TEXT]}
        return {"ready": True, "lowered": lowered}

    async def _start(self) -> None:
        known = _OneSpec()
        known.spec = KernelSpec(
            argv=self._told["argv"],
            env=self._told["env"],
            resource_dir=self._told["resources"],
            interrupt_mode=self._told["interrupt"],
        )
        self._manager = AsyncKernelManager(
            kernel_name=self._told["name"],
            kernel_spec_manager=known,
            ip="127.0.0.1",
            connection_file=str(self._base / "run" / "connection.json"),
        )
        self._client = _Client(
            new_notebook(),
            km=self._manager,
            timeout=None,
            allow_errors=True,
            raise_on_iopub_timeout=False,
            record_timing=False,
            startup_timeout=self._told["seconds"],
            on_cell_executed=self._note_reply,
        )
        with (self._base / "run" / "stderr").open("wb") as errors:
            await self._client.async_start_new_kernel(env=self._environment(), cwd=os.getcwd(), stderr=errors)  # noqa: PTH109 - no link is followed
        await self._client.async_start_new_kernel_client()

    def _environment(self) -> dict[str, str]:
        home = str(self._base / "home")
        inherited = {name: value for name, value in os.environ.items() if name not in _OURS}
        programs = f"{Path(self._told['argv'][0]).parent}{os.pathsep}{inherited['PATH']}"
        places = {"HOME": home, "TMPDIR": home, "IPYTHONDIR": f"{home}/.ipython", "MPLCONFIGDIR": f"{home}/.matplotlib"}
        return {**inherited, **places, "PATH": programs}

    def _last_words(self) -> str:
        """Return the last line that the kernel wrote on its way."""
        text = (self._base / "run" / "stderr").read_bytes().decode("utf-8", "replace")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return f" ({lines[-1][:_MAX_LINE]})" if lines else ""

    def _run(self, message: dict[str, Any]) -> dict[str, Any]:
        cell = new_code_cell(message["source"])
        self._reply, self._client.left = {}, self._longest
        self._loop.run_until_complete(asyncio.sleep(0))  # for a signal that was late for the cell before
        try:
            dead = self._loop.run_until_complete(self._execute(cell))
        except Exception as error:  # noqa: BLE001 - ours, or a message that is none: nobody loses points by it
            return {"failed": f"{type(error).__name__}: {error}"[:_MAX_TEXT]}
        if self._reply.get("status") == "error":
            _add_error(cell.outputs, self._reply)
        for output in cell.outputs:
            self._wire.send({"output": plain(output)})
        if dead:
            _end_as(self._manager.provisioner)
        errors = [_described(one) for one in cell.outputs if one.output_type == "error"]
        return {"done": "error" if errors else "ok", "error": errors[0] if errors else None}

    async def _execute(self, cell: NotebookNode) -> bool:
        """Run a cell; return whether the kernel has died over it."""
        cells = self._client.nb.cells
        cells.append(cell)  # those before stay: a display may be updated by its name
        self._running = True
        try:
            await self._client.async_execute_cell(cell, len(cells) - 1)
        except DeadKernelError:
            return True
        finally:
            self._running = False
        return False

    def _interrupt(self) -> None:
        """Interrupt the cell that runs."""
        if self._running:
            self._interrupting = asyncio.ensure_future(self._manager.interrupt_kernel(), loop=self._loop)

    def _note_reply(self, execute_reply: dict[str, Any], **_rest: Any) -> None:
        self._reply = execute_reply["content"]


def _add_error(outputs: list[NotebookNode], reply: dict[str, Any]) -> None:
    """Add the error that a kernel replies with, where it is none of the outputs: as nbgrader does."""
    name = reply.get("ename", "")
    if not any(one.output_type == "error" and one.ename == name for one in outputs):
        error = {"ename": name, "evalue": reply.get("evalue", ""), "traceback": reply.get("traceback") or []}
        outputs.append(NotebookNode(output_type="error", **error))


def _described(error: NotebookNode) -> dict[str, Any]:
    return {"type": str(error.ename)[:80], "message": str(error.evalue)[:_MAX_TEXT], "where": None}


def _end_as(provisioner: Any) -> None:
    """End as the kernel has ended, so that the reaper tells how."""
    code = provisioner.process.returncode if provisioner.process is not None else 1
    if code is not None and code < 0:
        with contextlib.suppress(OSError):  # of a signal that cannot be caught
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code or 0)


def run(channel: socket.socket, told: str) -> None:
    """Serve cells on a channel; ends with the process."""
    Kernel(Wire(channel), json.loads(told)).serve()
