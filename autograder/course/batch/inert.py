"""Dask without unpickling: whatever its messages hold, no code of who sent them runs in this process.

Dask's client unpickles results, exceptions, their tracebacks, types and events, whichever deserializers it is told to
use, and a scheduler passes on what any worker has sent. Here a pickle is read as plain data; each class or function
that it names is replaced by one that does nothing. What we need of Dask comes to bytes and one exception.
"""

import io
import logging
import pickle
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import distributed.client
import distributed.core
import distributed.versions

_MAX_TEXT = 200


class Unread(Exception):
    """Stands for anything that a pickle names, and for every exception from elsewhere."""

    def __setstate__(self, _state: Any) -> None:
        """Take no attributes."""


class _Bytes(Unread):
    """Stands for the type `bytes`, which Dask names beside bytes that it passes on as they are."""


class KilledWorker(Unread):
    """Stands for the exception of a task whose worker died."""


_STAND_INS = {"bytes": _Bytes, "KilledWorker": KilledWorker}


class _Reader(pickle._Unpickler):  # noqa: SLF001 - C's would take as much memory as an index says
    def find_class(self, _module: str, name: str) -> type[Unread]:
        """Return a class that does nothing."""
        return _STAND_INS.get(name, Unread)


def loads(data: Any, *, buffers: Any = None, **_options: Any) -> Any:
    """Return the plain data in a pickle."""
    found = _Reader(io.BytesIO(data), buffers=buffers).load()
    return bytes if found is _Bytes else found  # the type alone: within a pickle it could be asked for any length


def clean_exception(exception: Any = None, _traceback: Any = None, **more: Any) -> tuple[type[Unread], Unread, None]:
    """Return an exception in the place of any that came from elsewhere, in Dask's own form."""
    if isinstance(exception, Unread):
        return type(exception), exception, None
    text = more.get("exception_text")
    found: Any = exception
    if isinstance(exception, bytes | bytearray):
        try:
            found = loads(exception)
        except Exception:  # noqa: BLE001 - it may hold anything
            found = None
    kind = KilledWorker if isinstance(found, KilledWorker) else Unread
    error = kind(text[:_MAX_TEXT] if isinstance(text, str) else type(exception).__name__)
    return kind, error, None


@contextmanager
def unpickling() -> Iterator[None]:
    """Read pickles as above, and let no worker write on this terminal, as long as this lasts.

    The standard library's own channels to processes of ours hold another name of the function, and stay as they are.
    """
    _be_quiet()
    ours: dict[tuple[Any, str], Any] = {
        (pickle, "loads"): loads,
        (distributed.client.Client, "_default_event_handlers"): {},
        (distributed.core, "clean_exception"): clean_exception,
        (distributed.client, "clean_exception"): clean_exception,
    }
    before = {(module, name): getattr(module, name) for module, name in ours}
    for (module, name), function in ours.items():
        setattr(module, name, function)
    try:
        yield
    finally:
        for (module, name), function in before.items():
            setattr(module, name, function)


def _be_quiet() -> None:
    """Let Dask log nothing, nor warn of versions: it would show what workers say. Each log has a level of its own."""
    warnings.simplefilter("ignore", distributed.versions.VersionMismatchWarning)
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).disabled = True
