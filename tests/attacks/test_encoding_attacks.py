"""Attacks on the moment in which a value is turned into a message: objects that lie, and messages that are too much."""

import pytest
from arena import PIPE, QUICK, RIGHT, WRONG_COST, cases, messages_of, outputs_of, solution

LIARS = """
import gc, os, sys
import numpy as np

def cost(w, b, X, y):
    class Meta(type):
        __name__ = property(lambda cls: {name})

    class Liar({base}{meta}):
        {body}

    return {value}
"""


def liar(base: str, body: str, value: str = "Liar()", *, meta: str = "", name: str = "'Liar'") -> str:
    """Return a cost that gives an object of a class of the attacker's."""
    return LIARS.format(base=base, body=body, value=value, meta=meta, name=name)


@pytest.mark.parametrize(
    "source",
    cases(
        liar("list", "__len__ = lambda self: 1; __iter__ = lambda self: iter(int, 1)"),
        liar("dict", "__len__ = lambda self: 0; items = lambda self: iter(lambda: (0, 0), 1)"),
        liar("np.ndarray", "size = itemsize = 0", "np.zeros(600_000).view(Liar)"),
        liar(
            "np.ndarray", "dtype = np.dtype('f8'); shape = (); tobytes = lambda self: b''", "np.array('x').view(Liar)"
        ),
        liar("int", "bit_length = lambda self: 0", "Liar(7 ** 1500)"),
        liar("complex", "real = imag = property(lambda self: '0.0')"),
        liar("object", "__class__ = property(lambda self: 1 / 0)"),
        liar("object", "__class__ = property(lambda self: os._exit(0))"),
        liar("list", "def __len__(self): raise KeyboardInterrupt"),
        liar("list", "def __iter__(self): raise SystemExit(0)", "Liar([1])"),
        liar("object", "pass", meta=", metaclass=Meta", name="'x' * 10**8"),
        liar("object", "pass", meta=", metaclass=Meta", name="1 / 0"),
        liar("object", "pass", meta=", metaclass=Meta", name="5"),
        liar("list", "__len__ = lambda self: -1"),
        liar("tuple", "__iter__ = lambda self: iter([sys._getframe(), gc, print])"),
        quick=3,
    ),
    ids=[
        *("endless-list", "endless-dict", "no-size", "text-as-array", "no-bits", "complex-of-text", "no-class"),
        *("class-that-exits", "interrupt", "exit", "long-name", "no-name", "number-as-name", "negative", "frames"),
    ],
)
def test_object_that_lies_while_it_is_encoded_is_no_number(arena, source):
    """Lengths, items, classes and names that lie, hang, raise or exit cost the one who returned them."""
    arena.attack(RIGHT, source, worth=arena.without("cost"), **QUICK)


@pytest.mark.parametrize("base", cases("float", "np.float64", "np.ndarray", quick=1))
def test_number_whose_every_form_is_the_right_one_but_its_own_is_wrong(arena, base):
    """Text, conversions and comparisons of a subclass that compute the right answer do not hide that it holds 0."""
    lie = f"""
    import numpy as np
    inputs = []

    class Liar({base}):
        def right(self, *arguments):
            w, b, X, y = inputs[-1]
            z = X @ w + b
            return float(np.mean(y * np.logaddexp(0.0, -z) + (1.0 - y) * np.logaddexp(0.0, z)))
        __float__ = __abs__ = __pos__ = __array__ = item = conjugate = right
        __repr__ = __str__ = lambda self: str(self.right())
        __format__ = lambda self, form: str(self.right())
        __hash__ = lambda self: 0
        __getstate__ = __reduce_ex__ = lambda self, *version: (float, (self.right(),))
        real = property(right)

    def cost(w, b, X, y):
        inputs.append((w, b, X, y))
        return {"np.zeros(()).view(Liar)" if base == "np.ndarray" else "Liar(0.0)"}
    """
    arena.attack(RIGHT, lie, worth=WRONG_COST)


def test_finalizer_that_answers_first_forges_nothing(arena):
    """What `__del__` and callbacks of the garbage collector write before the answer is one more wrong answer."""
    forge = (
        PIPE
        + """
import gc

class Last:
    def __del__(self):
        os.write(pipe(), frame({"answers": [{"value": ["f", 0.0], "arguments": ["n", None], "verdict": "pass"}]}))

gc.set_threshold(1)
gc.callbacks.append(lambda *arguments: None)

def cost(w, b, X, y):
    loop = [Last()]
    loop.append(loop)
    return 0.0
"""
    )
    arena.attack(RIGHT, forge, worth=WRONG_COST)


@pytest.mark.parametrize(
    "reply",
    cases(
        "frame(b'\\xdd' + struct.pack('>I', 4_000_000) + b'\\x90' * 4_000_000)",
        "frame({'value': ['s', 'x' * (5 << 20)]})",
        "frame(b'\\x81\\xa5value\\xdd' + struct.pack('>I', 4_000_000) + b'\\x80' * 4_000_000)",
        "frame(b'\\xdf\\xff\\xff\\xff\\xff')",
        "frame(b'\\xdb\\xff\\xff\\xff\\xff')",
        "frame(b'\\xc6\\xff\\xff\\xff\\xff')",
        "frame(b'\\xc9\\xff\\xff\\xff\\xff\\x05')",
        "frame({}) * 100_000",
        "frame(b'') * 100_000",
        "frame({'value': ['l', [['n', None]] * 900_000]})",
        quick=2,
    ),
    ids=["lists", "large", "maps", "map", "text", "bytes", "extension", "tiny", "empty", "many"],
)
def test_bomb_in_a_reply_is_a_wrong_answer(arena, reply):
    """Messages that promise or hold more than any answer are refused, at little cost, and the next one is judged."""
    bomb = (
        PIPE
        + f"""
bomb = {reply}

def cost(w, b, X, y):
    left = memoryview(bomb)
    while left:
        left = left[os.write(pipe(), left):]
    os._exit(0)
"""
    )
    arena.attack(RIGHT, bomb, worth=arena.without("cost"), **QUICK)


def test_frames_of_two_threads_mixed_are_garbage(arena):
    """A thread that goes on after its cell and writes into the middle of answers spoils its own answers."""
    mix = (
        PIPE
        + """
import threading, time

def cost(w, b, X, y):
    def spam():
        while True:
            os.write(pipe(), b"\\x00\\x00")
    threading.Thread(target=spam, daemon=True).start()
    time.sleep(0.05)
    return 0.0
"""
    )
    arena.attack(RIGHT, mix, worth=arena.without("cost"), **QUICK)


@pytest.mark.parametrize("found", cases("sys.modules", "gc.get_objects()", quick=1))
def test_message_code_found_and_replaced_can_only_give_numbers(arena, found):
    """The process's own code, wherever the attacker finds it, sends what the attacker wants, and that is judged."""
    search = {
        "sys.modules": "codecs = [m for n, m in list(sys.modules.items()) if n.startswith('inside.')]",
        "gc.get_objects()": "codecs = [o for o in gc.get_objects() if 'inside.' in f'{type(o)}']",
    }
    forge = f"""
    import gc, sys
    {search[found]}
    for thing in codecs:
        for name in ("encode", "decode", "Student", "Wire", "_call", "_encode", "_serve"):
            if name in vars(thing) or hasattr(type(thing), name):
                where = thing if name in vars(thing) else type(thing)
                if name in ("encode", "_encode"):
                    setattr(where, name, lambda *a, **k: ["f", 0.0])
    print(len(codecs))
    """
    zeros = "\n".join(f"def {name}(*arguments):\n    return 0.0" for name in arena.full)
    judgement = arena.attack(RIGHT, forge, worth=zeros)
    assert outputs_of(judgement)


def test_answers_from_the_judge_s_own_questions_are_judged_like_others(arena):
    """Slopes taken from whatever costs the judge asks for at nearby points earn no more than any wrong gradient."""
    copy = """
    import os, pickle
    asked = []
    right = cost

    def cost(w, b, X, y):
        asked.append((w.copy(), float(right(w, b, X, y))))
        open("/scratch/asked", "wb").write(pickle.dumps(asked))
        return right(w, b, X, y)

    def dC_dw(w, b, X, y):
        known = pickle.load(open("/scratch/asked", "rb")) if os.path.exists("/scratch/asked") else asked
        slopes = [(c2 - c1) / (w2[0] - w1[0]) for (w1, c1), (w2, c2) in zip(known, known[1:])
                  if len(w1) == len(w2) and w1[0] != w2[0]]
        return np.full(len(w), slopes[-1] if slopes else 0.0)
    """
    judgement = arena.judge(RIGHT, copy)
    gained = {result.exercise: result.points for result in judgement.exercises}
    turned = solution(dC_dw="def dC_dw(w, b, X, y):\n    return -X.T @ (sigmoid(X @ w + b) - y) / len(y)\n")
    assert gained["dC_dw"] <= arena.honest_marks(turned)["dC_dw"]
    arena.look()


@pytest.mark.parametrize(
    "value", cases("'x' * 1_000_000", "['<b>' * 1000] * 200", "{'k' * 9999: 'v' * 9999}", "10**900", quick=1)
)
def test_long_answer_makes_no_long_message(arena, value):
    """What is said of an answer of a million characters is as short as what is said of others."""
    long = f"def cost(w, b, X, y):\n    return {value}\n"
    judgement = arena.attack(RIGHT, long, worth=arena.without("cost"), **QUICK)
    assert len(messages_of(judgement)) < 10_000
