"""The reference reviewed: the solutions as students may see them, and what the certificate says of each criterion."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.judge.notebook import NotebookError, code_cells, read
from autograder.review.reading.classroom import Classroom
from autograder.review.reading.functions import Definitions
from autograder.review.reading.model import Criterion, Exercise, ReviewError

_FIGURES = "certificate.json"  # `make certify` writes it beside the graders
_MARKERS = re.compile(r"^[ \t]*### (?:BEGIN|END) SOLUTION[ \t]*\n?", re.MULTILINE)
_EXAMPLES = 3


@dataclass(frozen=True)
class CertifiedCriterion:
    """A criterion with the certificate's figures.

    Attributes:
        criterion: which.
        refused: how many catalogued mistakes it refuses.
        mistakes: how many the exercise's catalogue has.
        alone: how many it alone refuses.
        lost_by: right variants that lose it all the same.
        examples: ids of mistakes that it alone refuses, three at most.
    """

    criterion: Criterion
    refused: int
    mistakes: int
    alone: int
    lost_by: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class ReviewedExercise:
    """An exercise's reference solution, and its criteria; `variants` is the number of right variants."""

    exercise: str
    source: str
    criteria: tuple[CertifiedCriterion, ...]
    mistakes: int
    variants: int


@dataclass(frozen=True)
class Reviewed:
    """The reference of an assignment.

    Attributes:
        assignment: its name.
        exercises: in the order of the notebook.
        summary: the certificate's promises: what is counted, found, asked for, and whether it holds.
        certified: whether there is a certificate; without one all figures are 0.
        published: the paths of what `nbgrader generate_solution` wrote, below the course's root.
    """

    assignment: str
    exercises: tuple[ReviewedExercise, ...]
    summary: tuple[tuple[str, str, str, bool], ...]
    certified: bool
    published: tuple[str, ...]


def reviewed(classroom: Classroom) -> Reviewed:
    """Return the reference with the certificate's figures; without a certificate `certified` is False.

    Raises:
        ReviewError: an instructor's notebook cannot be read.
    """
    sources = solutions(classroom)
    found = _figures(classroom.shelf.course.assignment.folder / _FIGURES)
    known = found.get("exercises", {})
    return Reviewed(
        classroom.assignment,
        tuple(
            _exercise(one, sources.get(one.function, ""), known.get(one.function) or {}) for one in classroom.exercises
        ),
        tuple((line["what"], line["found"], line["asked"], line["holds"]) for line in found.get("summary", ())),
        bool(found),
        _published(classroom),
    )


def solutions(classroom: Classroom) -> Mapping[str, str]:
    """Return the reference solution of each exercise, as `nbgrader generate_solution` publishes it, without its marks.

    Raises:
        ReviewError: an instructor's notebook is not there or cannot be read.
    """
    course = classroom.shelf.course
    found: dict[str, str] = {}
    for name in dict.fromkeys(one.notebook for one in classroom.exercises):
        path = course.handed_out / f"{name}.ipynb"
        try:
            content = read(path.read_bytes())
        except (OSError, NotebookError) as error:
            raise ReviewError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
        found |= _solutions(content, course.assignment.exercises)
    return found


def _solutions(content: dict[str, Any], exercises: tuple[str, ...]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    known = Definitions()
    for number, cell in enumerate(code_cells(content, exercises), start=1):
        known.add(number, _MARKERS.sub("", cell.source))
        if cell.exercise is not None and (written := known.find(cell.exercise, exercises)) is not None:
            found[cell.exercise] = written.text
    return found


def _exercise(exercise: Exercise, source: str, found: Mapping[str, Any]) -> ReviewedExercise:
    mistakes = int(found.get("mistakes", 0))
    known = found.get("criteria", {})
    certified = tuple(_criterion(one, known.get(one.name) or {}, mistakes) for one in exercise.criteria)
    return ReviewedExercise(exercise.name, source, certified, mistakes, int(found.get("variants", 0)))


def _criterion(criterion: Criterion, found: Mapping[str, Any], mistakes: int) -> CertifiedCriterion:
    alone = tuple(found.get("alone", ()))
    refused, lost_by = int(found.get("refused", 0)), int(found.get("lost_by", 0))
    return CertifiedCriterion(criterion, refused, mistakes, len(alone), lost_by, alone[:_EXAMPLES])


def _figures(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _published(classroom: Classroom) -> tuple[str, ...]:
    course = classroom.shelf.course
    folder = course.folder(course.coursedir.solution_directory, ".")
    return tuple(filter(None, (below(classroom, folder / f"{name}.ipynb") for name in classroom.book.notebooks)))


def below(classroom: Classroom, path: Path) -> str | None:
    """Return a file's path below the course's root, or None where there is no such file, or it lies elsewhere."""
    if not path.is_file() or not path.is_relative_to(classroom.root):
        return None
    return path.relative_to(classroom.root).as_posix()
