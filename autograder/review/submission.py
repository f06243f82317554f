"""One submission's story: what was written beside what is right, what it came to, and how that changed."""

import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.grading.catalogue import variants
from autograder.review.classroom import Classroom
from autograder.review.differences import Difference, difference
from autograder.review.groups import Group, group_of
from autograder.review.model import Exercise, Mark, Result, ReviewError, Student
from autograder.review.notebooks import Output, Shown, shown
from autograder.review.past import Regrade, regrades
from autograder.review.reference import solutions
from autograder.review.similarity import nearest
from autograder.review.syntax import tree

__all__ = ["Chapter", "Output", "Regrade", "Story", "story"]

_NOTHING = Shown("", ())


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
class Answer:
    """An answer in words: the cell of its question, the text, the mark, the comment."""

    cell: str
    text: str
    mark: Mark | None
    comment: str


@dataclass(frozen=True)
class Story:
    """One submission.

    Attributes:
        student: whose.
        chapters: an exercise each.
        answers: to the written questions.
        history: of its gradings, the newest first; the first is what counts now.
        notebook: the graded notebook's path below the course's root, or None.
        submitted: the same of what was handed in.
        formgrader: Formgrader's page, below the server's base URL, or None.
    """

    student: Student
    chapters: tuple[Chapter, ...]
    answers: tuple[Answer, ...]
    history: tuple[Regrade, ...]
    notebook: str | None
    submitted: str | None
    formgrader: str | None


def story(classroom: Classroom, student_id: str) -> Story:
    """Return one submission's story; of somebody under a pseudonym, without what leads to files.

    Raises:
        ReviewError: there is no such student.
    """
    student = classroom.student(student_id)
    course, real = classroom.shelf.course, classroom.real(student_id)
    path = course.autograded(real)
    shows = shown(path, course.assignment.exercises)
    right = _right(classroom)
    open_ = not classroom.anonymous
    return Story(
        student,
        tuple(_chapter(classroom, student, one, shows.get(one.name, _NOTHING), right) for one in classroom.exercises),
        tuple(
            Answer(one.cell, classroom.answer(student.id, one.cell), *_mark_and_comment(student, one.cell, one.cell))
            for one in classroom.written
        ),
        regrades(classroom, real),
        _below(classroom, path) if open_ else None,
        _below(classroom, _handed_in(course.submitted(real), course.assignment.notebook)) if open_ else None,
        f"formgrader/submissions/{urllib.parse.quote(student.submission)}/" if open_ and student.submission else None,
    )


def _chapter(
    classroom: Classroom, student: Student, exercise: Exercise, shows: Shown, right: Mapping[str, str]
) -> Chapter:
    source = classroom.source(student.id, exercise.name)
    reference = right.get(exercise.name)
    beside, title = _nearest(classroom, student, exercise.name, source)
    mark, comment = _mark_and_comment(student, exercise.grade_cell, exercise.solution_cell)
    return Chapter(
        exercise,
        student.results.get(exercise.name),
        mark,
        comment,
        source,
        difference(source, reference, (student.name, "Reference")) if source and reference else None,
        beside,
        title,
        classroom.disguised(student.id, shows.card),
        tuple(Output(classroom.disguised(student.id, one.text), one.image) for one in shows.outputs),
        group_of(classroom, exercise.name, student.id),
    )


def _mark_and_comment(student: Student, grade_cell: str, comment_cell: str) -> tuple[Mark | None, str]:
    return student.marks.get(grade_cell), student.comments.get(comment_cell, "")


def _nearest(
    classroom: Classroom, student: Student, exercise: str, source: str | None
) -> tuple[Difference | None, str]:
    """Return a function beside the right variant that is written most like it, and that one's title."""
    known = [one for one in variants(classroom.shelf.course.assignment.folder) if one.exercise == exercise]
    if not source or not known:
        return None, ""
    found = known[nearest(tree(source).tokens, [tree(one.source).tokens for one in known])]
    return difference(source, found.source.strip(), (student.name, found.title)), found.title


def _right(classroom: Classroom) -> Mapping[str, str]:
    """Return the reference solutions; without the instructor's notebook none."""
    try:
        return solutions(classroom.shelf.course)
    except ReviewError:
        return {}


def _handed_in(folder: Path, notebook: str) -> Path:
    """Return the notebook that was handed in, which may have been renamed."""
    usual = folder / f"{notebook}.ipynb"
    others = sorted(folder.glob("*.ipynb"))
    return usual if usual.exists() or not others else others[0]


def _below(classroom: Classroom, path: Path) -> str | None:
    """Return a file's path below the course's root, or None where there is no such file, or it lies elsewhere."""
    if not path.is_file() or not path.is_relative_to(classroom.root):
        return None
    return path.relative_to(classroom.root).as_posix()
