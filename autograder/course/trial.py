"""The instructor's own notebooks, graded behind the wall before they are handed out: what students would run into."""

import re
from collections.abc import Iterator

from autograder.course.check_source import Contents
from autograder.grading.assignment import Assignment
from autograder.judge.judge import Job, judge_notebooks
from autograder.judge.notebook import code_cells

_MAX_TEXT = 200
_HINTS = (
    (
        re.compile(r"ModuleNotFoundError: No module named '([^']+)'"),
        "the package {} is not installed where it is graded",
    ),
    (re.compile(r"FileNotFoundError.*?: '([^']+)'"), "the file {} is not beside the notebook"),
    (
        re.compile(r"(Network is unreachable|Name or service not known|Temporary failure in name resolution)"),
        "there is no network while it is graded ({})",
    ),
)


def trial(contents: Contents, job: Job, assignment: Assignment) -> Iterator[str]:
    """Yield, in words, each ordinary grade cell that does not earn all its points, and each cell that fails.

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
    told = set()
    for result in judgement.exercises:
        if not result.passed and result.judged == "inside":
            told.add((result.notebook, result.exercise))
            earned = "no points that can be told" if result.points is None else f"{result.points:g}"
            said = f": {result.message}" if result.message else ""
            yield f"{result.notebook}.ipynb, cell {result.exercise}: earns {earned} of {result.max_points:g}{said}"
    for name, content in contents.items():
        for number, cell in enumerate(code_cells(content, assignment.exercises, job.hidden_tests), start=1):
            for output in judgement.outputs.get(name, {}).get(cell.index, ()):
                if output["output_type"] == "error":
                    yield f"{name}.ipynb, code cell {number}: {_explained(output['ename'], output['evalue'])}"


def _explained(name: str, text: str) -> str:
    said = " ".join(f"{name}: {text}".split())[:_MAX_TEXT]
    for form, hint in _HINTS:
        if (found := form.search(said)) is not None:
            return f"{hint.format(found[1])} ({said})"
    return said
