"""Whatever a test of `make test-fast` starts, it fails and says what to mark."""

import contextlib
import os
import socket
import subprocess
import threading

import pytest
from tiers import watch

pytestmark = pytest.mark.slow  # else the watch would be there twice


@pytest.fixture
def derived(slow):
    """Ask for the fixture `slow` in a test's place."""


def serve():
    """Open a port."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))


def start_from_a_thread():
    """Start a program from another thread, whose failure nobody sees."""
    thread = threading.Thread(target=swallow)
    thread.start()
    thread.join()


def swallow():
    """Start a program, and take no notice of the failure."""
    with contextlib.suppress(BaseException):
        subprocess.run(["/usr/bin/bwrap", "--version"], check=False)


@pytest.mark.parametrize(
    ("start", "what"),
    [
        (lambda: subprocess.run(["bwrap", "--version"], check=False), "the program bwrap,"),
        (lambda: subprocess.run("bwrap", check=False), "the program bwrap,"),
        (lambda: subprocess.run([b"/bin/sh", "-c", "bwrap --version"], check=False), "the program sh,"),
        (lambda: os.posix_spawn("/usr/bin/bwrap", ["bwrap"], {}), "the program bwrap,"),
        (lambda: os.execv("/usr/bin/bwrap", ["bwrap"]), "the program bwrap,"),
        (lambda: os.system("bwrap --version"), "the program bwrap"),
        (serve, "a server at"),
        (swallow, "the program bwrap,"),
        (start_from_a_thread, "the program bwrap,"),
    ],
)
def test_a_fast_test_that_starts_something_fails(start, what):
    """The failure names what was started, however it was, and what to mark; nothing has been started."""
    with pytest.raises(pytest.fail.Exception, match=what) as failure, watch.during():
        start()
    assert "pytest.mark.slow" in str(failure.value)


def test_threads_of_other_tests_may_start_programs():
    """The thread of a server that another test left running is not this test's."""
    begin, statuses = threading.Event(), []

    def start() -> None:
        begin.wait(60)
        statuses.append(subprocess.run(["true"], check=False).returncode)

    thread = threading.Thread(target=start)
    thread.start()
    with watch.during():
        begin.set()
        thread.join()
    assert statuses == [0]


def test_what_libraries_start_is_let_through():
    """A library may ask the system for its name."""
    with watch.during():
        assert subprocess.run(["uname"], check=False, stdout=subprocess.DEVNULL).returncode == 0


def test_a_fixture_makes_its_tests_slow(request, derived):
    """A test is marked for what the fixtures of its fixtures ask for."""
    assert [mark.name for mark in request.node.own_markers] == ["slow"]
