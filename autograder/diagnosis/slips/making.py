"""The slips of an exercise: every step of its reference, changed in every small way."""

import ast
import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.diagnosis.exercise import PLAIN, Exercise
from autograder.diagnosis.lines import target_of
from autograder.diagnosis.slips.changes import OPERATORS, SIZE, Put, expression, replaced, small
from autograder.diagnosis.slips.templates import (
    BY_ARRAY,
    BY_NUMBER,
    BY_SIZE,
    BY_VALUE,
    FILLING,
    FULL,
    IN_PLACE_OF_MEAN,
    LAW_OF_MEAN,
    WHOLE,
    V,
)
from autograder.diagnosis.slips.words import ITEMS, braced, written
from autograder.diagnosis.trees import cloned


@dataclass(frozen=True)
class Slip:
    """One changed step, or two that belong together, such as a sum and its division by n.

    Attributes:
        values: the expressions that take the place of the lines' own, by the number of the line in the function.
        words: what the numbers are, in the text's notation.
    """

    values: Mapping[int, ast.expr]
    words: str


def slips_of(exercise: Exercise) -> Iterator[Slip]:
    """Yield the changed steps, smaller changes before larger ones."""
    text = exercise.text
    if exercise.adapter is not None:
        return
    lines = text.reference.lines(text.name)
    filling = any(".append(" in line for line in lines.texts)
    words = {**ITEMS, **(FILLING if filling else FULL), **text.reference.words(text.name)}
    sizes = {SIZE.format(name): name for name in exercise.sizes(exercise.probes[PLAIN][0])}
    steps = [
        _Step(number, line, line.value, _names(text.parameters, lines.statements[:number], line), {**words, **sizes})  # type: ignore[attr-defined]
        for number, line in enumerate(lines.statements)
        if _is_step(line)
    ]
    for step in steps:
        yield from _small_slips(step, sizes)
    yield from _means(steps)
    yield from _moved_outside(steps)
    for step in (one for one in steps if target_of(one.line) in words or isinstance(one.line, ast.Return)):
        for template, said in _wraps(exercise, words):
            yield step.wrapped(template, said)
    for step in (one for one in steps if target_of(one.line) in words or isinstance(one.line, ast.Return)):
        for name in sorted(step.names.keys() - set(_tables(exercise, step))):
            for template, said in BY_VALUE.items():
                called = braced(words.get(name, name))
                yield step.wrapped(template.format(v=V, p=name), said.format(p=called))


def _tables(exercise: Exercise, step: "_Step") -> Iterator[str]:
    """Yield the names of a step that are no numbers: lists of arrays, among the arguments."""
    arguments = dict(zip(exercise.parameters, exercise.probes[PLAIN][0], strict=True))
    yield from (name for name in step.names if isinstance(arguments.get(name), list))


@dataclass(frozen=True)
class _Step:
    """A line that computes something.

    Attributes:
        number: of the line in the function.
        line: itself.
        value: what it computes.
        names: the values that it may use, each with the item of a list that it is, or nothing.
        words: what the text calls them.
    """

    number: int
    line: ast.stmt
    value: ast.expr
    names: Mapping[str, str]
    words: Mapping[str, str]

    @property
    def called(self) -> str:
        """What the text calls its value."""
        return self.words.get(target_of(self.line), "") or written(_told_part(self.value), self.words)

    def wrapped(self, template: str, said: str) -> Slip:
        """Return the slip that a template makes of the value, and of a list that a loop makes, of each item."""
        made = ast.parse(template, mode="eval").body
        whole = isinstance(self.value, ast.ListComp)
        name = written(_told_part(self.value), self.words) if whole else self.called
        new: ast.expr = Put(_told_part(self.value)).visit(made)
        if isinstance(self.value, ast.ListComp):
            new = ast.ListComp(new, self.value.generators)
        return Slip({self.number: new}, f"{said.format(braced(name))} in place of {name}")


def _names(parameters: Collection[str], before: Sequence[ast.stmt], line: Any) -> dict[str, str]:
    """Return the names that a line may use: parameters, what is bound before it, and by a loop inside it."""
    items = {
        target_of(one): ast.unparse(one.value)
        for one in before
        if isinstance(one, ast.Assign) and isinstance(one.value, ast.Subscript)
    }
    names = {*parameters, *_bound(before), *_bound([line.value])} - {target_of(line)}
    return {name: items.get(name, "") for name in names}


def _small_slips(step: _Step, sizes: Mapping[str, str]) -> Iterator[Slip]:
    old = _told_part(step.value)
    for new in small(step.value, step.names, sizes):
        pair = [written(one, step.words) for one in (old, _told_part(new))]
        if pair[0] == pair[1]:  # only an axis is another
            pair = [written(one, step.words, axes=True) for one in (old, _told_part(new))]
        if pair[0] == pair[1]:
            continue
        words = f"{pair[1]} in place of {pair[0]}"
        yield Slip({step.number: new}, words)
        if (guarded := _guarded(new)) is not None:
            yield Slip({step.number: guarded}, words)


def _guarded(value: ast.expr) -> ast.expr | None:
    """Return an expression whose logarithms stop short of ln 0, as many a student's do; None without a logarithm."""
    new = cloned(value)
    found = [one for one in ast.walk(new) if isinstance(one, ast.Call) and ast.unparse(one.func) == "np.log"]
    for call in found:
        call.args = [expression(f"np.clip({ast.unparse(call.args[0])}, 1e-12, 1)")]
    return new if found else None


def _means(steps: Sequence[_Step]) -> Iterator[Slip]:
    """Yield other totals in place of a mean, which one line adds up and another one divides by n."""
    for one, other in itertools.combinations(steps, 2):
        target = target_of(one.line)
        parts = _summed(one.value)
        divided = _undivided(other.value, target)
        if not target or parts is None or divided is None:
            continue
        v, axis = parts
        said_of = braced(written(expression(v), one.words))
        for template, said in IN_PLACE_OF_MEAN.items():
            new = expression(template.format(v=v, axis=axis))
            words = LAW_OF_MEAN.format(said=said, name=said_of)
            yield Slip({one.number: new, other.number: divided}, words)


def _summed(value: ast.expr) -> tuple[str, str] | None:
    """Return what is added up, and along which axis, where an expression is np.sum of something."""
    if not isinstance(value, ast.Call) or ast.unparse(value.func) != "np.sum" or len(value.args) != 1:
        return None
    return ast.unparse(value.args[0]), "".join(f", {ast.unparse(one)}" for one in value.keywords)


def _undivided(value: ast.expr, name: str) -> ast.expr | None:
    """Return an expression without its division by n, where a name is divided so; else None."""
    for place, node in enumerate(ast.walk(value)):
        if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)):
            continue
        divided = any(isinstance(one, ast.Name) and one.id == name for one in ast.walk(node.left))
        if divided and ast.unparse(node.right).startswith("len("):
            return replaced(value, place, node.left)
    return None


def _moved_outside(steps: Sequence[_Step]) -> Iterator[Slip]:
    """Yield steps whose second part is applied after the next function, not before it: σ(Xw) + b for σ(Xw + b)."""
    for one, other in itertools.combinations(steps, 2):
        inner, call, target = one.value, other.value, target_of(one.line)
        if not (isinstance(inner, ast.BinOp) and isinstance(inner.op, OPERATORS) and isinstance(call, ast.Call)):
            continue
        if not (len(call.args) == 1 and isinstance(call.args[0], ast.Name) and call.args[0].id == target):
            continue
        outside = ast.BinOp(call, inner.op, inner.right)
        said, right = (
            written(ast.BinOp(_call(call, left), inner.op, inner.right) if moved else _call(call, left), one.words)
            for left, moved in ((inner.left, True), (inner, False))
        )
        yield Slip({one.number: inner.left, other.number: outside}, f"{said} in place of {right}")


def _call(call: ast.Call, argument: ast.expr) -> ast.Call:
    return ast.Call(call.func, [argument], [])


def _is_step(line: Any) -> bool:
    """Say whether a line computes: it gives no mere name, and no list that is still to be filled."""
    return isinstance(line, ast.Assign | ast.Return) and not isinstance(
        line.value, ast.Name | ast.List | ast.Tuple | None
    )


def _told_part(value: ast.expr) -> ast.expr:
    """Return what is told of an expression: of a list that a loop makes, an item."""
    return value.elt if isinstance(value, ast.ListComp) else value


def _bound(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the names that statements, or loops inside an expression, give values to."""
    walked = itertools.chain.from_iterable(map(ast.walk, nodes))
    return {one.id for one in walked if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}


def _wraps(exercise: Exercise, words: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    arguments = exercise.probes[PLAIN][0]
    yield from WHOLE.items()
    for name in exercise.sizes(arguments):
        for template, said in BY_SIZE.items():
            yield template.format(v=V, s=SIZE.format(name)), said.format(s=name)
    for name, value in zip(exercise.parameters, arguments, strict=True):
        templates = BY_NUMBER if isinstance(value, float) else BY_ARRAY if isinstance(value, np.ndarray) else {}
        for template, said in templates.items():
            yield template.format(v=V, p=name), said.format(p=words.get(name, name))
