"""Attacks by two: what one submission, process or copy knows, another would like to."""

import sys
from pathlib import Path

from arena import PIPE, RIGHT, WRONG_COST, both_walls, outputs_of, printed

from autograder.assignments.neuron.reference import EXERCISES
from autograder.judge.judge import DEFAULT_SEED

ROOT = Path(__file__).parent.parent.parent


def hidden_numbers() -> list[str]:
    """Return hidden inputs as an attacker would print them."""
    w, b, X, _ = EXERCISES["cost"].draw("workhorse", DEFAULT_SEED)
    return [repr(float(number)) for number in [*w, b, *X.ravel()]]


@both_walls
def test_notes_left_by_an_accomplice_are_not_found(arena):
    """What one submission leaves in files, names, shared memory or standard error is not there for the next."""
    leave = """
    import os, sys
    os.makedirs("/scratch/note", exist_ok=True)
    open("/scratch/.note", "w").write("the note")
    for number in range(3):
        try:
            os.write(number, b"the note")
        except OSError:
            pass
    sys.note = "the note"
    """
    find = """
    import os, sys
    print(sorted(os.listdir("/scratch")), hasattr(sys, "note"))
    for number in range(3):
        try:
            print(os.pread(number, 100, 0))
        except OSError:
            print(b"")
    """
    arena.attack(leave, RIGHT, worth=RIGHT)
    assert "note" not in printed(arena.attack(find, RIGHT, worth=RIGHT))


def test_hidden_inputs_kept_for_an_accomplice_are_not_found(arena):
    """An attacker writes the judge's inputs wherever it can, and the next submission cannot print them."""
    keep = """
    import os

    def cost(w, b, X, y):
        text = repr((w.tolist(), b, X.tolist())).encode()
        for number in range(128):
            try:
                os.write(number, text) if number < 3 else None
            except OSError:
                pass
        open("/scratch/kept", "ab").write(text)
        return 0.0
    """
    show = """
    import glob, os
    for number in range(3):
        try:
            print(os.pread(number, 1 << 20, 0))
        except OSError:
            pass
    for path in glob.glob("/scratch/*"):
        print(open(path, "rb").read())
    """
    arena.attack(RIGHT, keep, worth=WRONG_COST)
    judgement = arena.attack(show, RIGHT, worth=RIGHT)
    assert not any(number in outputs_of(judgement) for number in hidden_numbers())


def test_hidden_inputs_reach_no_output_of_the_same_submission(arena):
    """Inputs kept in files and printed later, by a daemon, a copy or an exit handler, are printed nowhere."""
    keep = (
        PIPE
        + """
import atexit, time

def show():
    if os.path.exists("/scratch/kept"):
        text = open("/scratch/kept").read()
        print("SHOWN", text, flush=True)
        os.write(pipe(), frame({"output": {"output_type": "stream", "name": "stdout", "text": "SHOWN " + text}}))

atexit.register(show)
if os.fork() == 0:
    for _ in range(100):
        time.sleep(0.02)
        try:
            show()
        except OSError:
            pass
    os._exit(0)
"""
    )
    cost = """
    def cost(w, b, X, y):
        open("/scratch/kept", "w").write(repr((w.tolist(), b, X.tolist())))
        time.sleep(0.05)
        show()
        return 0.0
    """
    judgement = arena.attack(keep, RIGHT, cost, worth=arena.without("cost"))
    assert "SHOWN" not in outputs_of(judgement)
    assert not any(number in outputs_of(judgement) for number in hidden_numbers())


def test_seed_of_the_inputs_is_not_in_the_process(arena):
    """The seed cannot be found among the arguments of the process, the last two of which are descriptors."""
    judgement = arena.attack("import sys\nprint(sys.argv[:-2], sys.orig_argv[:-2])", RIGHT, worth=RIGHT)
    assert str(DEFAULT_SEED) not in printed(judgement).replace(sys.executable, "").replace(str(ROOT), "")


def test_answer_of_another_exercise_s_snapshot_is_no_help(arena):
    """Copies of one submission may talk through its scratch folder; what they tell each other is still only theirs."""
    talk = """
    import glob, os

    def cost(w, b, X, y):
        told = [open(path).read() for path in glob.glob("/scratch/told-*")]
        open(f"/scratch/told-{os.getpid()}", "w").write(repr((w, b, X, y)))
        return float(len(told)) * 0.0
    """
    arena.attack(RIGHT, talk, worth=WRONG_COST)
