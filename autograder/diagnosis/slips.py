"""Answers that no catalogued mistake gives, told by the formula: which one step of the reference, changed, gives them.

Every step of the reference is changed in every small way: another name, sign or number, or the whole step doubled,
rounded, divided by n and so on. Where exactly this gives the student's numbers on all inputs, it is said in the text's
notation, as what the numbers are: not as what the student wrote.
"""

import ast
import copy
import functools
import hashlib
import itertools
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgpack
import numpy as np

from autograder.diagnosis.exercise import PLAIN, Arguments, Exercise, exercises
from autograder.diagnosis.kept import Form, Table, kept
from autograder.diagnosis.lines import Edit
from autograder.diagnosis.signature import Signature, of_function, same_rows
from autograder.grading.assignment import Assignment
from autograder.grading.compare import Array
from autograder.sandbox.inside.codec import encode

_STRICT, _GUARDED = 1e-9, 1e-6  # how exact an answer is, and one whose logarithms stop short of ln 0
_TOLD = "Your numbers are what one gets with "
_CONFUSED = 250  # slips, the smallest first, from which an example has to tell the one that is told
_EVIDENCE = 2  # finite numbers, at the least
_NUMBERS = (0, 1, 2, 3, -1, 0.5, 10)
_TOTALS = ("sum", "mean", "max", "min", "median", "prod", "std")
_OF_NAME = (
    *("{}[::-1]", "{}[0]", "{}[-1]", "{}.sum()", "{}.mean()", "{}.max()", "{}.sum(axis=0)", "{}.mean(axis=0)"),
    *("np.abs({})", "np.round({})", "np.sqrt({})", "np.log({})", "np.exp({})", "np.tanh({})", "np.sign({})"),
    *("(1 - {})", "(1 + {})", "({} - 1)", "({}.T)"),
)
_FACTORS = (2, 3, -1, -2, 0.5)
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div)
_SIZE = "__size_{}__"
_V = "__value__"

# What a whole step becomes, and how that is called.
_WHOLE = {
    **{f"{c} * {_V}": f"{{}} times {c}" for c in ("2", "3", "4", "5", "10", "0.5", "0.1")},
    f"{_V} / 3": "{} divided by 3",
    **{f"{_V} + {c}": f"{{}} + {c}" for c in ("1", "2", "0.5", "0.1", "0.01", "0.001")},
    **{f"{_V} - {c}": f"{{}} − {c}" for c in ("1", "2", "0.5", "0.1", "0.01", "0.001")},
    f"-{_V}": "{} with the opposite sign",
    f"1 - {_V}": "1 minus {}",
    f"1 - {_V} ** 2": "1 minus the square of {}",
    f"1 / {_V}": "1 divided by {}",
    f"{_V} ** 2": "{} squared",
    f"{_V} ** 3": "{} to the third power",
    f"np.sqrt({_V})": "the square root of {}",
    f"np.abs({_V})": "{} without its sign",
    f"np.maximum({_V}, 0)": "{} with negative numbers set to 0",
    f"np.maximum({_V}, 0.5)": "{} with numbers below 0.5 set to 0.5",
    f"np.minimum({_V}, 1)": "{} with numbers above 1 set to 1",
    f"np.sign({_V})": "the sign of {}",
    f"np.log({_V})": "the logarithm of {}",
    f"np.exp({_V})": "the exponential of {}",
    f"np.tanh({_V})": "tanh of {}",
    f"np.round({_V})": "{} rounded to whole numbers",
    f"np.round({_V}, 1)": "{} rounded to one decimal",
    f"np.round({_V}, 2)": "{} rounded to two decimals",
    f"np.round({_V}, 3)": "{} rounded to three decimals",
    f"{_V}[::-1]": "{} from the last row to the first",
    f"{_V}[:, ::-1]": "{} with its columns from the last to the first",
    f"np.roll({_V}, 1, axis=0)": "{} with each row one place too late",
    f"np.roll({_V}, -1, axis=0)": "{} with each row one place too early",
    f"np.cumsum({_V}, axis=0)": "{} added up one after the other (a cumulative sum)",
    f"{_V} - np.mean({_V}, axis=0)": "{} minus its mean over the entries",
    f"{_V} - np.mean({_V})": "{} minus its mean",
    f"{_V} * np.mean({_V})": "{} times its mean",
    f"np.mean({_V}, axis=0) + 0 * {_V}": "the mean of {} over the entries",
    f"np.mean({_V}) + 0 * {_V}": "the mean of {}",
    f"np.max({_V}) + 0 * {_V}": "the largest of {}",
    f"np.min({_V}) + 0 * {_V}": "the smallest of {}",
    f"np.sqrt(np.mean({_V} ** 2)) + 0 * {_V}": "the root mean square of {}",
    f"{_V} / np.sum({_V})": "{} divided by its sum",
    f"{_V} / np.max(np.abs({_V}))": "{} divided by its largest number",
}
_BY_SIZE = {
    "{v} * {s}": "{{}} times {s}",
    "{v} / {s}": "{{}} divided by {s}",
    "{v} * np.sqrt({s})": "{{}} times the square root of {s}",
    "{v} / np.sqrt({s})": "{{}} divided by the square root of {s}",
}
_BY_NUMBER = {
    **{f"{{v}} + {c} * {{p}}": f"{{{{}}}} + {c} · {{p}}" for c in ("2", "3", "0.1", "0.01")},
    **{f"{{v}} - {c} * {{p}}": f"{{{{}}}} − {c} · {{p}}" for c in ("2", "3", "0.1", "0.01")},
    "{v} + {p}": "{{}} + {p}",
    "{v} - {p}": "{{}} − {p}",
    "{v} * {p}": "{{}} times {p}",
    "{v} / {p}": "{{}} divided by {p}",
}
_BY_ARRAY = {
    "{v} / np.sum(np.abs({p}))": "{{}} divided by the sum of |{p}|",
    "{v} / np.linalg.norm({p})": "{{}} divided by the length of {p}",
    "{v} * np.mean({p})": "{{}} times the mean of {p}",
    "{v} + 0.1 * np.sum({p} ** 2)": "{{}} + 0.1 times the sum of the squares of {p}",
    "{v} + 0.1 * {p}": "{{}} + 0.1 · {p}",
    "{v} + 0.01 * {p}": "{{}} + 0.01 · {p}",
}
# By a value that the function has at that line: an argument, or what an earlier line gives a name to.
_BY_VALUE = {
    "{v} * {p}": "{{}} times {p}",
    "{v} / {p}": "{{}} divided by {p}",
    "{v} + {p}": "{{}} + {p}",
    "{v} - {p}": "{{}} − {p}",
    "{v} * (1 - {p})": "{{}} times (1 − {p})",
    "{v} * {p} * (1 - {p})": "{{}} times {p}(1 − {p})",
    "{v} / ({p} * (1 - {p}))": "{{}} divided by {p}(1 − {p})",
    "{v} / np.sqrt({p} * (1 - {p}))": "{{}} divided by the square root of {p}(1 − {p})",
    "{v} * np.abs({p})": "{{}} times |{p}|",
    "{v} * {p} ** 2": "{{}} times the square of {p}",
    "{v} * np.sum({p})": "{{}} times the sum of {p}",
    "{v} * np.sum({p}, axis=0)": "{{}} times the sums of the columns of {p}",
    "{v} * np.sum({p}, axis=1)": "{{}} times the sums of the rows of {p}",
    "{v} * np.mean({p}, axis=0)": "{{}} times the means of the columns of {p}",
    "{v} - np.mean({p}, axis=0)": "{{}} − the means of the columns of {p}",
    "{v} / np.max(np.abs({p}))": "{{}} divided by the largest number of {p}",
}
# A mean that is written as a sum divided by n is replaced as a whole.
_IN_PLACE_OF_MEAN = {
    "np.max({v}{axis})": "the largest",
    "np.min({v}{axis})": "the smallest",
    "np.median({v}{axis})": "the median",
    "np.std({v}{axis})": "the standard deviation",
    "np.prod({v}{axis})": "the product",
    "np.max(np.abs({v}){axis})": "the largest size, without signs,",
    "np.mean(np.abs({v}){axis})": "the mean size, without signs,",
    "np.sqrt(np.mean({v} ** 2{axis}))": "the root of the mean square",
    "np.mean({v} ** 2{axis})": "the mean square",
    "({v})[..., 0]": "the first",
    "({v})[..., -1]": "the last",
    "({v})[0].sum()": "the first row alone",
    "({v})[-1].sum()": "the last row alone",
    "np.max(np.sum({v}, axis=-1))": "the largest row sum",
    "np.min(np.sum({v}, axis=-1))": "the smallest row sum",
    "np.median(np.sum({v}, axis=-1))": "the median of the row sums",
    "np.linalg.norm({v})": "the root of the sum of the squares",
}
_LAW_OF_MEAN = "{said} of {name} in place of the mean over the entries"
_METHODS = {
    r"([\w.]+)\.mean\(axis=0\)": r"(the mean of \1 over the entries)",
    r"([\w.]+)\.mean\(\)": r"(the mean of \1)",
    r"([\w.]+)\.sum\(\)": r"(the sum of \1)",
    r"([\w.]+)\.max\(\)": r"(the largest of \1)",
    r"([\w.]+)\[::-1\]": r"(\1 from its last row or number to its first)",
    r"([\w.]+)\[0\]": r"(the first row, or number, of \1)",
    r"([\w.]+)\[-1\]": r"(the last row, or number, of \1)",
    r"np\.round\(([\w.]+)\)": r"(\1 rounded to whole numbers)",
    r"np\.abs\(([\w.]+)\)": r"|\1|",
    r"np\.clip\((.+?), 1e-12, 1\)": r"\1",
}
# Items of a list of layers: of one that a loop is filling, and of one that is full.
_FILLING = {
    "A[-1]": "A",
    "A[-2]": "A two layers below",
    "A[-3]": "A three layers below",
    "A[len(A) - 2]": "the item before the last of the list A",
}
_FULL = {
    "A[-1]": "A of the last layer",
    "A[-2]": "A of the layer below the last",
    "A[-3]": "A two layers below the last",
    "A[layer - 1]": "A two layers below, which for layer 1 is that of the last layer",
    "A[layer + 1]": "A of this layer",
    "weights[layer - 1]": "W of the layer below",
    "weights[layer + 1]": "W of the layer above",
}
_ITEMS = {"A[0]": "X", "A[1]": "A of layer 1", "weights[-1]": "W", "biases[-1]": "b"}
_WRITTEN = (
    ("np.log(", "ln("),
    ("np.sum(", "Σ ("),
    ("np.max(", "max("),
    ("np.min(", "min("),
    ("np.median(", "median("),
    ("np.mean(", "mean("),
    ("np.exp(", "exp("),
    ("np.sqrt(n)", "√n"),
    ("np.sqrt(", "√("),
    ("np.prod(", "the product of ("),
    ("np.std(", "the standard deviation of ("),
    ("sigmoid(", "σ("),
    ("len(X)", "n"),
    ("len(y)", "n"),
    ("len(w)", "k"),
    ("len(weights)", "the number of layers"),
    ("len(biases)", "the number of layers"),
    (", axis=1", ""),
    (", axis=0", ""),
    (".T", "ᵀ"),
    (" ** 2", "²"),
    ("**", "^"),
    (" * ", " · "),
    (" @ ", " "),
    ("-", "−"),
    ("+ −", "− "),
    ("− −", "+ "),
)


@dataclass(frozen=True)
class Slip:
    """One changed step, or two that belong together, such as a sum and its division by n.

    Attributes:
        values: the expressions that take the place of the lines' own, by the number of the line in the function.
        words: what the numbers are, in the text's notation.
    """

    values: Mapping[int, ast.expr]
    words: str


class Slips:
    """Knows what an exercise's formula gives with one step changed.

    Args:
        exercise: whose formula.
        folder: of its assignment.
    """

    def __init__(self, exercise: Exercise, folder: Path) -> None:
        self._exercise = exercise
        self._folder = folder

    @functools.cached_property
    def _all(self) -> list[Slip]:
        return list(_slips(self._exercise))

    @functools.cached_property
    def _tables(self) -> dict[int, Table]:
        return {}

    def _table(self, probe: int) -> Table:
        """Return what all slips answer to one of the plain probe inputs."""
        if probe not in self._tables:
            name = f"slips-{self._exercise.name}-{probe}"
            given = self._exercise.probes[PLAIN][probe]
            self._tables[probe] = kept(name, self._folder, lambda: self._tabulate(given))
        return self._tables[probe]

    @functools.cached_property
    def _alive(self) -> list[int]:
        """The first slips that give answers of the right form."""
        right = self._exercise.answers[PLAIN][0]
        whose, _ = self._table(0).get(_form(right), (np.zeros(0, int), np.zeros((0, 0))))
        return [int(number) for number in whose[:_CONFUSED]]

    def _tabulate(self, arguments: Arguments, numbers: Iterable[int] = ()) -> Table:
        found: dict[Form, tuple[list[int], list[Array]]] = {}
        for number in numbers or range(len(self._all)):
            answer = of_function(self._function(number), arguments)
            if answer.values is not None:
                whose, answers = found.setdefault(_form(answer), ([], []))
                whose.append(number)
                answers.append(answer.values)
        return {form: (np.array(whose), np.array(answers)) for form, (whose, answers) in found.items()}

    def _function(self, number: int) -> Callable[..., Any]:
        """Return the changed function, which knows the sizes of its input by their names."""
        text, slip = self._exercise.text, self._all[number]
        statements = text.reference.lines(text.name).statements
        edits = {
            (text.name, place): Edit((ast.fix_missing_locations(_with_value(statements[place], value)),))
            for place, value in slip.values.items()
        }
        made = text.function(edits)

        def sized(*arguments: Any) -> Any:
            sizes = self._exercise.sizes(arguments)
            made.__globals__.update({_SIZE.format(name): size for name, size in sizes.items()})
            return made(*arguments)

        return sized

    def told(self, answers: tuple[Signature, ...], ask: Callable[[Arguments], Signature], seed: int) -> str:
        """Return in a sentence which changed step gives the student's numbers, or nothing.

        Args:
            answers: the student's on the plain probe inputs.
            ask: calls the student's function once more.
            seed: of inputs on which the sentence has to hold, too.
        """
        if all(answer.agrees(right) for answer, right in zip(answers, self._exercise.answers[PLAIN], strict=True)):
            return ""
        finite = sum(int(np.sum(np.isfinite(one.values))) for one in answers if one.values is not None)
        if finite < _EVIDENCE:
            return ""
        fresh = self._exercise.fresh_inputs(seed)
        for precision in (0.0, _GUARDED):
            loosely = tuple(replace(one, precision=max(one.precision, precision)) for one in answers)
            for number in self._like(loosely):
                function = self._function(number)
                inputs = [*zip(self._exercise.probes[PLAIN], loosely, strict=True)]
                if all(of_function(function, arguments).agrees(answer) for arguments, answer in inputs) and all(
                    replace(of_function(function, arguments), precision=max(precision, _STRICT)).agrees(ask(arguments))
                    for arguments in fresh
                ):
                    return f"{_TOLD}{self._all[number].words}."
        return ""

    def prepare(self, answers: tuple[Signature, ...]) -> None:
        """Make the tables that are needed to tell a slip from these answers."""
        self._like(answers)

    def _like(self, answers: tuple[Signature, ...]) -> list[int]:
        """Return the slips that give the student's answer to the first of the plain probe inputs with finite ones."""
        for probe, one in enumerate(answers):
            if one.values is not None and np.any(np.isfinite(one.values)):
                whose, known = self._table(probe).get(_form(one), (np.zeros(0, int), np.zeros((0, one.values.size))))
                found: list[int] = whose[same_rows(known, one.values, one.precision)].tolist()
                return found
        return []

    def others(self, arguments: Arguments, answers: tuple[Signature, ...]) -> list[Signature]:
        """Return what the slips answer to a public input, but for those that give the student's answers.

        Args:
            arguments: the input.
            answers: the student's on the plain probe inputs.
        """
        key = msgpack.packb(encode(arguments))
        if key not in self._public:
            name = f"slips-{self._exercise.name}-{hashlib.sha256(key).hexdigest()[:12]}"
            self._public[key] = kept(name, self._folder, lambda: self._tabulate(arguments, self._alive))
        like = self._like(answers)
        return [
            Signature(form[0], form[1], values, form[2])
            for form, (whose, rows) in self._public[key].items()
            for number, values in zip(whose.tolist(), rows, strict=True)
            if number not in like
        ]

    @functools.cached_property
    def _public(self) -> dict[bytes, Table]:
        return {}


def _with_value(line: ast.stmt, value: ast.expr) -> ast.stmt:
    new = copy.copy(line)
    new.value = value  # type: ignore[attr-defined]
    return new


def is_told(text: str) -> bool:
    """Say whether a text tells a slip."""
    return _TOLD in text


def _form(signature: Signature) -> Form:
    return signature.kind, signature.shape, signature.changed


def slips_for(assignment: Assignment, exercise: str) -> Slips:
    """Return what knows an exercise's slips; made once in a process, and anew for changed files."""
    return _made(assignment, exercise, assignment.fingerprint())


@functools.lru_cache(64)
def _made(assignment: Assignment, exercise: str, _fingerprint: object) -> Slips:
    return Slips(exercises(assignment)[exercise], assignment.folder)


def _slips(exercise: Exercise) -> Iterator[Slip]:
    """Yield the changed steps, smaller changes before larger ones."""
    text = exercise.text
    if exercise.adapter is not None:
        return
    lines = text.reference.lines(text.name)
    filling = any(".append(" in line for line in lines.texts)
    words = {**_ITEMS, **(_FILLING if filling else _FULL), **text.reference.words(text.name)}
    sizes = {_SIZE.format(name): name for name in exercise.sizes(exercise.probes[PLAIN][0])}
    steps = [
        _Step(number, line, line.value, _names(text.parameters, lines.statements[:number], line), {**words, **sizes})  # type: ignore[attr-defined]
        for number, line in enumerate(lines.statements)
        if _is_step(line)
    ]
    for step in steps:
        yield from _small_slips(step, sizes)
    yield from _means(steps)
    yield from _moved_outside(steps)
    for step in (one for one in steps if _target(one.line) in words or isinstance(one.line, ast.Return)):
        for template, said in _wraps(exercise, words):
            yield step.wrapped(template, said)
    for step in (one for one in steps if _target(one.line) in words or isinstance(one.line, ast.Return)):
        for name in sorted(step.names.keys() - set(_tables(exercise, step))):
            for template, said in _BY_VALUE.items():
                called = _braced(words.get(name, name))
                yield step.wrapped(template.format(v=_V, p=name), said.format(p=called))


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
        return self.words.get(_target(self.line), "") or _written(_told_part(self.value), self.words)

    def wrapped(self, template: str, said: str) -> Slip:
        """Return the slip that a template makes of the value, and of a list that a loop makes, of each item."""
        made = ast.parse(template, mode="eval").body
        whole = isinstance(self.value, ast.ListComp)
        name = _written(_told_part(self.value), self.words) if whole else self.called
        new: ast.expr = _Put(_told_part(self.value)).visit(made)
        if isinstance(self.value, ast.ListComp):
            new = ast.ListComp(new, self.value.generators)
        return Slip({self.number: new}, f"{said.format(_braced(name))} in place of {name}")


def _names(parameters: Collection[str], before: Sequence[ast.stmt], line: Any) -> dict[str, str]:
    """Return the names that a line may use: parameters, what is bound before it, and by a loop inside it."""
    items = {
        _target(one): ast.unparse(one.value)
        for one in before
        if isinstance(one, ast.Assign) and isinstance(one.value, ast.Subscript)
    }
    names = {*parameters, *_bound(before), *_bound([line.value])} - {_target(line)}
    return {name: items.get(name, "") for name in names}


def _small_slips(step: _Step, sizes: Mapping[str, str]) -> Iterator[Slip]:
    old = _told_part(step.value)
    for new in _small(step.value, step.names, sizes):
        pair = [_written(one, step.words) for one in (old, _told_part(new))]
        if pair[0] == pair[1]:  # only an axis is another
            pair = [_written(one, step.words, axes=True) for one in (old, _told_part(new))]
        if pair[0] == pair[1]:
            continue
        words = f"{pair[1]} in place of {pair[0]}"
        yield Slip({step.number: new}, words)
        if (guarded := _guarded(new)) is not None:
            yield Slip({step.number: guarded}, words)


def _guarded(value: ast.expr) -> ast.expr | None:
    """Return an expression whose logarithms stop short of ln 0, as many a student's do; None without a logarithm."""
    new = copy.deepcopy(value)
    found = [one for one in ast.walk(new) if isinstance(one, ast.Call) and ast.unparse(one.func) == "np.log"]
    for call in found:
        call.args = [_expression(f"np.clip({ast.unparse(call.args[0])}, 1e-12, 1)")]
    return new if found else None


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _means(steps: Sequence[_Step]) -> Iterator[Slip]:
    """Yield other totals in place of a mean, which one line adds up and another one divides by n."""
    for one, other in itertools.combinations(steps, 2):
        target = _target(one.line)
        parts = _summed(one.value)
        divided = _undivided(other.value, target)
        if not target or parts is None or divided is None:
            continue
        v, axis = parts
        said_of = _braced(_written(_expression(v), one.words))
        for template, said in _IN_PLACE_OF_MEAN.items():
            new = _expression(template.format(v=v, axis=axis))
            words = _LAW_OF_MEAN.format(said=said, name=said_of)
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
            return _replaced(value, place, node.left)
    return None


def _moved_outside(steps: Sequence[_Step]) -> Iterator[Slip]:
    """Yield steps whose second part is applied after the next function, not before it: σ(Xw) + b for σ(Xw + b)."""
    for one, other in itertools.combinations(steps, 2):
        inner, call, target = one.value, other.value, _target(one.line)
        if not (isinstance(inner, ast.BinOp) and isinstance(inner.op, _OPERATORS) and isinstance(call, ast.Call)):
            continue
        if not (len(call.args) == 1 and isinstance(call.args[0], ast.Name) and call.args[0].id == target):
            continue
        outside = ast.BinOp(call, inner.op, inner.right)
        said, right = (
            _written(ast.BinOp(_call(call, left), inner.op, inner.right) if moved else _call(call, left), one.words)
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


def _target(line: ast.stmt) -> str:
    names = line.targets if isinstance(line, ast.Assign) else []
    return names[0].id if len(names) == 1 and isinstance(names[0], ast.Name) else ""


def _wraps(exercise: Exercise, words: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    arguments = exercise.probes[PLAIN][0]
    yield from _WHOLE.items()
    for name in exercise.sizes(arguments):
        for template, said in _BY_SIZE.items():
            yield template.format(v=_V, s=_SIZE.format(name)), said.format(s=name)
    for name, value in zip(exercise.parameters, arguments, strict=True):
        templates = _BY_NUMBER if isinstance(value, float) else _BY_ARRAY if isinstance(value, np.ndarray) else {}
        for template, said in templates.items():
            yield template.format(v=_V, p=name), said.format(p=words.get(name, name))


class _Put(ast.NodeTransformer):
    """Puts an expression where a template has its sign."""

    def __init__(self, value: ast.expr) -> None:
        self._value = value

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Replace the sign."""
        return copy.deepcopy(self._value) if node.id == _V else node


def _small(value: ast.expr, names: Mapping[str, str], sizes: Collection[str]) -> Iterator[ast.expr]:
    """Yield an expression with one name, number, operator or call changed."""
    for place, node in enumerate(ast.walk(value)):
        for new in _instead(node, names, sizes):
            yield _replaced(value, place, new)


def _other_items(item: str) -> Iterator[str]:
    """Yield items of the same list one place further, or at its ends, for a name that is an item of a list."""
    found = re.fullmatch(r"(\w+)\[(\w+)\]", item)
    if found:
        yield from (f"{found[1]}[{index}]" for index in (f"{found[2]} - 1", f"{found[2]} + 1", "-1", "0"))


def _instead(node: ast.AST, names: Mapping[str, str], sizes: Collection[str]) -> Iterator[ast.expr]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
        yield from (ast.Name(other, ast.Load()) for other in sorted(names.keys() - {node.id}))
        yield from map(_expression, _other_items(names[node.id]))
        yield from _of_name(node, names, sizes)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield from (ast.Constant(other) for other in _NUMBERS if other != node.value)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, _OPERATORS):
        for operator in _OPERATORS:
            if not isinstance(node.op, operator):
                yield ast.BinOp(node.left, operator(), node.right)
        yield from (node.left, node.right)
        yield from _other_brackets(node)
        if isinstance(node.op, ast.Sub | ast.Div):
            yield ast.BinOp(node.right, node.op, node.left)
        yield from _inside(node)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield node.operand
    elif isinstance(node, ast.Call) and len(node.args) == 1 and not isinstance(node.args[0], ast.Starred):
        yield from _of_call(node)
    elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and isinstance(node.slice, ast.UnaryOp):
        name, own = node.value.id, ast.unparse(node.slice)  # another item of a list, counted from its end
        others = ("0", "1", "-1", "-2", "-3", f"len({name}) - 2")
        yield from (_expression(f"{name}[{index}]") for index in others if index != own)


def _other_brackets(node: ast.BinOp) -> Iterator[ast.expr]:
    """Yield a step whose second operation comes first: (A + b) W for A W + b, and A (W + b)."""
    if isinstance(node.left, ast.BinOp):
        one, two = node.left.left, node.left.right
        yield ast.BinOp(ast.BinOp(one, node.op, node.right), node.left.op, two)
        yield ast.BinOp(one, node.left.op, ast.BinOp(two, node.op, node.right))


def _inside(node: ast.expr) -> Iterator[ast.expr]:
    """Yield what may become of a part of a step."""
    text = ast.unparse(node)
    for template in ("({}) ** 2", "np.sqrt({})", "np.abs({})", "np.sum({})", "np.mean({})", "np.mean({}, axis=0)"):
        yield _expression(template.format(text))


def _of_call(node: ast.Call) -> Iterator[ast.expr]:
    """Yield what may stand in place of a call: its argument alone, and in place of a sum or a mean other totals."""
    if ast.unparse(node.func) == "len":
        text = ast.unparse(node)
        for template in ("np.sqrt({})", "{} ** 2", "({} - 1)", "({} + 1)", "(2 * {})", "({} / 2)"):
            yield _expression(template.format(text))
        return
    yield node.args[0]
    if isinstance(node.func, ast.Attribute) and node.func.attr in _TOTALS:
        for total in (one for one in _TOTALS if one != node.func.attr):
            other = copy.deepcopy(node)
            other.func.attr = total  # type: ignore[attr-defined]
            yield other
        yield ast.Call(node.func, node.args, [])
        yield from (ast.Subscript(node.args[0], ast.Constant(place), ast.Load()) for place in (0, -1))


def _of_name(node: ast.Name, names: Collection[str], sizes: Collection[str]) -> Iterator[ast.expr]:
    """Yield what may stand in place of a name: a number, or the same multiplied, squared, reversed."""
    yield from map(ast.Constant, (0, 1, 0.5))
    yield from (ast.BinOp(ast.Constant(factor), ast.Mult(), node) for factor in _FACTORS)
    yield from (ast.BinOp(node, sign(), ast.Name(size, ast.Load())) for size in sizes for sign in (ast.Mult, ast.Div))
    yield ast.BinOp(node, ast.Pow(), ast.Constant(2))
    for template in _OF_NAME:
        yield _expression(template.format(node.id))
    for other in sorted(set(names) - {node.id}):
        yield from (ast.BinOp(node, sign(), ast.Name(other, ast.Load())) for sign in _OPERATORS)


def _replaced(value: ast.expr, place: int, new: ast.expr) -> ast.expr:
    """Return a copy of an expression with the node at a place of its walk replaced."""
    if place == 0:
        return copy.deepcopy(new)
    whole = copy.deepcopy(value)
    wanted = next(itertools.islice(ast.walk(whole), place, None))
    for parent in ast.walk(whole):
        for field, child in ast.iter_fields(parent):
            if child is wanted:
                setattr(parent, field, copy.deepcopy(new))
            elif isinstance(child, list) and any(one is wanted for one in child):
                setattr(parent, field, [copy.deepcopy(new) if one is wanted else one for one in child])
    return whole


def _written(value: ast.expr, words: Mapping[str, str], *, axes: bool = False) -> str:
    """Return an expression in the text's notation; with `axes`, each total says along which axis."""
    named = copy.deepcopy(value)
    signs: dict[str, str] = {}
    for node in ast.walk(named):
        if isinstance(node, ast.Name) and words.get(node.id, node.id) != node.id:
            sign = f"name{len(signs)}_"
            signs[sign] = words[node.id] if node is named else _braced(words[node.id])
            node.id = sign
    text = ast.unparse(named)
    for old, new in ((old, new if text == old else _braced(new)) for old, new in words.items() if "[" in old):
        text = re.sub(rf"\b{re.escape(old)}", new, text)
    for pattern, said in _METHODS.items():
        text = re.sub(pattern, said, text)
    for old, new in _WRITTEN:
        text = text if axes and "axis" in old else text.replace(old, new)
    text = re.sub(r"name\d+_", lambda match: signs[match[0]], text)
    return re.sub(r"\(\(([^()]*(?:\([^()]*\)[^()]*)*)\)\)", r"(\1)", text)


def _braced(words: str) -> str:
    """Return words in brackets where what stands before or after them could be misread."""
    whole = words.startswith("(") and words.endswith(")") and words.count("(") == 1
    return f"({words})" if " " in words and not whole else words
