"""The reference of an assignment: plain functions and classes, and all that is made of their one text.

From it come the right answer, the wrong functions of the catalogue (some lines changed), the steps of a worked example
(lines marked ``#:``) and the functions that stand in for a student's.
"""

import ast
import copy
import functools
import math
import re
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, TypeVar

import numpy as np

from autograder.diagnosis.lines import Definition, Edit, Edits, LineError, Lines, is_compound, target_of
from autograder.diagnosis.trees import (
    NAMED,
    SHOW,
    SHOWN,
    asked,
    bound,
    closure,
    notes_of,
    renamed,
    telling,
    undocumented,
)
from autograder.grading.parts import copied

Changes = Mapping[str, Mapping[str, str]]  # by function, class or method (Neuron.step): a line and its new text
Place = tuple[str, int]  # a function or a class of the reference, and the number of a line in it
Function = TypeVar("Function", bound=Callable[..., Any])

_PASSES = 3  # of a loop that a worked example shows


def stable(plain: Callable[..., Any]) -> Callable[[Function], Function]:
    """Mark a function as the stable twin of a plain one: right answers come from it, all else from the plain text.

    Args:
        plain: the function whose formula loses its digits for some inputs.
    """

    def mark(twin: Function) -> Function:
        """Note whose twin a function is."""
        twin.__stable_twin_of__ = plain.__name__  # type: ignore[attr-defined]
        return twin

    return mark


class Reference:
    """The functions and classes of a module of plain ones; all that is said of functions here holds for classes, too.

    Args:
        module: the assignment's `reference.py`, imported.
    """

    def __init__(self, module: ModuleType) -> None:
        self._names = {"math": math, "np": np, **vars(module)}  # a change may use both, whatever the module imports
        self.path = Path(str(module.__file__))
        text = self.path.read_text(encoding="utf-8")
        self._tree = ast.parse(text)
        self._notes = notes_of(text, SHOWN)
        self._called = {**self._notes, **notes_of(text, NAMED)}
        self._lines = {node.name: Lines(node) for node in self._tree.body if isinstance(node, Definition)}

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
        definition = self.lines(name).definition
        return tuple(one.arg for one in definition.args.args) if isinstance(definition, ast.FunctionDef) else ()

    def right(self, name: str) -> Callable[..., Any]:
        """Return the function that gives right answers: the stable twin where there is one, else the plain one."""
        twins = (one for one in self._names.values() if getattr(one, "__stable_twin_of__", None) == name)
        return _quiet(next(twins, self._names[name]))

    def edits(self, changes: Changes) -> dict[Place, Edit]:
        """Return what changes make of which lines.

        Raises:
            LineError: a change names no function, no line or several.
        """
        found: dict[Place, Edit] = {}
        for name, own in changes.items():
            owner, _, method = name.partition(".")
            found |= {(owner, number): edit for number, edit in self.lines(owner).edits(own, method).items()}
        return found

    def function(self, name: str, edits: Mapping[Place, Edit] | None = None) -> Callable[..., Any]:
        """Return a function with some lines changed, of its own or of its helpers; none of it is a student's."""
        names = dict(self._names)
        changed = _by_function(edits or {})
        for one in self._reached[name]:
            code = compiled(self._lines[one].changed(changed[one])) if one in changed else self._code(one)
            exec(code, names)  # noqa: S102 - our own catalogue
        made: Callable[..., Any] = names[name]
        return made

    def from_source(self, name: str, source: str) -> Callable[..., Any]:
        """Return a function that a source of ours defines or changes, with this module's names around it."""
        names = dict(self._names)
        for one in self._reached[name]:  # so that they find what the source defines, each other's changes, too
            exec(self._code(one), names)  # noqa: S102 - our own catalogue
        exec(compile(source, "<reference>", "exec"), names)  # noqa: S102 - as above
        made: Callable[..., Any] = names[name]
        return made

    def reached(self, name: str) -> tuple[str, ...]:
        """Return the functions of this module that a function leads to, itself among them."""
        return self._reached[name]

    @functools.cache  # noqa: B019 - references live as long as the process
    def _code(self, name: str) -> CodeType:
        return compiled(self._lines[name].changed({}))

    @functools.cached_property
    def _reached(self) -> Mapping[str, tuple[str, ...]]:
        """The functions of this module that each leads to, itself among them."""
        calls = {name: asked(lines.definition) & self._lines.keys() for name, lines in self._lines.items()}
        return {name: tuple(closure({name}, calls)) for name in self._lines}

    def right_source(self, name: str, change: Mapping[str, str] | None = None) -> str:
        """Return the definition of the function that gives right answers, under the plain function's name.

        Raises:
            LineError: a change names no line of it, or several.
        """
        lines = self._lines[self.right(name).__name__]
        twin = copy.copy(lines.changed(lines.edits(change or {})))
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
            if isinstance(node, Definition):
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
        return set(closure({name}, {one: asked - set(given) for one, asked in self._asks.items()}))

    @functools.cached_property
    def _asks(self) -> Mapping[str, set[str]]:
        """The names of this module that each of them asks for."""
        asks: dict[str, set[str]] = {}
        for node in self._tree.body:
            bare = self._lines[node.name].changed({}) if isinstance(node, Definition) else node
            asks |= dict.fromkeys(bound(node), asked(bare))
        return {one: asked & asks.keys() for one, asked in asks.items()}

    def work(self, name: str, arguments: Sequence[Any], adapter: str = "") -> list[tuple[str, Any]]:
        """Return the marked lines of a function, each with its value for these arguments, in the order of their work.

        Of a line in a loop the first three passes are returned, each called by the loop's own note, as in
        `for layer in …:  #: layer {layer + 1}`, or by its number. A stable twin that has marked lines is shown in place
        of the plain function.

        Args:
            name: of the function.
            arguments: of the call.
            adapter: of a class, the function that is called and uses it.
        """
        called = adapter or self._marked(name)
        name = self._marked(name)
        noted: list[tuple[int, Any, str]] = []

        def show(number: int, value: Any, passed: str) -> Any:
            """Note a value that a line has."""
            noted.append((number, copied(value), passed))
            return value

        names = {**self._names, SHOW: show}
        if called != name:
            exec(self._code(called), names)  # noqa: S102 - our own reference
        exec(self._instrumented(name), names)  # noqa: S102 - as above
        with np.errstate(all="ignore"):
            names[called](*map(copied, arguments))
        return list(self._told(name, noted))

    def _marked(self, name: str) -> str:
        """Return the name of the function whose marked lines are shown: the stable twin's, where it has any."""
        twin = self.right(name).__name__
        return twin if self.notes(twin) else name

    def _told(self, name: str, noted: Sequence[tuple[int, Any, str]]) -> Iterator[tuple[str, Any]]:
        notes = self.notes(name)
        total = {number: sum(one == number for one, *_ in noted) for number in notes}
        seen = dict.fromkeys(notes, 0)
        for number, value, passed in noted:
            seen[number] += 1
            if seen[number] <= _PASSES:
                several = total[number] > 1
                before, after = f"{passed}: " * bool(passed), f", pass {seen[number]}" * (not passed)
                yield f"{before * several}{notes[number]}{after * several}", value

    @functools.cache  # noqa: B019 - as above
    def notes(self, name: str) -> Mapping[int, str]:
        """Return the notes of a function's marked lines, by line number in the function."""
        return {
            number: self._notes[statement.end_lineno or 0]
            for number, statement in enumerate(self._lines[name].statements)
            if not is_compound(statement) and statement.end_lineno in self._notes
        }

    def _pass_of(self, name: str, statement: ast.stmt) -> str:
        """Return the note of the innermost loop around a statement, or nothing."""
        loops = [one for one in self._lines[name].statements if isinstance(one, ast.For | ast.While)]
        around = [one for one in loops if any(inside is statement for inside in ast.walk(one))]
        return next((self._notes[one.lineno] for one in reversed(around) if one.lineno in self._notes), "")

    @functools.cache  # noqa: B019 - as above
    def words(self, name: str) -> Mapping[str, str]:
        """Return what the text calls the values that a function, or its stable twin, gives names to."""
        found = {one: one for one in self.parameters(name)}
        for one in (self._marked(name), name, *self._lines):
            for statement in self._lines[one].statements:
                note = self._called.get(statement.end_lineno or 0)
                if note and (target := target_of(statement)):
                    found.setdefault(target, re.split(" = |, ", note)[0])
        return {**found, "delta": "δ"}

    @functools.cache  # noqa: B019 - as above
    def quantity(self, name: str) -> str:
        """Return what a function gives, as its last marked line names it, or else the function's name."""
        notes = self.notes(self._marked(name))
        return notes[max(notes)].partition(" = ")[0] if notes else name

    @functools.cache  # noqa: B019 - as above
    def _instrumented(self, name: str) -> CodeType:
        """Return a function's code in which each marked line tells its value."""
        lines = self._lines[name]
        edits = {
            number: telling(number, lines.statements[number], self._pass_of(name, lines.statements[number]))
            for number in self.notes(name)
        }
        return compiled(ast.fix_missing_locations(lines.changed(edits)))


def _quiet(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that does not warn of what overflows on the way to a right answer."""

    @functools.wraps(function)
    def quiet(*arguments: Any) -> Any:
        """Call the function without NumPy's warnings."""
        with np.errstate(all="ignore"):
            return function(*arguments)

    return quiet


def _by_function(edits: Mapping[Place, Edit]) -> dict[str, Edits]:
    found: dict[str, dict[int, Any]] = {}
    for (name, number), edit in edits.items():
        found.setdefault(name, {})[number] = edit
    return dict(found)


def compiled(definition: Definition) -> CodeType:
    """Return what makes a function or a class when it is run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # of changed lines, which may be odd
        return compile(ast.Module([definition], []), "<reference>", "exec")
