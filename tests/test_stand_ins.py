"""Right functions in the place of a student's: they are asked for plain data, and answer from another process."""

import contextlib

import numpy as np
import pytest

from autograder.judge.running.fork import Fork
from autograder.judge.running.run import Run
from autograder.judge.running.stand_ins import ReferenceProcess, StandIns
from autograder.sandbox.answers import Raised, Refused, Returned
from autograder.sandbox.launch import Sandbox, wall_of
from autograder.sandbox.limits import Limits
from autograder.sandbox.refusals import MachineError
from autograder.sandbox.session import Session, Setup
from autograder.sandbox.walls.bubblewrap import WallError

pytestmark = pytest.mark.slow

LIMITS = Limits(call_seconds=2.0, processes=40)  # those of every sandbox that a test before has started count as well

REFERENCE = """
import numpy as np

def double(x):
    return 2 * x

def add(x, y, weight=1.0):
    return x + weight * y

def layers(weights, options):
    return {"sums": [np.sum(one) for one in weights], "options": options}

def flat(x):
    return x.ravel()

def outer(x):
    return np.multiply.outer(x, x)

def inverse(x):
    return np.linalg.inv(x)

def end():
    __import__("os")._exit(1)
"""
NAMES = ("double", "add", "layers", "flat", "outer", "inverse", "end")

STUDENT = """
import threading
import numpy as np

def double(x): return 0
def add(x, y): return 0
def layers(weights, options): return None
def flat(x): return 0
def outer(x): return 0
def inverse(x): return 0
def end(): return 0

def calls(name, arguments, named):
    return globals()[name](*arguments, **named)

def nested(x):
    return add(double(x), double(double(x)), weight=10.0)

class Column:
    def __init__(self, numbers): self.numbers = numbers
    def __array__(self, dtype=None, copy=None): return np.array(self.numbers, dtype)

def of_a_column(numbers):
    return double(Column(numbers))

def from_threads(count):
    found = [None] * count
    def ask(n): found[n] = [double(n) for _ in range(20)]
    threads = [threading.Thread(target=ask, args=(n,)) for n in range(count)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    return found

def describe():
    return double.__name__
"""


@pytest.fixture(scope="module")
def sandbox():
    """Return a sandbox."""
    with Sandbox(wall_of("nested"), LIMITS, ("numpy",)) as sandbox:
        yield sandbox


@contextlib.contextmanager
def a_student(sandbox):
    """Yield a copy of a process that has run the student's cell."""
    with Session(sandbox, LIMITS, Setup()) as session:
        session.prepare()
        assert session.run_cell(1, STUDENT, 5).status == "ok"
        yield session.snapshot()


@pytest.fixture
def begin(sandbox):
    """Return what starts a process for the reference."""
    with contextlib.ExitStack() as started:

        def begin():
            session = started.enter_context(Session(sandbox, LIMITS, Setup()))
            session.prepare()
            return session

        yield begin


@pytest.fixture
def student(sandbox, begin):
    """Return a student's process in which right functions stand in."""
    with a_student(sandbox) as process:
        answering = StandIns(NAMES, ReferenceProcess(begin, REFERENCE)).put_into(process)
        yield process
        answering.close()


def value_of(answer):
    """Return the value of an answer."""
    assert isinstance(answer, Returned), answer
    return answer.value


def test_right_functions_answer_for_the_students_own(student):
    """Several stand in at once; what one gives goes into another, by place or by name, as with any function."""
    assert value_of(student.call("nested", (3.0,))) == 6.0 + 10.0 * 12.0
    assert value_of(student.call("describe", ())) == "double"
    with pytest.raises(AssertionError, match="TypeError"):
        value_of(student.call("calls", ("double", [1.0], {"nosuch": 2.0})))


def test_nested_plain_data_goes_there_and_back(student):
    """Lists, tuples and dicts of arrays arrive as they are, and come back so."""
    weights, options = [np.ones((2, 3)), np.ones(4, np.float32)], {"rate": 0.5, "sizes": (1, 2, None, "text", True)}
    found = value_of(student.call("calls", ("layers", [weights, options], {})))
    assert found == {"sums": [6.0, 4.0], "options": options}
    assert [type(one) for one in found["sums"]] == [np.float64, np.float32]


def test_what_a_students_own_may_take_is_taken(student):
    """A list of numbers counts as an array where the reference takes no lists, and so does what holds an array."""
    np.testing.assert_array_equal(
        value_of(student.call("calls", ("flat", [[[1.0, 2.0], [3.0, 4.0]]], {}))), [1, 2, 3, 4]
    )
    np.testing.assert_array_equal(value_of(student.call("of_a_column", ([1.0, 2.0],))), [2.0, 4.0])
    assert value_of(student.call("calls", ("double", [[1.0, 2.0]], {}))) == [1.0, 2.0, 1.0, 2.0]


def test_threads_get_their_own_answers(student):
    """Several threads may ask at the same time; each gets the answers to its own questions."""
    assert value_of(student.call("from_threads", (6,))) == [[2 * n] * 20 for n in range(6)]


@pytest.mark.parametrize(
    ("name", "arguments", "kind", "message"),
    [
        ("flat", [3.0], "AttributeError", "a right flat raises AttributeError for these arguments"),
        ("inverse", [np.zeros((2, 2))], "ValueError", "a right inverse raises ValueError for these arguments"),
        ("outer", [np.zeros(100_000)], "MemoryError", "a right outer raises MemoryError for these arguments"),
        ("outer", [np.zeros(1_000)], "ValueError", f"the answer of outer has more than {LIMITS.message_bytes} bytes"),
    ],
)
def test_what_the_reference_raises_is_raised_in_plain_words(student, name, arguments, kind, message):
    """The student's function gets an exception of the same kind, without the reference's own text; and may go on."""
    answer = student.call("calls", (name, arguments, {}))
    assert isinstance(answer, Raised)
    assert (answer.type, answer.message) == (kind, message)
    assert value_of(student.call("nested", (1.0,))) == 42.0


def test_a_process_answers_one_trial_after_another(sandbox, begin):
    """What answered one trial answers the next; the functions of the trial before answer there no more."""
    reference = ReferenceProcess(begin, REFERENCE)
    with a_student(sandbox) as first, a_student(sandbox) as second:
        answering = StandIns(("double",), reference).put_into(first)
        answering.close()
        again = StandIns(("add",), reference).put_into(second)
        assert value_of(second.call("calls", ("add", [1.0, 2.0], {}))) == 3.0
        assert value_of(second.call("calls", ("double", [1.0], {}))) == 0
        refused = first.call("calls", ("double", [1.0], {}))
        assert isinstance(refused, Raised)
        assert "answers no more" in refused.message
        assert not again.has_failed()
        again.close()


def run_of(process, begin):
    """Return the run of a notebook that has left one process."""
    return Run(LIMITS, {"nested": process}, dict, begin)


def test_the_end_of_the_right_functions_costs_no_point(sandbox, begin):
    """Where their process ends, what the student's came to meanwhile is not judged; the next call has another one."""
    with a_student(sandbox) as process:
        stand_ins = StandIns(NAMES, ReferenceProcess(begin, REFERENCE))
        fork = Fork(run_of(process, begin), "nested", keep=True, stand_ins=stand_ins)
        assert isinstance(fork.call("calls", ("end", (), {})), Refused)
        assert value_of(fork.call("nested", (1.0,))) == 42.0
        fork.close()


@pytest.mark.parametrize("reason", ["walls", "source"])
def test_right_functions_that_cannot_be_started_cost_no_point(sandbox, begin, reason):
    """Where they cannot be asked, that is said once, and calls are refused, not failed."""

    def never():
        raise WallError("no wall stands")

    missing = "from autograder.assignments.neuron.reference import sigmoid as double"
    started, source = (never, REFERENCE) if reason == "walls" else (begin, missing)
    reference = ReferenceProcess(started, source)
    with a_student(sandbox) as process:
        fork = Fork(run_of(process, begin), "nested", keep=True, stand_ins=StandIns(("double",), reference))
        answer = fork.call("nested", (1.0,))
        assert isinstance(answer, Refused)
        assert answer.reason.startswith("the right double cannot be asked: ")
        assert ("no wall stands" if reason == "walls" else "ModuleNotFoundError") in answer.reason
        with pytest.raises(MachineError):
            reference.answer(("double",), None)  # it is not tried again
        fork.close()
