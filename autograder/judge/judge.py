"""The judge: one notebook's bytes in, its outcome out."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from autograder.card.pictures import Pictures
from autograder.grading.assignment import Assignment, find
from autograder.judge import notebook as notebooks
from autograder.judge.outcome import NO_WALLS, Judgement, refused
from autograder.judge.running.run import Runner
from autograder.judge.running.sandboxes import sandbox_for
from autograder.sandbox.bubblewrap import WallError
from autograder.sandbox.session import Setup

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
        seed: of the hidden inputs, equal for all students of a run.
        isolation: `bubblewrap`, or `none` where that was asked for by name.
        files: of the working folder, by name.
        run_checks: whether the visible checks in the grade cells run as well.
        module: the `__name__` that the code sees.
        pictures: of what a wrong function does: `drawn`, `described` in words only, or `none`.
        preload: load what the assignment's notebook imports before its first cell; slower for few, faster for many.
        limits: by name, instead of the assignment's own.
        known: sources of the code cells that every submission has as they were handed out; read and compiled once.
    """

    assignment: str
    seed: int = DEFAULT_SEED
    isolation: str = "bubblewrap"
    files: dict[str, bytes] = field(default_factory=dict)
    run_checks: bool = True
    module: str = "__main__"
    pictures: Pictures = "drawn"
    preload: bool = True
    limits: dict[str, float] = field(default_factory=dict)
    known: tuple[str, ...] = ()


def judge(data: bytes, job: Job) -> Judgement:
    """Run a notebook and judge its exercises.

    Args:
        data: the notebook as nbgrader would write it; its grade cells are trusted to be where they should be.
        job: how it is to be judged.

    Raises:
        AssignmentError: there is no such assignment.
        WallError: student code cannot be walled off on this machine.
    """
    assignment = find(job.assignment)
    assignment = replace(assignment, limits=assignment.limits.override(job.limits))
    try:
        content = notebooks.read(data)
    except notebooks.NotebookError as error:
        return refused(assignment.name, str(error))
    return judge_notebook(content, job, assignment)


def judge_notebook(content: dict[str, Any], job: Job, assignment: Assignment) -> Judgement:
    """Judge a notebook that has been read already; see `judge`."""
    preload = assignment.preload if job.preload else ("numpy",)
    sandbox = sandbox_for(job.isolation, assignment.limits, preload, job.known)
    setup = Setup(files=job.files, names={"__name__": job.module})
    for _ in range(_ATTEMPTS):
        with contextlib.closing(Runner(sandbox, assignment.limits, setup)) as runner:
            wall = sandbox.pid
            try:
                judgement = _judge_with(runner, content, job, assignment)
            except WallError:
                if sandbox.stands(wall):
                    raise
                continue
            if sandbox.stands(wall):
                return judgement
    return refused(assignment.name, "what walls it off was ended from outside while it was judged", fault=True)


def _judge_with(runner: Runner, content: dict[str, Any], job: Job, assignment: Assignment) -> Judgement:
    # Loaded only now: while the student process starts, this one loads SciPy and pytest.
    from autograder.diagnosis.exercise import adapters, exercises  # noqa: PLC0415
    from autograder.judge.collected import collected  # noqa: PLC0415
    from autograder.judge.exercises import ExerciseJudge  # noqa: PLC0415

    graders = collected(assignment, job.seed)
    cells = _cells_to_run(notebooks.code_cells(content, assignment.exercises), assignment, job)
    run = runner.run(cells, adapters(exercises(assignment.name)))
    judge_exercise = ExerciseJudge(graders, run, assignment, job.seed, pictures=job.pictures)
    results = [_verdicts(judge_exercise, name, graders.graders) for name in assignment.exercises]
    notes = [*run.notes, *(note for result in results for note in result.notes), *_isolation_note(job)]
    return Judgement(assignment.name, "graded", None, tuple(results), run.outputs, tuple(notes), places=run.places)


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


def _cells_to_run(cells: list[notebooks.Cell], assignment: Assignment, job: Job) -> list[notebooks.Cell]:
    last = max((number for number, cell in enumerate(cells) if cell.exercise), default=len(cells) - 1)
    if not assignment.run_after_last_grade_cell:
        cells = cells[: last + 1]
    if job.run_checks:
        return cells
    return [notebooks.Cell(cell.index, "" if cell.exercise else cell.source, cell.exercise) for cell in cells]


def _isolation_note(job: Job) -> list[str]:
    return [NO_WALLS] if job.isolation == "none" else []
