"""One submission's story: what was written beside what is right, what it came to, and how that changed."""

import urllib.parse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.diagnosis.catalogue import variants
from autograder.review.alike.compared import Likeness, Pair, differences, nearest_variants
from autograder.review.alike.differences import Difference
from autograder.review.alike.groups import Group, group_of
from autograder.review.past import Regrade, regrades
from autograder.review.reading.apart import Failed, shows
from autograder.review.reading.classroom import Classroom
from autograder.review.reading.model import Exercise, Mark, OrdinaryCell, Result, ReviewError, Student
from autograder.review.reading.outputs import Output, Shown
from autograder.review.reference import below, solutions

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
class Test:
    """One ordinary cell of a submission.

    Attributes:
        cell: which.
        result: its points and its message, or None where it was not judged.
        mark: in the gradebook.
        comments: written by hand, to the cells for solutions above it.
        source: what the student wrote above it, or None.
        outputs: what these cells showed, and the test itself.
    """

    cell: OrdinaryCell
    result: Result | None
    mark: Mark | None
    comments: tuple[str, ...]
    source: str | None
    outputs: tuple[Output, ...]


@dataclass(frozen=True)
class Opened:
    """Where a notebook of a submission is to be seen; None where it is not there.

    Attributes:
        name: the notebook's.
        graded: the path of the graded notebook below the course's root.
        submitted: the same of what was handed in.
        formgrader: Formgrader's page, below the server's base URL.
    """

    name: str
    graded: str | None
    submitted: str | None
    formgrader: str | None


@dataclass(frozen=True)
class Answer:
    """An answer that people mark: the cell of its question, the text, the mark, the comment."""

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
        tests: an ordinary cell each.
        answers: to the written questions.
        history: of its gradings, the newest first; the first is what counts now.
        notebooks: where each is to be seen.
        problem: why cards and outputs are not shown, where they could not be read in time.
    """

    student: Student
    chapters: tuple[Chapter, ...]
    tests: tuple[Test, ...]
    answers: tuple[Answer, ...]
    history: tuple[Regrade, ...]
    notebooks: tuple[Opened, ...]
    problem: str = ""


def story(classroom: Classroom, student_id: str) -> Story:
    """Return one submission's story; of somebody under a pseudonym, without what leads to files.

    Raises:
        ReviewError: there is no such student.
    """
    student = classroom.student(student_id)
    found, problem = _shows(classroom, student)
    return Story(
        student,
        tuple(_chapters(classroom, student, found)),
        tuple(_test(classroom, student, one, found.get(one.name, _NOTHING)) for one in classroom.ordinary),
        tuple(
            Answer(one.cell, classroom.answer(student.id, one.cell), *_mark_and_comment(student, one.cell, one.cell))
            for one in classroom.written
        ),
        regrades(classroom, classroom.real(student_id)),
        () if classroom.anonymous else tuple(_opened(classroom, student)),
        problem,
    )


def _shows(classroom: Classroom, student: Student) -> tuple[dict[str, Shown], str]:
    """Return what a submission's notebooks show, by exercise and ordinary cell, and why some of it is missing."""
    shelf, book, real = classroom.shelf, classroom.book, classroom.real(student.id)
    shown: dict[str, Shown] = {}
    problem = ""
    for name in book.notebooks:
        # A class under pseudonyms may be shown to anybody: no more of hidden tests than students are told.
        path = shelf.autograded(real, name)
        found = shows(path, shelf.course.assignment.exercises, hidden=not classroom.anonymous)
        if isinstance(found, Failed):
            problem = f"could not be read in time: {found.why}"
        else:
            shown |= {book.name_of(name, cell): one for cell, one in found.items()}
    return shown, problem


def _test(classroom: Classroom, student: Student, cell: OrdinaryCell, shown: Shown) -> Test:
    names = [classroom.book.name_of(cell.notebook, one) for one in classroom.solved(student.id, cell.name)]
    return Test(
        cell,
        student.results.get(cell.name),
        student.marks.get(cell.name),
        tuple(student.comments[name] for name in names if name in student.comments),
        classroom.source(student.id, cell.name),
        _disguised(classroom, student, shown.outputs),
    )


def _opened(classroom: Classroom, student: Student) -> Iterator[Opened]:
    """Yield where each notebook of a submission is to be seen."""
    shelf = classroom.shelf
    folder = shelf.course.submitted(student.id)
    notebooks = classroom.book.notebooks
    for name in notebooks:
        graded = shelf.autograded(student.id, name)
        known = student.submissions.get(name) if graded.is_file() else None  # Formgrader has no page without it
        yield Opened(
            name,
            below(classroom, graded),
            below(classroom, _handed_in(folder, name, alone=len(notebooks) == 1)),
            f"formgrader/submissions/{urllib.parse.quote(known)}/" if known else None,
        )


def _disguised(classroom: Classroom, student: Student, outputs: tuple[Output, ...]) -> tuple[Output, ...]:
    return tuple(Output(classroom.disguised(student.id, one.text), one.image) for one in outputs)


def _chapters(classroom: Classroom, student: Student, found: Mapping[str, Shown]) -> Iterator[Chapter]:
    sources = {one.name: classroom.source(student.id, one.name) for one in classroom.exercises}
    references = _beside_reference(classroom, student, sources)
    variants_beside = _beside_nearest(classroom, student, sources)
    for exercise in classroom.exercises:
        name, shown = exercise.name, found.get(exercise.name, _NOTHING)
        nearest, variant = variants_beside.get(name) or (None, "")
        mark, comment = _mark_and_comment(student, exercise.grade_cell, exercise.solution_cell)
        yield Chapter(
            exercise,
            student.results.get(name),
            mark,
            comment,
            sources[name],
            references.get(name),
            nearest,
            variant,
            classroom.warning(student.id, name),
            classroom.disguised_html(student.id, shown.card),
            _disguised(classroom, student, shown.outputs),
            group_of(classroom, name, student.id),
        )


def _beside_reference(
    classroom: Classroom, student: Student, sources: Mapping[str, str | None]
) -> dict[str, Difference]:
    """Return the functions beside the reference solutions, by exercise."""
    right = _right(classroom)
    functions = {one.name: right.get(one.function) for one in classroom.exercises}
    pairs = {
        name: Pair(source, reference, (student.name, "Reference"))
        for name, source in sources.items()
        if source and (reference := functions[name])
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
        one.name: Likeness(source, student.name, tuple(known[one.function]))
        for one in classroom.exercises
        if (source := sources[one.name]) and one.function in known
    }
    return dict(zip(sought, nearest_variants(list(sought.values())), strict=True))


def _mark_and_comment(student: Student, grade_cell: str, comment_cell: str) -> tuple[Mark | None, str]:
    return student.marks.get(grade_cell), student.comments.get(comment_cell, "")


def _right(classroom: Classroom) -> Mapping[str, str]:
    """Return the reference solutions; without the instructor's notebook none."""
    try:
        return solutions(classroom)
    except ReviewError:
        return {}


def _handed_in(folder: Path, notebook: str, *, alone: bool) -> Path:
    """Return the notebook that was handed in, which may have been renamed where it is the only one."""
    usual = folder / f"{notebook}.ipynb"
    others = sorted(folder.glob("*.ipynb")) if alone else []
    return usual if usual.exists() or not others else others[0]
