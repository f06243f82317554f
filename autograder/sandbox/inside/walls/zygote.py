"""The process that every submission of a worker is forked from: it has loaded everything and runs no student code."""

import contextlib
import gc
from collections.abc import Callable
from typing import Any, Protocol

from ..wire import Closed, Wire

_GARBAGE = 50_000  # objects, after which the collector looks for rings of them

Learn = Callable[[list[str]], None]


class Door(Protocol):
    """The wall that a submission is forked behind."""

    def check(self) -> dict[str, Any]:
        """Try in a child whether the kernel grants the wall; return the fields of the report `ready`."""

    def start(self, wire: Wire, message: dict[str, Any]) -> None:
        """Fork a submission behind the wall; the sockets that it serves came with the message."""

    def close(self) -> None:
        """Wait for the ends of all submissions."""


def run(wire: Wire, learn: Learn, door: Door) -> None:
    """Fork a walled-off child for each `start`, until the worker is gone; see the contract in `__main__`.

    Args:
        wire: to the worker outside.
        learn: reads and compiles cells that every submission has.
        door: the wall.
    """
    report = door.check()
    _settle()
    with contextlib.suppress(Closed):
        wire.send({"ready": True, **report})
        while True:
            message = wire.receive()
            if message["op"] == "learn":
                learn(message["cells"])
                _settle()
            if message["op"] == "start":
                door.start(wire, message)
            else:
                wire.send({"ready": True})
    door.close()


def _settle() -> None:
    """Keep the garbage collector of a child from touching, and so copying, what is shared."""
    gc.collect()
    gc.set_threshold(_GARBAGE)  # a submission ends before it has made much
    gc.freeze()
