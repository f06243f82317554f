"""How exact an answer has to be: the reference, with each of its values moved by one rounding of single precision.

A right answer that was computed in float32 differs from the reference by the roundings of its steps. Moving the
reference's own values as they would be rounded shows how far, whatever the formula and its conditioning at this input
(the idea of stochastic arithmetic: Vignes, A stochastic arithmetic for reliable scientific computation, 1993).
"""

import ast
import functools
import math
from collections.abc import Callable, Sequence
from types import CodeType
from typing import Any

import numpy as np

from autograder.diagnosis.judged import ReferenceFunction
from autograder.diagnosis.lines import Edit
from autograder.diagnosis.reference import Reference, compiled
from autograder.diagnosis.trees import with_value
from autograder.grading import parts
from autograder.grading.compare import Array

UNIT = float(np.finfo(np.float32).eps) / 2
MULTIPLE = 2.5  # of the largest change that was seen: signs are drawn, and the order of operations is the student's

_TRIALS = 24
_SEED = 1
_BLOCK = 1024  # signs
_MOVE = "__move__"  # the name under which a function finds what moves its values


def scale(text: ReferenceFunction, arguments: Sequence[Any]) -> Any:
    """Return how many roundings of single precision a right answer may be off, in the right answer's form.

    Where the plain formula has lost its digits, the stable twin's is returned, if there is one.

    Args:
        text: the function of the reference.
        arguments: of the call.
    """
    right = text.right(*parts.copied(list(arguments)))
    found = _scale(text.reference, text.entry, arguments, right)
    twin = text.right.__name__
    if twin != text.entry and not all(np.all(np.isfinite(value)) for _, value in parts.leaves(found)):
        found = _scale(text.reference, twin, arguments, right)
    return found


def _scale(reference: Reference, name: str, arguments: Sequence[Any], right: Any) -> Any:
    signs = Signs(np.random.default_rng(_SEED))
    function = _movable(reference, name, signs)
    largest = parts.mapped(lambda value: np.zeros(np.shape(value)), right)
    with np.errstate(all="ignore"):
        for _ in range(_TRIALS):
            answer = function(*(moved(parts.copied(value), signs) for value in arguments))
            largest = parts.mapped(_larger, right, largest, answer)
    return largest


def _larger(right: Any, largest: Array, answer: Any) -> Array:
    if isinstance(right, np.random.Generator):  # its draws do not depend on any rounding
        return largest
    change = np.abs(np.asarray(answer, dtype=np.float64) - np.asarray(right, dtype=np.float64))
    return np.maximum(largest, MULTIPLE * change / UNIT)


class Signs:
    """Signs, drawn in blocks: drawing one at a time takes three times as long, and gives the same."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._block: Array = np.zeros(0)
        self._used = 0

    def __call__(self, shape: tuple[int, ...]) -> Array:
        """Return as many as fill a shape, each -1 or 1."""
        size = math.prod(shape)
        if self._used + size > self._block.size:
            left = self._block[self._used :]
            self._block = np.concatenate([left, 2.0 * self._rng.integers(0, 2, max(size, _BLOCK)) - 1.0])
            self._used = 0
        self._used += size
        return self._block[self._used - size : self._used].reshape(shape)


def moved(value: Any, signs: Signs) -> Any:
    """Return a value with each of its floating-point numbers moved by one rounding, up or down; all else as it is."""
    if isinstance(value, float | np.floating):
        return value * (1.0 + UNIT * signs(())[()])
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return value * (1.0 + UNIT * signs(value.shape))
    if isinstance(value, list | tuple):
        return type(value)(moved(item, signs) for item in value)
    if isinstance(value, dict):
        return {key: moved(item, signs) for key, item in value.items()}
    return value


def _movable(reference: Reference, name: str, signs: Signs) -> Callable[..., Any]:
    """Return a function whose every assigned and returned value, its helpers' too, is moved."""
    names = reference.names() | {_MOVE: lambda value: moved(value, signs)}
    for one in reference.reached(name):
        exec(_code(reference, one), names)  # noqa: S102 - our own reference
    made: Callable[..., Any] = names[name]
    return made


@functools.cache
def _code(reference: Reference, name: str) -> CodeType:
    lines = reference.lines(name)
    edits = {number: Edit((_moving(line),)) for number, line in enumerate(lines.statements) if _has_value(line)}
    return compiled(ast.fix_missing_locations(lines.changed(edits)))


def _has_value(line: ast.stmt) -> bool:
    """Say whether a line gives a value to a name or returns one."""
    return isinstance(line, ast.Assign | ast.AnnAssign | ast.Return) and line.value is not None


def _moving(line: Any) -> Any:
    return with_value(line, ast.Call(ast.Name(_MOVE, ast.Load()), [line.value], []))
