"""The text of an `nbgrader_config.py`: whether it calls `configure(c)`, and the lines that make it do so."""

import ast
import difflib
from collections.abc import Iterator
from pathlib import Path

from autograder.course.errors import UsageError

CONFIG = "nbgrader_config.py"
_MODULE, _FUNCTION = "autograder.course.configure", "configure"
_FIRST = "# Added by 'autograder init': 'autograder init --undo' takes these lines out again."
_SEED = "{name}.Autograder.seed = {seed}  # hidden inputs are drawn from it: keep it as it is, and to yourself"
_IMPORT = f"from {_MODULE} import {_FUNCTION}"
_OTHER_NAME = "configure_autograder"
_CALLS = (f"{_FUNCTION}(".encode(), f"{_OTHER_NAME}(".encode())
_MOST_LINES = 3  # below the first: an import, a seed and the call
_NEW = '''\
"""An nbgrader course: run nbgrader's commands from this folder."""

{imported}

c = get_config()
c.CourseDirectory.course_id = {course!r}

# The hidden inputs are drawn from it, equal for all students: keep it as it is, so that a regrade gives the same marks,
# and to yourself.
c.Autograder.seed = {seed}

configure(c)
'''


class ConfigFile:
    """An `nbgrader_config.py` as bytes, so that what is added can be taken out again byte by byte.

    Args:
        path: where it lies, for messages.
        data: what it holds.

    Raises:
        UsageError: it is no Python.
    """

    def __init__(self, path: Path, data: bytes) -> None:
        self._path = path
        self.data = data
        try:
            self._tree = ast.parse(data)
        except (SyntaxError, ValueError) as error:
            where = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
            said = error.msg if isinstance(error, SyntaxError) else error
            raise UsageError(f"{path}{where}: {said}; mend it, then run 'autograder init' again") from error

    @property
    def calls_configure(self) -> bool:
        """Whether it calls our `configure`, under whatever name."""
        names = {f"{_MODULE}.{_FUNCTION}"}
        for node in ast.walk(self._tree):
            if isinstance(node, ast.ImportFrom) and node.module == _MODULE:
                names |= {one.asname or one.name for one in node.names if one.name == _FUNCTION}
        return any(isinstance(node, ast.Call) and ast.unparse(node.func) in names for node in ast.walk(self._tree))

    def joined(self, seed: int) -> bytes:
        """Return it with our lines at its end.

        Args:
            seed: of the hidden inputs, unless it sets one.

        Raises:
            UsageError: it does not say what it calls the configuration.
        """
        if (name := self._name) is None:
            raise UsageError(
                f"{self._path} has no line 'c = get_config()', so there is nothing to add configure(c) to: "
                "write that line at its top, then run 'autograder init' again"
            )
        called = _OTHER_NAME if _FUNCTION in _bound_names(self._tree) else _FUNCTION
        lines = [
            "",
            _FIRST,
            _IMPORT if called == _FUNCTION else f"{_IMPORT} as {called}",
            *([] if self._sets_seed else [_SEED.format(name=name, seed=seed)]),
            f"{called}({name})",
        ]
        ended = self.data if not self.data or self.data.endswith(b"\n") else self.data + self._line_end
        return ended + b"".join(line.encode("ascii", "replace") + self._line_end for line in lines)

    def parted(self) -> bytes | None:
        """Return it without our lines, or None where they do not stand there as they were added."""
        before, found, after = self.data.partition(self._line_end + _FIRST.encode() + self._line_end)
        lines = after.splitlines(keepends=True)
        calls = [n for n, line in enumerate(lines[:_MOST_LINES]) if line.startswith(_CALLS)]
        return before + b"".join(lines[calls[0] + 1 :]) if found and calls else None

    @property
    def _line_end(self) -> bytes:
        return b"\r\n" if b"\r\n" in self.data else b"\n"

    @property
    def _name(self) -> str | None:
        """What it calls the configuration."""
        found = None
        for node in self._tree.body:
            if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
                continue
            target = node.targets[-1] if isinstance(node, ast.Assign) else node.target
            if ast.unparse(node.value) == "get_config()" and isinstance(target, ast.Name):
                found = target.id
        return found

    @property
    def _sets_seed(self) -> bool:
        stored = (node for node in ast.walk(self._tree) if isinstance(node, ast.Attribute))
        return any(
            isinstance(node.ctx, ast.Store) and ast.unparse(node).endswith(".Autograder.seed") for node in stored
        )


def new(course: str, seed: int) -> str:
    """Return the configuration of a course that is being started."""
    return _NEW.format(imported=_IMPORT, course=course, seed=seed)


def difference(before: bytes, after: bytes) -> list[str]:
    """Return the lines of a diff between two configurations."""
    old, changed = (data.decode("utf-8", "replace").splitlines() for data in (before, after))
    return list(difflib.unified_diff(old, changed, CONFIG, CONFIG, lineterm=""))


def _bound_names(tree: ast.AST) -> Iterator[str]:
    """Yield the names that a configuration gives to something."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]
