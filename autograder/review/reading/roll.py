"""Who is in a class, and what there is to do in it: outcomes and gradebook brought together."""

import datetime as dt
from collections.abc import Mapping, Sequence

from autograder.course.deadlines.times import shown
from autograder.judge.notebook import exercise_of
from autograder.names import PREFIX
from autograder.review.reading.marks import Book, Entry
from autograder.review.reading.model import Criterion, Exercise, OrdinaryCell, Student, Written
from autograder.review.reading.outcome_files import Outcome

_DIGITS = 6
_MISSING = "the gradebook knows a submission that has no outcome: run 'autograder autograde'"


Labels = dict[tuple[str, str], tuple[str, float]]


def labels_of(outcomes: Mapping[str, Outcome], book: Book) -> Labels:
    """Return label and points of each exercise's criteria, as the outcomes name them."""
    labels: Labels = {}
    for outcome in outcomes.values():
        labels |= {(book.name_of(*where), name): found for (where, name), found in outcome.labels.items()}
    return labels


def exercises_of(functions: Sequence[str], labels: Labels, book: Book, usual: str) -> tuple[Exercise, ...]:
    """Return the exercises that graders judge, with their criteria.

    Args:
        functions: what the graders call them, in order.
        labels: of their criteria.
        book: the gradebook.
        usual: the notebook of those whose grade cell the gradebook does not know.
    """
    exercises = []
    for function in functions:
        graded = [(one.notebook, one.cell) for one in book.cells.values() if one.automatic]
        found = [(notebook, cell) for notebook, cell in graded if exercise_of(cell, (function,), notebook)]
        exercises += [_exercise(*where, function, labels, book) for where in found or [(usual, PREFIX + function)]]
    return tuple(exercises)


def _exercise(notebook: str, cell: str, function: str, labels: Labels, book: Book) -> Exercise:
    name, grade_cell = book.name_of(notebook, function.removeprefix(f"{notebook}/")), book.name_of(notebook, cell)
    criteria = tuple(
        Criterion(name, criterion, label, worth)
        for (exercise, criterion), (label, worth) in labels.items()
        if exercise == name
    )
    known = book.cells.get(grade_cell)
    worth = known.max_score if known is not None else sum(one.max_points for one in criteria)
    return Exercise(name, worth, grade_cell, name, criteria, notebook, function)


def ordinary_of(exercises: Sequence[Exercise], outcomes: Mapping[str, Outcome], book: Book) -> tuple[OrdinaryCell, ...]:
    """Return the grade cells without a grader, in the order in which they were judged."""
    judged = {one.grade_cell for one in exercises}
    places: dict[str, int] = {}
    for outcome in outcomes.values():
        for where in outcome.results:
            places.setdefault(book.name_of(*where), len(places))
    found = [
        OrdinaryCell(name, one.max_score, one.notebook, one.cell)
        for name, one in book.cells.items()
        if one.automatic and name not in judged
    ]
    return tuple(sorted(found, key=lambda one: (one.notebook, places.get(one.name, len(places)))))


def written_of(book: Book) -> tuple[Written, ...]:
    """Return the graded cells that people mark."""
    return tuple(Written(name, one.max_score) for name, one in book.cells.items() if not one.automatic)


def students_of(outcomes: Mapping[str, Outcome], book: Book) -> tuple[Student, ...]:
    """Return everybody with a submission in the gradebook, or with an outcome that needs none, in the order of names.

    Whoever was graded and is not in the gradebook any more has been removed from the course.
    """
    max_score = sum(cell.max_score for cell in book.cells.values())
    ids = book.entries.keys() | {student for student, outcome in outcomes.items() if outcome.digest is None}
    students = [_student(one, outcomes.get(one), book, max_score) for one in ids]
    return tuple(sorted(students, key=lambda student: (student.name.casefold(), student.id)))


def _student(student: str, outcome: Outcome | None, book: Book, max_score: float) -> Student:
    entry = book.entries.get(student) or Entry(student)
    score = max(0.0, sum(mark.score for mark in entry.marks.values()) - entry.penalty)
    known = outcome or Outcome(student, (0, 0, 0), "missing", _MISSING)
    return Student(
        id=student,
        name=entry.name,
        state=known.state,
        reason=known.reason,
        score=round(score, _DIGITS),
        max_score=max_score,
        results={book.name_of(*where): result for where, result in known.results.items()},
        marks=entry.marks,
        comments=entry.comments,
        submissions=entry.submissions,
        timestamp=known.timestamp,
        digest=known.digest,
        versions=known.versions,
        notes=known.notes,
        penalty=entry.penalty,
        until=None if entry.until is None else shown(entry.until, dt.UTC),
    )
