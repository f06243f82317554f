"""What a kernel has besides a shell: `help`, `%store`, Python's own names; and sentences for what cannot be had here.

None of this is a wall. Honest code meets the walls where it asks for sockets, other programs' memory or processes that
do not come of a fork, and is told in words what it can do instead.
"""

import builtins
import contextlib
import getpass
import importlib
import multiprocessing
import os
import site
import socket
from collections.abc import Callable
from multiprocessing import context
from typing import Any, NoReturn

from IPython.core.error import StdinNotImplementedError

_PROCESSORS = 4  # that a pool of processes is told of: on a large machine it would start more than there may be
_PIP = {"PIP_RETRIES": "0", "PIP_TIMEOUT": "2", "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
_NO_INPUT = "{}() was called, but nobody is there to answer while the notebook is graded."
_NO_NETWORK = "Temporary failure in name resolution: there is no network while the notebook is graded"
_NO_SPAWN = (
    "processes can only be forked while the notebook is graded, which is what Python does on Linux by itself: "
    "leave out the start method {!r}"
)
_NO_MANAGER = "there are no sockets while the notebook is graded, so no Manager: use Queue, Value, Array or a Pool"
_NO_SHARED_MEMORY = "there is no shared memory by name while the notebook is graded: use multiprocessing.Array"


def prepare(shell: Any) -> None:
    """Give a shell what every kernel has."""
    site.setcopyright()
    site.sethelper()
    site.setquit()
    builtins.input = no_input
    library: Any = getpass
    library.getpass = no_password
    shell.user_ns["input"] = no_input
    shell.set_hook("show_in_pager", _show_nothing, 99)
    with contextlib.suppress(Exception):  # an IPython without it
        shell.extension_manager.load_extension("storemagic")
    os.environ.update(_PIP)
    _count_few_processors()
    _refuse_in_words()


def no_input(_prompt: object = "") -> str:
    """Refuse, as a notebook that runs unattended does."""
    raise StdinNotImplementedError(_NO_INPUT.format("input"))


def no_password(_prompt: str = "", _stream: object = None) -> str:
    """Refuse in the same way."""
    raise StdinNotImplementedError(_NO_INPUT.format("getpass"))


def _show_nothing(*_: object, **_options: object) -> None:
    """Leave out what `?` shows: a notebook has it beside its cells, and does not keep it."""


def _count_few_processors() -> None:
    number = min(os.cpu_count() or 1, _PROCESSORS)
    for name in ("cpu_count", "process_cpu_count"):
        if hasattr(os, name):
            setattr(os, name, lambda: number)


def _refuse_in_words() -> None:
    """Raise a sentence where the walls would make a pool wait for ever, or raise an error that says nothing."""
    processes: dict[str, Any] = {"spawn": context.SpawnProcess, "forkserver": context.ForkServerProcess}
    for method, process in processes.items():
        process._Popen = staticmethod(_refusing(_NO_SPAWN.format(method)))  # noqa: SLF001 - where each is started
    made: Any = context.BaseContext
    whole: Any = multiprocessing
    made.Manager = whole.Manager = _refusing(_NO_MANAGER)
    network: Any = socket
    network.getaddrinfo = _no_address
    with contextlib.suppress(ImportError):
        library: Any = importlib.import_module("_posixshmem")
        library.shm_open = _refusing(_NO_SHARED_MEMORY)


def _no_address(*_: object, **_options: object) -> NoReturn:
    raise socket.gaierror(socket.EAI_AGAIN, _NO_NETWORK)


def _refusing(sentence: str) -> Callable[..., NoReturn]:
    def refuse(*_: object, **_options: object) -> NoReturn:
        """Say what this place does not have."""
        raise OSError(sentence)

    return refuse
