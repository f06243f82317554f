"""Checks an assignment before it is handed out: its cells, graders and points agree, and it holds no solution."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import ClearSolutions
from nbgrader.utils import find_all_files

from autograder.course.handed_in.pictures import shown_attachments
from autograder.course.handing_out.solutions import (
    Cell,
    Delimiters,
    is_leaked,
    leaked,
    open_statements,
    regions_of,
    statements,
)
from autograder.course.settings import Autograder
from autograder.grading.assignment import Assignment, AssignmentError
from autograder.grading.criteria import GraderFault
from autograder.grading.graders import Graders
from autograder.judge.kernels import kernel_of
from autograder.judge.notebook import NotebookError, as_python, exercise_of, inside, read, source_of
from autograder.names import PREFIX
from autograder.sandbox.kernel import Kernel
from autograder.sandbox.session import KernelError

Contents = dict[str, dict[str, Any]]


class CourseError(Exception):
    """The course cannot be handed out as it is; the text says why and where."""


class Checks:
    """Checks of one assignment of a course.

    Args:
        coursedir: nbgrader's, which knows the folders.
        settings: how the course judges.
        name: of the assignment.

    Raises:
        CourseError: the assignment's settings cannot be used, or a notebook of it cannot be read.
    """

    def __init__(self, coursedir: CourseDirectory, settings: Autograder, name: str) -> None:
        self._coursedir = coursedir
        self._settings = settings
        rule = ClearSolutions(parent=settings)
        self._delimiters = Delimiters(rule.begin_solution_delimeter, rule.end_solution_delimeter)
        try:
            self.assignment = settings.find(Path(coursedir.root), name)
        except AssignmentError as error:
            raise CourseError(str(error)) from error
        self._folder = Path(coursedir.format_path(coursedir.source_directory, ".", name))
        self.contents = contents_of(self._folder)

    @property
    def notebooks(self) -> dict[str, list[Cell]]:
        """The cells of the notebooks, by name."""
        return {name: content["cells"] for name, content in self.contents.items()}

    @property
    def _where(self) -> str:
        return f"{self._coursedir.source_directory}/{self.assignment.name}"

    def source(self) -> None:
        """Check the instructor's own folder.

        Raises:
            CourseError: a grade cell, a grader, a file or points do not agree, or a file would give a solution away.
        """
        if self.assignment.exercises:
            self._graders()
        self._files(self._folder, self._where)

    def kernels(self) -> None:
        """Check that this machine has the notebooks' kernels.

        Raises:
            CourseError: it lacks one.
        """
        for name in self.contents:
            self._kernel(name, f"{self._where}/{name}.ipynb")

    def _kernel(self, notebook: str, where: str) -> Kernel | None:
        try:
            return kernel_of(self.contents[notebook], self._settings.kernel())
        except KernelError as error:
            raise CourseError(f"{where}: {error}") from error

    def released(self, name: str, data: bytes) -> None:
        """Check a notebook as students are about to get it.

        Raises:
            CourseError: a statement of a solution stands in it, or an attachment of a model answer.
        """
        cells: list[Cell] = _content(data, f"{name}.ipynb")["cells"]
        regions = [region for own in self.notebooks.values() for region in regions_of(own, self._delimiters)]
        shown: set[str] = set()
        if not self.assignment.exercises:  # other authors' plain lines, such as `n = 0`, stand in many of their cells
            shown = set().union(*(open_statements(own, self._delimiters) for own in self.notebooks.values()))
        if (found := leaked(regions, cells, shown)) is not None:
            number, statement = found
            raise CourseError(f"{name}.ipynb, {_called(cells, number)}: holds a statement of a solution: {statement}")
        for number, cell in enumerate(cells, start=1):
            if names := ", ".join(unseen_attachments(cell)):
                said = f"the model answer's attachment would be released with it: {names}"
                raise CourseError(f"{name}.ipynb, {_called(cells, number)}: {said}")

    def release(self) -> None:
        """Check what has been released already.

        Raises:
            CourseError: a statement of a solution stands in it.
        """
        coursedir = self._coursedir
        folder = Path(coursedir.format_path(coursedir.release_directory, ".", self.assignment.name))
        for path in sorted(folder.glob("*.ipynb")):
            self.released(path.stem, _bytes(path))
        if folder.is_dir():
            self._files(folder, f"{coursedir.release_directory}/{self.assignment.name}")

    def _files(self, folder: Path, where: str) -> None:
        """Check the files beside the notebooks, which students get as they are."""
        regions = [region for own in self.notebooks.values() for region in regions_of(own, self._delimiters)]
        for name in find_all_files(str(folder), [*self._coursedir.ignore, "*.ipynb"]):
            path = Path(name)
            if path.suffix != ".py":
                continue
            there = set(statements(path.read_text(encoding="utf-8", errors="replace")))
            if any(is_leaked(region, there) for region in regions):
                raise CourseError(f"{where}/{path.relative_to(folder)} would be released, and holds a solution")

    def _graders(self) -> None:
        if missing := [file for file in self.assignment.files or () if not (self._folder / file).is_file()]:
            raise CourseError(f"{self._where}: {', '.join(missing)} is listed in assignment.toml but not there")
        by_criteria = worth(self.assignment, self._settings.seed)
        for exercise in self.assignment.exercises:
            found = list(self._grade_cells(exercise))
            if not found:
                raise CourseError(f"{self._where}: there is a grader for {exercise}, but no grade cell of that id")
            if len(found) > 1:
                places = ", ".join(f"{grade_id} in {notebook}.ipynb" for notebook, grade_id, _ in found)
                said = f"{self._where}: {exercise} has several grade cells: {places}"
                raise CourseError(f"{said}; {self._way_out({notebook for notebook, _, _ in found}, exercise)}")
            notebook, grade_id, cell = found[0]
            where = f"{self._where}/{notebook}.ipynb: {grade_id}"
            self._check_is_asked(where, notebook, exercise)
            points, total = float(_nbgrader(cell)["points"]), by_criteria[exercise]
            if points != total:
                raise CourseError(f"{where} is worth {points:g} points, but its criteria add up to {total:g}")
            _check_ends_in_statement(where, source_of(cell))

    def _way_out(self, notebooks: set[str], exercise: str) -> str:
        """Return what to do about several grade cells for one grader."""
        if len(notebooks) == 1:
            return "rename one of them"
        folder = f"{self._settings.graders}/{self.assignment.name}"
        own = " and ".join(f"{folder}/{notebook}/{PREFIX}{exercise}.py" for notebook in sorted(notebooks))
        return f"give each a grader of its own: {own}"

    def _check_is_asked(self, where: str, notebook: str, exercise: str) -> None:
        """Refuse a grader whose functions would be in a kernel that is not ours."""
        if (kernel := self._kernel(notebook, where)) is not None:
            raise CourseError(
                f"{where} runs in the kernel {kernel.name!r}, where the grader {PREFIX}{exercise}.py cannot ask for "
                "functions: give the notebook the kernel 'python3', or take the grader away"
            )

    def _grade_cells(self, exercise: str) -> Iterator[tuple[str, str, Cell]]:
        for notebook, cells in self.notebooks.items():
            for cell in cells:
                grade_id = str(_nbgrader(cell).get("grade_id"))
                if is_autograded(cell) and exercise_of(grade_id, self.assignment.exercises, notebook) == exercise:
                    yield notebook, grade_id, cell


def worth(assignment: Assignment, seed: int) -> dict[str, float]:
    """Return what the criteria of each exercise add up to.

    Raises:
        CourseError: a grader cannot be used.
    """
    try:
        with Graders(assignment.folder, seed) as graders:
            return {exercise: graders.max_points(exercise) for exercise in graders.exercises}
    except GraderFault as error:
        raise CourseError(str(error)) from error


def _check_ends_in_statement(where: str, source: str) -> None:
    """Refuse a grade cell whose last value stock nbgrader would take for the mark."""
    try:
        body = ast.parse(as_python(source)).body
    except SyntaxError as error:
        raise CourseError(f"{where} is no Python: {error.msg}, line {error.lineno}") from error
    if body and isinstance(body[-1], ast.Expr) and not _is_print(body[-1].value):
        raise CourseError(f"{where} ends in an expression, whose value stock nbgrader would take for the mark")


def _is_print(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "print"


def _called(cells: list[Cell], number: int) -> str:
    grade_id = _nbgrader(cells[number - 1]).get("grade_id")
    return f"cell {grade_id}" if grade_id else f"cell {number}"


def contents_of(folder: Path) -> Contents:
    """Return the notebooks in a folder, by their names.

    Raises:
        CourseError: one cannot be read.
    """
    return {path.stem: _content(_bytes(path), str(path)) for path in sorted(folder.glob("*.ipynb"))}


def _content(data: bytes, where: str) -> dict[str, Any]:
    try:
        return read(data)
    except NotebookError as error:
        raise CourseError(f"{where}: {error}") from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CourseError(f"{path}: {error.strerror}") from error


def _nbgrader(cell: Cell) -> dict[str, Any]:
    found = inside(cell, "metadata", "nbgrader")
    return found if isinstance(found, dict) else {}


def unseen_attachments(cell: Cell) -> list[str]:
    """Return the attachments of a cell for answers that its text does not show: a model answer left them behind."""
    attached = cell.get("attachments") if _nbgrader(cell).get("solution") else None
    return sorted(set(attached or ()) - shown_attachments(source_of(cell)))


def is_autograded(cell: Cell) -> bool:
    """Say whether a cell's mark is given by a machine."""
    nbgrader = _nbgrader(cell)
    return bool(cell.get("cell_type") == "code" and nbgrader.get("grade") and not nbgrader.get("solution"))


def points_of(cell: Cell) -> tuple[str, float] | None:
    """Return id and points of a cell that is graded, by a machine or by a human; None of any other."""
    nbgrader = _nbgrader(cell)
    points = nbgrader.get("points")
    if not (nbgrader.get("grade") or nbgrader.get("task")) or isinstance(points, bool):
        return None
    return (str(nbgrader.get("grade_id")), float(points)) if isinstance(points, int | float) else None
