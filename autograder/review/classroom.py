"""A graded class, read from a course's outcomes, gradebook and notebooks, and read again where these have changed."""

from dataclasses import dataclass
from pathlib import Path

from autograder.review.model import Criterion, Exercise, Page, Student, Written

PAGE = 100


@dataclass(frozen=True)
class Classroom:
    """One assignment's class as it was when it was loaded; never changes.

    Attributes:
        root: of the course.
        assignment: its name.
        notebook: nbgrader's name of its notebook.
        db_url: of the gradebook.
        course_id: nbgrader's.
        exercises: in the order of the notebook.
        written: the questions that are marked by hand.
        students: in the order of their names.
        version: another one whenever anything has changed; for ETags and caches.
        anonymous: whether names are pseudonyms, and ids too.
    """

    root: Path
    assignment: str
    notebook: str
    db_url: str
    course_id: str
    exercises: tuple[Exercise, ...]
    written: tuple[Written, ...]
    students: tuple[Student, ...]
    version: str
    anonymous: bool = False

    @staticmethod
    def load(course_root: Path, assignment: str) -> "Classroom":
        """Return the class as it is now; what has not changed since the last time is not read again. Thread-safe.

        Raises:
            ReviewError: there is no such assignment, no gradebook, or nothing has been graded.
        """
        raise NotImplementedError

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """The criteria of all exercises, in order."""
        return tuple(criterion for exercise in self.exercises for criterion in exercise.criteria)

    def student(self, student_id: str) -> Student:
        """Return one student.

        Raises:
            ReviewError: there is none of that id.
        """
        raise NotImplementedError

    def exercise(self, name: str) -> Exercise:
        """Return one exercise.

        Raises:
            ReviewError: there is none of that name.
        """
        raise NotImplementedError

    def source(self, student_id: str, exercise: str) -> str | None:
        """Return what a student wrote for an exercise: the function and the helpers it calls, or None without one."""
        raise NotImplementedError

    def answer(self, student_id: str, cell: str) -> str:
        """Return what a student wrote in the cell of a written question; nothing where that is missing or untouched."""
        raise NotImplementedError

    def page(self, number: int, size: int = PAGE, sort: str = "name", *, descending: bool = False) -> Page:
        """Return a page of students; a number out of range is the nearest page.

        Args:
            number: from 1.
            size: of a page.
            sort: `name`, `id`, `score`, `state`, or an exercise or criterion (`cost`, `cost.saturation`).
            descending: the other way round.

        Raises:
            ReviewError: there is no such order.
        """
        raise NotImplementedError
