"""Attacks that stay: processes that outlive their submission, and signals to those that do not belong to it."""

import pytest
from arena import PIPE, QUICK, RIGHT, SYSTEM_CALLS, WRONG_COST, both_walls, cases, outputs_of, printed


@both_walls
def test_double_forked_daemon_ends_with_its_submission(arena):
    """A daemon in a session of its own, without a parent, is gone when the submission is."""
    daemon = """
    import os, signal, time
    if os.fork() == 0:
        os.setsid()
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        if os.fork() == 0:
            os.closerange(0, 128)
            time.sleep(600)
        os._exit(0)
    os.wait()
    print("started")
    """
    assert "started" in printed(arena.attack(daemon, RIGHT, worth=RIGHT))


def test_daemon_started_by_a_judged_call_ends_with_its_submission(arena):
    """What a copy of the process starts ends as well."""
    daemon = """
    import os, time

    def cost(w, b, X, y):
        if not os.path.exists("/scratch/started") and os.fork() == 0:
            os.setsid()
            time.sleep(600)
        open("/scratch/started", "w").close()
        return 0.0
    """
    arena.attack(RIGHT, daemon, worth=WRONG_COST)


def test_program_started_in_the_background_ends_with_its_submission(arena):
    """Programs started by the shell, with nohup and in the background, are gone as well."""
    start = """
    import os
    os.system("nohup setsid sleep 600 >/dev/null 2>&1 &")
    os.posix_spawn("/usr/bin/sleep", ["sleep", "600"], {})
    print("started")
    """
    assert "started" in printed(arena.attack(start, RIGHT, worth=RIGHT))


def test_threads_end_with_their_submission(arena):
    """Threads that never end, and are no daemons, keep nothing alive."""
    threads = """
    import threading, time
    for _ in range(3):
        threading.Thread(target=time.sleep, args=(600,)).start()
    print("started", threading.active_count())
    """
    assert "started 4" in printed(arena.attack(threads, RIGHT, worth=RIGHT))


def test_stopped_process_ends_with_its_submission(arena):
    """A child that has been stopped is killed all the same."""
    stop = """
    import os, signal, time
    pid = os.fork()
    if pid == 0:
        os.kill(os.getpid(), signal.SIGSTOP)
        os._exit(0)
    os.waitpid(pid, os.WUNTRACED)
    print("stopped")
    """
    assert "stopped" in printed(arena.attack(stop, RIGHT, worth=RIGHT))


def test_exit_handlers_and_finalizers_reach_no_output(arena):
    """Code that runs when a process ends comes too late for outputs and marks."""
    late = """
    import atexit, os, signal, sys, threading, weakref

    class Last:
        def __del__(self):
            print("LATE del")

    sys.last = Last()
    atexit.register(print, "LATE atexit")
    weakref.finalize(sys.last, print, "LATE finalize")
    threading._register_atexit(print, "LATE thread")
    sys.excepthook = lambda *arguments: print("LATE hook")
    for number in range(1, 65):
        try:
            signal.signal(number, lambda *arguments: print("LATE signal"))
        except (OSError, ValueError):
            pass
    """
    assert "LATE" not in outputs_of(arena.attack(late, WRONG_COST, worth=WRONG_COST))


@both_walls
def test_daemon_that_keeps_writing_changes_no_sealed_output(arena):
    """After the last cell, outputs are sealed: a child that goes on writing into the pipe writes to nobody."""
    writer = (
        PIPE
        + """
import time
if os.fork() == 0:
    os.setsid()
    text = {"output_type": "stream", "name": "stdout", "text": "SPAM"}
    while True:
        time.sleep(0.01)
        if os.path.exists("/scratch/judged"):
            os.write(pipe(), frame({"output": text}))
"""
    )
    cost = """
    def cost(w, b, X, y):
        if not os.path.exists("/scratch/judged"):
            open("/scratch/judged", "w").close()
            time.sleep(0.5)
        return 0.0
    """
    assert "SPAM" not in outputs_of(arena.attack(writer, RIGHT, cost, worth=WRONG_COST))


@both_walls
@pytest.mark.parametrize("name", cases("SIGINT", "SIGSTOP", "SIGKILL", "SIGTERM", "SIGHUP", quick=2))
def test_signal_to_the_whole_group_reaches_only_the_attacker(arena, name):
    """A signal to the process group stops neither the zygote nor the reaper: the next student is judged as ever."""
    attack = f"""
    import os, signal, time
    main = os.getpid()
    if os.fork() == 0:
        os.setsid()
        time.sleep(0.3)
        os.kill(main, signal.SIGCONT)
        os._exit(0)
    time.sleep(0.1)
    os.kill(0, signal.{name})
    time.sleep(0.4)
    """
    judgement = arena.attack(RIGHT, attack, worth=RIGHT, **QUICK)
    # An interrupt ends a cell alone, as long as who watches its process has not ended by it.
    assert name != "SIGINT" or judgement.notes == ()


@both_walls
@pytest.mark.parametrize("number", cases(9, 2, 15, 19, 20, 28, 34, quick=1))
def test_signal_to_every_process_reaches_only_the_attacker(arena, number):
    """A signal to all processes there are, and to the first ones by number, ends nobody else's."""
    attack = f"""
    import os, signal
    signal.signal({number}, signal.SIG_IGN) if {number} not in (9, 19) else None
    for pid in (1, -1, *range(2, 60)):
        try:
            if pid != os.getpid():
                os.kill(pid, {number})
        except OSError:
            pass
    """
    judgement = arena.judge(RIGHT, attack, **QUICK)
    assert judgement.outcome == "graded"
    assert all(points is not None for points in (result.points for result in judgement.exercises))
    arena.look()


def test_signal_during_the_judging_of_a_call_reaches_only_the_attacker(arena):
    """A call that kills all it can kill has given no answer; the exercises after it had their own copies."""
    attack = """
    import os, signal

    def cost(w, b, X, y):
        os.kill(-1, signal.SIGKILL)
        os.kill(0, signal.SIGKILL)
    """
    judgement = arena.judge(RIGHT, attack, **QUICK)
    assert judgement.exercises[1].points == 0.0
    assert judgement.exercises[0].points == arena.full["sigmoid"]
    arena.look()


def test_priorities_of_others_stay_what_they_were(arena):
    """Neither the group's nor the user's priority can be lowered for those who come next."""
    attack = (
        SYSTEM_CALLS
        + """
for which in (1, 2):
    call("setpriority", which, 0, 19)
    syscall(251, which + 1, 0, 3 << 13)  # ioprio_set, idle
for policy in (3, 5):
    syscall(144, 1, policy, ctypes.byref(ctypes.c_int(0)))  # sched_setscheduler of the first process
call("sched_setaffinity", 1, 8, ctypes.byref(ctypes.c_ulong(1)))
"""
    )
    arena.attack(attack, RIGHT, worth=RIGHT)  # the honest student prints priority and processors


def test_subreaper_that_adopts_orphans_ends_with_its_submission(arena):
    """A process that makes itself the parent of orphans, and of orphans of orphans, does not outlive the first."""
    adopt = (
        SYSTEM_CALLS
        + """
import time
call("prctl", 36, 1, 0, 0, 0)
for _ in range(3):
    if os.fork() == 0:
        call("prctl", 36, 1, 0, 0, 0)
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
"""
    )
    arena.attack(adopt, RIGHT, worth=RIGHT)
