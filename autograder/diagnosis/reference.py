"""The reference of an assignment: plain functions, and all that is made of their one text.

From it come the right answer, the wrong functions of the catalogue (some lines changed), the steps of a worked example
(lines marked ``#:``) and the functions that stand in for a student's.
"""

import ast
import contextlib
import copy
import functools
import math
import textwrap
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, TypeVar

import numpy as np

from autograder.diagnosis.lines import Edit, Edits, LineError, Lines, is_compound
from autograder.diagnosis.trees import SHOW, asked, bound, closure, notes_of, renamed, telling, undocumented

Changes = Mapping[str, Mapping[str, str]]  # by function: a line and its new text
Place = tuple[str, int]  # a function of the reference, and the number of a line in it
Function = TypeVar("Function", bound=Callable[..., Any])

_PASSES = 3  # of a loop that a worked example shows


def stable(plain: Callable[..., Any]) -> Callable[[Function], Function]:
    """Mark a function as the stable twin of a plain one: right answers come from it, all else from the plain text.

    Args:
        plain: the function whose formula loses its digits for some inputs.
    """

    def mark(twin: Function) -> Function:
        twin.__stable_twin_of__ = plain.__name__  # type: ignore[attr-defined]
        return twin

    return mark


class Reference:
    """The functions of a module of plain functions.

    Args:
        module: the assignment's `reference.py`, imported.
    """

    def __init__(self, module: ModuleType) -> None:
        self._names = {"math": math, "np": np, **vars(module)}  # a change may use both, whatever the module imports
        self.path = Path(str(module.__file__))
        text = self.path.read_text(encoding="utf-8")
        self._tree = ast.parse(text)
        self._notes = notes_of(text)
        self._lines = {node.name: Lines(node) for node in self._tree.body if isinstance(node, ast.FunctionDef)}
        self._codes: dict[str, CodeType] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._lines

    def names(self) -> dict[str, Any]:
        """Return a copy of what the module's functions find by name."""
        return dict(self._names)

    def lines(self, name: str) -> Lines:
        """Return a function's lines.

        Raises:
            LineError: there is no such function.
        """
        if name not in self._lines:
            raise LineError(f"{self.path.name} has no function {name!r}; it has {', '.join(self._lines)}")
        return self._lines[name]

    def parameters(self, name: str) -> tuple[str, ...]:
        """Return the names of a function's parameters, in order."""
        return tuple(argument.arg for argument in self.lines(name).function.args.args)

    def right(self, name: str) -> Callable[..., Any]:
        """Return the function that gives right answers: the stable twin where there is one, else the plain one."""
        twins = (one for one in self._names.values() if getattr(one, "__stable_twin_of__", None) == name)
        return _quiet(next(twins, self._names[name]))

    def edits(self, changes: Changes) -> dict[Place, Edit]:
        """Return what changes make of which lines.

        Raises:
            LineError: a change names no function, no line or several.
        """
        return {
            (name, number): edit
            for name, own in changes.items()
            for number, edit in self.lines(name).edits(own).items()
        }

    def function(self, name: str, edits: Mapping[Place, Edit] | None = None) -> Callable[..., Any]:
        """Return a function with some lines changed, of its own or of its helpers; none of it is a student's."""
        names = dict(self._names)
        changed = _by_function(edits or {})
        for one in self._reached[name]:
            code = _compiled(self._lines[one].changed(changed[one])) if one in changed else self._code(one)
            exec(code, names)  # noqa: S102 - our own catalogue
        made: Callable[..., Any] = names[name]
        return made

    def from_source(self, name: str, source: str) -> Callable[..., Any]:
        """Return a function that a source of ours defines, with this module's names around it."""
        names = dict(self._names)
        exec(compile(source, "<reference>", "exec"), names)  # noqa: S102 - our own catalogue
        made: Callable[..., Any] = names[name]
        return made

    def reached(self, name: str) -> tuple[str, ...]:
        """Return the functions of this module that a function leads to, itself among them."""
        return self._reached[name]

    def _code(self, name: str) -> CodeType:
        if name not in self._codes:
            self._codes[name] = _compiled(self._lines[name].changed({}))
        return self._codes[name]

    @functools.cached_property
    def _reached(self) -> Mapping[str, tuple[str, ...]]:
        """The functions of this module that each leads to, itself among them."""
        calls = {name: asked(lines.function) & self._lines.keys() for name, lines in self._lines.items()}
        return {name: tuple(closure({name}, calls)) for name in self._lines}

    def right_source(self, name: str) -> str:
        """Return the definition of the function that gives right answers, under the plain function's name."""
        twin = copy.copy(self._lines[self.right(name).__name__].changed({}))
        twin.name = name
        return ast.unparse(undocumented(twin)) + "\n"

    def source(self, name: str, edits: Mapping[Place, Edit] | None = None, given: Collection[str] = ()) -> str:
        """Return a function with whatever of this module it needs, as a source that runs by itself.

        A changed helper gets a name of its own, so that nobody else's calls reach it.

        Args:
            name: of the function.
            edits: its changed lines and those of its helpers.
            given: functions that are there already.
        """
        changed = _by_function(edits or {})
        private = {
            one: f"_{one}" for one in self._reached[name] if one != name and changed.keys() & set(self._reached[one])
        }
        needed = self._needed(name, set(given) - private.keys())
        parts = []
        for node in self._tree.body:
            if not needed & bound(node):
                continue
            if isinstance(node, ast.FunctionDef):
                function = undocumented(self._lines[node.name].changed(changed.get(node.name, {})))
                parts.append(renamed(function, private))
            else:
                parts.append(node)
        return "\n\n".join(map(ast.unparse, parts)) + "\n"

    def helpers(self, names: Collection[str]) -> str:
        """Return the source of whatever functions of this module need besides each other."""
        twins = [self.right(name).__name__ for name in names]
        needed = set().union(*(self._needed(name, names) for name in (*names, *twins))) - {*names, *twins}
        return "\n\n".join(ast.unparse(node) for node in self._tree.body if needed & bound(node)) + "\n"

    def right_sources(self, names: Collection[str]) -> str:
        """Return the source of functions that give right answers, by the plain functions' names, with all they need."""
        return "\n\n".join([self.helpers(names), *map(self.right_source, names)])

    def _needed(self, name: str, given: Collection[str]) -> set[str]:
        """Return the names of this module that a function leads to."""
        asks: dict[str, set[str]] = {}
        for node in self._tree.body:
            bare = self._lines[node.name].changed({}) if isinstance(node, ast.FunctionDef) else node
            asks |= dict.fromkeys(bound(node), asked(bare))
        known = {one: asked & asks.keys() - set(given) for one, asked in asks.items()}
        return set(closure({name}, known))

    def work(self, name: str, arguments: Sequence[Any]) -> list[tuple[str, Any]]:
        """Return the marked lines of a function, each with its value for these arguments, in the order of their work.

        Of a line in a loop the first three passes are returned. A stable twin that has marked lines is shown in place
        of the plain function.
        """
        name = self._marked(name)
        noted: list[tuple[int, Any]] = []

        def show(number: int, value: Any) -> Any:
            noted.append((number, copy.deepcopy(value)))
            return value

        names = {**self._names, SHOW: show}
        exec(self._instrumented(name), names)  # noqa: S102 - our own reference
        with np.errstate(all="ignore"):
            names[name](*copy.deepcopy(list(arguments)))
        return list(self._told(name, noted))

    def _marked(self, name: str) -> str:
        """Return the name of the function whose marked lines are shown: the stable twin's, where it has any."""
        twin = self.right(name).__name__
        return twin if self.notes(twin) else name

    def _told(self, name: str, noted: Sequence[tuple[int, Any]]) -> Iterator[tuple[str, Any]]:
        notes = self.notes(name)
        total = {number: sum(one == number for one, _ in noted) for number in notes}
        seen = dict.fromkeys(notes, 0)
        for number, value in noted:
            seen[number] += 1
            if seen[number] <= _PASSES:
                yield notes[number] + (f", pass {seen[number]}" if total[number] > 1 else ""), value

    @functools.cache  # noqa: B019 - references live as long as the process
    def notes(self, name: str) -> Mapping[int, str]:
        """Return the notes of a function's marked lines, by line number in the function."""
        return {
            number: self._notes[statement.end_lineno or 0]
            for number, statement in enumerate(self._lines[name].statements)
            if not is_compound(statement) and statement.end_lineno in self._notes
        }

    def quantity(self, name: str) -> str:
        """Return what a function gives, as its last marked line names it, or else the function's name."""
        notes = self.notes(self._marked(name))
        return notes[max(notes)].partition(" = ")[0] if notes else name

    @functools.cache  # noqa: B019 - as above
    def _instrumented(self, name: str) -> CodeType:
        """Return a function's code in which each marked line tells its value."""
        lines = self._lines[name]
        edits = {number: telling(number, lines.statements[number]) for number in self.notes(name)}
        return _compiled(ast.fix_missing_locations(lines.changed(edits)))


@dataclass(frozen=True)
class ReferenceFunction:
    """One function of a reference, with what an exercise needs of it; see `Reference` for each."""

    reference: Reference
    name: str

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of its parameters, in order."""
        return self.reference.parameters(self.name)

    @property
    def quantity(self) -> str:
        """What it gives, in the notation of its last marked line."""
        return self.reference.quantity(self.name)

    @property
    def right(self) -> Callable[..., Any]:
        """The function that gives right answers."""
        return self.reference.right(self.name)

    def edits(self, changes: Changes) -> dict[Place, Edit]:
        """Return what changes make of which lines.

        Changes of a function that this one does not lead to are meant for its own lines: it has written them out.

        Raises:
            LineError: a change names no function, no line or several.
        """
        reached = self.reference.reached(self.name)
        return self.reference.edits({one if one in reached else self.name: own for one, own in changes.items()})

    def assignments(self) -> dict[str, tuple[str, ast.expr]]:
        """Return the lines that give a name to a value: the name and the value of each."""
        return self.reference.lines(self.name).assignments()

    def function(self, edits: Mapping[Place, Edit] | None = None) -> Callable[..., Any]:
        """Return it with some lines changed."""
        return self.reference.function(self.name, edits)

    def right_source(self) -> str:
        """Return the source of the function that gives right answers, under this name."""
        return self.reference.right_source(self.name)

    def from_source(self, source: str) -> Callable[..., Any]:
        """Return the function that a source of ours defines; the reference's other functions are there for it."""
        return self.reference.from_source(self.name, self.whole(source))

    def whole(self, source: str) -> str:
        """Return the source of a whole function, of which only the body may have been given."""
        source = textwrap.dedent(source).strip("\n")
        with contextlib.suppress(SyntaxError):
            if any(self.name in bound(node) for node in ast.parse(source).body):
                return source + "\n"
        return f"def {self.name}({', '.join(self.parameters)}):\n{textwrap.indent(source, '    ')}\n"

    def source(self, edits: Mapping[Place, Edit] | None = None, given: Collection[str] = ()) -> str:
        """Return its source with some lines changed, and what it needs."""
        return self.reference.source(self.name, edits, given)

    def work(self, arguments: Sequence[Any]) -> list[tuple[str, Any]]:
        """Return its marked lines with their values for these arguments."""
        return self.reference.work(self.name, arguments)


def _quiet(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that does not warn of what overflows on the way to a right answer."""

    @functools.wraps(function)
    def quiet(*arguments: Any) -> Any:
        with np.errstate(all="ignore"):
            return function(*arguments)

    return quiet


def _by_function(edits: Mapping[Place, Edit]) -> dict[str, Edits]:
    found: dict[str, dict[int, Any]] = {}
    for (name, number), edit in edits.items():
        found.setdefault(name, {})[number] = edit
    return dict(found)


def _compiled(function: ast.FunctionDef) -> CodeType:
    return compile(ast.Module([function], []), "<reference>", "exec")
