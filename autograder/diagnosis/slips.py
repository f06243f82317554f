"""Answers that no catalogued mistake gives, told by the formula: which one step of the reference, changed, gives them.

Every step of the reference is changed in every small way: another name, sign or number, or the whole step doubled,
rounded, divided by n and so on. Where exactly this gives the student's numbers on all inputs, it is said in the text's
notation, as what the numbers are: not as what the student wrote.
"""

import ast
import copy
import functools
import itertools
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograder.diagnosis.exercise import PLAIN, Arguments, Exercise, exercises
from autograder.diagnosis.kept import Form, Table, kept
from autograder.diagnosis.lines import Edit
from autograder.diagnosis.signature import Signature, of_function, same_rows
from autograder.grading.assignment import Assignment
from autograder.grading.compare import Array

_EVIDENCE = 2  # finite numbers, at the least
_NUMBERS = (0, 1, 2, 3, -1, 0.5, 10)
_TOTALS = ("sum", "mean", "max", "min", "median")
_FACTORS = (2, 3, -1, -2, 0.5)
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div)
_SIZE = "__size_{}__"
_V = "__value__"

# What a whole step becomes, and how that is called.
_WHOLE = {
    **{f"{c} * {_V}": f"{{}} times {c}" for c in ("2", "3", "4", "5", "10", "0.5", "0.1")},
    f"{_V} / 3": "{} divided by 3",
    **{f"{_V} + {c}": f"{{}} plus {c}" for c in ("1", "2", "0.5", "0.1", "0.01", "0.001")},
    **{f"{_V} - {c}": f"{{}} minus {c}" for c in ("1", "2", "0.5", "0.1", "0.01", "0.001")},
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
    f"{_V}[::-1]": "{} in reverse order",
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
    **{f"{{v}} + {c} * {{p}}": f"{{{{}}}} plus {c} times {{p}}" for c in ("2", "3", "0.1", "0.01")},
    **{f"{{v}} - {c} * {{p}}": f"{{{{}}}} minus {c} times {{p}}" for c in ("2", "3", "0.1", "0.01")},
    "{v} + {p}": "{{}} plus {p}",
    "{v} - {p}": "{{}} minus {p}",
    "{v} * {p}": "{{}} times {p}",
    "{v} / {p}": "{{}} divided by {p}",
}
_BY_ARRAY = {
    "{v} / np.sum(np.abs({p}))": "{{}} divided by the sum of |{p}|",
    "{v} / np.linalg.norm({p})": "{{}} divided by the length of {p}",
    "{v} * np.mean({p})": "{{}} times the mean of {p}",
    "{v} + 0.1 * np.sum({p} ** 2)": "{{}} plus 0.1 times the sum of {p}²",
}
_METHODS = {
    r"([\w.]+)\.mean\(axis=0\)": r"the mean of \1 over the entries",
    r"([\w.]+)\.mean\(\)": r"the mean of \1",
    r"([\w.]+)\.sum\(\)": r"the sum of \1",
    r"([\w.]+)\.max\(\)": r"the largest of \1",
    r"([\w.]+)\[::-1\]": r"\1 in reverse order",
    r"([\w.]+)\[0\]": r"the first of \1",
    r"np\.round\(([\w.]+)\)": r"\1 rounded to whole numbers",
    r"np\.abs\(([\w.]+)\)": r"|\1|",
}
_WRITTEN = (
    ("[-1]", ""),
    ("np.log(", "ln("),
    ("np.sum(", "Σ ("),
    ("np.max(", "max("),
    ("np.min(", "min("),
    ("np.median(", "median("),
    ("np.mean(", "mean("),
    ("np.exp(", "exp("),
    ("sigmoid(", "σ("),
    ("len(X)", "n"),
    ("len(y)", "n"),
    ("len(w)", "k"),
    ("len(weights)", "the number of layers"),
    ("len(biases)", "the number of layers"),
    (", axis=1", ""),
    (", axis=0", ""),
    (".T", "ᵀ"),
    ("**", "^"),
    (" * ", " · "),
    (" @ ", " "),
    ("-", "−"),
)


@dataclass(frozen=True)
class Slip:
    """One changed step.

    Attributes:
        number: of the line in the function.
        value: the expression that takes the place of the line's own.
        words: what the numbers are, in the text's notation.
    """

    number: int
    value: ast.expr
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
    def _table(self) -> Table:
        return kept(f"slips-{self._exercise.name}", self._folder, self._tabulate)

    def _tabulate(self) -> Table:
        found: dict[Form, tuple[list[int], list[Array]]] = {}
        for number in range(len(self._all)):
            answer = of_function(self._function(number), self._exercise.probes[PLAIN][0])
            if answer.values is not None:
                whose, answers = found.setdefault(_form(answer), ([], []))
                whose.append(number)
                answers.append(answer.values)
        return {form: (np.array(whose), np.array(answers)) for form, (whose, answers) in found.items()}

    def _function(self, number: int) -> Callable[..., Any]:
        """Return the changed function, which knows the sizes of its input by their names."""
        text, slip = self._exercise.text, self._all[number]
        line = copy.copy(text.reference.lines(text.name).statements[slip.number])
        line.value = slip.value  # type: ignore[attr-defined]
        made = text.function({(text.name, slip.number): Edit((ast.fix_missing_locations(line),))})

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
        first = answers[0]
        if all(answer.agrees(right) for answer, right in zip(answers, self._exercise.answers[PLAIN], strict=True)):
            return ""
        finite = sum(int(np.sum(np.isfinite(one.values))) for one in answers if one.values is not None)
        if first.values is None or finite < _EVIDENCE or _form(first) not in self._table:
            return ""
        whose, known = self._table[_form(first)]
        for number in whose[same_rows(known, first.values, first.precision)].tolist():
            function = self._function(number)
            inputs = [*zip(self._exercise.probes[PLAIN], answers, strict=True)]
            if all(of_function(function, arguments).agrees(answer) for arguments, answer in inputs) and all(
                of_function(function, arguments).agrees(ask(arguments))
                for arguments in self._exercise.fresh_inputs(seed)
            ):
                return f"Your numbers are those of {self._all[number].words}."
        return ""


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
    words = text.reference.words(text.name)
    steps: list[tuple[int, ast.stmt, ast.expr]] = [
        (number, line, line.value)  # type: ignore[attr-defined]
        for number, line in enumerate(lines.statements)
        if _is_step(line)
    ]
    for number, line, value in steps:
        before = {*text.parameters, *_bound(lines.statements[:number]), *_bound([value])} - {_target(line)}
        sizes = {_SIZE.format(name): name for name in exercise.sizes(exercise.probes[PLAIN][0])}
        for new in _small(value, before, sizes):
            old_words, new_words = (_written(_told_part(one), {**words, **sizes}) for one in (value, new))
            if old_words != new_words:
                yield Slip(number, new, f"{new_words} in place of {old_words}")
    for number, line, value in steps:
        if isinstance(value, ast.ListComp):
            continue
        name = words.get(_target(line), "") or _written(value, words)
        for template, said in _wraps(exercise, words):
            new = _Put(value).visit(ast.parse(template, mode="eval").body)
            yield Slip(number, new, f"{said.format(_braced(name))} in place of {name}")


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


def _small(value: ast.expr, names: set[str], sizes: Collection[str]) -> Iterator[ast.expr]:
    """Yield an expression with one name, number, operator or call changed."""
    for place, node in enumerate(ast.walk(value)):
        for new in _instead(node, names, sizes):
            yield _replaced(value, place, new)


def _instead(node: ast.AST, names: set[str], sizes: Collection[str]) -> Iterator[ast.expr]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
        yield from (ast.Name(other, ast.Load()) for other in sorted(names - {node.id}))
        yield from _of_name(node, sizes)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield from (ast.Constant(other) for other in _NUMBERS if other != node.value)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, _OPERATORS):
        for operator in _OPERATORS:
            if not isinstance(node.op, operator):
                yield ast.BinOp(node.left, operator(), node.right)
        yield from (node.left, node.right)
        if isinstance(node.op, ast.Sub | ast.Div):
            yield ast.BinOp(node.right, node.op, node.left)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield node.operand
    elif isinstance(node, ast.Call) and len(node.args) == 1 and not isinstance(node.args[0], ast.Starred):
        yield from _of_call(node)


def _of_call(node: ast.Call) -> Iterator[ast.expr]:
    """Yield what may stand in place of a call: its argument alone, and in place of a sum or a mean other totals."""
    yield node.args[0]
    if isinstance(node.func, ast.Attribute) and node.func.attr in _TOTALS:
        for total in (one for one in _TOTALS if one != node.func.attr):
            other = copy.deepcopy(node)
            other.func.attr = total  # type: ignore[attr-defined]
            yield other
        yield ast.Call(node.func, node.args, [])
        yield from (ast.Subscript(node.args[0], ast.Constant(place), ast.Load()) for place in (0, -1))


def _of_name(node: ast.Name, sizes: Collection[str]) -> Iterator[ast.expr]:
    """Yield what may stand in place of a name: a number, or the same multiplied, squared, reversed."""
    yield from map(ast.Constant, (0, 1, 0.5))
    yield from (ast.BinOp(ast.Constant(factor), ast.Mult(), node) for factor in _FACTORS)
    yield from (ast.BinOp(node, sign(), ast.Name(size, ast.Load())) for size in sizes for sign in (ast.Mult, ast.Div))
    yield ast.BinOp(node, ast.Pow(), ast.Constant(2))
    for template in ("{}[::-1]", "{}.sum()", "{}.mean()", "{}.mean(axis=0)", "{}.max()", "np.abs({})", "np.round({})"):
        yield ast.parse(template.format(node.id), mode="eval").body


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


def _written(value: ast.expr, words: Mapping[str, str]) -> str:
    """Return an expression in the text's notation."""
    named = copy.deepcopy(value)
    signs: dict[str, str] = {}
    for node in ast.walk(named):
        if isinstance(node, ast.Name) and words.get(node.id, node.id) != node.id:
            sign = f"name{len(signs)}_"
            signs[sign] = words[node.id] if node is named else _braced(words[node.id])
            node.id = sign
    text = ast.unparse(named)
    for pattern, said in _METHODS.items():
        text = re.sub(pattern, said, text)
    for old, new in _WRITTEN:
        text = text.replace(old, new)
    return re.sub(r"name\d+_", lambda match: signs[match[0]], text)


def _braced(words: str) -> str:
    """Return words in brackets where a sign before or after them could be misread."""
    return f"({words})" if re.search(r" [+−/·] ", words) else words
