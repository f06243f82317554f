"""A student process behind its walls: cells, outputs, interrupts, deaths, snapshots and calls."""

import dataclasses

import numpy as np
import pytest

from autograder.sandbox.answers import Died, Missing, Place, Raised, Returned, TimedOut
from autograder.sandbox.channel import ChannelError
from autograder.sandbox.launch import Sandbox, wall_of
from autograder.sandbox.limits import Limits
from autograder.sandbox.session import Session, Setup

pytestmark = pytest.mark.slow

# More processes than else: those of every sandbox that a test before has started count as well, being of one user.
LIMITS = Limits(call_seconds=1.0, interrupt_seconds=0.5, processes=40)


@pytest.fixture(scope="module", params=["nested", "single"])
def sandbox(request):
    """Return a sandbox with both walls, and one with a bubblewrap for each submission."""
    with Sandbox(wall_of(request.param), LIMITS, ("numpy",)) as sandbox:
        yield sandbox


@pytest.fixture
def session(sandbox):
    """Return a session that is ready for its first cell."""
    with Session(sandbox, LIMITS, Setup(files={"data/a.csv": b"1,2\n"}, names={"__name__": "given"})) as session:
        session.prepare()
        yield session


def text(run):
    """Return what a cell printed and showed, as one text."""
    return "".join(
        o.get("text", "") + o.get("data", {}).get("text/plain", "") + o.get("evalue", "") for o in run.outputs
    )


def test_a_cell_prints_shows_and_fails(session):
    """Output, the last value and the error come in the order in which they arose."""
    run = session.run_cell(1, "print('one')\ndisplay('two')\nprint('three')\n1/0", 5)
    kinds = [output["output_type"] for output in run.outputs]
    assert kinds == ["stream", "display_data", "stream", "error"]
    assert (run.status, run.error.type, run.error.where.line) == ("error", "ZeroDivisionError", 4)
    run = session.run_cell(2, "40 + 2", 5)
    assert run.outputs == [
        {"output_type": "execute_result", "data": {"text/plain": "42"}, "metadata": {}, "execution_count": 2}
    ]


def test_both_streams_come_in_the_order_in_which_they_were_written(session):
    """What is written to stdout after a warning comes after it, however much of either has gathered."""
    lines = "\n".join(f"print({n}); print(-{n}, file=sys.stderr)" for n in range(1, 4))
    run = session.run_cell(1, f"import sys, time\nprint('first')\n{lines}", 5)
    assert text(run).split() == ["first", "1", "-1", "2", "-2", "3", "-3"]


def test_what_students_expect_of_a_notebook_works(session):
    """Magics, top-level await, shell commands and warnings behave as in a notebook; input() refuses in words."""
    assert "3" in text(session.run_cell(1, "%time 3", 5))
    assert "7" in text(session.run_cell(2, "import asyncio\nawait asyncio.sleep(0, 7)", 5))
    assert "hello" in text(session.run_cell(3, "!echo hello", 10))
    assert session.run_cell(4, "%matplotlib inline", 20).status == "ok"
    assert "nobody is there to answer" in text(session.run_cell(5, "input('name? ')", 5))
    warned = session.run_cell(6, "import numpy as np\nnp.exp(np.array([1000.0]))", 5)
    assert [o["name"] for o in warned.outputs if o["output_type"] == "stream"] == ["stderr"]


def test_files_and_names_are_there(session):
    """The working folder holds the files that were given, and the namespace the names."""
    assert "1,2" in text(session.run_cell(1, "print(open('data/a.csv').read(), __name__)", 5))
    assert "given" in text(session.run_cell(2, "__name__", 5))


def test_an_endless_cell_is_interrupted_and_the_next_one_runs(session):
    """After its time a cell is interrupted; what it printed is kept and its process goes on."""
    run = session.run_cell(1, "kept = 5\nprint('so far')\nwhile True: pass", 0.5)
    assert run.status == "timeout"
    assert "so far" in text(run)
    assert "5" in text(session.run_cell(2, "kept", 5))


def test_a_cell_that_ignores_interrupts_is_killed(session):
    """A cell that catches every KeyboardInterrupt loses its process, and no more."""
    stubborn = "import time\nwhile True:\n    try:\n        time.sleep(9)\n    except BaseException: pass"
    assert session.run_cell(1, stubborn, 0.5).status == "died"
    assert session.run_cell(2, "1", 5).status == "died"
    with pytest.raises(ChannelError):
        session.snapshot()


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import os; os._exit(3)", "exit code 3"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "signal 9"),
        ("import ctypes; ctypes.string_at(0)", "signal 11"),
    ],
)
def test_the_end_of_a_process_is_told(session, source, reason):
    """How a process ended stands in the cell's output."""
    run = session.run_cell(1, source, 5)
    assert run.status == "died"
    assert reason in text(run)


def test_exit_ends_the_cell_only(session):
    """exit(), quit() and sys.exit() end the cell; the cells after it run."""
    for number, call in enumerate(("exit()", "quit()", "import sys; sys.exit(1)"), start=1):
        assert session.run_cell(number, f"x = {number}\n{call}\nx = 0", 5).status == "error"
        assert str(number) in text(session.run_cell(10 + number, "x", 5))


def test_snapshots_keep_what_was_then(session):
    """A snapshot answers with the functions as they were, also after the process that ran the cells was killed."""
    session.run_cell(1, "def f(x):\n    return x + 1", 5)
    first = session.snapshot()
    session.run_cell(2, "def f(x):\n    return x + 2\ndef g(): pass", 5)
    second = session.snapshot()
    session.seal()
    assert first.call("f", (1,)) == Returned(2, (1,))
    assert second.call("f", (1,)) == Returned(3, (1,))
    assert first.call("g", ()) == Missing()
    assert second.snapshot().call("f", (1,)) == Returned(3, (1,))


def test_calls_come_to_what_they_come_to(session):
    """A call returns, raises with the student's own line, dies or takes too long; the snapshot behind it lives on."""
    source = "import os, time\ndef bad(x):\n    x[0] = 9\n    return x.nosuch\n"
    source += "def die(): os._exit(1)\ndef wait():\n    while True: pass\ndef change(x):\n    x[0] = 9\n    return 1"
    session.run_cell(1, source, 5)
    snapshot = session.snapshot()
    session.seal()
    answer = snapshot.snapshot().call("bad", (np.zeros(2),))
    assert isinstance(answer, Raised)
    assert (answer.type, answer.where.line, answer.where.text) == ("AttributeError", 4, "return x.nosuch")
    assert isinstance(snapshot.snapshot().call("die", ()), Died)
    slow = snapshot.snapshot()
    assert slow.call("wait", ()) == TimedOut(1.0)
    assert isinstance(slow.call("wait", ()), Died)
    changed = snapshot.snapshot().call("change", (np.zeros(2),))
    assert changed.arguments[0][0] == 9


def test_calls_tell_where_functions_were_defined(session):
    """With the first answers comes the cell and line of each function, and of those that it leads to."""
    session.run_cell(1, "def helper(z):\n    return z\n\n\ndef function(z):\n    return helper(z)", 5)
    session.run_cell(2, "exec('def made(z): return 1')\nshown = made", 5)
    session.run_cell(3, "def helper(z):\n    return -z", 5)
    snapshot = session.snapshot()
    assert [one.value for one in snapshot.calls([("function", (1.0,)), ("made", (1.0,)), ("none", ())])[:2]] == [
        -1.0,
        1,
    ]
    assert snapshot.places == {
        "function": Place("function", cell=1, line=5, bound=1),
        "helper": Place("function", cell=3, line=1, bound=3),
        "made": Place("function in <string>", bound=2),
    }


def test_output_is_cut_at_its_limit(sandbox):
    """A flood of output is cut with a note, and costs nothing but itself."""
    limits = dataclasses.replace(LIMITS, cell_output_bytes=1000)
    with Session(sandbox, limits, Setup()) as session:
        session.prepare()
        run = session.run_cell(1, "for i in range(10000): print('spam' * 10)", 10)
        assert run.status == "ok"
        assert len(text(run)) < 1200
        assert "it was too long" in text(run)
        assert "next" in text(session.run_cell(2, "print('next')", 5))


KNOWN = "import math\ndef half(x):\n    return x / 2\ndef breaks():\n    return math.nothing\nhalf(3)"


@pytest.mark.parametrize("known", [(), (KNOWN, "await never()", "not python (")])
def test_cells_known_beforehand_do_what_they_do(known):
    """A cell that was compiled before any submission shows, defines and fails as it does otherwise, with its number."""
    with Sandbox(wall_of("nested"), LIMITS, ("numpy",)) as sandbox:
        sandbox.learn(known)
        with Session(sandbox, LIMITS, Setup()) as session:
            session.prepare()
            session.run_cell(1, "from math import pi", 5)
            assert text(session.run_cell(7, KNOWN, 5)) == "1.5"
            failed = session.run_cell(8, "breaks()", 5)
            assert (failed.error.type, failed.error.where.cell, failed.error.where.line) == ("AttributeError", 7, 5)
            assert "In[7]" in "".join(failed.outputs[0]["traceback"])
            assert session.run_cell(9, "not python (", 5).error.type == "SyntaxError"
            assert session.run_cell(10, "from __future__ import annotations", 5).status == "ok"
            assert text(session.run_cell(11, KNOWN, 5)) == "1.5"


def test_equal_cells_are_learned_once():
    """Two cells of the same text are one: the cell that is learned after them runs as itself, and in nobody's place."""
    with Sandbox(wall_of("nested"), LIMITS, ("numpy",)) as sandbox:
        sandbox.learn(("x = 1", "x = 1", "raise ValueError", "y = 2"))
        with Session(sandbox, LIMITS, Setup()) as session:
            session.prepare()
            assert [session.run_cell(n, source, 20).status for n, source in enumerate(("x = 1", "y = 2", "x, y"))] == (
                ["ok"] * 3
            )


def test_a_judged_cell_shows_no_traceback(session):
    """Of a cell that is run to be judged an error is one line; of the next cell it is a whole traceback again."""
    brief = session.run_cell(1, "x = 0\n1 / x", 10, brief=True)
    whole = session.run_cell(2, "1 / x", 10)
    assert len(brief.outputs[0]["traceback"]) == 1
    assert "----> 1 1 / x" in "".join(whole.outputs[0]["traceback"])
    assert (brief.error.type, brief.error.where.line) == ("ZeroDivisionError", 2)
