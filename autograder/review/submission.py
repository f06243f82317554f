"""One submission's story: what was written beside what is right, what it came to, and how that changed."""

from dataclasses import dataclass

from autograder.review.classroom import Classroom
from autograder.review.differences import Difference
from autograder.review.groups import Group
from autograder.review.model import Exercise, Mark, Result, Student


@dataclass(frozen=True)
class Output:
    """An output of a cell: `text` plain, ANSI and control characters gone; `image` a PNG as data: URL, or nothing."""

    text: str
    image: str = ""


@dataclass(frozen=True)
class Chapter:
    """One exercise of a submission.

    Attributes:
        exercise: which.
        result: the verdicts, or None where it was not judged.
        mark: in the gradebook.
        comment: written by hand.
        source: what the student wrote, or None.
        reference: the student's function beside the reference, or None without one.
        nearest: beside the right variant that is most like it, or None.
        variant: that variant's title.
        card: the feedback card, HTML that has passed the allow-list; nothing where there is none.
        outputs: what the student's cells showed up to the grade cell.
        group: where this one belongs, or None.
    """

    exercise: Exercise
    result: Result | None
    mark: Mark | None
    comment: str
    source: str | None
    reference: Difference | None
    nearest: Difference | None
    variant: str
    card: str
    outputs: tuple[Output, ...]
    group: Group | None


@dataclass(frozen=True)
class Regrade:
    """One grading in the past: when, what it came to, and what was different from the one before it, in words."""

    when: str
    state: str
    reason: str | None
    points: float | None
    max_points: float | None
    changed: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Story:
    """One submission.

    `notebook` and `submitted` are the paths below the course's root of the graded and of the handed-in notebook, or
    None; `formgrader` is Formgrader's page below the server's base URL, or None.
    """

    student: Student
    chapters: tuple[Chapter, ...]
    answers: tuple[tuple[str, str, Mark | None, str], ...]
    history: tuple[Regrade, ...]
    notebook: str | None
    submitted: str | None
    formgrader: str | None


def story(classroom: Classroom, student_id: str) -> Story:
    """Return one submission's story.

    Raises:
        ReviewError: there is no such student.
    """
    raise NotImplementedError
