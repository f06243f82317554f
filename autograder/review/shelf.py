"""What has been read of a class, kept for as long as its files stay what they are."""

import threading
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, TypeVar

from autograder.review import marks, outcome_files
from autograder.review.course import Course
from autograder.review.notebooks import Code
from autograder.review.outcome_files import Outcome
from autograder.review.reading import Sought, codes

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
        self._book: tuple[Hashable, marks.Book] | None = None
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

    def book(self) -> tuple[Hashable, marks.Book]:
        """Return what the gradebook holds now, with what tells it from what it held before."""
        course = self.course
        with self._lock:
            stamp = marks.stamp(course.db_url)
            if self._book is None or self._book[0] != stamp:
                book = marks.read(course.db_url, course.assignment.name, course.assignment.notebook)
                self._book = (stamp, book)
            return self._book

    def code(self, outcome: Outcome, answered: tuple[str, ...]) -> Code:
        """Return what a student wrote; the notebook is what it was as long as the outcome is, which is written last."""
        known = self._code.get(outcome.student)
        if known is None or known[0] != outcome.stamp:
            self._read([outcome], answered)
            known = self._code[outcome.student]
        return known[1]

    def read(self, outcomes: Iterable[Outcome], answered: tuple[str, ...]) -> None:
        """Read the notebooks of many at once: several times as fast as one by one."""
        with self._reading:
            unread = [one for one in outcomes if self._code.get(one.student, (None,))[0] != one.stamp]
            self._read(unread, answered)

    def _read(self, outcomes: Sequence[Outcome], answered: tuple[str, ...]) -> None:
        exercises = self.course.assignment.exercises
        sought = [
            Sought(self.course.autograded(one.student), exercises, answered, dict(one.places)) for one in outcomes
        ]
        for one, found in zip(outcomes, codes(sought), strict=True):
            self._code[one.student] = (one.stamp, found)

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
