"""A graded class, read from a course's outcomes, gradebook and notebooks, and read again where these have changed."""

import functools
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from autograder.course.course import Course
from autograder.course.errors import UsageError
from autograder.course.opening import CONFIG, open_course
from autograder.grading.assignment import AssignmentError
from autograder.review.reading.behaviour import NOT_JUDGED, Behaviour
from autograder.review.reading.disguise import disguise, disguise_html
from autograder.review.reading.marks import Book
from autograder.review.reading.model import Criterion, Exercise, OrdinaryCell, Page, ReviewError, Student, Written
from autograder.review.reading.notebooks import Code
from autograder.review.reading.outcome_files import Outcome
from autograder.review.reading.roll import exercises_of, labels_of, ordinary_of, students_of, written_of
from autograder.review.reading.shelf import Shelf
from autograder.review.reading.syntax import Tree, tree
from autograder.sandbox.collecting import uncollected

PAGE = 100
_NO_OUTCOME = (0, 0, 0)
_NO_TREE = tree("")
_LENGTH = 16
_VERDICTS: dict[str, int] = {"error": 0, "fail": 1, "skip": 2, "pass": 3}

T = TypeVar("T")


@dataclass(frozen=True)
class Classroom:
    """One assignment's class as it was when it was loaded; never changes.

    Attributes:
        root: of the course.
        assignment: its name.
        db_url: of the gradebook.
        exercises: that graders judge, in their order.
        ordinary: the grade cells without a grader, in the order of the notebooks.
        written: the questions that are marked by hand.
        students: in the order of their names.
        version: another one whenever anything has changed; for ETags and caches.
        graded: another one whenever an outcome has changed, or who is in the class; whatever became of marks.
        shelf: what has been read of it.
        outcomes: by student.
        book: the gradebook.
        pseudonyms: whose each is, or nothing where names are names.
    """

    root: Path
    assignment: str
    db_url: str
    exercises: tuple[Exercise, ...]
    ordinary: tuple[OrdinaryCell, ...]
    written: tuple[Written, ...]
    students: tuple[Student, ...]
    version: str
    graded: str
    shelf: Shelf = field(repr=False, compare=False)
    outcomes: Mapping[str, Outcome] = field(repr=False, compare=False)
    book: Book = field(repr=False, compare=False)
    pseudonyms: Mapping[str, str] = field(default_factory=dict, repr=False)

    @staticmethod
    def load(course_root: Path, assignment: str) -> "Classroom":
        """Return the class as it is now; what has not changed since the last time is not read again. Thread-safe.

        Raises:
            ReviewError: there is no such assignment, no gradebook, or nothing has been graded.
        """
        return _load(_shelf(_course(course_root.resolve(), assignment)))

    @property
    def anonymous(self) -> bool:
        """Whether ids and names are pseudonyms."""
        return bool(self.pseudonyms)

    @property
    def marked(self) -> tuple[Exercise | OrdinaryCell, ...]:
        """All that a machine marks."""
        return (*self.exercises, *self.ordinary)

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """The criteria of all exercises, in order."""
        return tuple(criterion for exercise in self.exercises for criterion in exercise.criteria)

    @functools.cached_property
    def by_id(self) -> Mapping[str, Student]:
        """The students by their ids."""
        return {student.id: student for student in self.students}

    def student(self, student_id: str) -> Student:
        """Return one student.

        Raises:
            ReviewError: there is none of that id.
        """
        if student_id not in self.by_id:
            raise ReviewError(f"{self.assignment}: nobody has the id {student_id!r}, or nothing was handed in")
        return self.by_id[student_id]

    def exercise(self, name: str) -> Exercise:
        """Return one exercise.

        Raises:
            ReviewError: there is none of that name.
        """
        for exercise in self.exercises:
            if exercise.name == name:
                return exercise
        known = ", ".join(exercise.name for exercise in self.exercises) or "none: no grader judges its cells"
        raise ReviewError(f"{self.assignment} has no exercise {name!r}; there are {known}")

    def source(self, student_id: str, exercise: str) -> str | None:
        """Return what a student wrote for an exercise: the function and the helpers it calls, or None without one.

        For an ordinary cell, that is the cells above it.
        """
        source = self._code(student_id).sources.get(exercise)
        return None if source is None else self.disguised(student_id, source.text)

    def tree(self, student_id: str, exercise: str) -> Tree:
        """Return the syntax tree of that."""
        source = self._code(student_id).sources.get(exercise)
        return _NO_TREE if source is None else source.tree

    def warning(self, student_id: str, exercise: str) -> str:
        """Return a warning for the reader of that, or nothing."""
        code = self._code(student_id)
        source = code.sources.get(exercise)
        return self.disguised(student_id, code.problem if source is None else source.warning)

    def answer(self, student_id: str, cell: str) -> str:
        """Return what a student wrote in the cell of a written question; nothing where that is missing or untouched."""
        given = self._code(student_id).answers.get(cell, "").strip()
        known = self.book.cells.get(cell)
        return "" if known is not None and given == known.source.strip() else self.disguised(student_id, given)

    def real(self, student_id: str) -> str:
        """Return whose id this is, where it is a pseudonym."""
        return self.pseudonyms.get(student_id, student_id)

    def disguised(self, student_id: str, text: str) -> str:
        """Return a text of a student's without the id and the names of that student, where names are pseudonyms."""
        if not self.anonymous:
            return text
        return disguise(text, self.real(student_id), self.book.entries.get(self.real(student_id)))

    def disguised_html(self, student_id: str, html: str) -> str:
        """Return HTML of ours, such as a card, in the same way."""
        if not self.anonymous:
            return html
        return disguise_html(html, self.real(student_id), self.book.entries.get(self.real(student_id)))

    def solved(self, student_id: str, cell: str) -> tuple[str, ...]:
        """Return the cells for students' code that lead to an ordinary cell."""
        return self._code(student_id).solved.get(cell, ())

    def behaviour(self, student_id: str, exercise: Exercise) -> Behaviour:
        """Return what a student's function does."""
        outcome = self.outcomes.get(self.real(student_id))
        if outcome is None:
            return NOT_JUDGED
        alone = outcome.behaviours.get(("", exercise.function), NOT_JUDGED)  # as an outcome of long ago has it
        return outcome.behaviours.get((exercise.notebook, exercise.function), alone)

    def read(self) -> None:
        """Read the notebooks of all students at once: one after the other takes longer."""
        self.shelf.read([self._outcome(student.id) for student in self.students], self.book)

    def _code(self, student_id: str) -> Code:
        return self.shelf.code(self._outcome(student_id), self.book)

    def _outcome(self, student_id: str) -> Outcome:
        real = self.real(student_id)
        return self.outcomes.get(real) or Outcome(real, _NO_OUTCOME, "missing", None)

    def kept(self, name: str, make: Callable[[], T]) -> T:
        """Return what has been made of the outcomes under a name, or make it once for as long as no outcome changes."""
        return self.shelf.kept((name, self.anonymous), self.graded, make)

    def page(self, number: int, size: int = PAGE, sort: str = "name", *, descending: bool = False) -> Page:
        """Return a page of students; a number out of range is the nearest page.

        Args:
            number: from 1.
            size: of a page.
            sort: `name`, `id`, `score`, `state`, an exercise, an ordinary cell or a criterion (`cost.saturation`).
            descending: the other way round.

        Raises:
            ReviewError: there is no such order.
        """
        ordered = sorted(self.students, key=self._order(sort), reverse=descending)
        pages = max(1, -(-len(ordered) // size))
        number = min(max(number, 1), pages)
        shown = tuple(ordered[(number - 1) * size : number * size])
        return Page(number, pages, len(ordered), sort, descending, shown)

    def _order(self, sort: str) -> Callable[[Student], Any]:
        plain: dict[str, Callable[[Student], Any]] = {
            "name": lambda student: (student.name.casefold(), student.id),
            "id": lambda student: student.id,
            "score": lambda student: student.score,
            "state": lambda student: (student.state, student.reason or ""),
        }
        if sort in plain:
            return plain[sort]
        for graded in self.marked:
            if graded.name == sort:
                return lambda student: _score(student, graded)
        name, _, criterion = sort.rpartition(".")
        if criterion not in [one.name for one in self.criteria if one.exercise == name]:
            raise ReviewError(f"there is no order {sort!r}: name, id, score, state, an exercise or exercise.criterion")
        return lambda student: _VERDICTS.get(student.verdict(name, criterion), -1)


def _score(student: Student, graded: Exercise | OrdinaryCell) -> float:
    return student.marks[graded.grade_cell].score if graded.grade_cell in student.marks else -1.0


def _course(root: Path, assignment: str) -> Course:
    """Return the course in a folder, opened for an assignment: one object as long as its settings stay what they are.

    Raises:
        ReviewError: there is no course there, its configuration cannot be read, or the assignment's settings.
    """
    try:
        changed = (root / CONFIG).stat().st_mtime_ns if (root / CONFIG).exists() else 0
        course = _opened(root, assignment, changed)
        if course.settings.find(course.root, assignment) != course.assignment:
            _opened.cache_clear()
            course = _opened(root, assignment, changed)
    except (UsageError, AssignmentError) as error:
        raise ReviewError(str(error)) from error
    return course


@functools.lru_cache(16)
def _opened(root: Path, assignment: str, _changed: int) -> Course:
    return open_course(root, assignment)


@functools.lru_cache(16)
def _shelf(course: Course) -> Shelf:
    return Shelf(course)


def _load(shelf: Shelf) -> Classroom:
    with uncollected():
        outcomes = shelf.outcomes()
        stamp, book = shelf.book()
        if not outcomes:
            name = shelf.course.assignment.name
            raise ReviewError(
                f"{shelf.course.outcomes}: nothing has been graded yet; run 'autograder autograde {name}'"
            )
        stamps = sorted((one.student, one.stamp) for one in outcomes.values())
        version = _digest([stamps, stamp])
        return shelf.kept("class", version, lambda: _classroom(shelf, outcomes, book, _digest(stamps), version))


def _classroom(shelf: Shelf, outcomes: Mapping[str, Outcome], book: Book, stamps: str, version: str) -> Classroom:
    course, assignment = shelf.course, shelf.course.assignment
    students = students_of(outcomes, book)
    labels = shelf.kept("labels", stamps, lambda: labels_of(outcomes, book))
    exercises = exercises_of(assignment.exercises, labels, book, assignment.notebook)
    return Classroom(
        root=course.root,
        assignment=assignment.name,
        db_url=course.coursedir.db_url,
        exercises=exercises,
        ordinary=ordinary_of(exercises, outcomes, book),
        written=written_of(book),
        students=students,
        version=version,
        # Who is in the class, and in which order, decides what is made of the outcomes, too.
        graded=_digest([stamps, [student.id for student in students]]),
        shelf=shelf,
        outcomes=outcomes,
        book=book,
    )


def _digest(what: object) -> str:
    return hashlib.sha256(repr(what).encode()).hexdigest()[:_LENGTH]
