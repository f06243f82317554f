"""The tiers of the tests: a watch that fails every test of `make test-fast` that starts a program.

A test is fast unless it is an attack, is marked `slow`, or asks, itself or through another fixture, for the fixture
`slow`. What is fast starts no walls, browser, server or command. The watch is kept in every tier, so that a test in the
wrong one fails wherever it is run.
"""

import contextlib
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# Libraries call these by themselves, as Matplotlib does when it looks for fonts.
_HARMLESS = {"cc", "fc-list", "gcc", "ldconfig", "uname"}
# The audit events of a start, each with the place of the program among its arguments.
_STARTS = {"os.exec": 0, "os.posix_spawn": 0, "os.spawn": 1, "os.system": 0, "subprocess.Popen": 1}
_ADVICE = (
    "which a test of make test-fast may not: mark the test or its file with pytest.mark.slow, "
    "or let the fixture that starts it ask for the fixture slow"
)


def is_slow(item: pytest.Item) -> bool:
    """Return whether a test is left out of `make test-fast`."""
    return item.get_closest_marker("slow") is not None or "slow" in item.fixturenames


class Watch:
    """Fails the code that starts a program or a server while a fast test runs."""

    def __init__(self) -> None:
        self._active = False
        self._bystanders: set[int | None] = set()
        self._seen: list[str] = []
        sys.addaudithook(self._audit)  # for good: Python has no way to take one away

    @contextlib.contextmanager
    def during(self) -> Iterator[None]:
        """Watch everything but the threads that run already, for they belong to other tests' walls and servers.

        Raises:
            pytest.fail.Exception: something was started, even if the code that started it took no notice.
        """
        self._bystanders = {thread.ident for thread in threading.enumerate()} - {threading.get_ident()}
        self._seen, self._active = [], True
        try:
            yield
        finally:
            self._active = False
        if self._seen:
            pytest.fail(self._seen[0])

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._active or threading.get_ident() in self._bystanders:
            return
        if started := _started(event, arguments):
            self._seen.append(f"this starts {started}, {_ADVICE}")
            pytest.fail(self._seen[-1])


def _started(event: str, arguments: tuple[Any, ...]) -> str:
    """Return the program or server that an audit event announces, or nothing."""
    if event == "socket.bind" and isinstance(arguments[1], tuple):  # a socket in the file system has a name instead
        return f"a server at {arguments[1][:2]}"
    if event not in _STARTS:
        return ""
    command = arguments[_STARTS[event]]
    first = command[0] if isinstance(command, (list, tuple)) else command
    name = Path(first.decode(errors="replace") if isinstance(first, bytes) else str(first)).name
    return "" if name in _HARMLESS else f"the program {name}"


watch = Watch()
