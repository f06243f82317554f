"""The instructor's own notebooks, graded behind the wall before they are handed out: what students would run into."""

import re
from collections.abc import Iterator

from nbgrader.coursedir import CourseDirectory

from autograder.course.course import job_of
from autograder.course.handing_out.check_source import Checks, Contents
from autograder.course.settings import Autograder
from autograder.grading.assignment import Assignment
from autograder.judge.judge import Job, judge_notebooks
from autograder.judge.notebook import code_cells
from autograder.sandbox.walls.bubblewrap import WallError

_MAX_TEXT = 200
_HINTS = (
    (
        re.compile(r"ModuleNotFoundError: No module named '([^']+)'"),
        "the package {} is not installed where it is graded",
    ),
    (
        re.compile(r"FileNotFoundError.*?: '([^']+)'"),
        "the file {} is neither beside the notebook nor in c.Autograder.read_only_paths",
    ),
)
_NO_NETWORK = re.compile(
    r"Network is unreachable|Name or service not known|name resolution|Failed to resolve|NameResolutionError|"
    r"URLError|ConnectionError|ConnectError|gaierror|Max retries exceeded|socket.*not permitted",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\b(?:https?|ftp)://[^\s'\"<>)\\]+")


def problems(checks: Checks, coursedir: CourseDirectory, settings: Autograder) -> Iterator[str]:
    """Yield in words what students would run into; nothing where every grade cell has a grader, which is checked.

    Args:
        checks: of the assignment.
        coursedir: of the course.
        settings: of the course.

    Raises:
        OSError: a file beside the notebooks cannot be read.
        UsageError: something in the configuration cannot hold.
    """
    assignment = checks.assignment
    job = job_of(coursedir, settings, assignment)
    if not _has_ordinary_cells(checks.contents, job, assignment):
        return
    try:
        yield from trial(checks.contents, job, assignment)
    except WallError as error:
        yield f"its notebooks could not be tried: {error}"


def _has_ordinary_cells(contents: Contents, job: Job, assignment: Assignment) -> bool:
    return any(
        cell.ordinary is not None
        for name, content in contents.items()
        for cell in code_cells(content, assignment.exercises, job.hidden_tests, name)
    )


def trial(contents: Contents, job: Job, assignment: Assignment) -> Iterator[str]:
    """Yield, in words, each grade cell that does not earn all its points, and each cell that fails.

    Args:
        contents: the instructor's notebooks, with the solutions in them, by name.
        job: how submissions are judged.
        assignment: which.

    Raises:
        WallError: student code cannot be walled off here.
    """
    judgement = judge_notebooks(contents, job, assignment)
    if judgement.reason is not None:
        yield judgement.reason
    for result in judgement.exercises:
        if not result.passed:
            earned = "no points that can be told" if result.points is None else f"{result.points:g}"
            said = f": {result.message}" if result.message else ""
            yield f"{result.notebook}.ipynb, cell {result.exercise}: earns {earned} of {result.max_points:g}{said}"
    for name, content in contents.items():
        for number, cell in enumerate(code_cells(content, assignment.exercises, job.hidden_tests, name), start=1):
            outputs = judgement.outputs.get(name, {}).get(cell.index, ())
            error = next((output for output in outputs if output["output_type"] == "error"), None)
            if error is not None:
                source = cell.source if cell.ordinary is None else cell.ordinary.full
                yield f"{name}.ipynb, In [{number}]: {_explained(error['ename'], error['evalue'], source)}"


def _explained(name: str, text: str, source: str) -> str:
    """Return what an error comes from, where that is something that is missing where it is graded."""
    said = " ".join(f"{name}: {text}".split())[:_MAX_TEXT]
    for form, hint in _HINTS:
        if (found := form.search(said)) is not None:
            return f"{hint.format(found[1])} ({said})"
    if _NO_NETWORK.search(said):
        addresses = ", ".join(dict.fromkeys(_ADDRESS.findall(f"{said} {source}")))
        wanted = f"; it asks for {addresses}" if addresses else ""
        return f"there is no network while it is graded{wanted} ({said})"
    return said
