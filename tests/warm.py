"""Commands without the seconds that each takes to import nbgrader: forks of a process that has done so.

What runs is the `main` of nbgrader or of autograder, in a process of its own, with the arguments, folder, variables and
files of the command. A test that kills a command, or that looks at how one starts, starts a whole interpreter instead.
"""

import atexit
import functools
import gc
import importlib
import itertools
import json
import logging
import multiprocessing.util
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

_START_SECONDS = 60.0
_SPAWN = multiprocessing.util.spawnv_passfds
_LOADED = (  # what commands, their workers, and what makes pages and reads for the review, import
    *("nbgrader.apps.nbgraderapp", "autograder.commands.batch", "autograder.commands.check", "autograder.judge.ready"),
    *("autograder.course.pages.render", "autograder.course.pages.filters", "autograder.review.alike.compared"),
)
CACHE = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))  # what is there takes seconds to make anew


def run(
    program: str, arguments: list[str], cwd: Path, environment: Mapping[str, str], *, seconds: float = 3600
) -> subprocess.CompletedProcess[str]:
    """Run a command of `nbgrader` or of `autograder`; return its status and what it printed.

    Raises:
        TimeoutError: it took too long, and was killed.
    """
    wanted = {"program": program, "arguments": arguments, "cwd": str(cwd), "environment": dict(environment)}
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained, _connected() as line:
        request = json.dumps(wanted).encode()
        line.sendall(len(request).to_bytes(8, "big"))
        socket.send_fds(line, [b"."], [said.fileno(), complained.fileno()])
        line.sendall(request)
        pid = int.from_bytes(_exactly(line, 8), "big")
        line.settimeout(seconds)
        try:
            status = int.from_bytes(_exactly(line, 8), "big", signed=True)
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            raise
        texts = []
        for file in (said, complained):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
    return subprocess.CompletedProcess([program, *arguments], status, *texts)


def _connected() -> socket.socket:
    """Return a new connection to the process that commands are forked from."""
    line = socket.socket(socket.AF_UNIX)
    line.connect(_server())
    return line


@functools.cache
def _server() -> str:
    """Start that process, which ends with this one; return its address."""
    folder = tempfile.TemporaryDirectory(prefix="warm-")
    address = f"{folder.name}/socket"
    process = subprocess.Popen([sys.executable, __file__, address], stdin=subprocess.PIPE)

    def end() -> None:
        process.communicate()
        folder.cleanup()

    atexit.register(end)
    until = time.monotonic() + _START_SECONDS
    while not Path(address).exists():
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.02)
    return address


def _exactly(line: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        part = line.recv(size - len(found))
        if not part:
            raise EOFError("the process that commands are forked from has gone")
        found += part
    return found


def _serve(address: str) -> None:
    """Run a command for each connection, until standard input is closed."""
    for name in _LOADED:
        importlib.import_module(name)
    sys.modules["autograder.judge.ready"].get_ready("neuron")  # as what workers are forked from does
    # Each new gradebook asks a program for it, which takes a second; the answer is that of nbgrader's version.
    if shutil.which("alembic"):
        api = sys.modules["nbgrader.api"]
        api.get_alembic_version = functools.cache(api.get_alembic_version)
        api.get_alembic_version()

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{address}.new")
        listener.listen()
        gc.freeze()  # the collector of a fork would look through all that is loaded, and so copy it
        Path(f"{address}.new").rename(address)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who attend
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            line, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _attend(line)
                os._exit(0)
            line.close()


def _attend(line: socket.socket) -> None:
    """Run one command, and tell its process and its status."""
    size = int.from_bytes(_exactly(line, 8), "big")
    _, files, _, _ = socket.recv_fds(line, 1, 2)
    request = json.loads(_exactly(line, size))
    pid = os.fork()
    if pid == 0:
        line.close()
        for number, file in enumerate([os.open(os.devnull, os.O_RDONLY), *files]):
            os.dup2(file, number)
            os.close(file)
        _become(request)
    line.sendall(pid.to_bytes(8, "big"))
    line.sendall(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]).to_bytes(8, "big", signed=True))


def _become(request: dict[str, Any]) -> NoReturn:
    """Be the command, as `python -m nbgrader` or `python -m autograder.cli` would be."""
    multiprocessing.util.spawnv_passfds = _fork_server
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.path[:1] = [request["cwd"], *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    sys.argv = [request["program"], *request["arguments"]]
    status = 1
    try:
        status = _MAINS[request["program"]]()
    except SystemExit as stop:
        status = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException:  # noqa: BLE001 - what an interpreter prints as it ends
        traceback.print_exc()
    finally:
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _fork_server(path: str, arguments: list[str], descriptors: Sequence[int]) -> int:
    """Start multiprocessing's fork server as a fork as well, for it would take the second again; return its number.

    What else multiprocessing starts is started as it wants it.
    """
    if "forkserver" not in arguments[-1]:
        return _SPAWN(path, arguments, descriptors)
    pid = os.fork()
    if pid:
        return pid
    try:
        gc.freeze()  # nothing of what the command has open is to be closed for it here
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        for below, above in itertools.pairwise([*sorted({0, 1, 2, *descriptors}), os.sysconf("SC_OPEN_MAX")]):
            os.closerange(below + 1, above)
        exec(arguments[-1], {})
    finally:
        os._exit(0)


def _nbgrader() -> int:
    from nbgrader.apps.nbgraderapp import main  # noqa: PLC0415

    main()
    return 0


def _autograder() -> int:
    from autograder import cli  # noqa: PLC0415

    sys.modules["__main__"] = cli  # which workers begin by importing
    return cli.main()


_MAINS = {"nbgrader": _nbgrader, "autograder": _autograder}

if __name__ == "__main__":
    _serve(sys.argv[1])
