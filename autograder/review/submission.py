"""One submission's story: what was written beside what is right, what it came to, and how that changed."""

import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.diagnosis.catalogue import variants
from autograder.review.classroom import Classroom
from autograder.review.differences import Difference
from autograder.review.groups import Group, group_of
from autograder.review.model import Exercise, Mark, Result, ReviewError, Student
from autograder.review.outputs import Output, Shown
from autograder.review.past import Regrade, regrades
from autograder.review.reading import Failed, Likeness, Pair, differences, nearest_variants, shows
from autograder.review.reference import solutions

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
        warning: for the reader of the source, or nothing.
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
    warning: str
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
        problem: why cards and outputs are not shown, where they could not be read in time.
    """

    student: Student
    chapters: tuple[Chapter, ...]
    answers: tuple[Answer, ...]
    history: tuple[Regrade, ...]
    notebook: str | None
    submitted: str | None
    formgrader: str | None
    problem: str = ""


def story(classroom: Classroom, student_id: str) -> Story:
    """Return one submission's story; of somebody under a pseudonym, without what leads to files.

    Raises:
        ReviewError: there is no such student.
    """
    student = classroom.student(student_id)
    course, real = classroom.shelf.course, classroom.real(student_id)
    path = course.autograded(real)
    found = shows(path, course.assignment.exercises)
    open_ = not classroom.anonymous
    return Story(
        student,
        _chapters(classroom, student, {} if isinstance(found, Failed) else found),
        tuple(
            Answer(one.cell, classroom.answer(student.id, one.cell), *_mark_and_comment(student, one.cell, one.cell))
            for one in classroom.written
        ),
        regrades(classroom, real),
        _below(classroom, path) if open_ else None,
        _below(classroom, _handed_in(course.submitted(real), course.assignment.notebook)) if open_ else None,
        f"formgrader/submissions/{urllib.parse.quote(student.submission)}/" if open_ and student.submission else None,
        f"could not be read in time: {found.why}" if isinstance(found, Failed) else "",
    )


@dataclass(frozen=True)
class _Read:
    """What was read of a submission and compared, by exercise; with a variant stands its title."""

    sources: Mapping[str, str | None]
    references: Mapping[str, Difference]
    nearest: Mapping[str, tuple[Difference, str] | None]
    shows: Mapping[str, Shown]


def _chapters(classroom: Classroom, student: Student, found: Mapping[str, Shown]) -> tuple[Chapter, ...]:
    sources = {one.name: classroom.source(student.id, one.name) for one in classroom.exercises}
    read = _Read(
        sources,
        _beside_reference(classroom, student, sources),
        _beside_nearest(classroom, student, sources),
        found,
    )
    return tuple(_chapter(classroom, student, one, read) for one in classroom.exercises)


def _chapter(classroom: Classroom, student: Student, exercise: Exercise, read: _Read) -> Chapter:
    shows = read.shows.get(exercise.name, _NOTHING)
    nearest, variant = read.nearest.get(exercise.name) or (None, "")
    mark, comment = _mark_and_comment(student, exercise.grade_cell, exercise.solution_cell)
    return Chapter(
        exercise,
        student.results.get(exercise.name),
        mark,
        comment,
        read.sources[exercise.name],
        read.references.get(exercise.name),
        nearest,
        variant,
        classroom.warning(student.id, exercise.name),
        classroom.disguised_html(student.id, shows.card),
        tuple(Output(classroom.disguised(student.id, one.text), one.image) for one in shows.outputs),
        group_of(classroom, exercise.name, student.id),
    )


def _beside_reference(
    classroom: Classroom, student: Student, sources: Mapping[str, str | None]
) -> dict[str, Difference]:
    """Return the functions beside the reference solutions, by exercise."""
    right = _right(classroom)
    pairs = {
        name: Pair(source, right[name], (student.name, "Reference"))
        for name, source in sources.items()
        if source and right.get(name)
    }
    return dict(zip(pairs, differences(list(pairs.values())), strict=True))


def _beside_nearest(
    classroom: Classroom, student: Student, sources: Mapping[str, str | None]
) -> dict[str, tuple[Difference, str] | None]:
    """Return the functions beside the right variants that are written most like them, and these ones' titles."""
    known: dict[str, list[tuple[str, str]]] = {}
    for one in variants(classroom.shelf.course.assignment.folder):
        known.setdefault(one.exercise, []).append((one.title, one.source))
    sought = {
        name: Likeness(source, student.name, tuple(known[name]))
        for name, source in sources.items()
        if source and name in known
    }
    return dict(zip(sought, nearest_variants(list(sought.values())), strict=True))


def _mark_and_comment(student: Student, grade_cell: str, comment_cell: str) -> tuple[Mark | None, str]:
    return student.marks.get(grade_cell), student.comments.get(comment_cell, "")


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
