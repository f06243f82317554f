"""The notebooks of one submission, run one after another in one working folder, by their names.

A notebook with hidden tests runs twice: once without them, for everybody to see, and, when that is sealed, once more
from its first cell in a fresh process, for the marks of its ordinary cells. What else the second run shows is thrown
away. Only second runs of later notebooks see the files that it writes, so that their tests can read what hidden tests
have written, as on stock nbgrader; nobody else may. A notebook whose kernel is not our interpreter runs in that kernel,
behind a wall of its own.
"""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from autograder.grading.results import ExerciseResult
from autograder.judge.notebook import Cell
from autograder.judge.ordinary import marked
from autograder.judge.outcome import Outputs
from autograder.judge.running.run import Run, Runner
from autograder.judge.running.sandboxes import kernel_sandbox_for
from autograder.sandbox.kernel import Kernel
from autograder.sandbox.launch import Sandbox
from autograder.sandbox.limits import Limits
from autograder.sandbox.session import CellRun, KernelError, Setup
from autograder.sandbox.snapshot import Adapter


@dataclass(frozen=True)
class Notebook:
    """A notebook that is to be run.

    Attributes:
        name: its own.
        cells: the code cells in their order.
        kernel: in which they run; None for our interpreter.
    """

    name: str
    cells: list[Cell]
    kernel: Kernel | None = None

    @property
    def has_hidden_tests(self) -> bool:
        """Whether any ordinary grade cell holds more than is shown of it."""
        return any(cell.ordinary is not None and cell.ordinary.full != cell.source for cell in self.cells)

    @property
    def has_ordinary_cells(self) -> bool:
        """Whether any grade cell is judged by what it does itself."""
        return any(cell.ordinary is not None for cell in self.cells)


@dataclass
class Ran:
    """What running a submission came to.

    Attributes:
        runs: of the notebooks, by name, with their snapshots.
        inside: what the ordinary grade cells earned.
        outputs: what the cells came to, by notebook: with their hidden tests.
        shown: of the ordinary ones among them, what they came to without.
        files: that cells wrote into the working folder.
    """

    runs: dict[str, Run] = field(default_factory=dict)
    inside: list[ExerciseResult] = field(default_factory=list)
    outputs: dict[str, Outputs] = field(default_factory=dict)
    shown: dict[str, Outputs] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)


class SubmissionRunner:
    """Runs the notebooks of one submission; everything of it ends with `close`.

    Args:
        notebooks: of the submission, in the order in which they run.
        sandbox: where student processes come from.
        limits: what each notebook may use.
        setup: what each starts with; the files that cells write go on to the next.
        tell_all: whether students are told whatever a hidden test says.
    """

    def __init__(
        self, notebooks: Sequence[Notebook], sandbox: Sandbox, limits: Limits, setup: Setup, *, tell_all: bool = False
    ) -> None:
        self._notebooks = notebooks
        self._sandbox = sandbox
        self._limits = limits
        self._setup = setup
        self._hidden_files = setup.files  # as the second runs have left them
        self._tell_all = tell_all
        self._running = contextlib.ExitStack()
        self._first = self._runner(notebooks[0])  # it starts while the caller is still at something else

    def close(self) -> None:
        """End all student processes."""
        self._running.close()

    def run(self, adapters: Mapping[str, Adapter] | None = None, *, keep_files: bool) -> Ran:
        """Run them in order and seal the results.

        Args:
            adapters: what is called in the place of the student's classes, by their names.
            keep_files: return what the cells wrote.

        Raises:
            WallError: a student process cannot be started.
            KernelError: a notebook's kernel cannot, or cannot be talked to.
        """
        ran = Ran()
        for number, notebook in enumerate(self._notebooks):
            is_last = number == len(self._notebooks) - 1
            runner = self._first if number == 0 else self._runner(notebook)
            try:
                self._run(ran, notebook, runner, adapters, keep=(keep_files or not is_last, not is_last))
            except KernelError as error:
                called = notebook.kernel and notebook.kernel.name
                raise KernelError(f"{notebook.name}.ipynb: the kernel {called!r} {error}") from error
        return ran

    def _run(
        self,
        ran: Ran,
        notebook: Notebook,
        runner: Runner,
        adapters: Mapping[str, Adapter] | None,
        *,
        keep: tuple[bool, bool],
    ) -> None:
        """Run and mark one; `keep` says whether the files are needed that the first run wrote, and the second."""
        run = runner.run(notebook.cells, adapters, keep_files=keep[0])
        if notebook.kernel is not None:  # nothing will be asked of it
            runner.close()
        ran.runs[notebook.name] = run
        ran.files |= run.files
        self._mark(ran, notebook, run, self._hidden_run(notebook, run, keep_files=keep[1]))
        self._setup = replace(self._setup, files={**self._setup.files, **run.files})

    def _runner(self, notebook: Notebook) -> Runner:
        return self._running.enter_context(contextlib.closing(self._start(notebook, self._setup)))

    def _start(self, notebook: Notebook, setup: Setup) -> Runner:
        if notebook.kernel is None:
            return Runner(self._sandbox, self._limits, setup)
        sandbox = kernel_sandbox_for(
            self._sandbox.isolation, self._limits, notebook.kernel, self._sandbox.wall.readable
        )
        return Runner(sandbox, sandbox.limits, setup)

    def _hidden_run(self, notebook: Notebook, run: Run, *, keep_files: bool) -> Run:
        """Run a notebook once more with hidden tests, its own or the files of others' before it; else return `run`."""
        setup = replace(self._setup, files=self._hidden_files)
        hidden = run
        if notebook.has_hidden_tests or (notebook.has_ordinary_cells and setup.files != self._setup.files):
            cells = [_with_hidden_tests(cell) for cell in notebook.cells]
            with contextlib.closing(self._start(notebook, setup)) as runner:
                hidden = runner.run(cells, keep_files=keep_files)
        self._hidden_files = {**self._hidden_files, **hidden.files}
        return hidden

    def _mark(self, ran: Ran, notebook: Notebook, run: Run, hidden: Run) -> None:
        ran.outputs[notebook.name] = run.outputs
        ran.shown[notebook.name] = {}
        for cell in notebook.cells:
            if cell.ordinary is None:
                continue
            shown = run.result(cell)
            found = shown if hidden is run else hidden.result(_with_hidden_tests(cell))
            result = marked(notebook.name, cell.ordinary, shown, found, tell_all=self._tell_all)
            ran.inside.append(_with_cause(result, shown, run))
            if hidden is not run:
                ran.outputs[notebook.name][cell.index] = found.outputs
                ran.shown[notebook.name][cell.index] = shown.outputs


def _with_cause(result: ExerciseResult, shown: CellRun, run: Run) -> ExerciseResult:
    """Add to what a visible test says why a name is missing that it asks for."""
    error = shown.error
    if error is None or result.passed or result.message != f"{error.type}: {error.message}":
        return result
    return replace(result, message=result.message + run.causes.of(error))


def _with_hidden_tests(cell: Cell) -> Cell:
    """Return a cell as the second run has it, which judges nothing from outside."""
    return replace(cell, exercise=None, source=cell.source if cell.ordinary is None else cell.ordinary.full)
