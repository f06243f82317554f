"""The lines of a function or a class: how a change names one of them, and what changed lines make.

A line is one simple statement, or the header of a compound one. It is compared as `ast.unparse` writes it, so spacing,
line breaks, quotes and comments do not matter.
"""

import ast
import copy
import functools
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_NUMBERED = re.compile(r"(?P<line>.*\S)\s*@(?P<number>\d+)", re.DOTALL)
_BODIES = ("body", "orelse", "finalbody")


class LineError(ValueError):
    """A change names no line or several, or is no Python; the text says which, and what there is."""


@dataclass(frozen=True)
class Edit:
    """The new text of one line: statements in its place, or another header above the same body."""

    statements: tuple[ast.stmt, ...] = ()
    header: ast.stmt | None = None


Edits = Mapping[int, Edit]  # by the line's number in the definition, from 0
Definition = ast.FunctionDef | ast.ClassDef


class Lines:
    """One function of the reference, or one class with the lines of all its methods, line by line.

    Args:
        definition: its syntax tree.
    """

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.statements: tuple[ast.stmt, ...] = tuple(_walk(definition.body))
        self.texts: tuple[str, ...] = tuple(map(_text, self.statements))
        self._numbers = {id(statement): number for number, statement in enumerate(self.statements)}

    @property
    def name(self) -> str:
        """The name that the definition gives."""
        return self.definition.name

    @functools.cache  # noqa: B019 - a reference's lines live as long as the process
    def number(self, key: str, method: str = "") -> int:
        """Return the number of the line that a change's key names.

        Args:
            key: the line's text.
            method: of a class: where to look; without it, in all methods.

        Raises:
            LineError: no line reads so, or several do.
        """
        found = self._equal(key, method)
        if found or not (numbered := _NUMBERED.fullmatch(key.strip())):
            return self._only(key, found)
        found = self._equal(numbered["line"], method)
        wanted = int(numbered["number"])
        if not 1 <= wanted <= len(found):
            raise LineError(f"{self.name}: {numbered['line']!r} stands there {len(found)} times, not {wanted}")
        return found[wanted - 1]

    def _equal(self, key: str, method: str) -> list[int]:
        parsed = _parsed(key)
        if parsed is None or len(parsed) != 1:
            return []
        wanted = _text(parsed[0])
        return [number for number in self._within(method) if self.texts[number] == wanted]

    def _within(self, method: str) -> Sequence[int]:
        """Return the numbers of a method's lines, or of all."""
        if not method:
            return range(len(self.texts))
        methods = {one.name: one for one in self.definition.body if isinstance(one, ast.FunctionDef)}
        if method not in methods or not self._is_class:
            raise LineError(f"{self.name} has no method {method!r}")
        return [self._numbers[id(statement)] for statement in _walk([methods[method]])]

    def _only(self, key: str, found: Sequence[int]) -> int:
        if not found:
            raise LineError(f"{self.name} has no line {key!r}; it has: {'; '.join(self.texts)}")
        if len(found) > 1:
            where = f', or say which method: change_in."{self.name}.…"' if self._is_class else ""
            raise LineError(f"{self.name}: {key!r} stands there {len(found)} times; end the key with @1, @2 …{where}")
        return found[0]

    @property
    def _is_class(self) -> bool:
        return isinstance(self.definition, ast.ClassDef)

    def edits(self, changes: Mapping[str, str], method: str = "") -> dict[int, Edit]:
        """Return what changes make of which lines; see `number` for `method`.

        Raises:
            LineError: a key names no line or several, two keys name one line, or a new text is no Python.
        """
        found: dict[int, Edit] = {}
        for key, new in changes.items():
            number = self.number(key, method)
            if number in found:
                raise LineError(f"{self.name}: two changes of the line {key!r}")
            found[number] = self._edit(number, new)
        return found

    @functools.cache  # noqa: B019 - as above; a mistake is made with each other one
    def _edit(self, number: int, new: str) -> Edit:
        parsed = _parsed(new)
        if parsed is None:
            raise LineError(f"the new text {new!r} is no Python")
        is_header = new.rstrip().endswith(":") and len(parsed) == 1 and is_compound(parsed[0])
        if is_header and not is_compound(self.statements[number]):
            raise LineError(f"{new!r} is a header, and {self.texts[number]!r} has no body for it")
        return Edit(header=parsed[0]) if is_header else Edit(tuple(parsed))

    def assignments(self) -> dict[str, tuple[str, ast.expr]]:
        """Return the lines that give a name to a value, by their text: the name and the value."""
        return {
            text: (line.targets[0].id, line.value)
            for text, line in zip(self.texts, self.statements, strict=True)
            if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name)
        }

    def changed(self, edits: Edits) -> Definition:
        """Return the definition with these lines changed, all at once; a function without its decorators."""
        definition = copy.copy(self.definition)
        if not self._is_class:
            definition.decorator_list = []
        definition.body = self._body(definition.body, edits)
        return definition

    def _body(self, body: Sequence[ast.stmt], edits: Edits) -> list[ast.stmt]:
        new: list[ast.stmt] = []
        for statement in body:
            number = self._numbers[id(statement)]
            edit = edits.get(number)
            if edit is None:
                new.append(self._with_bodies(statement, statement, edits) if is_compound(statement) else statement)
            elif edit.header is not None:
                new.append(self._with_bodies(edit.header, statement, edits))
            else:
                new += edit.statements
        return new or [ast.Pass(lineno=1, col_offset=0, end_lineno=1, end_col_offset=0)]

    def _with_bodies(self, header: ast.stmt, statement: ast.stmt, edits: Edits) -> ast.stmt:
        """Return a statement of this header with the changed bodies of another; nodes without a change are shared."""
        new = copy.copy(header)
        for field in _BODIES:
            if getattr(statement, field, None) and hasattr(new, field):
                setattr(new, field, self._body(getattr(statement, field), edits))
        for field, blocks in _blocks(statement).items():
            setattr(new, field, [self._block(block, edits) for block in blocks])
        return new

    def _block(self, block: Any, edits: Edits) -> Any:
        new = copy.copy(block)
        new.body = self._body(block.body, edits)
        return new


def _blocks(statement: ast.stmt) -> dict[str, list[Any]]:
    """Return the parts of a statement that have bodies of their own: what `try` catches, the cases of `match`."""
    return {field: blocks for field in ("handlers", "cases") if (blocks := getattr(statement, field, None))}


def _walk(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield statements in the order of the text."""
    for statement in body:
        yield statement
        for field in _BODIES:
            yield from _walk(getattr(statement, field, None) or ())
        for blocks in _blocks(statement).values():
            for block in blocks:
                yield from _walk(block.body)


def is_compound(statement: ast.stmt) -> bool:
    """Say whether a statement has a body of its own."""
    return bool(getattr(statement, "body", None) or _blocks(statement))


def target_of(statement: ast.stmt) -> str:
    """Return the one name that a line gives a value to, or nothing."""
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return targets[0].id if len(targets) == 1 and isinstance(targets[0], ast.Name) else ""


def _text(statement: ast.stmt) -> str:
    """Return a simple statement, or a compound one's header, as it is compared."""
    if not is_compound(statement):
        return ast.unparse(statement)
    bare = copy.copy(statement)
    for field in ("orelse", "finalbody", "handlers", "cases", "decorator_list"):
        if hasattr(bare, field):
            setattr(bare, field, [])
    if isinstance(bare, ast.Match):
        return f"match {ast.unparse(bare.subject)}:"
    if isinstance(bare, ast.Try | ast.TryStar):
        return "try:"
    bare.body = [ast.Pass()]  # type: ignore[attr-defined]
    return ast.unparse(bare).removesuffix("\n    pass")


def _parsed(text: str) -> list[ast.stmt] | None:
    """Return the statements of a text; a header gets a body, and `elif` is an `if`."""
    text = textwrap.dedent(text).strip()
    text = text.removeprefix("el") if text.startswith("elif ") else text
    for candidate in (text, f"{text} pass", f"{text}\n    case _: pass", f"{text} pass\nfinally: pass"):
        try:
            return ast.parse(candidate).body
        except SyntaxError:
            continue
    return None
