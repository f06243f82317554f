"""Attacks that flood: more outputs, messages and answers than anybody may read, or none where one is waited for."""

from pathlib import Path

import pytest
from arena import PIPE, QUICK, RIGHT, both_walls, cases, printed

MIB = 1 << 20


def test_flood_of_text_hits_the_output_limit(arena):
    """Of endless output a little is kept."""
    limits = arena.assignment.limits
    judgement = arena.attack(RIGHT, "while True:\n    print('x' * 1000)", worth=RIGHT, **QUICK)
    assert len(printed(judgement)) < limits.cell_output_bytes + 1000
    assert "output cut here" in printed(judgement)


def test_flood_in_many_cells_hits_the_submission_s_output_limit(arena):
    """Many cells that each write as much as a cell may do not add up."""
    limits = arena.assignment.limits
    cell = f"print('x' * {limits.cell_output_bytes})"
    judgement = arena.attack(RIGHT, *[cell] * 8, worth=RIGHT)
    assert limits.output_bytes // 2 < len(printed(judgement)) < limits.output_bytes + 10_000


def test_flood_of_displays_hits_the_limit_of_a_cell_s_outputs(arena):
    """Of thousands of displayed values a cell keeps a number."""
    flood = "from IPython.display import display\nwhile True:\n    display(1)"
    judgement = arena.attack(RIGHT, flood, worth=RIGHT, **QUICK)
    assert len(judgement.outputs["neuron"][1]) <= arena.assignment.limits.cell_outputs + 2


@both_walls
def test_flood_of_messages_hits_the_cell_limit(arena):
    """Messages that come faster than they can be read do not keep the judge reading beyond the cell's time."""
    flood = (
        PIPE
        + """
import time
end = time.monotonic() + 120
spam = frame({"output": 0}) * 500
while time.monotonic() < end:
    try:
        os.write(pipe(), spam)
    except KeyboardInterrupt:
        pass
"""
    )
    arena.attack(RIGHT, flood, worth=RIGHT, **QUICK)


def test_flood_of_messages_by_a_daemon_hits_the_cell_limit(arena):
    """The same from a child that is not killed with its cell, and goes on after the cell's process has ended."""
    flood = (
        PIPE
        + """
import time
end = time.monotonic() + 120
if os.fork() == 0:
    os.setsid()
    spam = frame({"output": 0})
    while time.monotonic() < end:
        os.write(pipe(), spam)
os._exit(0)
"""
    )
    arena.attack(RIGHT, flood, worth=RIGHT, **QUICK)


def test_message_in_drips_hits_the_call_limit(arena):
    """An answer that comes a byte at a time is not waited for any longer than one that does not come."""
    drip = (
        PIPE
        + """
import time

def cost(w, b, X, y):
    for byte in frame({"answers": [{"value": ["f", 0.0], "arguments": ["n", None]}]}):
        os.write(pipe(), bytes([byte]))
        time.sleep(0.1)
"""
    )
    arena.attack(RIGHT, drip, worth=arena.without("cost"), **QUICK)


def test_process_that_answers_no_snapshot_is_given_up(arena):
    """A process that says its cells are done, and then nothing, is not asked for every exercise again."""
    silent = PIPE + "import time\nos.write(pipe(), frame({'done': 'ok', 'error': None}))\ntime.sleep(600)\n"
    arena.attack(RIGHT, silent, worth=arena.without(*arena.full), **QUICK)


def test_snapshot_that_answers_no_copy_is_given_up(arena):
    """A snapshot that does not let itself be copied for the judging is not asked again for every call."""
    hang = """
    import os, time
    main, fork = os.getpid(), os.fork
    os.fork = lambda: fork() if os.getpid() == main else time.sleep(600)
    """
    limits = {**QUICK, "cell_seconds": 0.5}
    arena.attack(hang, RIGHT, worth=RIGHT, **limits)  # no copy is needed
    wrong = "def sigmoid(z):\n    raise ValueError"
    arena.attack(hang, RIGHT, wrong, worth=arena.without(*arena.full), **limits)


def test_argument_that_nobody_reads_is_given_up(arena):
    """A copy that stops reading its pipe is stopped like one that stops writing."""
    deaf = "import os, signal\ndef cost(w, b, X, y):\n    os.kill(os.getpid(), signal.SIGSTOP)\n"
    arena.attack(RIGHT, deaf, worth=arena.without("cost"), **QUICK)


@pytest.mark.parametrize(
    "value",
    cases(
        "np.zeros(10**13)",
        "np.zeros(3_000_000)",
        "np.broadcast_to(0.0, (10**6, 10**6))",
        "np.zeros((0, 10**15))",
        "[0.0] * 2_000_000",
        "'x' * (64 << 20)",
        "10**100_000",
        "-(1 << 400_000)",
        "loop",
        "deep",
        "wide",
        "{i: i for i in range(100_000)}",
        "range(10**18)",
        "iter(int, 1)",
        quick=3,
    ),
)
def test_huge_answer_is_refused_cheaply(arena, value):
    """Huge arrays, numbers, texts and nests, or those that contain themselves, are no answers and cost little."""
    huge = f"""
    import numpy as np
    loop = []
    loop.append(loop)
    deep = 0.0
    for _ in range(100_000):
        deep = [deep]
    wide = [0.0] * 10
    for _ in range(17):
        wide = [wide] * 10

    def cost(w, b, X, y):
        return {value}
    """
    arena.attack(RIGHT, huge, worth=arena.without("cost"), **QUICK)


def test_keys_that_collide_do_not_keep_the_judge_comparing(arena):
    """A dict whose keys all have one hash is refused before it is built."""
    forge = (
        PIPE
        + """
pairs = [[["i", str(i * (2**61 - 1))], ["n", None]] for i in range(60_000)]
answer = frame({"answers": [{"value": ["d", pairs], "arguments": ["n", None]}]})

def cost(w, b, X, y):
    left = memoryview(answer)
    while left:
        left = left[os.write(pipe(), left):]
    os._exit(0)
"""
    )
    arena.attack(RIGHT, forge, worth=arena.without("cost"))


def test_strings_among_numbers_take_no_memory_outside(arena):
    """One long text among many short ones, which an array would give as much room each, makes no array."""
    Path("/proc/self/clear_refs").write_text("5")  # forget the highest memory so far
    before = peak()
    texts = "def cost(w, b, X, y):\n    return ['a' * 20_000] + ['b'] * 20_000\n"
    arena.attack(RIGHT, texts, worth=arena.without("cost"))
    assert peak() - before < 300 * MIB


def peak() -> int:
    """Return the most memory that this process has had, in bytes."""
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024
