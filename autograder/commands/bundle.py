"""`autograder bundle`: writes the archive with which Gradescope or PrairieLearn runs an assignment's graders."""

import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from autograder.course.errors import UsageError
from autograder.course.records.private import write_private_bytes
from autograder.grading.assignment import GRADERS, Assignment, find
from autograder.judge.collected import collected
from autograder.judge.judge import DEFAULT_SEED
from autograder.judge.notebook import NotebookError, exercise_of, read
from autograder.platforms.bundle.contents import Settings, bundle
from autograder.shipped import located, notebooks

_CONFIG = "nbgrader_config.py"
_MB = 1e6


def run(options: Namespace) -> int:
    """Write the archive and say what to do with it; returns 0.

    Raises:
        AssignmentError: there is no such assignment, or it has no graders.
        GraderFault: its graders cannot be collected.
        UsageError: the course's configuration cannot be read, or there is no such place to write.
    """
    graders, seed = _course(options.graders)
    assignment = find(options.assignment, graders)
    path = options.output or Path(f"{assignment.name}-bundle.zip")
    points = collected(assignment, seed).graders
    most = sum(points.max_points(name) for name in assignment.exercises)
    settings = Settings(assignment.name, seed, options.seconds, options.visibility)
    data = bundle(assignment, settings, _files(assignment))
    _write(path, data)
    size = f"{len(data) / _MB:.1f} MB"
    print(f"{path}: {assignment.name}, {most:g} points, {size}; the graders are in it: show it to nobody")
    print(located("next: docs/other-platforms.md says how to upload it, and what cannot be done there"))
    for line in _warnings(assignment, seed):
        print(f"autograder: {line}", file=sys.stderr)
    return 0


def _course(graders: Path) -> tuple[Path, int]:
    """Return where hidden folders are, as typed or as the course in this folder says, and the seed."""
    if not Path(_CONFIG).is_file():
        return graders.absolute(), DEFAULT_SEED
    from autograder.course.opening import settings_of  # noqa: PLC0415 - nbgrader loads slowly

    settings = settings_of(Path.cwd())
    folder = settings.folder(Path.cwd()) if graders == GRADERS else graders.absolute()
    return folder, settings.seed


def _files(assignment: Assignment) -> dict[str, bytes]:
    """Return the data files that students got: the course's, or those that come with the package.

    Raises:
        UsageError: one is not there.
    """
    found = {}
    for name in assignment.files or ():
        own, brought = Path("source") / assignment.name / name, notebooks(assignment.name) / name
        path = next((path for path in (own, brought) if path.is_file()), None)
        if path is None:
            raise UsageError(f"{own}: not there, but {assignment.folder}/assignment.toml lists it among its files")
        found[name] = path.read_bytes()
    return found


def _warnings(assignment: Assignment, seed: int) -> Iterator[str]:
    """Yield what the instructor should know before this is uploaded."""
    if seed == DEFAULT_SEED:
        yield f"the seed {seed} can be read by anybody in this package: set c.Autograder.seed in {_CONFIG}"
    if assignment.files is None:
        yield f"{assignment.name} lists no files: nothing that students got with the notebook is in the bundle"
    for notebook, grade_ids in _others(assignment):
        yield f"{notebook}: not judged there, since no grader does it: {', '.join(grade_ids)}"


def _others(assignment: Assignment) -> Iterator[tuple[str, list[str]]]:
    """Yield the notebooks that have other grade cells than those with graders, and these."""
    for path in sorted((Path("source") / assignment.name).glob("*.ipynb")):
        try:
            cells = read(path.read_bytes())["cells"]
        except (NotebookError, OSError):
            continue
        marked = [cell.get("metadata", {}).get("nbgrader", {}) for cell in cells]
        grade_ids = [str(one.get("grade_id")) for one in marked if one.get("grade") or one.get("task")]
        others = [one for one in grade_ids if exercise_of(one, assignment.exercises, path.stem) is None]
        if others:
            yield path.name, others


def _write(path: Path, data: bytes) -> None:
    """Write a file that is there whole or not at all, and is its owner's alone: the solutions are in it.

    Raises:
        UsageError: it cannot be written there.
    """
    try:
        with write_private_bytes(path) as file:
            file.write(data)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error
