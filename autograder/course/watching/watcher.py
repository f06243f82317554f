"""Grading as work is handed in: collect, grade what is new, give its feedback; and again."""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from autograder.course.batch.agreement import check_points
from autograder.course.batch.backend import processes
from autograder.course.batch.plan import Plan, alone, plan
from autograder.course.batch.pool import Pool
from autograder.course.batch.run import Judging, Unfinished, grade
from autograder.course.course import Course
from autograder.course.errors import RunError
from autograder.course.opening import open_course
from autograder.course.records import outcomes, receipts
from autograder.course.records.gradebook import gradebook_problem
from autograder.course.records.locked import alone_in
from autograder.course.records.private import own_folder
from autograder.course.records.receipts import Receipt
from autograder.course.records.source_cells import Source
from autograder.course.submission import Submissions
from autograder.course.watching import notices
from autograder.course.watching.arrivals import Arrivals, unanswered
from autograder.course.watching.attempts import Attempts, answered, next_day
from autograder.course.watching.feedback import Feedback, HeldBackError
from autograder.judge.sending.worker import report

_AGAIN = 30.0  # seconds until feedback that is held back, or work that could not be graded, is looked at again

Say = Callable[[str, str], None]  # of a student, a line; of nobody, one about the assignment


@dataclass(frozen=True)
class Asked:
    """What the command was asked for.

    Attributes:
        root: of the course.
        workers: how many judge.
        folder: where submissions lie besides the exchange, or None.
        attempts: per student and day; None for as many as the course says.
        isolation: as on the command line, or None for what the course says.
    """

    root: Path
    workers: int
    folder: Path | None = None
    attempts: int | None = None
    isolation: str | None = None


@dataclass
class Watched:
    """An assignment that is watched.

    Args:
        name: of the assignment.
        pool: of workers.
        asked: what the command was asked for.
        say: takes a line per submission.

    Attributes:
        unfinished: whether something was being handed in at the last look, and is left for the next.
        troubled: whether something was unusable or held back at the last look.
    """

    name: str
    pool: Pool
    asked: Asked
    say: Say
    unfinished: bool = False
    troubled: bool = False
    _arrivals: Arrivals = field(init=False)
    _is_settled: bool = False  # whether the last look came to its end
    _told: dict[str, str] = field(default_factory=dict)  # what is said once of a submission that cannot be brought in
    _again: dict[str, tuple[Receipt, float]] = field(default_factory=dict)  # who is held back, and until when

    def __post_init__(self) -> None:
        self._arrivals = Arrivals(self.asked.folder)

    def check(self) -> None:
        """See whether the course and the assignment can be used, and student code be walled off.

        Raises:
            AssignmentError, UsageError: something that was asked for is not there.
            RunError: no wall stands.
        """
        course = self._open()
        with processes(self.pool, self.asked.workers, course.job({})), contextlib.suppress(RunError):
            course.sources()  # a gradebook that is locked now is waited for

    def get_ready(self) -> None:
        """Let the workers raise their walls, so that the first submission need not wait for it."""
        with contextlib.suppress(RunError, SQLAlchemyError):  # the first look will say so
            course = self._open()
            with processes(self.pool, self.asked.workers, course.job(course.sources())) as backend:
                for _ in range(backend.workers):
                    backend.executor.submit(report, backend.job)

    def look(self) -> None:
        """Give what an earlier run left its feedback; then collect what is new, grade it, and give that its feedback.

        Raises:
            AssignmentError, UsageError: the course or the assignment cannot be used.
            RunError: the gradebook, the exchange or the workers cannot be used now.
        """
        self.troubled = False
        try:
            self._look()
        except SQLAlchemyError as error:
            raise RunError(gradebook_problem("the gradebook", error)) from error

    def _look(self) -> None:
        course = self._open()
        sources = course.sources()
        if not self._is_settled:
            self._answer(course, sources)
        self._is_settled = False
        problem = None
        try:
            self._arrivals.bring(course, sources)
        except RunError as error:  # what did arrive is answered
            problem = error
        self.unfinished = self._arrivals.unfinished
        self._say_what_stayed_out()
        self._answer(course, sources)
        if problem is not None:
            raise problem
        self._is_settled = True

    def _open(self) -> Course:
        """Return the course, with its configuration as it is now."""
        course = open_course(self.asked.root, self.name)
        course.log_in_one_line()
        course.settings.isolation = self.asked.isolation or course.settings.isolation
        return course

    def _say_what_stayed_out(self) -> None:
        failed = self._arrivals.failed
        for student, why in failed.items():
            if self._told.get(student) != why:
                self.say(student, f"could not be collected: {why}")
        for text in self._arrivals.strangers:
            self.say("", text)
        self.troubled |= bool(failed)
        self._told = dict(failed)

    def _answer(self, course: Course, sources: Mapping[str, Source]) -> None:
        """Grade all that has arrived and may be graded now, and give it its feedback."""
        found = unanswered(course, sources)
        now = time.monotonic()
        self._again = {name: known for name, known in self._again.items() if found.get(name) == known[0]}
        due = {name: one for name, one in found.items() if name not in self._again or self._again[name][1] <= now}
        if due:
            feedback = Feedback(course)
            due = self._without_waiting(course, due, feedback)
            due = self._without_held(due, feedback)
            if due:
                self._grade(course, sources, due, feedback)

    def _without_waiting(self, course: Course, due: dict[str, Receipt], feedback: Feedback) -> dict[str, Receipt]:
        """Return who may be graded today; who may not is told so, once."""
        given = course.settings.attempts_per_day if self.asked.attempts is None else self.asked.attempts
        attempts = Attempts.of(course, given)
        over = [student for student, receipt in due.items() if attempts.is_over(course, student, receipt)]
        for student in over:
            receipt, made = due[student], attempts.made(due[student])
            if not receipt.waiting:
                in_time = attempts.is_in_time(course, student, receipt)
                feedback.tell(student, notices.waiting(receipt, made, next_day(), in_time=in_time))
                receipts.write(course.root, student, replace(receipt, waiting=True))
                self.say(student, f"waits until {next_day()}: {made} graded today, the most per day")
        return {student: receipt for student, receipt in due.items() if student not in over}

    def _without_held(self, due: dict[str, Receipt], feedback: Feedback) -> dict[str, Receipt]:
        """Leave out students whose feedback is still held back for the same reason."""
        held = [student for student, receipt in due.items() if receipt.held]
        still = feedback.open_marks(held) if held else {}
        for student in [student for student in held if still.get(student) == due[student].held]:
            self._again[student] = due.pop(student), time.monotonic() + _AGAIN
            self.troubled = True
        return due

    def _grade(
        self, course: Course, sources: Mapping[str, Source], due: Mapping[str, Receipt], feedback: Feedback
    ) -> None:
        """Grade submissions, and give the feedback of each as soon as it is graded."""
        with (
            processes(self.pool, self.asked.workers, course.job(sources)) as backend,
            alone(course),
            course.writer() as gradebook,
        ):
            check_points(course, sources)
            todo = plan(course, sources, gradebook, force=False, only=due)
            for student in _graded(todo, due):
                self._give(course, feedback, student)
            judging = Judging(backend, course.assignment)
            for result in grade(todo, Submissions(course, sources), judging, gradebook):
                if isinstance(result, Unfinished):
                    self._hold(course, result.student, f"not graded: {result.reason}", result.reason)
                else:
                    self._give(course, feedback, result.student)

    def _give(self, course: Course, feedback: Feedback, student: str) -> None:
        """Make and release the feedback of a submission, and say what it came to."""
        receipt = receipts.read(course.root, self.name, student)
        if receipt is None:  # somebody has taken it away since
            return
        known = outcomes.read(course.root, self.name, student) or {}
        came_to = _came_to(known)
        try:
            where = feedback.give(student, receipt)
        except HeldBackError as error:
            self._hold(course, student, f"{came_to}; feedback held back: {error}", str(error))
            return
        # First said, then noted: a watch that is killed in between says it once more, and never not at all.
        self.say(student, f"{came_to}; {where}")
        receipts.write(course.root, student, answered(receipt))
        self.troubled |= known.get("outcome") != "graded"

    def _hold(self, course: Course, student: str, line: str, reason: str) -> None:
        """Note why there is no feedback yet, and say so where it was not said before."""
        self.troubled = True
        receipt = receipts.read(course.root, self.name, student)
        if receipt is None:
            return
        if receipt.held != reason:
            self.say(student, line)
            receipt = replace(receipt, held=reason)
            receipts.write(course.root, student, receipt)
        self._again[student] = receipt, time.monotonic() + _AGAIN


def _graded(todo: Plan, due: Mapping[str, Receipt]) -> list[str]:
    """Return who need not be graded: a run that was stopped has graded them, or their submission cannot be graded."""
    ahead = {*todo.todo}
    return [student for student in due if student not in ahead]


def _came_to(outcome: Mapping[str, object]) -> str:
    points = outcome.get("points")
    if outcome.get("outcome") == "graded" and isinstance(points, int | float):
        return f"{points:g} of {outcome['max_points']:g} points"
    return f"needs review ({outcome.get('reason') or 'its graders failed'})"


@contextlib.contextmanager
def watching_alone(root: Path) -> Iterator[None]:
    """Let no other process watch this course at the same time; ends with the process, however that ends.

    Raises:
        RunError: another one does.
    """
    folder = root / receipts.FOLDER
    if not folder.is_dir():
        own_folder(folder)
    with alone_in(folder, "another 'autograder watch' watches this course; end it first"):
        yield
