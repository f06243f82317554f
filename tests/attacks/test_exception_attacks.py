"""Attacks by exceptions and by the interpreter's own ends: what fails, hangs or crashes while it is described."""

import pytest
from arena import CHECKS, QUICK, RIGHT, WRONG_COST, cases, check, messages_of, outputs_of, printed

EVIL = "\x1b]0;TITLE\x07\x1b[2J\x1b[31m\x9b1m\u202e"

RAISE = """
import os, sys, time
import numpy as np

class Evil({base}):
    {body}

{define}
"""
IN_CALL = "def cost(w, b, X, y):\n    raise Evil('x')"
IN_CELL = "raise Evil('x')"
BODIES = (
    "def __str__(self):\n        time.sleep(600)",
    "def __str__(self):\n        os._exit(0)",
    "def __str__(self):\n        raise SystemExit(0)",
    "__str__ = __repr__ = lambda self: 5",
    "def __str__(self):\n        raise self",
    "__str__ = __repr__ = lambda self: 'x' * (50 << 20)",
    "__traceback__ = property(lambda self: 5)",
    "__cause__ = property(lambda self: self)",
    "__class__ = property(lambda self: os.kill(os.getpid(), 9))",
    "__notes__ = property(lambda self: iter(int, 1))",
)
NAMES = ["hangs", "exits", "leaves", "number", "itself", "long", "traceback", "cause", "kills", "notes"]


@pytest.mark.parametrize("body", cases(*BODIES, quick=2), ids=NAMES)
def test_exception_that_cannot_be_described_costs_the_exercise(arena, body):
    """Whatever the text, the class or the trace of an exception does, the call has given no answer."""
    source = RAISE.format(base="ValueError", body=body, define=IN_CALL)
    judgement = arena.attack(RIGHT, source, worth=arena.without("cost"), **QUICK)
    assert len(messages_of(judgement)) < 10_000


@pytest.mark.parametrize("body", cases(*BODIES, quick=1), ids=NAMES)
def test_exception_that_cannot_be_shown_costs_its_cell(arena, body):
    """The same in a cell: at worst its process ends, and the other cells are run again."""
    source = RAISE.format(base="ValueError", body=body, define=IN_CELL)
    judgement = arena.attack(RIGHT, source, worth=RIGHT, **QUICK)
    assert len(outputs_of(judgement)) < 2 * arena.assignment.limits.cell_output_bytes


def test_escapes_in_an_exception_s_name_are_shown_not_obeyed(arena):
    """Control characters in a class's name, its text and the line that raised it reach no message and no output."""
    source = f"""
    def evil(text):
        raise type({EVIL!r} + text, (Exception,), {{"__module__": {EVIL!r}, "__qualname__": {EVIL!r}}})({EVIL!r})

    def cost(w, b, X, y):
        evil("call")
    """
    judgement = arena.attack(RIGHT, source, "evil('cell')", worth=arena.without("cost"))
    for text in (messages_of(judgement), outputs_of(judgement)):
        assert not set(EVIL) & set(text) & set("\x1b\x07\x9b\u202e")
    assert "call" in messages_of(judgement)


@pytest.mark.parametrize(
    "chain",
    cases(
        "for n in range(5_000):\n        error = make(error)",
        "error.__cause__ = error.__context__ = error",
        "error = ExceptionGroup('x', [ExceptionGroup('y', [error] * 1000)] * 1000)",
        "for n in range(900):\n        error = ExceptionGroup('x', [error])",
        quick=1,
    ),
    ids=["long", "loop", "wide-group", "deep-group"],
)
def test_huge_chain_of_exceptions_costs_the_exercise(arena, chain):
    """Chains and groups without end are described in the child's own time, or not at all."""
    source = f"""
    def make(cause):
        error = ValueError("x")
        error.__cause__ = error.__context__ = cause
        return error

    def cost(w, b, X, y):
        error = ValueError("y")
        {chain.replace(chr(10) + "        ", chr(10) + "            ")}
        raise error
    """
    arena.attack(RIGHT, source, "cost(0, 0, 0, 0)", worth=arena.without("cost"), **QUICK)


def test_swallowed_interrupts_do_not_prolong_a_cell(arena):
    """A cell that catches every interrupt and goes on is killed; the others are run again."""
    swallow = """
    import time
    while True:
        try:
            time.sleep(600)
        except BaseException:
            print("swallowed")
    """
    judgement = arena.attack(RIGHT, swallow, worth=RIGHT, **QUICK)
    assert len(judgement.notes) == 1


@pytest.mark.parametrize(
    "source",
    cases(
        "import atexit\natexit.register(os._exit, 0)\nsys.exit(0)",
        "sys.setrecursionlimit(10**9)\ndef cost(w, b, X, y):\n    return cost(w, b, X, y)",
        "import faulthandler\nfaulthandler.dump_traceback_later(0.1, exit=True)\nimport time\ntime.sleep(1)",
        "import faulthandler\nfaulthandler.enable(all_threads=True)\nfaulthandler._sigsegv()",
        "import ctypes\nctypes.pythonapi.Py_Finalize()",
        "import ctypes\nctypes.memset(id(None), 0xff, 64)",
        "import gc\ngc.get_objects().clear(); [o.clear() for o in gc.get_objects() if type(o) in (dict, list)]",
        "sys.stdout = sys.stderr = None\nprint = None\ndel sys.modules['inside.wire'], sys.modules['msgpack']",
        quick=2,
    ),
    ids=["atexit", "recursion", "later", "segfault", "finalize", "none", "clear", "modules"],
)
def test_interpreter_that_ends_or_breaks_is_the_attacker_s_own(arena, source):
    """However a cell breaks the interpreter, what is lost is the attacker's; a next student is judged as ever."""
    judgement = arena.judge(RIGHT, "import os, sys\n" + source, **QUICK)
    assert judgement.outcome == "graded"
    assert all((result.points or 0.0) <= arena.full[result.exercise] for result in judgement.exercises)
    assert arena.look() is None


def test_thread_that_changes_functions_between_checks_is_judged_as_it_was(arena):
    """A thread that goes on after its cell and swaps functions gets a copy with one of them, and earns its worth."""
    swap = """
    import threading, time
    wrong = lambda w, b, X, y: 0.0

    def swap():
        while True:
            globals()["cost"] = wrong
            time.sleep(0.001)

    threading.Thread(target=swap, daemon=True).start()
    time.sleep(0.1)
    """
    arena.attack(RIGHT, swap, worth=WRONG_COST)


def test_cells_that_redefine_functions_between_checks_are_judged_at_each(arena):
    """Each exercise is judged as it stood at its own check, whatever stands there at the others."""
    cells = [RIGHT, WRONG_COST, check("sigmoid"), check("cost"), RIGHT, check("dC_dw"), WRONG_COST, check("dC_db")]
    arena.attack(*cells, worth=WRONG_COST)


def test_check_in_a_markdown_cell_is_no_check(arena):
    """A grade cell that is text marks no place: its exercise is judged at the end, as one without a check is."""
    forged = {**check("cost"), "cell_type": "markdown", "attachments": {"../../x": {"text/html": "<script>"}}}
    others = [check(exercise) for exercise in CHECKS if exercise != "cost"]
    arena.attack(RIGHT, forged, WRONG_COST, *others, worth=WRONG_COST)


def test_display_of_objects_that_lie_is_only_an_output(arena):
    """Representations that are no text, raise, hang for a while or flood are at most this cell's own output."""
    lie = """
    from IPython.display import display

    class Liar:
        _repr_html_ = lambda self: 5
        _repr_png_ = lambda self: b"<script>"
        _repr_json_ = lambda self: {1: self}
        _repr_mimebundle_ = lambda self, **options: ({"text/html": ["<b>"], b"x": 5, "text/plain": self}, {"x": self})

    for _ in range(3):
        display(Liar(), Liar(), raw=True)
        display({"text/plain": float("nan"), "image/png": Liar(), "text/html": "x" * (2 << 20)}, raw=True)
    print("shown")
    Liar()
    """
    judgement = arena.attack(lie, RIGHT, worth=RIGHT)
    assert len(outputs_of(judgement)) < 2 * arena.assignment.limits.cell_output_bytes
    assert all(isinstance(text, str) for out in judgement.outputs["neuron"][0] for text in out.get("data", {}).values())
    assert printed(judgement) is not None
