"""Attacks on the right functions that stand in for wrong ones: they answer questions that student code makes up.

Most are made in a student's process in which such a function stands; what the attacker learns there is its answer.
"""

import contextlib
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from arena import PIPE, Arena, cases, solution

from autograder.judge.running.stand_ins import Answering, ReferenceProcess, StandIns
from autograder.sandbox import session as sessions
from autograder.sandbox.answers import Answer, Returned, TimedOut
from autograder.sandbox.limits import MIB, Limits
from autograder.sandbox.session import Session, Setup
from autograder.sandbox.snapshot import Snapshot

LIMITS = Limits(call_seconds=2.0, message_bytes=MIB)
SECRET = "the_reference_is_written_like_this"
PART = ("reference_is", "_written")  # by which it is looked for; in two, so that the question itself is not found
REFERENCE = f"""
import os, time

def hidden(x):
    {SECRET} = 2 * x
    return {SECRET}

def right(x):
    if x == "slow":
        time.sleep(60)
    return descriptors() if x == "descriptors" else hidden(x)

def descriptors():
    found = 0
    for number in range(128):
        try:
            os.fstat(number)
            found += 1
        except OSError:
            pass
    return found
"""

# What each attacker has. `asking` returns the pipe behind the name, `question` what is written to it.
TOOLS = (
    PIPE
    + """
import gc, pickle, socket, sys, threading, time
from functools import reduce
import numpy as np

def right(x):
    return None

def asking(function=None):
    held = [cell.cell_contents for cell in (function or right).__closure__]
    return next(one for one in held if hasattr(one, "_wire"))._wire._socket

def question(name="right", value=["i", "2"]):
    return frame({"ask": name, "given": ["l", [["l", [value]], ["d", []]]]})
"""
)

Begin = Callable[[], tuple[Snapshot, Answering]]


@contextlib.contextmanager
def trials(arena: Arena, attack: str) -> Iterator[tuple[Begin, Session]]:
    """Yield what begins a trial, in a new process of the attacker's, and the process of the right function."""
    with Session(arena.sandbox, LIMITS, Setup()) as student, Session(arena.sandbox, LIMITS, Setup()) as reference:
        for session in (student, reference):
            session.prepare()
        ran = student.run_cell(1, TOOLS + textwrap.dedent(attack), 10)
        assert ran.status == "ok", ran
        first = student.snapshot()
        student.seal()
        stand_ins = StandIns(("right",), ReferenceProcess(lambda: reference, REFERENCE))

        def begin() -> tuple[Snapshot, Answering]:
            process = first.snapshot()
            return process, stand_ins.put_into(process)

        yield begin, reference


def answers_to(arena: Arena, attack: str, *calls: tuple[object, ...]) -> list[Answer]:
    """Return what the attacker's function `f` answers, each call in a trial of its own.

    Whatever it does, the process that is asked is there, and answers in the next trial.
    """
    answers = []
    with trials(arena, attack) as (begin, reference):
        for arguments in calls:
            process, answering = begin()
            answers.append(process.call("f", arguments))
            assert not answering.has_failed(), f"{arguments} would be held for a human"
            process.close()
            answering.close()
            assert not reference.closed, f"{arguments} would keep the next trial waiting"
    return answers


def value_of(answer: Answer) -> Any:
    """Return what the attacker's function returned."""
    assert isinstance(answer, Returned), answer
    return answer.value


# Where the reference's text could be read, from the attacker's process; each returns what it has found of a word.
LOOKS = """
def references(word):
    seen, ahead = {}, [right, right.__globals__, sys._getframe(), sys.modules]
    while ahead:
        one = ahead.pop()
        if id(one) not in seen:
            seen[id(one)] = one
            ahead += gc.get_referents(one)
    return [str(one)[:60] for one in seen.values() if isinstance(one, str | bytes) and word in str(one)]

def collected(word):
    codes = [one.__code__ for one in gc.get_objects() if type(one) is type(right)]
    return [code.co_name for code in codes if word in str((code.co_names, code.co_varnames, code.co_consts))]

def traced(word):
    try:
        right({})
    except TypeError as error:
        text, trace = str(error), error.__traceback__
        while trace is not None:
            text += str(trace.tb_frame.f_locals) + str(trace.tb_frame.f_code.co_names)
            trace = trace.tb_next
    return [text] if word in text.replace(word + "'", "") else []

def files(word):
    texts = [open(right.__code__.co_filename).read()]
    for folder, _, names in os.walk("."):
        texts += [open(os.path.join(folder, name), errors="replace").read() for name in names]
    return [text for text in texts if word in text]

def f(look, *halves):
    return globals()[look]("".join(halves))
"""


def test_source_of_a_right_function_is_nowhere_in_the_process(arena):
    """Whoever looks through names, objects, frames and files finds a pipe, and no line of the reference."""
    looks = ("references", "collected", "traced", "files")
    for found in answers_to(arena, LOOKS, *((look, *PART) for look in looks)):
        assert set(value_of(found)) <= {"".join(PART)}


FORGERIES = {
    "a length of four gigabytes": 'b"\\xff\\xff\\xff\\xff" + b"0" * 100',
    "no MessagePack": 'frame(b"\\xc1" * 10)',
    "a list": "frame([1, 2])",
    "another operation": 'frame({"op": "run", "cell": 1, "source": "1"})',
    "a helper of the right function": 'question("hidden")',
    "a module of the right function": 'question("os")',
    "a built-in function": 'question("__builtins__")',
    "a name that is no text": "question([1])",
    "no arguments": 'frame({"ask": "right"})',
    "one argument": 'frame({"ask": "right", "given": ["i", "2"]})',
    "no value": 'question(value=["a", ["f8", [1 << 39], b""]])',
    "names that are no text": 'frame({"ask": "right", "given": ["l", [["l", []], ["d", [[["i", "1"], ["i", "1"]]]]]]})',
    "a deep nest": 'frame(b"\\x82\\xa3ask\\xa5right\\xa5given" + b"\\x91" * 100_000 + b"\\xc0")',
    "a deep value": 'question(value=reduce(lambda value, _: ["l", [value]], range(60), ["n", None]))',
    "an object that was pickled": "frame(pickle.dumps(print))",
    "half a message": "question()[:9]",
}


def test_forged_question_ends_the_asking_and_no_more(arena):
    """What is no question is not answered, nor is anything after it; the process that was asked goes on."""
    attack = f"""
    def f(forgery):
        pipe = asking()
        pipe.settimeout(0.3)
        try:
            pipe.sendall(eval({FORGERIES!r}[forgery]))
            return pipe.recv(1000).hex() or "ended"
        except TimeoutError:
            return "waiting for more"
        except ConnectionError:
            return "ended"
    """
    for forgery, answer in zip(FORGERIES, answers_to(arena, attack, *((one,) for one in FORGERIES)), strict=True):
        assert value_of(answer) == ("waiting for more" if forgery == "half a message" else "ended"), forgery


def test_descriptors_that_are_sent_along_are_not_taken(arena):
    """Open files that are passed over the pipe are not kept at its other end, which answers as before."""
    attack = """
    def f():
        before, pipe = right("descriptors"), asking()
        for _ in range(100):
            with open("/dev/null") as file:
                socket.send_fds(pipe, [question()], [file.fileno()] * 3)
            pipe.recv(1000)
        return before, right("descriptors")
    """
    (answer,) = answers_to(arena, attack, ())
    if arena.mode == "landlock":  # where none can be sent
        assert (answer.type, answer.message) == ("PermissionError", "[Errno 1] Operation not permitted")
        return
    before, after = value_of(answer)
    assert after == before > 0


def test_flood_of_questions_ends_at_its_count(arena, monkeypatch):
    """So many questions of a trial are answered and no more."""
    monkeypatch.setattr(sessions, "STAND_IN_QUESTIONS", 500)
    attack = """
    def f():
        for number in range(10_000):
            try:
                right(number)
            except RuntimeError as error:
                return number, str(error)
    """
    number, said = value_of(*answers_to(arena, attack, ()))
    assert number == 500
    assert said == "right answers no more: it was asked too often, or not by calling it"


def test_flood_that_waits_for_no_answer_stops_with_the_trial(arena):
    """Who writes questions and reads no answer fills the pipe both ways; the next trial is answered all the same."""
    attack = """
    def f():
        asked = question(value=["s", "spam" * 10_000])
        while True:
            asking().sendall(asked)
    """
    assert answers_to(arena, attack, ()) == [TimedOut(LIMITS.call_seconds)]


ODD = {
    "a large array": "np.zeros(10**7)",
    "a list of large arrays": "[np.zeros(10**6)] * 3",
    "a long text": '"spam" * 10**7',
    "many numbers": "list(range(10**5))",
    "a deep list": "reduce(lambda value, _: [value], range(900), 0)",
    "an object": "object()",
    "a function": "(lambda: 0)",
    "a class": "type('right', (), {})",
    "what asks while it is asked": "Again()",
    "what has no end": "Endless()",
}


def test_what_is_no_plain_data_of_some_length_raises_in_the_asker(arena):
    """Huge arguments, odd objects and those that ask in turn end in an exception of the asker's, who may ask again."""
    attack = f"""
    class Again:
        def __array__(self, *arguments, **options):
            return right(Again())

    class Endless(list):
        def __len__(self):
            return 1
        def __iter__(self):
            return iter([Endless()])

    def f(odd):
        try:
            return "answered", right(eval({ODD!r}[odd]))
        except Exception as error:
            return type(error).__name__, right(21)
    """
    for odd, answer in zip(ODD, answers_to(arena, attack, *((one,) for one in ODD)), strict=True):
        kind, then = value_of(answer)
        assert kind in {"ValueError", "TypeError", "RecursionError"}, odd
        assert then == 42, odd


def test_process_that_is_left_behind_is_answered_no_more_after_the_trial(arena):
    """A child may not call the function, and where it writes to the pipe itself, it can until the trial is over."""
    attack = """
    def f():
        if os.fork() == 0:
            try:
                right(1)
            except RuntimeError as error:
                open("said", "w").write(str(error))
            with open("heard", "a") as heard, open("over", "w") as over:
                try:
                    while True:
                        asking().sendall(question())
                        heard.write(asking().recv(1000).hex() + "\\\\n")
                        heard.flush()
                finally:
                    over.write("over")
                    over.flush()
                    os._exit(0)
        time.sleep(0.3)
        return open("said").read(), len(open("heard").read()) > 0, open("over").read()

    def g():
        time.sleep(0.3)
        return open("over").read()
    """
    with trials(arena, attack) as (begin, reference):
        process, answering = begin()
        said, heard, over = value_of(process.call("f", ()))
        assert (heard, over) == (True, "")
        assert said == "right answers only in the process that is judged, not in one that it has started"
        answering.close()
        assert value_of(process.call("g", ())) == "over"
        assert not reference.closed


def test_question_that_takes_long_ends_with_the_trial(arena):
    """An answer that does not come costs the call its time, and then the process that works at it is ended."""
    with trials(arena, "def f(): return right('slow')") as (begin, reference):
        process, answering = begin()
        assert process.call("f", ()) == TimedOut(LIMITS.call_seconds)
        answering.close()
        assert reference.closed


# What `cost` does where a right sigmoid stands in.
SECOND_TRIALS = {
    "threads that go on": "[threading.Thread(target=lambda: [sigmoid(1.0) for _ in iter(int, 1)], daemon=True).start() "
    "for _ in range(4)]",
    "a flood": "while True: sigmoid(1.0)",
    "processes that go on": "os.fork() or [sigmoid(1.0) for _ in iter(int, 1)]",
    "a forged question": "asking(sigmoid).sendall(frame([1, 2]))",
    "a closed pipe": "asking(sigmoid).close()",
    "the end of its process": "os._exit(1)",
    "another function in its place": "globals().update(sigmoid=lambda z: 0.5)",
}
WRONG_SIGMOID = "def sigmoid(z):\n    return 0.4 + 0.1 * np.tanh(z)\n"
WRONG = solution(sigmoid=WRONG_SIGMOID, cost="def cost(w, b, X, y):\n    return 0.0\n")


@pytest.mark.parametrize("attack", cases(*SECOND_TRIALS, quick=1))
def test_attack_on_a_right_function_earns_nothing(arena, attack):
    """A cost that attacks the right sigmoid gets what it would get without, and the others what is theirs."""
    cost = f"""
    def cost(w, b, X, y):
        if sigmoid.__closure__ is not None:
            {SECOND_TRIALS[attack]}
        return 0.0
    """
    source = TOOLS + solution(sigmoid=WRONG_SIGMOID, cost=cost)
    arena.attack(source, worth=WRONG, call_seconds=0.6, exercise_seconds=3.0)
