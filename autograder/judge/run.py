"""Running a notebook's cells in a student process, with snapshots where exercises are to be judged.

A cell that kills or blocks its process costs that cell: a fresh process replays the others, at most twice.
"""

import time
from dataclasses import dataclass, field
from typing import Any

from autograder.judge.notebook import Cell
from autograder.sandbox import outputs
from autograder.sandbox.answers import Raised
from autograder.sandbox.channel import ChannelError
from autograder.sandbox.launch import Sandbox
from autograder.sandbox.limits import Limits
from autograder.sandbox.session import CellRun, Session, Setup, Snapshot

_ATTEMPTS = 3


@dataclass
class Run:
    """What running came to: a session with snapshots that are still alive, and outputs by cell index."""

    session: Session
    snapshots: dict[str, Snapshot] = field(default_factory=dict)
    outputs: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    errors: dict[int, Raised] = field(default_factory=dict)

    def first_error(self) -> str:
        """Return in words where and how the first cell failed, or nothing."""
        for index, error in sorted(self.errors.items()):
            line = f", line {error.where.line}" if error.where else ""
            return f"; code cell {index + 1} stopped with {error.type}: {error.message}{line}"
        return ""


class Runner:
    """Runs one submission's cells.

    Args:
        sandbox: where student processes come from.
        limits: what it may use.
        setup: what it starts with.
    """

    def __init__(self, sandbox: Sandbox, limits: Limits, setup: Setup) -> None:
        self._sandbox = sandbox
        self._limits = limits
        self._setup = setup
        self._session = Session(sandbox, limits, setup)
        self._deadline = time.monotonic() + limits.start_seconds + limits.submission_seconds

    def close(self) -> None:
        """End the student process."""
        self._session.close()

    def run(self, cells: list[Cell]) -> Run:
        """Run the cells in order and seal the result; the caller closes the runner.

        Raises:
            WallError: the student process cannot be started.
        """
        kept: dict[int, CellRun] = {}
        bad: set[int] = set()
        notes: list[str] = []
        for attempt in range(_ATTEMPTS):
            self._session.prepare()
            if attempt == 0:
                self._deadline = time.monotonic() + self._limits.submission_seconds
            snapshots, broken = self._attempt(cells, kept, bad, last=attempt == _ATTEMPTS - 1)
            if broken is None:
                break
            bad.add(broken.index)
            notes.append(f"cell {broken.index + 1} ended its process; the other cells were run again without it")
            self._session.close()
            self._session = Session(self._sandbox, self._limits, self._setup)
        self._session.seal()
        shown = {index: result.outputs for index, result in kept.items()}
        checks = {cell.index for cell in cells if cell.exercise}
        errors = {i: result.error for i, result in kept.items() if result.error is not None and i not in checks}
        return Run(self._session, snapshots, shown, notes, errors)

    def _attempt(
        self, cells: list[Cell], kept: dict[int, CellRun], bad: set[int], *, last: bool
    ) -> tuple[dict[str, Snapshot], Cell | None]:
        """Run all cells but the bad ones; return the snapshots and the cell that broke the process, if one did."""
        snapshots: dict[str, Snapshot] = {}
        for number, cell in enumerate(cells, start=1):
            if cell.exercise is not None:
                self._snapshot(snapshots, cell.exercise)
            if cell.index in bad or not cell.source.strip():
                continue
            result = self._run_cell(number, cell)
            kept.setdefault(cell.index, result)
            if result.status == "died" and not last:
                kept[cell.index] = result
                return snapshots, cell
        return snapshots, None

    def _snapshot(self, snapshots: dict[str, Snapshot], exercise: str) -> None:
        try:
            snapshots[exercise] = self._session.snapshot()
        except ChannelError:
            return

    def _run_cell(self, number: int, cell: Cell) -> CellRun:
        left = self._deadline - time.monotonic()
        if left <= 0:
            text = f"not run: the notebook's {self._limits.submission_seconds:g} s were used up by the cells above"
            return CellRun("error", [outputs.error("Timeout", text)])
        return self._session.run_cell(number, cell.source, min(left, self._limits.cell_seconds))
