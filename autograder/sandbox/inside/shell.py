"""IPython as students know it from a notebook, without a kernel; and in which cell and line an error arose."""

import ast
import contextlib
import inspect
import io
import itertools
import linecache
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from types import CodeType, FrameType
from typing import Any

import numpy as np
from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from . import like_a_kernel, plain
from .known import FLAGS, KnownCells

Emit = Callable[[dict[str, Any]], None]

_FLUSH_SECONDS = 0.05
_FLUSH_CHARACTERS = 32_768
_NAME = "cell-{}"


class Stream(io.TextIOBase):
    """Stands for stdout or stderr: gathers text and emits it as `stream` outputs."""

    encoding = "UTF-8"

    def __init__(self, name: str, emit: Emit) -> None:
        super().__init__()
        self.name = name
        self._emit = emit
        self._parts: list[str] = []
        self._size = 0
        self._last = 0.0
        self._other: Stream | None = None
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        """Leave to the parent what it has gathered: a process of a pool would emit it once more."""
        self._parts, self._size = [], 0

    def fileno(self) -> int:
        """Return the descriptor of that name: what other programs write there is shown nowhere."""
        return {"stdout": 1, "stderr": 2}[self.name]

    def writable(self) -> bool:
        """Say that one may write."""
        return True

    def write(self, text: Any) -> int:
        """Take text; pass it on if the last went out a while ago, so that a killed cell loses little."""
        if not isinstance(text, str):  # students write what they like
            msg = f"write() argument must be str, not {type(text).__name__}"
            raise TypeError(msg)
        if self._other is not None:
            self._other.flush()  # what was written before comes before
        self._parts.append(text)
        self._size += len(text)
        if self._size > _FLUSH_CHARACTERS or time.monotonic() - self._last > _FLUSH_SECONDS:
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Emit what has gathered."""
        if self._parts:
            text = "".join(self._parts).encode("utf-8", "replace").decode()
            self._parts, self._size, self._last = [], 0, time.monotonic()
            self._emit({"output_type": "stream", "name": self.name, "text": text})


def streams(emit: Emit) -> tuple[Stream, Stream]:
    """Return stdout and stderr; what is written to them comes out in the order in which it was written."""
    out, err = Stream("stdout", emit), Stream("stderr", emit)
    out._other, err._other = err, out  # noqa: SLF001 - of the same class
    return out, err


class _Hook(DisplayHook):
    """The value of a cell's last expression becomes an `execute_result`."""

    def write_output_prompt(self) -> None:
        """Write none: the notebook shows it."""

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        """Emit the value in its formats."""
        self.shell.emit(
            {
                "output_type": "execute_result",
                "data": format_dict,
                "metadata": md_dict or {},
                "execution_count": self.prompt_count,
            }
        )

    def finish_displayhook(self) -> None:
        """End without the newline that a terminal gets."""
        self._is_active = False


class _Publisher(DisplayPublisher):
    """What is displayed becomes `display_data`."""

    def publish(self, data: Any, metadata: Any = None, **_options: Any) -> None:
        """Emit the data; an update of an older display is shown as a new one."""
        self.shell.emit({"output_type": "display_data", "data": data, "metadata": metadata or {}})

    def clear_output(self, wait: bool = False) -> None:  # noqa: FBT001, FBT002 - IPython's signature
        """Keep everything: the instructor sees what was shown."""


class _Compiler(CachingCompiler):
    """Names each cell's code `cell-<number>`, so that a line in it can be told later, and knows some code already."""

    def __init__(self) -> None:
        super().__init__()
        self.known = KnownCells()
        self._first_flags = self.flags

    def ast_parse(self, source: str, filename: str = "<unknown>", symbol: str = "exec") -> ast.AST:
        """Return a cell's syntax tree; `from __future__` in a cell before it has it read anew."""
        tree = self.known.tree(filename) if self.flags == self._first_flags else None
        return tree or super().ast_parse(source, filename, symbol)

    def __call__(self, source: Any, filename: str, symbol: str, **kwargs: Any) -> CodeType:
        """Return the code of a statement."""
        code = self.known.compiled(source, symbol) if self.flags == self._first_flags | FLAGS else None
        return code or super().__call__(source, filename, symbol, **kwargs)

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:  # noqa: ARG002 - IPython's call
        """Return the name under which a cell's code is compiled."""
        name = self.known.name(raw_code) or _NAME.format(number)
        self._filename_map[name] = number
        # Of no module, as `inspect` finds out by itself: by looking through all that are loaded, for each traceback.
        inspect.modulesbyfile[os.path.abspath(name)] = ""  # noqa: PTH100 - as `inspect`
        return name

    def forget(self) -> None:
        """Know of no cell any more."""
        for name in self._filename_map:
            linecache.cache.pop(name, None)
        self._filename_map.clear()

    def number_of(self, name: str) -> int | None:
        """Return the number of the cell whose code has that name."""
        number: int | None = self._filename_map.get(name)
        return number


class ExitError(Exception):
    """Student code called exit() or quit()."""


class Shell(InteractiveShell):
    """An `InteractiveShell` whose outputs go to `emit`; make one with `Shell.instance()`."""

    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)
    compiler_class = Type(_Compiler)
    emit: Emit = staticmethod(lambda _output: None)
    has_terminals = True

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._first_transforms = self._transforms()

    def learn(self, cells: list[str]) -> None:
        """Read and compile cells, so that running them takes no longer than what they do."""
        for source in cells:
            python = super().transform_cell(source)
            if not super().should_run_async(source, transformed_cell=python):
                self.compile.known.learn(source, python, self.compile.flags)

    def transform_cell(self, raw_cell: str) -> str:
        """Return what IPython makes of a cell."""
        python = self.compile.known.python(raw_cell)
        if python is None and self._transforms() == self._first_transforms:
            python = plain.as_python(raw_cell)
        return str(super().transform_cell(raw_cell)) if python is None else python

    def _transforms(self) -> list[Any]:
        """Return what IPython reads cells with, to which students may add."""
        manager = self.input_transformer_manager
        lists = (manager.cleanup_transforms, manager.line_transforms, manager.token_transformers)
        return [one for some in (*lists, self.input_transformers_post) for one in some]

    def should_run_async(self, raw_cell: str, *, transformed_cell: str | None = None, **rest: Any) -> bool:
        """Say whether a cell awaits something; for that, IPython compiles it once more."""
        if self.compile.known.name(raw_cell) is not None or not plain.may_await(raw_cell):
            return False
        return bool(super().should_run_async(raw_cell, transformed_cell=transformed_cell, **rest))

    def system(self, cmd: str) -> None:
        """Run a command of the shell's and show what it writes; behind Landlock there is no terminal to run it in."""
        if self.has_terminals:
            super().system(cmd)
            return
        command = ["/bin/sh", "-c", self.var_expand(cmd, depth=1)]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        sys.stdout.write(done.stdout.decode("utf-8", "replace"))
        self.user_ns["_exit_code"] = done.returncode

    def enable_gui(self, gui: str | None = None) -> None:
        """Accept any: the inline backend needs no event loop, but `%matplotlib` asks."""

    def ask_exit(self) -> None:
        """End the cell, not the process: the cells after it still count."""
        msg = "exit() ends only this cell while the notebook is graded"
        raise ExitError(msg)

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        self.emit(
            {
                "output_type": "error",
                "ename": str(getattr(etype, "__name__", etype)),
                "evalue": _text(evalue),
                "traceback": [str(line) for line in stb],
            }
        )

    @contextlib.contextmanager
    def brief_errors(self) -> Iterator[None]:
        """Show of an error its last line alone: a traceback takes longer than most cells that end with one."""
        shown = self.InteractiveTB
        mode = shown.mode
        shown.set_mode("Minimal")
        try:
            yield
        finally:
            with contextlib.suppress(Exception):  # student code may have made anything of it
                shown.set_mode(mode)

    def cell_line(self, error: BaseException) -> dict[str, Any] | None:
        """Return cell number, line number and text of a line of a cell that an error passed.

        Of a function that was called from outside it is the line of that function, also where a helper stops: its name
        and line are added. Else it is the innermost line.
        """
        if isinstance(error, SyntaxError):
            return self._line(error.filename, error.lineno or 0)
        passed = list(self._passed(error))
        if not passed:
            return None
        outer = next((n for n, (frame, _) in enumerate(passed) if _function(frame) != "<module>"), 0)
        own = passed[outer:] if outer == 0 else passed[-1:]
        mine = list(itertools.takewhile(lambda one: _is_within(one[0], own[0][0]), own))[-1]
        found = self._line(mine[0].f_code.co_filename, mine[1])
        frame, number = passed[-1]
        inner = self._line(frame.f_code.co_filename, number)
        if found is None or inner is None:
            return found
        helper = "" if mine is passed[-1] else f"{_function(frame)} stops at line {number}: {inner['text']}"
        return {**found, "inside": helper[:200], "shapes": _shapes(inner["text"], frame, error)[:200]}

    def _passed(self, error: BaseException) -> Iterator[tuple[FrameType, int]]:
        """Yield the frames of cells that an error passed, outermost first, each with its line."""
        trace = error.__traceback__
        while trace is not None:
            if self.compile.number_of(trace.tb_frame.f_code.co_filename) is not None:
                yield trace.tb_frame, trace.tb_lineno
            trace = trace.tb_next

    def _line(self, name: str | None, number: int) -> dict[str, Any] | None:
        cell = self.compile.number_of(name or "")
        text = linecache.getline(name or "", number).strip()
        return None if cell is None else {"cell": cell, "line": number, "text": text[:200]}


def _function(frame: FrameType) -> str:
    """Return the name of a frame's function; of a list that a loop makes, the function around it."""
    while frame.f_code.co_name.startswith("<") and frame.f_code.co_name != "<module>" and frame.f_back is not None:
        frame = frame.f_back
    return frame.f_code.co_name


def _is_within(frame: FrameType, function: FrameType) -> bool:
    return frame is function or (frame.f_code.co_name.startswith("<") and frame.f_code.co_name != "<module>")


def _shapes(line: str, frame: FrameType, error: BaseException) -> str:
    """Return the shapes of the arrays that a line names, where an error may be about shapes; no function is called."""
    if not isinstance(error, ValueError | IndexError):
        return ""
    try:
        tree = ast.parse(line.strip())
    except SyntaxError:
        return ""
    found: dict[str, str] = {}
    for node in _operands(tree):
        text = ast.unparse(node)
        with contextlib.suppress(Exception):
            value = eval(text, frame.f_globals, frame.f_locals)  # noqa: S307 - names and indices of the student's own
            if type(value) is np.ndarray:
                found[text] = f"{text} has shape {value.shape}"
    return ", ".join(found.values())


def _operands(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the largest expressions that are made of names, attributes and indices alone."""
    calls = any(isinstance(one, ast.Call | ast.Await | ast.NamedExpr) for one in ast.walk(node))
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Load) and not calls:
        yield node
        return
    for child in ast.iter_child_nodes(node):
        yield from _operands(child)


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as second:  # noqa: BLE001 - a student's __str__ may raise anything
        return f"<unprintable {type(error).__name__}: its __str__ raised {type(second).__name__}>"


def make_shell(*, has_terminals: bool = True) -> Shell:
    """Return the one shell of this process, ready to run cells.

    Args:
        has_terminals: whether `!command` may open one, as IPython would.
    """
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.autoindent = False
    config.InteractiveShell.cache_size = 100
    shell: Shell = Shell.instance(config=config)
    like_a_kernel.prepare(shell)
    shell.has_terminals = has_terminals
    return shell


def warm_up(shell: Shell) -> None:
    """Run a cell that fails, which loads what IPython shows errors with, and leave nothing of it behind."""
    known = dict(shell.user_ns)
    shell.emit = lambda _output: None
    shell.run_cell("1 / 0", store_history=False, silent=False)
    shell.user_ns.clear()
    shell.user_ns.update(known)
    for name in ("last_type", "last_value", "last_traceback", "last_exc"):
        if hasattr(sys, name):
            delattr(sys, name)
    shell.last_execution_succeeded, shell.last_execution_result = True, None
    shell.compile.forget()
