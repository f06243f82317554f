"""Running a notebook's cells in a student process, with snapshots where exercises are to be judged.

A cell that kills or blocks its process costs that cell: a fresh process replays the others, at most twice.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from autograder.judge.notebook import Cell
from autograder.judge.running.causes import Causes, label
from autograder.sandbox import outputs
from autograder.sandbox.answers import Places
from autograder.sandbox.channel import ChannelError
from autograder.sandbox.launch import Launcher
from autograder.sandbox.limits import Limits
from autograder.sandbox.refusals import MachineError
from autograder.sandbox.session import CellRun, Session, Setup
from autograder.sandbox.snapshot import Adapter, Snapshot
from autograder.sandbox.walls.bubblewrap import WallError

_ATTEMPTS = 3


@dataclass
class Run:
    """What running came to.

    Attributes:
        limits: on what the judged calls may use.
        snapshots: of the exercises, still alive.
        renew: runs the cells once more and returns snapshots of which nothing was asked yet.
        beside: starts another process, for functions of ours; it ends with the student's.
        ran: how each cell ended, by its index.
        notes: what happened, for the outcome.
        causes: tells why a name is missing.
        renewed: whether the snapshots are of the second run; those of the first are gone then.
        refused: exercises that the machine had no room for, and why.
        places: where the functions were defined that were judged, by exercise.
        files: that the cells wrote into the working folder, by path.
        adapters: what is called in the place of classes, by their names.
    """

    limits: Limits
    snapshots: dict[str, Snapshot]
    renew: Callable[[], dict[str, Snapshot]]
    beside: Callable[[], Session]
    ran: dict[int, CellRun] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    causes: Causes = field(default_factory=lambda: Causes((), {}))
    renewed: bool = False
    refused: dict[str, str] = field(default_factory=dict)
    places: dict[str, Places] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    adapters: Mapping[str, Adapter] = field(default_factory=dict)
    _spent: set[str] = field(default_factory=set)

    def process(self, exercise: str, *, keep: bool) -> Snapshot | None:
        """Return a process of which nothing was asked yet, or None where the cells left none for this exercise.

        It is the snapshot itself, or a copy of it where `keep` asks for that; where the snapshot is used up already,
        the cells are run once more, and all snapshots are new.

        Raises:
            MachineError: the machine has no room for it.
            ChannelError: the snapshot is gone or cannot be copied.
            WallError: the student process cannot be started again.
        """
        if exercise in self.refused:
            raise MachineError(self.refused[exercise])
        if exercise in self._spent and not self.renewed:
            self.snapshots, self.renewed = self.renew(), True
        snapshot = self.snapshots.get(exercise)
        if snapshot is None:
            return None
        try:
            if not (keep or self.renewed):
                self._spent.add(exercise)
            else:
                snapshot = snapshot.snapshot()
            if self.adapters:
                snapshot.adapt(self.adapters)
        except MachineError as error:
            self.refused[exercise] = str(error)
            raise
        except ChannelError:
            del self.snapshots[exercise]  # so that nobody waits for it again
            raise
        return snapshot

    @property
    def outputs(self) -> dict[int, list[dict[str, Any]]]:
        """What the cells showed, by their index."""
        return {index: result.outputs for index, result in self.ran.items()}

    def result(self, cell: Cell) -> CellRun:
        """Return how a cell ended; one without any text did so at once."""
        return self.ran.get(cell.index, CellRun("ok" if not cell.source.strip() else "died", []))


class Runner:
    """Runs one submission's cells.

    Args:
        sandbox: where student processes come from.
        limits: what it may use.
        setup: what it starts with.
    """

    def __init__(self, sandbox: Launcher, limits: Limits, setup: Setup) -> None:
        self._sandbox = sandbox
        self._limits = limits
        self._setup = setup
        self._session = Session(sandbox, limits, setup)
        self._beside: list[Session] = []
        self._cells: list[Cell] = []
        self._bad: set[int] = set()
        self._refused: dict[str, str] = {}
        self._deadline = time.monotonic() + limits.start_seconds + limits.submission_seconds

    def close(self) -> None:
        """End the student process, and those that were started beside it."""
        for session in (self._session, *self._beside):
            session.close()

    def run(self, cells: list[Cell], adapters: Mapping[str, Adapter] | None = None, *, keep_files: bool = False) -> Run:
        """Run the cells in order and seal the result; the caller closes the runner.

        Args:
            cells: of the notebook.
            adapters: what is called in the place of the student's classes, by their names.
            keep_files: return what they wrote into the working folder, too.

        Raises:
            WallError: the student process cannot be started.
        """
        self._cells = cells
        kept: dict[int, CellRun] = {}
        notes: list[str] = []
        for attempt in range(_ATTEMPTS):
            self._prepare()
            if attempt == 0:
                self._deadline = time.monotonic() + self._limits.submission_seconds
            snapshots, broken = self._attempt(cells, kept, last=attempt == _ATTEMPTS - 1)
            if broken is None:
                break
            self._bad.add(broken.index)
            place = label(broken, cells.index(broken) + 1)
            notes.append(f"{place} ended its process; the other cells were run again without it")
            self._restart()
        files, cut = self._session.written() if keep_files else ({}, False)
        if cut:
            most, size = self._limits.written_files, self._limits.written_bytes >> 20
            notes.append(f"cells wrote more files than are kept: {most}, {size} MiB in all")
        self._session.seal()
        notes += [
            f"{label(cell, number)} was stopped: it took too long"
            for number, cell in enumerate(cells, start=1)
            if cell.index in kept and kept[cell.index].status == "timeout"
        ]
        return Run(
            self._limits,
            snapshots,
            self._run_again,
            self._start_beside,
            kept,
            notes,
            Causes(cells, kept),
            refused=self._refused,
            files=files,
            adapters=adapters or {},
        )

    def _prepare(self) -> None:
        """Get the student process ready, another one where walls that were killed a moment ago take this one along."""
        try:
            self._session.prepare()
        except WallError:
            self._restart()
            self._session.prepare()

    def _restart(self) -> None:
        self._session.close()
        self._session = Session(self._sandbox, self._limits, self._setup)

    def _start_beside(self) -> Session:
        """Start another process, for functions of ours.

        Raises:
            WallError: it cannot be started.
        """
        session = Session(self._sandbox, self._limits, Setup())
        self._beside.append(session)
        session.prepare()
        return session

    def _run_again(self) -> dict[str, Snapshot]:
        """Run the cells in a fresh process, but for those that end it and the visible checks, which are for show."""
        self._restart()
        self._prepare()
        self._deadline = time.monotonic() + self._limits.submission_seconds
        cells = [replace(cell, source="") if cell.exercise else cell for cell in self._cells]
        snapshots, _ = self._attempt(cells, {}, last=True)
        self._session.seal()
        return snapshots

    def _attempt(
        self, cells: list[Cell], kept: dict[int, CellRun], *, last: bool
    ) -> tuple[dict[str, Snapshot], Cell | None]:
        """Run all cells but the bad ones; return the snapshots and the cell that broke the process, if one did."""
        snapshots: dict[str, Snapshot] = {}
        self._refused.clear()
        refused: str | None = None  # why a cell did not do what it should have: what comes after is not to be judged
        for number, cell in enumerate(cells, start=1):
            if cell.exercise is not None and refused is not None:
                self._refused[cell.exercise] = refused
            elif cell.exercise is not None:
                self._snapshot(snapshots, cell.exercise)
            if cell.index in self._bad or not cell.source.strip():
                continue
            result = self._run_cell(number, cell)
            if cell.exercise is None:
                refused = refused or result.refused
            if cell.ordinary is not None:
                result = replace(result, refused=refused)
            kept.setdefault(cell.index, result)
            if result.status == "died" and not last:
                kept[cell.index] = result
                return snapshots, cell
        return snapshots, None

    def _snapshot(self, snapshots: dict[str, Snapshot], exercise: str) -> None:
        try:
            snapshots[exercise] = self._session.snapshot()
        except MachineError as error:
            self._refused[exercise] = str(error)
        except ChannelError:
            return

    def _run_cell(self, number: int, cell: Cell) -> CellRun:
        left = self._deadline - time.monotonic()
        if left <= 0:
            text = f"not run: the notebook's {self._limits.submission_seconds:g} s were used up by the cells above"
            return CellRun("error", [outputs.error("Timeout", text)])
        # Of what a judged cell shows, its student gets no traceback: see `pages.grade_cells.plain`.
        brief = cell.exercise is not None
        return self._session.run_cell(number, cell.source, min(left, self._limits.cell_seconds), brief=brief)
