"""Who is in a class, and what there is to do in it: outcomes and gradebook brought together."""

from collections.abc import Mapping, Sequence

from autograder.grading.criteria import PREFIX
from autograder.review.marks import Book, Entry
from autograder.review.model import Criterion, Exercise, Student, Written
from autograder.review.outcome_files import Outcome

_DIGITS = 6
_MISSING = "the gradebook knows a submission that has no outcome: run 'autograder autograde'"


Labels = dict[tuple[str, str], tuple[str, float]]


def labels_of(outcomes: Mapping[str, Outcome]) -> Labels:
    """Return label and points of each exercise's criteria, as the outcomes name them."""
    labels: Labels = {}
    for outcome in outcomes.values():
        labels |= outcome.labels
    return labels


def exercises_of(names: Sequence[str], labels: Labels, book: Book) -> tuple[Exercise, ...]:
    """Return the exercises with their criteria."""
    exercises = []
    for name in names:
        criteria = tuple(
            Criterion(name, criterion, label, worth)
            for (exercise, criterion), (label, worth) in labels.items()
            if exercise == name
        )
        cell = book.cells.get(PREFIX + name)
        worth = cell.max_score if cell is not None else sum(one.max_points for one in criteria)
        exercises.append(Exercise(name, worth, PREFIX + name, name, criteria))
    return tuple(exercises)


def written_of(names: Sequence[str], book: Book) -> tuple[Written, ...]:
    """Return the graded cells that no grader marks."""
    judged = {PREFIX + name for name in names}
    return tuple(Written(cell.name, cell.max_score) for cell in book.cells.values() if cell.name not in judged)


def students_of(outcomes: Mapping[str, Outcome], book: Book) -> tuple[Student, ...]:
    """Return everybody who has an outcome or a submission in the gradebook, in the order of their names."""
    max_score = sum(cell.max_score for cell in book.cells.values())
    ids = outcomes.keys() | book.entries.keys()
    students = [_student(one, outcomes.get(one), book.entries.get(one), max_score) for one in ids]
    return tuple(sorted(students, key=lambda student: (student.name.casefold(), student.id)))


def _student(student: str, outcome: Outcome | None, entry: Entry | None, max_score: float) -> Student:
    entry = entry or Entry(student, "", 0.0)
    score = max(0.0, sum(mark.score for mark in entry.marks.values()) - entry.penalty)
    known = outcome or Outcome(student, (0, 0, 0), "missing", _MISSING)
    return Student(
        id=student,
        name=entry.name,
        state=known.state,
        reason=known.reason,
        score=round(score, _DIGITS),
        max_score=max_score,
        results=known.results,
        marks=entry.marks,
        comments=entry.comments,
        submission=entry.submission or None,
        timestamp=known.timestamp,
        digest=known.digest,
        versions=known.versions,
        notes=known.notes,
    )
