"""What has been read of a class, kept for as long as its files stay what they are."""

import threading
from collections.abc import Callable, Hashable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from autograder.course.course import Course
from autograder.review.reading import marks, outcome_files
from autograder.review.reading.apart import codes
from autograder.review.reading.marks import Book
from autograder.review.reading.notebooks import Code, Sought, together
from autograder.review.reading.outcome_files import Outcome

T = TypeVar("T")


class Shelf:
    """Outcomes, marks and notebooks of one assignment; safe to be asked by several threads.

    Whatever is made of them is kept, too, until it is made anew of something else: see `kept`.
    """

    def __init__(self, course: Course) -> None:
        self.course = course
        self._lock = threading.RLock()
        self._reading = threading.Lock()
        self._outcomes: dict[str, Outcome] = {}
        self._code: dict[str, tuple[outcome_files.Print, Code]] = {}
        self._book: tuple[Hashable, Book] | None = None
        self._made: dict[Hashable, tuple[Hashable, Any]] = {}
        self._making: dict[Hashable, threading.Lock] = {}

    def outcomes(self) -> dict[str, Outcome]:
        """Return all outcomes as their files are now, by student."""
        folder = self.course.outcomes
        with self._lock:
            known = self._outcomes
            self._outcomes = {
                student: known[student]
                if student in known and known[student].stamp == stamp
                else outcome_files.read(folder, student, stamp)
                for student, stamp in outcome_files.scan(folder).items()
            }
            return self._outcomes

    def book(self) -> tuple[Hashable, Book]:
        """Return what the gradebook holds now, with what tells it from what it held before."""
        course = self.course
        db_url = course.coursedir.db_url
        with self._lock:
            stamp = marks.stamp(db_url)
            if self._book is None or self._book[0] != stamp:
                self._book = (stamp, marks.read(db_url, course.assignment.name))
            return self._book

    def autograded(self, student: str, notebook: str) -> Path:
        """Return where a student's graded notebook lies."""
        return self.course.autograded(student) / f"{notebook}.ipynb"

    def code(self, outcome: Outcome, book: Book) -> Code:
        """Return what a student wrote; the notebook is what it was as long as the outcome is, which is written last."""
        known = self._code.get(outcome.student)
        if known is None or known[0] != outcome.stamp:
            self._read([outcome], book)
            known = self._code[outcome.student]
        return known[1]

    def read(self, outcomes: Iterable[Outcome], book: Book) -> None:
        """Read the notebooks of many at once: several times as fast as one by one."""
        with self._reading:
            unread = [one for one in outcomes if self._code.get(one.student, (None,))[0] != one.stamp]
            self._read(unread, book)

    def _read(self, outcomes: Sequence[Outcome], book: Book) -> None:
        exercises = self.course.assignment.exercises
        cells = book.cells.values()
        answered = {
            notebook: tuple(one.cell for one in cells if one.notebook == notebook and not one.automatic)
            for notebook in book.notebooks
        }
        sought = [
            Sought(self.autograded(one.student, notebook), exercises, answered[notebook], dict(one.places))
            for one in outcomes
            for notebook in book.notebooks
        ]
        found = codes(sought)
        for one in outcomes:
            read = {notebook: next(found) for notebook in book.notebooks}
            self._code[one.student] = (one.stamp, together(read, book.name_of))

    def kept(self, name: Hashable, version: Hashable, make: Callable[[], T]) -> T:
        """Return what has been made under a name for this version, or make it: once, whoever else waits for it."""
        with self._lock:
            making = self._making.setdefault(name, threading.Lock())
        with making:
            known = self._made.get(name)
            if known is None or known[0] != version:
                known = (version, make())
                self._made[name] = known
            made: T = known[1]
            return made
