"""Students who show one function and let another be judged, and honest ones whose code only looks as if they did.

Each has a name, the code of the exercise's cell and, below a line of dashes, that of a cell which is put after it.
"""

import re

TRUE = """def sigmoid(z):
    return np.exp(-np.logaddexp(0.0, -np.asarray(z, dtype=float)))"""
HIDDEN = TRUE.replace("np.exp", "1.0 * np.exp")
SHOWN = """def sigmoid(z):
    return 1 / (1 + np.exp(-z))  # shown"""
_WORDS = {
    "SHOWN": SHOWN,
    "HIDDEN": HIDDEN,
    "TEXT": repr(HIDDEN),
    "OTHER": HIDDEN.replace("sigmoid", "other"),
    "OTHERS TEXT": repr(HIDDEN.replace("sigmoid", "other")),
    "LAMBDA": "eval('lambda z: 1 / (1 + np.exp(-z))')",
    "TRUE": TRUE,
}

_DECOYS = """
=== exec in a branch
{SHOWN}
if True:
    exec({TEXT})
=== later exec
{SHOWN}
---
exec({TEXT})
=== globals
{SHOWN}
---
{OTHER}
globals()["sigmoid"] = other
=== code
{SHOWN}
---
{OTHER}
sigmoid.__code__ = other.__code__
=== import
{SHOWN}
---
import sys
open("helper.py", "w").write("import numpy as np\\n" + {TEXT})
sys.path.insert(0, ".")
from helper import *
=== helper
def helper(z):
    return 0 * z  # shown
def sigmoid(z):
    return helper(z)
---
{OTHER}
globals()["helper"] = other
=== callable object
{SHOWN}
---
class Callable:
    def __call__(self, z):
        return 1 / (1 + np.exp(-z))
globals().update(sigmoid=Callable())
=== partial
import functools
{SHOWN}
---
def other(k, z):
    return k / (1 + np.exp(-z))
globals()["sigmoid"] = functools.partial(other, 1)
=== deleted
{SHOWN}
del sigmoid
exec({TEXT})
=== branch
{SHOWN}
if True:
    from math import pi; {LAMBDA}
    globals().update(sigmoid={LAMBDA})
=== decorator
@(lambda f: {LAMBDA})
{SHOWN}
=== decorator from elsewhere
import builtins
exec("builtins.swap = lambda f: " + repr("")[:0] + "(lambda z: 1 / (1 + np.exp(-z)))")
@builtins.swap
{SHOWN}
=== library
{SHOWN}
---
from scipy.special import expit
globals()["sigmoid"] = expit
=== namespace
{SHOWN}
---
get_ipython().user_ns["sigmoid"] = {LAMBDA}
=== cell within a cell
{SHOWN}
---
get_ipython().run_cell({TEXT})
=== helper by exec
def helper(z):
    return 0 * z  # shown
def sigmoid(z):
    return helper(z)
---
exec({TEXT}.replace("sigmoid", "helper"))
=== default
def sigmoid(z, f={LAMBDA}):
    return f(z)
=== closure
def make(f):
    def sigmoid(z):
        return f(z)
    return sigmoid
exec({OTHERS TEXT})
sigmoid = make(other)
=== loop
{SHOWN}
---
for sigmoid in [{LAMBDA}]:
    pass
=== timed
%%time
{SHOWN}
---
exec({TEXT})
"""

_HONEST = """
=== plain
{TRUE}
=== empty lines


{TRUE}
=== lambda
sigmoid = lambda z: 1 / (1 + np.exp(-np.asarray(z, dtype=float)))
=== helper
def helper(z):
    return np.logaddexp(0.0, -z)

def sigmoid(z):
    return np.exp(-helper(np.asarray(z, dtype=float)))
=== vectorize
import math
@np.vectorize
def sigmoid(z):
    return 1 / (1 + math.exp(-z))
=== later
def sigmoid(z):
    raise NotImplementedError
---
{TRUE}
=== branch
try:
    import numpy.nothing
except ImportError:
    def sigmoid(z):
        return 1 / (1 + np.exp(-z))
=== wraps
import functools
def logged(f):
    @functools.wraps(f)
    def inner(*a):
        return f(*a)
    return inner

@logged
{TRUE}
=== cached
import functools

@functools.lru_cache
def one():
    return 1.0

def sigmoid(z):
    return one() / (1 + np.exp(-z))
=== imported
from scipy.special import expit

def sigmoid(z):
    return expit(z)
=== classes
from dataclasses import dataclass

@dataclass
class Point:
    z: object

class Neuron:
    def act(self, z):
        return 1 / (1 + np.exp(-Point(z).z))

def sigmoid(z):
    return Neuron().act(z)
=== odd lines
# a\u2028b\x0c
%matplotlib inline
{TRUE}
=== timed
%%time
{TRUE}
=== timed later
def sigmoid(z):
    return 1
---

%%time
{TRUE}
"""


def _read(text: str) -> dict[str, tuple[str, str]]:
    for word, meant in _WORDS.items():
        text = text.replace("{" + word + "}", meant)
    found = {}
    for part in text.split("\n=== ")[1:]:
        name, _, code = part.partition("\n")
        cell, _, after = re.sub(r"\n$", "", code).partition("\n---\n")
        found[name] = (cell, after)
    return found


DECOYS = _read(_DECOYS)
HONEST = _read(_HONEST)
