"""Work in confined processes: what takes too long or too much costs one result, and nothing that comes after."""

import os
import re
import signal
import threading
import time
from pathlib import Path

import pytest

from autograder.confined import Confined, ConfinedError
from autograder.sandbox.limits import MIB, Confinement


@pytest.fixture(scope="module")
def confined():
    """Two processes with little time and memory."""
    made = Confined(Confinement(processes=2, seconds=1.0, memory=200 * MIB))
    yield made
    made.close()


def test_returns_what_the_function_returns(confined):
    """A call that ends well returns its result."""
    assert confined(max, 1, 2) == 2


@pytest.mark.parametrize(
    ("function", "arguments", "reason"),
    [
        (time.sleep, (30,), "longer than 1 s"),
        (re.match, (r"(a+)+$", "a" * 60 + "b"), "longer than 1 s"),  # in C: no handler of Python's runs
        (bytes, (1 << 40,), "more than 200 MiB of memory"),
        (os._exit, (3,), "its process ended"),
        (os.abort, (), "its process ended"),
        (int, ("x",), "ValueError: invalid literal"),
    ],
    ids=["sleeps", "spins", "memory", "exits", "aborts", "raises"],
)
def test_one_failure_costs_one_result(confined, function, arguments, reason):
    """Too long, too large, dead or wrong: each is one error with its reason, and the next call is answered."""
    with pytest.raises(ConfinedError, match=reason):
        confined(function, *arguments)
    assert confined(max, 1, 2) == 2


def _ends(note: str, times: int) -> int:
    """Note that this was tried, and be killed the first times; return how often it was tried."""
    with Path(note).open("a") as file:
        file.write("x")
    if (tried := Path(note).stat().st_size) <= times:
        os.kill(os.getpid(), signal.SIGKILL)
    return tried


def test_what_is_killed_from_outside_is_done_once_more(confined, tmp_path):
    """A process that somebody kills costs nothing: what it was at is done again, and no more than once."""
    assert confined(_ends, str(tmp_path / "once"), 1) == 2
    with pytest.raises(ConfinedError, match="its process ended"):
        confined(_ends, str(tmp_path / "always"), 100)
    assert (tmp_path / "always").stat().st_size == 2


def test_a_call_may_have_less_time(confined):
    """A call with a limit of its own is stopped by that, and says so."""
    with pytest.raises(ConfinedError, match=r"longer than 0\.1 s"):
        confined.within(0.1, time.sleep, 0.6)


def test_others_are_answered_meanwhile(confined):
    """While one process is busy to the end of its time, another one answers."""
    ended = threading.Event()

    def busy():
        with pytest.raises(ConfinedError):
            confined(time.sleep, 30)
        ended.set()

    thread = threading.Thread(target=busy)
    thread.start()
    assert confined(max, 1, 2) == 2
    assert not ended.is_set()
    thread.join()


def test_starts_again_after_it_was_closed(confined):
    """Closing ends the processes; the next call starts others."""
    before = confined(os.getpid)
    confined.close()
    assert confined(os.getpid) != before
