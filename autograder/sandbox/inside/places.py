"""Where functions of the student's were defined: told to the reviewer, whose page shows the text of a cell.

What is told comes from a process that runs student code, so it may be a lie.
"""

import contextlib
import functools
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType, MethodType
from typing import Any

from .shell import Shell

_MOST = 32  # functions that are told of
_DEEPEST = 500  # code objects and parts that are looked into
_INSTALLED = (*sysconfig.get_paths().values(), *filter(None, sys.path))  # before student code adds its own
_LIBRARIES = ("<frozen", "<__array", str(Path(__file__).parent), *_INSTALLED)
_HOLDERS = (MethodType, functools.partial)


class Places:
    """Knows which cell gave each name its function."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._known: dict[str, tuple[Any, Any]] = {}
        self._bound: dict[str, int] = {}

    def note(self, cell: int) -> None:
        """Take a look at all names after a cell has run."""
        with contextlib.suppress(Exception):  # a student may put anything there
            for name, value in list(self._shell.user_ns.items()):
                known, now = self._known.get(name, (None, None)), (value, _code(value))
                if callable(value) and (now[0] is not known[0] or now[1] is not known[1]):
                    self._known[name], self._bound[name] = now, cell

    def of(self, names: set[str]) -> dict[str, dict[str, Any]]:
        """Return the places of functions and of all that their code leads to."""
        found: dict[str, dict[str, Any]] = {}
        with contextlib.suppress(Exception):
            for name in sorted(names & self._shell.user_ns.keys()):
                self._add(name, found)
        return found

    def _add(self, first: str, found: dict[str, dict[str, Any]]) -> None:
        space = self._shell.user_ns
        ahead = [(first, first, space[first])]
        seen: set[int] = set()
        while ahead and len(found) < _MOST and len(seen) < _DEEPEST:
            name, bound, value = ahead.pop()
            if id(value) in seen:
                continue
            seen.add(id(value))
            found.setdefault(name, self._place(value) | {"bound": self._bound.get(bound)})
            code = _code(value)
            if code is None or not code.co_filename.startswith(_LIBRARIES):
                ahead += [(f"{name}.{part}", bound, one) for part, one in _parts(value)]
                ahead += [(one, one, space[one]) for one in _names(code) if one in self._bound and one in space]

    def _place(self, value: Any) -> dict[str, Any]:
        code = _code(value)
        if code is None:
            return {"kind": type(value).__name__[:80]}
        cell = self._shell.compile.number_of(code.co_filename)
        if cell is not None:
            return {"kind": "function", "cell": cell, "line": code.co_firstlineno}
        is_library = code.co_filename.startswith(_LIBRARIES)
        return {"kind": "function of a library" if is_library else f"function in {code.co_filename}"[:80]}


def _code(value: Any) -> CodeType | None:
    return value.__code__ if type(value) is FunctionType else None


def _file(value: Any) -> str | None:
    code = _code(value)
    return None if code is None else code.co_filename


def _names(code: CodeType | None) -> Iterator[str]:
    """Yield the names that a function's code asks for, the functions within it, too."""
    ahead = [code] if code is not None else []
    for _ in range(_DEEPEST):
        if not ahead:
            return
        one = ahead.pop()
        yield from one.co_names
        ahead += [constant for constant in one.co_consts if type(constant) is CodeType]


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the functions that a function or an object holds: in a closure, as a default, as its attribute."""
    held: dict[str, Any] = {}
    if type(value) is FunctionType:
        held |= dict(
            zip(value.__code__.co_freevars, (one.cell_contents for one in value.__closure__ or ()), strict=True)
        )
        held |= {f"default {place}": one for place, one in enumerate(value.__defaults__ or (), start=1)}
        held |= value.__kwdefaults__ or {}
    elif type(value) is MethodType:
        held["__func__"] = value.__func__
    elif type(value) is functools.partial:
        held["func"] = value.func
    elif isinstance(value, type):
        held |= {name: one for name, one in vars(value).items() if _file(one) != "<string>"}  # such as a dataclass has
    else:
        held |= {name: one for name, one in vars(type(value)).items() if name == "__call__"}
        held |= getattr(value, "__dict__", {})
    for name, one in held.items():
        if type(one) is FunctionType or type(one) in _HOLDERS:
            yield name[:40], one
