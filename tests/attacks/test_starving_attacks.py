"""Attacks that starve: each limit of `autograder/sandbox/limits.py` holds, and costs nobody else anything."""

import os

import pytest
from arena import QUICK, RIGHT, SYSTEM_CALLS, both_walls, cases, messages_of, outputs_of, printed


def is_counted_by_us(arena):
    """Say whether a supervisor counts processes: behind Landlock the kernel counts all of an ordinary user together."""
    return arena.mode == "landlock" and os.getuid() != 0


def test_endless_cell_hits_the_cell_limit(arena):
    """A loop is interrupted, and only its own cell is lost."""
    judgement = arena.attack(RIGHT, "while True:\n    pass", worth=RIGHT, **QUICK)
    assert f"stopped after {QUICK['cell_seconds']:g} s" in outputs_of(judgement)


def test_endless_call_hits_the_call_limit(arena):
    """A loop in a judged call costs that exercise, and the rest of it is not waited for."""
    endless = "def cost(w, b, X, y):\n    while True:\n        pass\n"
    judgement = arena.attack(RIGHT, endless, worth=arena.without("cost"), **QUICK)
    assert f"no answer within {QUICK['call_seconds']:g} s" in messages_of(judgement)


def test_cell_that_ignores_interrupts_is_killed_and_the_others_run_again(arena):
    """A loop that SIGINT does not end is killed; the other cells are run again without it."""
    deaf = """
    import signal
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
    """
    judgement = arena.attack(RIGHT, deaf, worth=RIGHT, **QUICK)
    assert judgement.notes == ("the cell In [2] ended its process; the other cells were run again without it",)


def test_computation_without_interrupts_is_killed(arena):
    """One long step in C, which looks at no signals, is killed, in a cell and in a call."""
    call = "def cost(w, b, X, y):\n    pow(3, 10**8)\n"
    arena.attack(RIGHT, "pow(3, 10**8)", call, worth=arena.without("cost"), **QUICK)


def test_sleeping_cells_hit_the_submission_s_limit(arena):
    """A hundred sleeping cells take no more time than a submission has; what was right stays right."""
    sleepers = ["import time\ntime.sleep(600)"] * 100
    judgement = arena.attack(RIGHT, *sleepers, worth=RIGHT, **{**QUICK, "submission_seconds": 2.5})
    assert "were used up by the cells above" in outputs_of(judgement)


def test_sleeping_calls_hit_the_exercise_s_limit(arena):
    """Calls that each take a little less than their limit take no more together than an exercise has."""
    slow = "import time\ndef cost(w, b, X, y):\n    time.sleep(0.3)\n    return 0.0\n"
    judgement = arena.judge(RIGHT, slow, call_seconds=5.0, exercise_seconds=0.5)
    assert "no answer within 0.5 s and was stopped" in messages_of(judgement)
    arena.look()


def test_memory_of_a_cell_is_limited(arena):
    """A cell that asks for more than its address space gets a MemoryError."""
    size = arena.assignment.limits.address_space
    judgement = arena.attack(RIGHT, f"taken = bytearray({size})", worth=RIGHT)
    assert "MemoryError" in outputs_of(judgement)


def test_memory_of_a_call_is_limited(arena):
    """A judged call that asks for too much has raised a MemoryError."""
    size = arena.assignment.limits.address_space
    greedy = f"def cost(w, b, X, y):\n    return bytearray({size})\n"
    assert "raised MemoryError" in messages_of(arena.attack(RIGHT, greedy, worth=arena.without("cost")))


@both_walls
def test_memory_that_no_process_counts_is_refused(arena):
    """Files in memory, shared segments, message queues, locked pages, pages in pipes and asynchronous requests."""
    attempt = (
        SYSTEM_CALLS
        + """
print(syscall(319, b"x", 0), syscall(447, 0), syscall(29, 0, 4096, 0o1600), syscall(240, b"/q", 0o102, 0o600, 0))
print(syscall(64, 0, 1, 0o1600), syscall(68, 0, 0o1600), syscall(149, 0, 4096), syscall(151, 1))
read, write = os.pipe()
page = ctypes.create_string_buffer(4096)
print(syscall(278, write, (ctypes.c_void_p * 2)(ctypes.addressof(page), 4096), 1, 0))  # vmsplice
print(syscall(206, 10, ctypes.byref(ctypes.c_ulong(0))))  # io_setup
"""
    )
    expected = "EPERM EPERM EPERM EPERM\nEPERM EPERM EPERM EPERM\nEPERM\nEPERM\n"
    assert printed(arena.attack(attempt, RIGHT, worth=RIGHT)) == expected


@both_walls
def test_fork_bomb_hits_the_process_limit(arena):
    """No more processes than the limit come to be, and the attacker has none left for its own snapshots."""
    bomb = """
    import os, time
    children = 0
    try:
        while True:
            if os.fork() == 0:
                time.sleep(600)
                os._exit(0)
            children += 1
    except OSError as error:
        print(children, error.errno)
    """
    if is_counted_by_us(arena):  # who has too many is ended, and all is run again without that cell
        judgement = arena.attack(RIGHT, bomb, worth=RIGHT, **QUICK)
        assert "processes and threads" in outputs_of(judgement)
        return
    judgement = arena.attack(RIGHT, bomb, worth=arena.without(*arena.full), **QUICK)
    children, error = map(int, printed(judgement).split())
    assert (0 < children < arena.assignment.limits.processes, error) == (True, 11)


def test_exponential_fork_bomb_ends_with_its_submission(arena):
    """Children that fork children, all of which write into the pipe, end as everything does."""
    bomb = "import os\nfor _ in range(30):\n    try:\n        os.fork()\n    except OSError:\n        pass\n"
    judgement = arena.judge(RIGHT, bomb, **QUICK)
    assert judgement.outcome == "graded"
    arena.look()


def test_thread_bomb_hits_the_process_limit(arena):
    """Threads count as processes do."""
    bomb = """
    import threading, time
    started = 0
    try:
        while True:
            threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
            started += 1
    except RuntimeError:
        print(started)
    """
    judgement = arena.judge(RIGHT, bomb, **QUICK)  # how many snapshots still fit is up to the moment
    arena.look()
    if is_counted_by_us(arena) and "processes and threads" in outputs_of(judgement):
        return  # where it had not come to the end of its memory before
    assert 0 < int(printed(judgement)) < arena.assignment.limits.processes
    arena.look()


@both_walls
def test_full_disk_is_the_attacker_s_own(arena):
    """The scratch folder takes what its limit says, and is empty again for the next student."""
    fill = """
    import os
    written = 0
    try:
        for number in range(1000):
            with open(f"/scratch/{number}", "wb", buffering=0) as file:
                for _ in range(10):
                    written += file.write(b"x" * (1 << 20))
    except OSError as error:
        print(written, error.errno)
    """
    judgement = arena.attack(fill, RIGHT, worth=RIGHT)
    if arena.mode == "landlock":  # there the disk is watched, and who has too much on it is ended
        assert "its files have more than" in outputs_of(judgement)
        return
    written, error = map(int, printed(judgement).split())
    assert (written <= arena.assignment.limits.scratch_bytes, error) == (True, 28)


def test_large_file_hits_the_file_limit(arena):
    """One file grows no larger than its limit."""
    grow = """
    import os
    size = 0
    try:
        with open("/scratch/large", "wb", buffering=0) as file:
            while True:
                size += file.write(b"x" * (1 << 20))
    except OSError as error:
        print(size, error.errno)
    """
    size, error = map(int, printed(arena.attack(grow, RIGHT, worth=RIGHT)).split())
    assert (size, error) == (arena.assignment.limits.file_bytes, 27)


def test_many_files_hit_the_inode_limit(arena):
    """Files of no size are limited in number; bubblewrap alone cannot do that (see docs/security.md)."""
    if arena.mode == "single":
        pytest.skip("bubblewrap's tmpfs has no limit on the number of files")
    create = """
    count = 0
    try:
        while count < 10_000:
            open(f"/scratch/{count}", "w").close()
            count += 1
    except OSError as error:
        print(count, error.errno)
    """
    judgement = arena.attack(create, RIGHT, worth=RIGHT)
    if arena.mode == "landlock":
        assert any(said in outputs_of(judgement) for said in ("it has more than 4096 files", "stopped after"))
        return
    count, error = map(int, printed(judgement).split())
    assert (count < 4096, error) == (True, 28)


def test_open_files_hit_the_descriptor_limit(arena):
    """No more descriptors than the limit can be open; the pipe has its own already."""
    hoard = """
    import os
    held = []
    try:
        while True:
            held.append(os.open("/dev/null", os.O_RDONLY))
    except OSError as error:
        print(len(held), error.errno)
    for number in held:
        os.close(number)
    """
    held, error = map(int, printed(arena.attack(hoard, RIGHT, worth=RIGHT)).split())
    assert (held < arena.assignment.limits.descriptors, error) == (True, 24)


def test_hoarded_descriptors_cost_the_attacker_its_snapshots(arena):
    """A process that has no descriptor left for a snapshot's socket gets none; nobody waits for it for long."""
    hoard = "import os\nheld = []\nwhile True:\n    held.append(os.open('/dev/null', os.O_RDONLY))\n"
    arena.attack(RIGHT, hoard, worth=arena.without(*arena.full), **QUICK)


def test_limits_cannot_be_raised(arena):
    """The limits are hard: a process cannot give itself more."""
    attempt = """
    import resource
    for name in ("AS", "NPROC", "CPU", "FSIZE", "NOFILE", "CORE"):
        number = getattr(resource, "RLIMIT_" + name)
        try:
            resource.setrlimit(number, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            print("RAISED", name)
        except ValueError:
            print("refused")
    """
    assert printed(arena.attack(attempt, RIGHT, worth=RIGHT)) == "refused\n" * 6


@pytest.mark.parametrize(
    "end",
    cases(
        "os._exit(0)",
        "os.abort()",
        "os.kill(os.getpid(), 9)",
        "ctypes.string_at(0)",
        "os.execv('/usr/bin/true', ['true'])",
        "sys.setrecursionlimit(10**9); f = lambda: f(); f()",
        "[os.close(n) for n in range(3, 128) if n != 999 and not closed(n)]",
        quick=2,
    ),
)
def test_cell_that_ends_its_process_costs_that_cell(arena, end):
    """Whatever way a cell ends its process, the others are run again without it."""
    prepare = """
    import ctypes, os, sys

    def closed(number):
        try:
            os.close(number)
        except OSError:
            pass
        return True
    """
    judgement = arena.attack(RIGHT, prepare + "\n" + f"    {end}\n", worth=RIGHT, **QUICK)
    assert judgement.notes == ("the cell In [2] ended its process; the other cells were run again without it",)


def test_call_that_ends_its_process_costs_that_exercise(arena):
    """A judged call that ends its copy has given no answer."""
    arena.attack(RIGHT, "import os\ndef cost(*a):\n    os._exit(0)\n", worth=arena.without("cost"))


def test_cells_that_end_their_process_are_replayed_at_most_twice(arena):
    """The third cell that ends its process is the last: nothing is run again for it."""
    judgement = arena.attack(*["import os\nos._exit(1)"] * 10, RIGHT, worth=arena.without(*arena.full))
    assert len(judgement.notes) == 2


def test_processor_time_of_daemons_ends_with_the_submission(arena):
    """Children that spin on every core while their parent is judged are gone when the next student is."""
    spin = """
    import os
    for _ in range(4):
        if os.fork() == 0:
            os.setsid()
            while True:
                pass
    """
    arena.attack(spin, RIGHT, worth=RIGHT)


def test_processor_time_of_one_process_hits_its_limit(arena):
    """A process is killed by the kernel at its processor seconds, whatever it does with signals."""
    spin = """
    import signal
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    while True:
        pass
    """
    judgement = arena.attack(RIGHT, spin, worth=RIGHT, process_cpu_seconds=1, cell_seconds=20.0)
    assert "signal 9" in outputs_of(judgement)


def test_worker_s_memory_is_what_the_limits_promise(arena):
    """The limits' own arithmetic: all processes at their largest, and the scratch folder, fit a worker's memory."""
    limits = arena.assignment.limits
    assert limits.processes * limits.address_space + limits.scratch_bytes < limits.worker_memory
