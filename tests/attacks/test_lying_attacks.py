"""Attacks that lie: values that are not what they seem, and forged messages about them."""

import pytest
from arena import PIPE, RIGHT, WRONG_COST, always, cases, messages_of, outputs_of, solution

# Functions of the process's own code inside the walls, replaced by the attacker's while `cost` is judged.
PATCH = """
import inside.student as own

def cost(w, b, X, y):
    own.encode = lambda value, depth=0: {value}
    return 0.0
"""


@pytest.mark.parametrize("value", cases("np.zeros(()).view(Yes)", "YesFloat(0.0)", quick=1), ids=["ndarray", "float"])
def test_subclass_whose_comparisons_succeed_is_judged_by_its_numbers(arena, value):
    """A subclass that says yes to everything crosses the pipe as the number that it is."""
    lie = f"""
    import numpy as np

    class YesFloat(float):
        __eq__ = __le__ = __lt__ = __ge__ = __gt__ = lambda self, other: True
        __sub__ = __rsub__ = __abs__ = lambda self, *other: 0.0
        __float__ = lambda self: 0.0

    class Yes(np.ndarray):
        __eq__ = __le__ = __lt__ = __ge__ = __gt__ = lambda self, other: True
        def __array_ufunc__(self, *arguments, **options):
            return np.True_
        def __array_function__(self, *arguments, **options):
            return np.True_

    def cost(w, b, X, y):
        return {value}
    """
    arena.attack(RIGHT, lie, worth=WRONG_COST)


@pytest.mark.parametrize(
    "body",
    cases(
        "__array__ = lambda self, *a, **k: np.zeros(())",
        "__float__ = lambda self: 0.0",
        "__array_interface__ = {'shape': (), 'typestr': '<f8', 'data': (0, False), 'version': 3}",
        "__class__ = float",
        "__reduce__ = lambda self: (print, ('unpickled',))",
        "__getattr__ = lambda self, name: self",
        quick=1,
    ),
)
def test_object_that_poses_as_a_number_cannot_be_graded(arena, body):
    """Only plain data is graded; nothing of the attacker's class is called outside."""
    pose = f"import numpy as np\nclass Pose:\n    {body}\n\ndef cost(w, b, X, y):\n    return Pose()\n"
    judgement = arena.attack(RIGHT, pose, worth=arena.without("cost"))
    assert "cannot be graded" in messages_of(judgement) or "no answer" in messages_of(judgement)


def test_patched_numpy_and_builtins_change_nothing_outside(arena):
    """Comparisons that always succeed, patched in the student's process, are not those that judge."""
    patch = """
    import builtins, math
    import numpy as np
    for name in ("allclose", "isclose", "array_equal", "all", "any", "testing"):
        setattr(np, name, lambda *arguments, **options: True)
    math.isclose = lambda *arguments, **options: True
    builtins.abs = builtins.round = lambda *arguments: 0
    builtins.AssertionError = Warning
    """
    arena.attack(patch, WRONG_COST, worth=WRONG_COST)


def test_patched_isinstance_and_type_forge_no_value(arena):
    """The code inside may be told anything about types; what arrives is checked again."""
    patch = """
    import builtins

    def cost(w, b, X, y):
        builtins.isinstance = lambda *arguments: True
        return 0.0
    """
    arena.attack(RIGHT, patch, worth=arena.without("cost"))


def test_numpy_replaced_in_sys_modules_helps_nobody(arena):
    """A fake NumPy under the real one's name is the attacker's own problem."""
    fake = """
    import sys, types
    fake = types.ModuleType("numpy")
    fake.__getattr__ = lambda name: lambda *arguments, **options: 0.0
    sys.modules["numpy"] = fake
    """
    arena.attack(WRONG_COST, fake, worth=WRONG_COST)


@pytest.mark.parametrize(
    "value",
    cases(
        "['zz', 1.0]",
        "['f', '0.0']",
        "['f']",
        "5",
        "['a', ['f8', [2], b'short']]",
        "['a', ['O', [1], b'12345678']]",
        "['a', ['f8', [-1], b'']]",
        "['a', ['f8', [1 << 41], b'']]",
        "['a', ['f8', [1 << 39, 0, 1 << 39, 1 << 39], b'']]",
        "['a', ['f8', [1] * 33, b'12345678']]",
        "['a', ['V8', [1], b'12345678']]",
        "['g', ['f8', b'1234']]",
        "['i', '9' * 1002]",
        "['i', '0x10']",
        "['i', ' 1_0 ']",
        "['d', [[['l', []], ['n', None]]]]",
        "['?', 5]",
        "['?', 'float']",
        "['c', [1.0]]",
        "['s', '0.0']",
        "['n', None]",
        "__import__('pickle').dumps(print)",
        "['a', ['g', [2], b'\\xff' * 32]]",
        "['g', ['G', b'\\xff' * 32]]",
        quick=3,
    ),
)
def test_malformed_value_is_a_wrong_answer(arena, value):
    """A value that breaks the encoding is the attacker's failure, never an exception of the judge."""
    arena.attack(RIGHT, PATCH.format(value=value), worth=arena.without("cost"))


@pytest.mark.parametrize(
    ("value", "same"),
    [("['g', ['g', b'\\x01' * 16]]", "np.nan"), ("['g', ['?', b'\\xff']]", "True"), ("['t', []]", "()")],
    ids=["long double", "bool", "tuple"],
)
def test_odd_but_valid_value_is_a_wrong_number(arena, value, same):
    """Bytes that NumPy itself never writes, such as a bool of 255, are read as some number, and that is wrong."""
    arena.attack(RIGHT, PATCH.format(value=value), worth=solution(**always("cost", same)))


@pytest.mark.parametrize(
    "reply",
    cases(
        "{'raised': 5}",
        "{'raised': {'type': 7, 'message': []}}",
        "{'raised': {'type': 'E', 'message': 'm', 'where': {'cell': 'x', 'line': [], 'text': 5}}}",
        "{'missing': True}",
        "{'missing': 'yes'}",
        "{'value': ['f', 0.0]}",
        "{'verdict': 'pass', 'points': 100.0}",
        "{}",
        quick=2,
    ),
)
def test_forged_reply_earns_nothing(arena, reply):
    """The judge reads a value or an exception in a reply, and nothing else that stands in it."""
    forge = PIPE + f"def cost(w, b, X, y):\n    os.write(pipe(), frame({reply}))\n    os._exit(0)\n"
    arena.attack(RIGHT, forge, worth=arena.without("cost"))


def test_answers_sent_before_the_questions_are_just_wrong(arena):
    """A queue of ready answers in the pipe is taken for the answers that they are."""
    ahead = (
        PIPE
        + """
def cost(w, b, X, y):
    answer = frame({"answers": [{"value": ["f", 0.0], "arguments": ["n", None]}]})
    os.write(pipe(), answer * 50)
    os.read(pipe(), 1 << 16)
    return 0.0
"""
    )
    arena.attack(RIGHT, ahead, worth=WRONG_COST)


def test_stateful_answers_are_judged_call_by_call(arena):
    """Right at first and wrong later is wrong; a copy of the process does not know which call is judged last."""
    state = """
    import numpy as np
    calls = 0

    def cost(w, b, X, y):
        global calls
        calls += 1
        z = X @ w + b
        return np.mean(y * np.logaddexp(0.0, -z) + (1.0 - y) * np.logaddexp(0.0, z)) if calls == 1 else 0.0
    """
    arena.attack(RIGHT, state, worth=WRONG_COST)


def test_changed_inputs_do_not_change_what_is_expected(arena):
    """Making the question easier in place does not make the expected answer that of the easier question."""
    cheat = """
    def cost(w, b, X, y):
        w[:] = 0.0
        X[:] = 0.0
        y[:] = 0.5
        return float(np.log(2.0))
    """
    arena.attack(RIGHT, cheat, worth=solution(**always("cost", "float(np.log(2.0))")))


def test_answers_of_an_accomplice_process_are_the_attacker_s_own(arena):
    """A daemon that answers in place of the copies can only answer for the attacker."""
    accomplice = (
        PIPE
        + """
import inside.student, socket, threading
_fork = os.fork

def fork():
    return 999_999  # a copy that does not exist: this process goes on

os.fork = fork
"""
    )
    arena.attack(accomplice, RIGHT, worth=arena.without(*arena.full), call_seconds=0.5, exercise_seconds=1.0)


def test_forged_results_of_a_cell_are_shown_but_not_counted(arena):
    """Outputs and ends of cells that the attacker forges in the pipe are only outputs."""
    forge = (
        PIPE
        + """
result = {"output_type": "execute_result", "data": {"text/plain": "6.0"}, "metadata": {}, "execution_count": 1}
os.write(pipe(), frame({"output": result}))
os.write(pipe(), frame({"output": {"output_type": "stream", "name": "stdout", "text": "20 of 20 points"}}))
"""
    )
    judgement = arena.attack(forge, WRONG_COST, worth=WRONG_COST)
    assert "20 of 20" in outputs_of(judgement)


def test_patched_message_code_lies_only_about_its_own(arena):
    """A process whose code for messages is the attacker's may say what it likes: it is asked for numbers."""
    patch = """
    import inside.wire, msgpack
    send = inside.wire.Wire.send

    def lying(self, message):
        if "answers" in message:
            lie = {"points": 100.0, "verdict": "pass", "value": ["f", 0.0]}
            message = {"answers": [{**answer, **lie} for answer in message["answers"]], "points": 100.0}
        send(self, message)

    inside.wire.Wire.send = lying
    """
    zeros = solution(**{name: always(name, "0.0")[name] for name in arena.full})
    arena.attack(patch, RIGHT, worth=zeros)


def test_answer_as_text_is_no_number(arena):
    """Text that looks like the right number is text."""
    arena.attack(RIGHT, "def cost(w, b, X, y):\n    return '0.5'\n", worth=arena.without("cost"))


@pytest.mark.parametrize(
    "value", cases("float('nan')", "float('inf')", "-0.0 - 1j", "np.ma.masked", "np.float16('nan')", quick=1)
)
def test_numbers_that_compare_oddly_are_wrong(arena, value):
    """NaN, infinities, complex and masked numbers slip through no comparison."""
    judgement = arena.attack(RIGHT, solution(**always("cost", value)), worth=solution(**always("cost", value)))
    value_of = {criterion.criterion: criterion.verdict for criterion in judgement.exercises[1].criteria}
    assert value_of["value"] == "fail"


@pytest.mark.parametrize("size", cases("5", "(1, 9)", "0", "1", "(3, 3)", "(2, 0)", quick=1))
def test_wrong_size_of_every_array_is_a_failure_not_a_fault(arena, size):
    """Answers whose sizes fit nothing that the grader compares them with fail; nobody has to look at them."""
    wrong = solution(**{name: always(name, f"np.zeros({size})")[name] for name in arena.full})
    arena.attack(wrong, worth=wrong)


@pytest.mark.parametrize(
    "error",
    cases("MemoryError()", "BlockingIOError(11, 'Resource temporarily unavailable')", "OSError(24, 'x')", quick=1),
)
def test_blaming_the_machine_for_an_error_is_believed_by_nobody(arena, error):
    """Who raises what a full machine would raise has failed: the machine itself is asked."""
    blame = f"""
    def cost(w, b, X, y):
        raise {error}
    """
    arena.attack(RIGHT, blame, worth=arena.without("cost"))


def test_blaming_the_machine_for_a_copy_is_believed_by_nobody(arena):
    """Nor is a process believed that says there is no room for copies of it."""
    blame = """
    import os

    def no_room():
        raise BlockingIOError(11, "Resource temporarily unavailable")

    os.fork = no_room
    """
    arena.attack(RIGHT, blame, worth=arena.without("sigmoid", "cost", "dC_dw", "dC_db"))
