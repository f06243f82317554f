"""How a function is written, but for what says nothing: its own names, comments, docstrings, 1 or 1.0."""

import ast
import dataclasses
import functools
import hashlib
import warnings
from dataclasses import dataclass
from typing import Any

from autograder.sandbox.limits import READING

_KEPT, _SMALL = 512, 5_000  # trees that are remembered, and characters of their sources
_LENGTH = 12
_UNREAD = "unread"
_SILENT = {"annotation", "returns", "type_comment", "ctx", "type_ignores", "type_params", "kind"}


@dataclass(frozen=True)
class Tree:
    """A normalized syntax tree: `text` has a line for each node in the source's order; `id` tells it from others."""

    id: str
    text: str

    @property
    def tokens(self) -> tuple[str, ...]:
        """The nodes, opening and closing."""
        return tuple(self.text.split("\n"))


def tree(source: str) -> Tree:
    """Return the normalized tree of a function with its helpers; of what is no Python, that of its words."""
    if len(source) > READING.cell:
        return words_of(source)
    return (_remembered if len(source) <= _SMALL else _read)(source)


def _read(source: str) -> Tree:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = ast.parse(source)
            found: list[str] = []
            _add_tokens(module, _own_names(module), found)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return words_of(source)
    return _tree(found)


_remembered = functools.lru_cache(_KEPT)(_read)


def words_of(source: str) -> Tree:
    """Return the words of a source in the place of its tree."""
    return _tree([_UNREAD, *source.split()])


def _tree(tokens: list[str]) -> Tree:
    digest = hashlib.sha256("\n".join(tokens).encode("utf-8", "replace")).hexdigest()[:_LENGTH]
    return Tree(digest, "\n".join(tokens[: READING.tokens]))


@dataclass
class _Names:
    """The names that a source binds somewhere, and how each is called instead: by when it first appears."""

    own: set[str]
    given: dict[str, str] = dataclasses.field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.given.setdefault(name, f"${len(self.given)}") if name in self.own else name


def _own_names(module: ast.Module) -> _Names:
    """Return the names that are bound somewhere in the source."""
    names = {name for node in ast.walk(module) if (name := _binds(node)) is not None}
    # What the exercise is called by others must stay; what it calls its own, not.
    for statement in module.body[-1:]:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            names.discard(statement.name)
    return _Names(names)


def _binds(node: ast.AST) -> str | None:
    if isinstance(node, ast.Name):
        return node.id if isinstance(node.ctx, ast.Store) else None
    if isinstance(node, ast.arg):
        return node.arg
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.ExceptHandler):
        return node.name
    return None


def _add_tokens(node: ast.AST, names: _Names, tokens: list[str]) -> None:
    """Add a node and all below it."""
    if isinstance(node, ast.Constant):
        tokens.append(_constant(node.value))
        return
    if isinstance(node, ast.AnnAssign) and node.value is not None:
        node = ast.Assign([node.target], node.value)
    tokens.append(type(node).__name__)
    for field in node._fields:
        value = None if field in _SILENT else getattr(node, field, None)
        if isinstance(value, list):
            tokens.append("[")
            for item in _without_docstring(node, field, value):
                if isinstance(item, ast.AST):
                    _add_tokens(item, names, tokens)
                else:
                    tokens.append(str(item))
            tokens.append("]")
        elif isinstance(value, ast.AST):
            _add_tokens(value, names, tokens)
        elif value is not None:
            tokens.append(names[str(value)])


def _without_docstring(node: ast.AST, field: str, value: list[Any]) -> list[Any]:
    """Return a body without the strings that stand there for themselves: they do nothing."""
    if field != "body" or isinstance(node, ast.Lambda):
        return value
    return [one for one in value if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]


def _constant(value: object) -> str:
    """Return a constant as it counts: 1, 1.0 and 1e0 are one number, '' and "" one text."""
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            return repr(float(value))
        except OverflowError:
            return repr(hash(value))
    return repr(value)
