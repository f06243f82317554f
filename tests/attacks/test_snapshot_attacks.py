"""Attacks from one copy of a student process on others, on the process that guards them, and on what they share."""

import pytest
from arena import QUICK, RIGHT, SYSTEM_CALLS, WRONG_COST, both_walls, cases, outputs_of, printed

from autograder.assignments.neuron.reference import EXERCISES
from autograder.judge.judge import DEFAULT_SEED


@pytest.mark.parametrize("number", cases(9, 19, 11, quick=1))
def test_signal_from_one_copy_to_the_others_costs_only_the_attacker(arena, number):
    """A copy that kills or stops its siblings takes its own exercises away, and no mark is made of it."""
    attack = f"""
    import os

    def sigmoid(z):
        for pid in range(2, 200):
            try:
                if pid != os.getpid():
                    os.kill(pid, {number})
            except OSError:
                pass
        return 1 / (1 + np.exp(-z))
    """
    judgement = arena.judge(RIGHT, attack, **QUICK)
    assert judgement.outcome == "graded"
    assert all((result.points or 0.0) <= arena.full[result.exercise] for result in judgement.exercises)
    arena.look()


@pytest.mark.parametrize("limit", cases("AS", "NOFILE", "NPROC", "CPU", "FSIZE", quick=1))
def test_limits_set_on_the_first_process_reach_nobody_else(arena, limit):
    """Limits taken from the guard and from siblings, as one user may, end with the submission."""
    attack = f"""
    import os, resource
    for pid in (*range(1, 60), os.getpid()):
        try:
            resource.prlimit(pid, resource.RLIMIT_{limit}, (1, 1))
        except (OSError, ValueError):
            pass
    """
    judgement = arena.judge(RIGHT, attack, **QUICK)
    assert judgement.outcome == "graded"
    arena.look()


@both_walls
def test_stopped_guard_is_killed_with_its_submission(arena):
    """Where the guard can be stopped, what it should have killed is killed all the same, in time."""
    attack = """
    import os, signal
    for pid in (1, 2, os.getppid()):
        try:
            os.kill(pid, signal.SIGSTOP)
        except OSError:
            pass
    while True:
        pass
    """
    judgement = arena.judge(RIGHT, attack, **QUICK)
    assert judgement.outcome == "graded"
    arena.look()


@both_walls
def test_copy_that_goes_on_alone_ends_with_its_submission(arena):
    """A copy that forks, lets its parent answer and goes on computing is gone before the next student."""
    attack = """
    import os, time

    def cost(w, b, X, y):
        if os.fork() == 0:
            os.setsid()
            while True:
                try:
                    time.sleep(600)
                except BaseException:
                    pass
        return 0.0
    """
    # Each call leaves a process, and those of the user who runs the tests count as well behind the single wall.
    judgement = arena.judge(RIGHT, attack, **QUICK, processes=64)
    assert judgement.exercises[1].points == arena.honest_marks(WRONG_COST)["cost"]
    arena.look()


def test_inputs_kept_in_one_copy_are_of_no_use_in_another(arena):
    """What one copy learns and the others read, through memory that they share or files, is in no output."""
    keep = """
    import mmap, os
    shared = mmap.mmap(-1, 1 << 20)

    def cost(w, b, X, y):
        shared.seek(0)
        shared.write(repr((w.tolist(), b, X.tolist())).encode())
        return 0.0

    def dC_dw(w, b, X, y):
        shared.seek(0)
        print("KEPT", shared.read(2000))
        display(shared)
        return np.zeros(len(w))
    """
    judgement = arena.judge(RIGHT, keep)
    _, _, X, _ = EXERCISES["cost"].draw("workhorse", DEFAULT_SEED)
    assert not [number for number in X.ravel() if repr(float(number)) in outputs_of(judgement)]
    assert "KEPT" not in outputs_of(judgement)
    assert judgement.exercises[1].points == arena.honest_marks(WRONG_COST)["cost"]
    arena.look()


def test_notes_on_the_terminals_folder_are_not_found(arena):
    """The folder of terminals is of whoever built the wall: nobody inside changes its modes, times or marks."""
    leave = """
    import os
    done = []
    for path in ("/dev/pts", "/dev/pts/ptmx", "/dev", "/dev/null"):
        for change in (lambda: os.chmod(path, 0o700), lambda: os.utime(path, (57, 57)),
                       lambda: os.setxattr(path, "user.note", b"note")):
            try:
                change()
                done.append(path)
            except OSError:
                pass
    print(done)
    """
    find = """
    import os
    print([(oct(os.stat(path).st_mode), os.stat(path).st_mtime == 57) for path in ("/dev/pts", "/dev/pts/ptmx")])
    main, other = (0, 0) if landlock else os.openpty()
    landlock or os.write(main, b"terminals work")
    """
    which = f"landlock = {arena.mode == 'landlock'}"  # where there are no terminals
    before = printed(arena.judge(which, find, RIGHT))
    changed = printed(arena.attack(leave, RIGHT, worth=RIGHT))
    assert printed(arena.attack(which, find, RIGHT, worth=RIGHT)) == before
    assert "True" not in before
    assert arena.mode != "nested" or changed == "[]\n"  # behind the others some only seem to change


def test_local_sockets_get_no_name_to_be_found_by(arena):
    """The pairs of sockets that asyncio needs can be neither named nor connected to something else."""
    attempt = """
    import socket
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    for attempt in (lambda: socket.socketpair(type=socket.SOCK_DGRAM), lambda: one.bind("\\0note"),
                    lambda: one.bind("/scratch/note"), lambda: other.connect("\\0note"), lambda: other.listen(),
                    lambda: other.accept()):
        try:
            print("DONE", attempt())
        except OSError as error:
            print("refused", error.errno)
    """
    assert printed(arena.attack(attempt, RIGHT, worth=RIGHT)) == "refused 1\n" * 6


def test_dying_last_cannot_be_had(arena):
    """Nobody inside can make the kernel choose another process when memory runs out."""
    attempt = """
    for path in ("/proc/self/oom_score_adj", "/proc/1/oom_score_adj", "/proc/self/oom_adj", "/proc/self/mem"):
        try:
            open(path, "w").write("-1000")
            print("DONE", path)
        except OSError as error:
            print("refused", error.errno)
    """
    said = printed(arena.attack(attempt, RIGHT, worth=RIGHT)).splitlines()
    assert set(said) <= {"refused 2", f"refused {arena.out_of_reach}"}
    assert len(said) == 4


def test_memory_in_pipes_and_sockets_ends_with_the_submission(arena):
    """What a submission stores in pipes, pairs of sockets and terminals is bounded by its descriptors, and freed."""
    store = """
    import fcntl, os, socket
    stored, held = 0, []
    try:
        while True:
            read, write = os.pipe2(os.O_NONBLOCK)
            one, other = socket.socketpair()
            one.setblocking(False)
            held += [read, write, one, other, *([] if landlock else os.openpty())]
            fcntl.fcntl(write, 1031, 1 << 20)  # F_SETPIPE_SZ
            for send in (lambda data: os.write(write, data), one.send):
                try:
                    while True:
                        stored += send(bytes(1 << 16))
                except BlockingIOError:
                    pass
    except OSError as error:
        print(stored > 0, error.errno)
    del one, other, held[:]
    os.closerange(20, 128)
    """
    which = f"landlock = {arena.mode == 'landlock'}"  # where there are no terminals
    assert printed(arena.attack(which, store, RIGHT, worth=RIGHT)).startswith("True")


@pytest.mark.parametrize("which", cases("ITIMER_REAL", "ITIMER_VIRTUAL", "ITIMER_PROF", quick=1))
def test_timer_set_in_a_cell_kills_no_copy_but_by_its_own_signal(arena, which):
    """A timer is not inherited by copies; one set in a call ends that copy and costs that exercise."""
    attack = f"""
    import signal
    signal.signal(signal.SIGALRM, signal.SIG_DFL)

    def cost(w, b, X, y):
        signal.setitimer(signal.{which}, 0.001, 0.001)
        while True:
            pass
    """
    arena.attack(RIGHT, attack, worth=arena.without("cost"), **QUICK)


def test_locks_on_shared_libraries_end_with_the_submission(arena):
    """A lock on a file that every process can read keeps nobody from running, and is gone with its owner."""
    lock = """
    import fcntl, numpy, os, sys
    held = []
    for path in (numpy.__file__, sys.executable, os.__file__, "/dev/null"):
        held.append(open(path, "rb"))
        fcntl.flock(held[-1], fcntl.LOCK_EX)
    print(len(held))
    """
    assert printed(arena.attack(lock, RIGHT, worth=RIGHT)) == "4\n"
    assert printed(arena.attack(lock, RIGHT, worth=RIGHT)) == "4\n"


def test_system_calls_made_in_a_copy_are_as_refused_as_in_a_cell(arena):
    """The filter holds in judged calls too, when nobody looks at outputs any more."""
    attempt = (
        SYSTEM_CALLS
        + """
def cost(w, b, X, y):
    tries = [syscall(101, 16, 1, 0, 0), syscall(272, 0x10000000), syscall(41, 1, 1, 0), syscall(319, b"x", 0)]
    raise ValueError(tries)
"""
    )
    judgement = arena.attack(RIGHT, attempt, worth=arena.without("cost"))
    assert "['EPERM', 'EPERM', 'EPERM', 'EPERM']" in "".join(c.message for c in judgement.exercises[1].criteria)


@both_walls
def test_copy_that_comes_back_answers_nothing(arena):
    """Where a cell or a function forks, and both return, the one that was asked answers; it loses nothing by that."""
    fork = "import os; copy = os.fork(); copy and os.waitpid(copy, 0)\n"
    right = RIGHT.replace("def cost(w, b, X, y):\n", f"def cost(w, b, X, y):\n    {fork}", 1)
    assert right != RIGHT
    arena.attack(fork, right, worth=RIGHT)
