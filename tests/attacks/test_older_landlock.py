"""What an older kernel's Landlock does not know of is kept up by the filter and the supervisor."""

import os
import subprocess
import tempfile
import textwrap
import time
from pathlib import Path

import pytest
from arena import SYSTEM_CALLS
from processes import descendants

from autograder.sandbox.launch import Sandbox
from autograder.sandbox.limits import Limits
from autograder.sandbox.session import Session, Setup
from autograder.sandbox.walls.landlock import LandlockWall
from autograder.sandbox.walls.standing import attempt

MOVES = 2  # the ABI from which on Landlock knows of files that are moved between folders
_GONE_SECONDS = 15.0

# Each line says whether it was refused, or what it came to.
ATTEMPT = """
import os, resource, subprocess, time

def tried(what, attempt):
    try:
        attempt()
        print(what, "done")
    except OSError:
        print(what, "refused")

def move():
    os.mkdir("below")
    open("moved", "w").close()
    os.rename("moved", "below/moved")

tried("signal", lambda: os.kill({victim}, 9))
tried("look for it", lambda: os.kill({victim}, 0))
tried("thread", lambda: print(end="") if syscall(234, {victim}, {victim}, 9) == 0 else os.kill({victim}, 0))
tried("limits", lambda: resource.prlimit({victim}, resource.RLIMIT_CORE))
tried("affinity", lambda: os.sched_setaffinity({victim}, {{0}}))
tried("priority of all", lambda: os.setpriority(os.PRIO_USER, 0, 5))
tried("clock", lambda: time.clock_gettime((~{victim} << 3) | 2))
tried("read", lambda: open({file!r}).read())
tried("cut", lambda: os.truncate({file!r}, 0))
tried("cut what is read", lambda: os.open({file!r}, os.O_RDONLY | os.O_TRUNC))
tried("write", lambda: open({file!r}, "a"))
tried("itself", lambda: os.kill(os.getpid(), 0))
tried("move", move)
for _ in range(5):
    if os.fork() == 0:
        os.setsid()
        os.fork() or time.sleep(600)
        os._exit(0)
"""
REFUSED = ("signal", "look for it", "thread", "limits", "affinity", "priority of all", "clock")
REFUSED += ("read", "cut", "cut what is read", "write")


@pytest.mark.parametrize("abi", [99, *(pytest.param(abi, marks=pytest.mark.full) for abi in (5, 3, 2, 1))])
def test_less_of_landlock_keeps_as_much_in(abi):
    """With the rules of an older kernel no signal, file or process of the user's is reached, and nothing stays."""
    if not attempt("landlock").stands:
        pytest.skip(attempt("landlock").explain())
    with (
        subprocess.Popen(["sleep", "600"]) as victim,
        _file() as file,
        Sandbox(LandlockWall(abi), Limits(), ("numpy",)) as sandbox,
    ):
        try:
            sandbox.wait()
            before = descendants(os.getpid())
            source = SYSTEM_CALLS + textwrap.dedent(ATTEMPT).format(victim=victim.pid, file=file.name)
            with Session(sandbox, Limits(), Setup()) as session:
                session.prepare()
                run = session.run_cell(1, source, 20)
            said = dict(line.rsplit(" ", 1) for line in run.outputs[0]["text"].splitlines())
            assert {what: said[what] for what in REFUSED} == dict.fromkeys(REFUSED, "refused")
            assert said["itself"] == "done"
            assert said["move"] == ("done" if abi >= MOVES else "refused")
            deadline = time.monotonic() + _GONE_SECONDS
            while descendants(os.getpid()) - before and time.monotonic() < deadline:
                time.sleep(0.02)
            assert descendants(os.getpid()) - before == set()
            assert victim.poll() is None
            assert Path(file.name).read_text() == "of the user's"
        finally:
            victim.kill()


def _file():
    """Make a file that the user owns, with something in it."""
    file = tempfile.NamedTemporaryFile("w", dir=Path.home())  # noqa: SIM115 - closed by the caller
    file.write("of the user's")
    file.flush()
    return file
