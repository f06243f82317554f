"""How cells are executed: what the course sets of nbgrader's `c.Execute`, and which paths its notebooks may read."""

from collections.abc import Iterable
from pathlib import Path

from nbgrader.preprocessors import Execute
from traitlets.config import Configurable

from autograder.course.errors import UsageError

_NO_TIMEOUT = 7 * 24 * 3600.0  # seconds of a cell where the course has set none

# What nbgrader's Execute can be told that would change marks and cannot hold here, and why not. `error_on_timeout`
# changes words alone, and `execute_retries` has nothing to do: cells that end their process never end the run.
_REFUSED = {
    "timeout_func": "set c.Execute.timeout",
    "interrupt_on_timeout": "a cell that takes too long is interrupted, and the cells after it run",
    "extra_arguments": "there is no kernel that takes them",
}
_IDLE = "--HistoryManager."  # what a kernel is told of its history means nothing where none is kept
# Where student code's own things are: a path in these would hide them, or show more than was meant.
_TAKEN = ("/proc", "/sys", "/dev", "/scratch", "/sandbox", "/fonts")


def cell_seconds(parent: Configurable) -> float:
    """Return how long a cell may take: `c.Execute.timeout`, which nbgrader lets be None or -1 for as long as it takes.

    Raises:
        UsageError: the course has set something of `c.Execute` that cannot hold here.
    """
    rule = Execute(parent=parent)
    defaults = Execute()
    rule.extra_arguments = [one for one in rule.extra_arguments if not one.startswith(_IDLE)]
    for name, why in _REFUSED.items():
        if getattr(rule, name) != getattr(defaults, name):
            raise UsageError(
                f"nbgrader_config.py sets c.Execute.{name}, which configure(c) cannot follow ({why}): leave one out"
            )
    return float(rule.timeout) if rule.timeout and rule.timeout > 0 else _NO_TIMEOUT


def readable(root: Path, names: Iterable[str], hidden: Iterable[Path]) -> tuple[str, ...]:
    """Return the absolute paths that student code may read.

    Args:
        root: of the course, where names that are relative begin.
        names: of `c.Autograder.read_only_paths`.
        hidden: files and folders that it must not see.

    Raises:
        UsageError: there is no such path, or it would show what is hidden.
    """
    found = []
    for name in names:
        path, setting = (root / name).absolute(), f"c.Autograder.read_only_paths: {name}"
        if not path.exists():
            raise UsageError(f"{setting} is not there")
        real = path.resolve()
        for other in hidden:
            if real.is_relative_to(other.resolve()) or other.resolve().is_relative_to(real):
                raise UsageError(f"{setting} would show {other} to student code: name a folder that has only data")
        if path == Path("/") or any(path.is_relative_to(taken) for taken in _TAKEN):
            raise UsageError(f"{setting} cannot be shown under its own name: copy the data elsewhere")
        found.append(str(path))
    return tuple(found)
