"""Points that must agree before anything is judged: the gradebook's, the notebooks' and the graders'."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from autograder.course.course import Course
from autograder.course.errors import UsageError
from autograder.course.handing_out.check_source import CourseError, contents_of, points_of, worth
from autograder.course.records.source_cells import Source
from autograder.judge.notebook import exercise_of

_AGAIN = "run 'nbgrader generate_assignment {} --force' once they agree"


def check_points(course: Course, sources: Mapping[str, Source]) -> None:
    """Make sure that a mark means the same everywhere.

    Args:
        course: whose assignment is graded.
        sources: what the gradebook knows of its notebooks.

    Raises:
        UsageError: a grade cell is worth other points in the gradebook than in its notebook or by its grader.
    """
    known = {
        (name, cell.grade_id): cell.points
        for name, source in sources.items()
        for cell in source.cells
        if cell.points is not None
    }
    for where, key, points in (*_by_graders(course, known), *_by_notebooks(course.handed_out)):
        if known.get(key, points) != points:
            again = _AGAIN.format(course.assignment.name)
            said = f"{key[1]} is worth {known[key]:g} points in the gradebook, and {points:g} {where}"
            raise UsageError(f"{key[0]}.ipynb: {said}; {again}")


def _by_graders(course: Course, known: Mapping[tuple[str, str], float]) -> Iterator[tuple[str, tuple[str, str], float]]:
    exercises = course.assignment.exercises
    judged = {key: exercise for key in known if (exercise := exercise_of(key[1], exercises, key[0])) is not None}
    if not judged:
        return
    try:
        points = worth(course.assignment, course.settings.seed)
    except CourseError as error:
        raise UsageError(str(error)) from error
    for key, exercise in judged.items():
        yield "by its criteria", key, points[exercise]


def _by_notebooks(folder: Path) -> Iterator[tuple[str, tuple[str, str], float]]:
    try:
        contents = contents_of(folder)
    except CourseError:  # it is being edited: generate_assignment will tell
        return
    for name, content in contents.items():
        for cell in content["cells"]:
            if (found := points_of(cell)) is not None:
                yield f"in {folder / name}.ipynb", (name, found[0]), found[1]
