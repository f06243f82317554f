"""How many submissions of a student are graded on one day as they come; what is beyond that waits, and is not lost."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from nbgrader.api import MissingEntry
from nbgrader.utils import parse_utc

from autograder.course.course import Course
from autograder.course.deadlines.extensions import extension_of
from autograder.course.records.receipts import Receipt


@dataclass(frozen=True)
class Attempts:
    """How many attempts an assignment gives a student per day.

    An attempt is a submission that was graded, were it one notebook of several, and whose feedback is out. What cannot
    be read, or is left to a human, tells its student nothing to try again with, and costs none.

    Args:
        bound: attempts per student and day; 0 for any number.
        due: when the assignment is due, in UTC and without a time zone; None for never.
    """

    bound: int
    due: datetime | None

    @classmethod
    def of(cls, course: Course, bound: int) -> "Attempts":
        """Return the bound of a course's assignment."""
        if not bound:
            return cls(0, None)
        try:
            with course.writer() as gradebook:
                return cls(bound, gradebook.find_assignment(course.assignment.name).duedate)
        except MissingEntry:
            return cls(bound, None)

    def made(self, receipt: Receipt) -> int:
        """Return how many attempts a student has made today."""
        return receipt.attempts if receipt.day == _today().isoformat() else 0

    def is_over(self, course: Course, student: str, receipt: Receipt) -> bool:
        """Say whether a submission waits: the student has had all attempts of that day, and can still hand in."""
        over = self.bound and receipt.is_readable and self.made(receipt) >= self.bound
        return bool(over) and not self._is_last(course, student, receipt)

    def is_in_time(self, course: Course, student: str, receipt: Receipt) -> bool:
        """Say whether there is a deadline, and a submission came before the student's own."""
        deadline = self._deadline(course, student)
        if deadline is None or receipt.submitted is None:
            return False
        return bool(parse_utc(receipt.submitted) <= deadline)

    def _is_last(self, course: Course, student: str, receipt: Receipt) -> bool:
        """Say whether a submission was in time and the student's deadline is over: then it is the last one in time."""
        deadline, now = self._deadline(course, student), datetime.now(UTC).replace(tzinfo=None)
        return deadline is not None and deadline < now and self.is_in_time(course, student, receipt)

    def _deadline(self, course: Course, student: str) -> datetime | None:
        longer = extension_of(course.root, course.assignment.name, student)
        return self.due if self.due is None or longer is None else self.due + longer.beyond(self.due)


def next_day() -> str:
    """Return the day on which those who wait are graded, ISO 8601 in the server's time."""
    return (_today() + timedelta(days=1)).isoformat()


def answered(receipt: Receipt) -> Receipt:
    """Return the receipt of a submission whose feedback is out; what had to be held back was no attempt."""
    today = _today().isoformat()
    so_far = receipt.attempts if receipt.day == today else 0
    out = datetime.now(UTC).isoformat(timespec="seconds")
    more = int(receipt.is_readable and not receipt.held)
    return replace(receipt, released=out, held="", waiting=False, day=today, attempts=so_far + more)


def _today() -> date:
    return datetime.now().astimezone().date()
