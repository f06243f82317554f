"""Checks a course before it is handed out: cells, graders and points agree, and no solution is given away."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.grading.assignment import Assignment, AssignmentError, find
from autograder.grading.criteria import PREFIX, GraderFault
from autograder.grading.graders import Graders
from autograder.judge.judge import DEFAULT_SEED
from autograder.judge.notebook import NotebookError, read, source_of

_SOLUTION = re.compile(r"^[ \t]*### BEGIN SOLUTION\n(.*?)^[ \t]*### END SOLUTION[ \t]*$", re.DOTALL | re.MULTILINE)

Cell = dict[str, Any]


class CourseError(Exception):
    """The course cannot be handed out as it is; the text says why and where."""


def check_course(root: Path, graders: Path) -> str:
    """Check every assignment under `source/`; return in words what was found right.

    Args:
        root: of the course.
        graders: its folder of hidden folders.

    Raises:
        CourseError: something disagrees.
    """
    folders = sorted(path for path in (root / "source").glob("*") if path.is_dir())
    for folder in folders:
        check_source(root, folder.name, graders)
        release = root / "release" / folder.name
        if release.is_dir():
            check_release(root, folder.name, graders)
    return f"{', '.join(folder.name for folder in folders) or 'no assignments'}: cells, graders and points agree"


def check_source(root: Path, name: str, graders: Path) -> None:
    """Check that the grade cells of an assignment's source agree with its graders.

    Raises:
        CourseError: a grade cell, a grader, a file or points do not agree.
    """
    try:
        assignment = find(name, graders)
    except AssignmentError as error:
        raise CourseError(str(error)) from error
    folder = root / "source" / name
    path = folder / f"{assignment.notebook}.ipynb"
    cells = _cells(_bytes(path), str(path))
    if missing := [file for file in assignment.files if not (folder / file).is_file()]:
        raise CourseError(f"source/{name}: {', '.join(missing)} is listed in assignment.toml but not there")
    _check_points(assignment, {_grade_id(cell): cell for cell in cells if _is_autograded(cell)})


def _check_points(assignment: Assignment, graded: dict[str, Cell]) -> None:
    where = f"source/{assignment.name}/{assignment.notebook}.ipynb"
    expected = {PREFIX + exercise for exercise in assignment.exercises}
    if odd := sorted(expected ^ set(graded)):
        raise CourseError(f"{where}: {', '.join(odd)} is a grade cell without a grader, or a grader without a cell")
    try:
        with Graders(assignment.folder, DEFAULT_SEED) as graders:
            worth = {exercise: graders.max_points(exercise) for exercise in graders.exercises}
    except GraderFault as error:
        raise CourseError(str(error)) from error
    for grade_id, cell in graded.items():
        points = float(cell["metadata"]["nbgrader"]["points"])
        if points != worth[grade_id.removeprefix(PREFIX)]:
            said = f"{points:g} points, but its criteria add up to {worth[grade_id.removeprefix(PREFIX)]:g}"
            raise CourseError(f"{where}: {grade_id} is worth {said}")
        _check_ends_in_statement(where, grade_id, source_of(cell))


def _check_ends_in_statement(where: str, grade_id: str, source: str) -> None:
    """Refuse a grade cell whose last value nbgrader would take for the mark."""
    body = ast.parse(source).body
    if body and isinstance(body[-1], ast.Expr) and not _is_print(body[-1].value):
        raise CourseError(
            f"{where}: {grade_id} ends in an expression, whose value stock nbgrader would take for the mark"
        )


def _is_print(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "print"


def check_release(root: Path, name: str, graders: Path) -> None:
    """Check that no statement of a solution stands in what students get.

    Raises:
        CourseError: one does.
    """
    file = f"{find(name, graders).notebook}.ipynb"
    source, release = (_bytes(root / step / name / file) for step in ("source", "release"))
    refuse_solutions(source, release, f"release/{name}/{file}")


def refuse_solutions(source: bytes, release: bytes, where: str) -> None:
    """Compare two notebooks, the instructor's and the students'.

    Raises:
        CourseError: a statement of a solution region of the first stands in a code cell of the second.
    """
    solution = {text for cell in _cells(source, where) for text in _solution_code(cell)}
    for cell in _cells(release, where):
        if cell.get("cell_type") == "code" and (leak := solution & set(statements(source_of(cell)))):
            raise CourseError(f"{where}: a statement of a solution stands in a cell: {min(leak)}")


def _solution_code(cell: Cell) -> Iterator[str]:
    if cell.get("cell_type") == "code":
        for region in _SOLUTION.findall(source_of(cell)):
            yield from statements("if True:\n" + region if region[:1].isspace() else region, skip=region[:1].isspace())


def statements(source: str, *, skip: bool = False) -> Iterator[str]:
    """Yield every statement of a piece of code in one spelling, without the docstrings.

    Raises:
        CourseError: it is no Python.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise CourseError(f"a code cell is no Python: {error.msg}, line {error.lineno}") from error
    for node in ast.walk(tree):
        constant = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        wrapper = skip and node is tree.body[0]
        if isinstance(node, ast.stmt) and not constant and not wrapper:
            yield ast.unparse(node)


def _cells(data: bytes, where: str) -> list[Cell]:
    try:
        cells: list[Cell] = read(data)["cells"]
    except NotebookError as error:
        raise CourseError(f"{where}: {error}") from error
    return cells


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CourseError(f"{path}: {error.strerror}") from error


def _nbgrader(cell: Cell) -> dict[str, Any]:
    found = cell.get("metadata", {}).get("nbgrader", {})
    return found if isinstance(found, dict) else {}


def _grade_id(cell: Cell) -> str:
    return str(_nbgrader(cell).get("grade_id"))


def _is_autograded(cell: Cell) -> bool:
    nbgrader = _nbgrader(cell)
    return bool(cell.get("cell_type") == "code" and nbgrader.get("grade") and not nbgrader.get("solution"))
