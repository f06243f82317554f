"""Grading as work is handed in: collect, grade what is new, give its feedback; and again."""

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from autograder.course.batch.agreement import check_points
from autograder.course.batch.backend import processes
from autograder.course.batch.plan import alone, plan
from autograder.course.batch.pool import Pool
from autograder.course.batch.run import Judging, Unfinished, grade
from autograder.course.course import Course, gradebook_problem
from autograder.course.errors import RunError
from autograder.course.opening import open_course
from autograder.course.records import outcomes, receipts
from autograder.course.records.private import own_folder
from autograder.course.records.receipts import Receipt
from autograder.course.records.source_cells import Source
from autograder.course.submission import Submissions
from autograder.course.watching.arrivals import Arrivals, is_released
from autograder.course.watching.feedback import Feedback

Say = Callable[[str, str], None]  # of a student, a line


@dataclass
class Watched:
    """An assignment that is watched.

    Args:
        root: of the course.
        name: of the assignment.
        pool: of workers that are ready for it.
        workers: how many these are.
        folder: where submissions lie besides the exchange, or None.
        attempts: per student and day; None for as many as the course says.
        isolation: as on the command line, or None.
        say: takes a line per submission.
    """

    root: Path
    name: str
    pool: Pool
    workers: int
    folder: Path | None
    attempts: int | None
    isolation: str | None
    say: Say
    _told: dict[str, Receipt] = field(default_factory=dict)  # those who wait or are held back, as they were told

    def look(self) -> int:
        """Collect what is new, grade it, and give its feedback; return how many submissions came to their end.

        Raises:
            AssignmentError, UsageError: the course or the assignment cannot be used.
            RunError: the gradebook, the exchange or the workers cannot be used now.
        """
        try:
            return self._look()
        except SQLAlchemyError as error:
            raise RunError(gradebook_problem("the gradebook", error)) from error

    def _look(self) -> int:
        course = self._course
        sources = course.sources()
        attempts = course.settings.attempts_per_day if self.attempts is None else self.attempts
        arrivals = Arrivals(course, sources, self.folder, attempts)
        arrivals.collect()
        found = arrivals.open()
        for student, receipt in found.items():
            if receipt.waiting:
                self._say_once(student, receipt, f"waits until tomorrow: {attempts} of today were graded already")
        due = {name: one for name, one in found.items() if not one.waiting and self._told.get(name) != one}
        return self._grade(course, sources, due) if due else 0

    @property
    def _course(self) -> Course:
        """The course, with its configuration as it is now."""
        course = open_course(self.root, self.name)
        course.log_in_one_line()
        course.settings.isolation = self.isolation or course.settings.isolation
        return course

    def _grade(self, course: Course, sources: Mapping[str, Source], due: Mapping[str, Receipt]) -> int:
        """Grade submissions, and give the feedback of each as soon as it is graded."""
        done = 0
        with (
            processes(self.pool, self.workers, course.job(sources)) as backend,
            alone(course),
            course.writer() as gradebook,
        ):
            check_points(course, sources)
            todo = plan(course, sources, gradebook, force=False, only=due)
            feedback = Feedback(course)
            refused = [one.student for one in todo.unusable]
            before = [student for student in due if student not in {*todo.todo, *refused}]
            for student in [*before, *refused]:  # a run that was stopped has graded the first
                done += self._give(course, feedback, student, due[student])
            judging = Judging(backend, course.assignment)
            for result in grade(todo, Submissions(course, sources), judging, gradebook):
                receipt = due[result.student]
                if isinstance(result, Unfinished):
                    self._say_once(result.student, receipt, f"not graded: {result.reason}")
                else:
                    done += self._give(course, feedback, result.student, receipt)
        return done

    def _give(self, course: Course, feedback: Feedback, student: str, receipt: Receipt) -> int:
        """Make and release the feedback of a submission, and say what it came to; return how many are done."""
        reason = feedback.give(student, receipt)
        came_to = self._came_to(course, student)
        if reason is not None:
            self._say_once(student, receipt, f"{came_to}; feedback held back: {reason}")
            return 0
        is_released(course, student, receipt)
        self.say(student, f"{came_to}; feedback released")
        return 1

    def _came_to(self, course: Course, student: str) -> str:
        known = outcomes.read(course.root, self.name, student) or {}
        if known.get("outcome") == "graded" and known.get("points") is not None:
            return f"{known['points']:g} of {known['max_points']:g} points"
        return f"needs review ({known.get('reason') or 'its graders failed'})"

    def _say_once(self, student: str, receipt: Receipt, text: str) -> None:
        if self._told.get(student) != receipt:
            self._told[student] = receipt
            self.say(student, text)


@contextmanager
def watching_alone(root: Path) -> Iterator[None]:
    """Let no other process watch this course at the same time; ends with the process, however that ends.

    Raises:
        RunError: another one does.
    """
    folder = root / receipts.FOLDER
    own_folder(folder)
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunError(f"{folder}: another 'autograder watch' watches this course; end it first") from error
        yield
    finally:
        os.close(descriptor)
