"""The judge: one notebook's bytes in, its outcome out."""

import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgpack

from autograder.card.pictures import Pictures
from autograder.grading.assignment import Assignment, find, of_course
from autograder.judge.kernels import kernel_of
from autograder.judge.notebook import HIDDEN_TESTS, Cell, HiddenTests, code_cells, put_last
from autograder.judge.outcome import NO_WALLS, Judgement, refused
from autograder.judge.running.sandboxes import needed, sandbox_for
from autograder.judge.running.submission import Notebook, Ran, SubmissionRunner
from autograder.judge.sending.packed import Packed, unpack
from autograder.sandbox.kernel import Kernel
from autograder.sandbox.session import KernelError, Setup
from autograder.sandbox.walls.bubblewrap import WallError
from autograder.sandbox.walls.standing import AUTO, KERNEL, NONE, attempt, choose, demand

if TYPE_CHECKING:
    from autograder.grading.graders import Graders
    from autograder.grading.results import ExerciseResult

_ATTEMPTS = 2
DEFAULT_SEED = 57  # of the hidden inputs; a course sets its own in nbgrader_config.py


@dataclass(frozen=True)
class Job:
    """What the judge needs besides the notebook; plain data, so that it can be sent to another process.

    Attributes:
        assignment: its name.
        graders: the course's folder of hidden folders, or an assignment's hidden folder itself, packed; see `hidden`.
        seed: of the hidden inputs, equal for all students of a run.
        isolation: the wall that was asked for: `auto`, the strongest that stands, or one by its name.
        least_wall: the weakest that will do.
        files: of the working folder, by name.
        run_checks: whether the visible checks in the grade cells run as well.
        module: the `__name__` that the code sees.
        pictures: of what a wrong function does: `drawn`, `described` in words only, or `none`.
        preload: load what the assignment's notebook imports before its first cell; slower for few, faster for many.
        limits: by name, instead of the assignment's own.
        known: sources of the code cells that every submission has as they were handed out; read and compiled once.
        ordinary: whether grade cells without a grader are judged by nbgrader's rule: where they are the course's own.
        hidden_tests: what marks hidden tests in their text.
        tell_all: whether students are told whatever a hidden test says.
        keep_files: whether the files that cells write are returned.
        readable: absolute paths that student code may read, besides its own folder and the system.
        kernel: in which all notebooks run, by its name, whatever they say themselves.
    """

    assignment: str
    graders: Path | Packed | None = None
    seed: int = DEFAULT_SEED
    isolation: str = AUTO
    least_wall: str = NONE
    files: dict[str, bytes] = field(default_factory=dict)
    run_checks: bool = True
    module: str = "__main__"
    pictures: Pictures = "drawn"
    preload: bool = True
    limits: dict[str, float] = field(default_factory=dict)
    known: tuple[str, ...] = ()
    ordinary: bool = False
    hidden_tests: HiddenTests = HIDDEN_TESTS
    tell_all: bool = False
    keep_files: bool = False
    readable: tuple[str, ...] = ()
    kernel: str = ""

    def wall(self) -> str:
        """Return the name of the wall that student code is behind.

        Raises:
            WallError: there is none that will do.
        """
        if self.isolation == AUTO:
            return choose(AUTO, self.least_wall)
        return demand(self.isolation, self.least_wall)  # that it holds is made sure of before anything runs behind it

    def hidden(self) -> Assignment:
        """Return the assignment, with its limits as this job changes them; what came packed is unpacked here.

        Raises:
            AssignmentError: there is no such assignment.
        """
        graders = unpack(self.graders) if isinstance(self.graders, Packed) else self.graders
        assignment = of_course(self.assignment, graders) if graders is not None else find(self.assignment)
        return replace(assignment, limits=assignment.limits.override(self.limits))


def judge(data: bytes, job: Job) -> Judgement:
    """Run the notebooks of a submission and judge them.

    Args:
        data: the notebooks, as `to_judge` packs them; their grade cells are trusted to be where they should be.
        job: how they are to be judged.

    Raises:
        AssignmentError: there is no such assignment.
        WallError: student code cannot be walled off on this machine.
    """
    notebooks, files = msgpack.unpackb(data, max_bin_len=len(data), max_str_len=len(data))
    contents = {name: json.loads(text) for name, text in notebooks.items()}
    return judge_notebooks(contents, replace(job, files={**files, **job.files}), job.hidden())


def to_judge(contents: Mapping[str, dict[str, Any]], files: Mapping[str, bytes] | None = None) -> bytes:
    """Return a submission as data for `judge`.

    Args:
        contents: its notebooks by name, in the order in which they run.
        files: of its working folder, besides those of the job, which come before them.
    """
    packed: bytes = msgpack.packb([{name: json.dumps(content) for name, content in contents.items()}, files or {}])
    return packed


def judge_notebooks(contents: Mapping[str, dict[str, Any]], job: Job, assignment: Assignment) -> Judgement:
    """Judge notebooks that have been read already, by name; see `judge`."""
    try:
        notebooks = _to_run(contents, assignment, job)
    except KernelError as error:
        return refused(assignment.name, str(error), fault=True)
    preload = needed(assignment.preload if job.preload else ("numpy",), _sources(notebooks))
    sandbox = sandbox_for(job.wall(), assignment.limits, preload, job.known, job.readable)
    setup = Setup(files=job.files, names={"__name__": job.module})
    for _ in range(_ATTEMPTS):
        runner = SubmissionRunner(notebooks, sandbox, assignment.limits, setup, tell_all=job.tell_all)
        with contextlib.closing(runner):
            wall = sandbox.pid
            try:
                judgement = _judge_with(runner, notebooks, job, assignment)
            except KernelError as error:
                return refused(assignment.name, str(error), fault=True)
            except WallError:
                if sandbox.stands(wall):
                    raise
                continue
            if sandbox.stands(wall):
                return replace(judgement, wall=sandbox.isolation)
    return refused(assignment.name, "what walls it off was ended from outside while it was judged", fault=True)


def _judge_with(runner: SubmissionRunner, notebooks: list[Notebook], job: Job, assignment: Assignment) -> Judgement:
    if not assignment.exercises:
        return _judgement(assignment, job, [], runner.run(keep_files=job.keep_files))
    # Loaded only now: while the student process starts, this one loads SciPy and pytest.
    from autograder.diagnosis.exercise import adapters, exercises  # noqa: PLC0415
    from autograder.judge.collected import collected  # noqa: PLC0415
    from autograder.judge.exercises import ExerciseJudge  # noqa: PLC0415

    graders = collected(assignment, job.seed)
    ran = runner.run(adapters(exercises(assignment)), keep_files=job.keep_files)
    where = {cell.exercise: notebook.name for notebook in notebooks for cell in notebook.cells if cell.exercise}
    runs = {exercise: ran.runs[name] for exercise, name in where.items()}
    judge_exercise = ExerciseJudge(graders, runs, assignment, job.seed, pictures=job.pictures)
    results = [
        replace(_verdicts(judge_exercise, name, graders.graders), notebook=where[name])
        for name in assignment.exercises
        if name in where
    ]
    return _judgement(assignment, job, results, ran)


def _judgement(assignment: Assignment, job: Job, results: list["ExerciseResult"], ran: Ran) -> Judgement:
    events = [note for run in ran.runs.values() for note in run.notes]
    notes = [note for result in results for note in (*result.notes, *_defined_late(result, ran))]
    return Judgement(
        assignment.name,
        "graded",
        None,
        (*results, *ran.inside),
        ran.outputs,
        ran.shown,
        (*events, *notes, *([NO_WALLS] if job.isolation == NONE else [])),
        places={name: found for run in ran.runs.values() for name, found in run.places.items()},
        files=ran.files,
        events=tuple(events),
    )


def _defined_late(result: "ExerciseResult", ran: Ran) -> list[str]:
    """Say where a function is defined below the check that found none, or a stub: the teacher may want to look."""
    run = ran.runs.get(result.notebook)
    below = run.causes.below(result.exercise, result.exercise) if run is not None and not result.passed else ""
    if not below or not any(below in criterion.message for criterion in result.criteria):
        return []
    return [f"{result.exercise} was judged as it stood at its check{below}"]


def _verdicts(judge_exercise: Callable[[str], "ExerciseResult"], name: str, graders: "Graders") -> "ExerciseResult":
    """Judge an exercise; a failure of ours there is the `error` of its criteria, and costs no other exercise anything.

    Raises:
        WallError: student code cannot be walled off.
    """
    try:
        return judge_exercise(name)
    except WallError:
        raise
    except Exception as error:  # noqa: BLE001 - a fault of ours costs this student nothing
        return graders.fault(name, error)


def _to_run(contents: Mapping[str, dict[str, Any]], assignment: Assignment, job: Job) -> list[Notebook]:
    """Return the notebooks with the cells that are to be run, and the kernels of those that the course says.

    Raises:
        KernelError: one of the kernels is not installed here, cannot be walled off, or could not be asked what a
            grader asks.
    """
    found = []
    for name, content in contents.items():
        cells = code_cells(content, assignment.exercises, job.hidden_tests, name)
        found.append(Notebook(name, cells, _kernel(name, content, cells, job) if job.ordinary else None))
    there = {cell.exercise for notebook in found for cell in notebook.cells}
    missing = [name for name in assignment.exercises if name not in there]
    if missing and not job.ordinary:  # of a course's submission the notebooks with these were not handed in
        last = found[-1]
        found[-1] = replace(last, cells=put_last(last.cells, missing, len(contents[last.name]["cells"])))
    return [replace(notebook, cells=_cells_to_run(notebook.cells, assignment, job)) for notebook in found]


def _sources(notebooks: list[Notebook]) -> list[str]:
    """Return the texts of all cells that are to be run, with their hidden tests."""
    return [
        cell.source if cell.ordinary is None else cell.ordinary.full
        for notebook in notebooks
        for cell in notebook.cells
    ]


def _kernel(name: str, content: dict[str, Any], cells: list[Cell], job: Job) -> Kernel | None:
    try:
        kernel = kernel_of(content, job.kernel)
    except KernelError as error:
        raise KernelError(f"{name}.ipynb: {error}") from error
    if kernel is None:
        return None
    if (exercise := next((cell.exercise for cell in cells if cell.exercise), None)) is not None:
        raise KernelError(
            f"{name}.ipynb runs in the kernel {kernel.name!r}, of which the grader of {exercise} can ask nothing"
        )
    if job.isolation != NONE and not (tried := attempt(KERNEL)).stands:
        raise KernelError(f"{name}.ipynb: this machine cannot wall off a kernel ({tried.explain()})")
    return kernel


def _cells_to_run(cells: list[Cell], assignment: Assignment, job: Job) -> list[Cell]:
    if not job.ordinary:
        cells = [replace(cell, ordinary=None) for cell in cells]
    graded = [number for number, cell in enumerate(cells) if cell.exercise or cell.ordinary]
    if not assignment.run_after_last_grade_cell:
        cells = cells[: max(graded, default=len(cells) - 1) + 1]
    if job.run_checks:
        return cells
    return [replace(cell, source="") if cell.exercise else cell for cell in cells]
