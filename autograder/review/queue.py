"""What needs a human: outcomes with a reason, verdicts that are the grader's fault, and what was answered in words."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.review.alike.answers import words
from autograder.review.alike.compared import answers
from autograder.review.reading.classroom import Classroom
from autograder.review.reading.model import ReviewError, Student, Target

_LENGTH = 12
_TITLE = 60
_EMPTY = "No answer"
_OLDER = "the mark given by hand in {} is of an earlier grading: its automatic score is another now"


@dataclass(frozen=True)
class Waiting:
    """Students who wait for the same reason."""

    reason: str
    students: tuple[Student, ...]


@dataclass(frozen=True)
class Fault:
    """A criterion that could not judge some students, and its message; an ordinary cell has no criterion."""

    exercise: str
    criterion: str
    message: str
    students: tuple[Student, ...]


@dataclass(frozen=True)
class AnswerGroup:
    """Similar answers to a written question.

    Attributes:
        id: fit for an address; the hash of the representative answer.
        cell: the question.
        students: ids, most similar to the representative first.
        answers: their texts, in the same order.
        representative: whose answer stands for all.
        unmarked: how many have no mark yet.
        target: for a comment and an adjustment.
    """

    id: str
    cell: str
    students: tuple[str, ...]
    answers: tuple[str, ...]
    representative: str
    unmarked: int
    target: Target

    def __len__(self) -> int:
        return len(self.students)


@dataclass(frozen=True)
class Queue:
    """What needs a human, what most wait for first; `answers` by question, the largest groups first."""

    waiting: tuple[Waiting, ...]
    faults: tuple[Fault, ...]
    answers: dict[str, tuple[AnswerGroup, ...]]


def queue(classroom: Classroom) -> Queue:
    """Return what needs a human."""
    return Queue(
        tuple(_waiting(classroom)),
        tuple(_faults(classroom)),
        {one.cell: answer_groups(classroom, one.cell) for one in classroom.written},
    )


def answer_groups(classroom: Classroom, cell: str) -> tuple[AnswerGroup, ...]:
    """Return the answers to a written question in groups of similar ones, the largest first.

    Raises:
        ReviewError: there is no such question.
    """
    if cell not in [one.cell for one in classroom.written]:
        known = ", ".join(one.cell for one in classroom.written) or "none"
        raise ReviewError(f"{classroom.assignment} has no question {cell!r} that is marked by hand; there is {known}")
    found = classroom.kept(f"answers to {cell}", lambda: _clustered(classroom, cell))
    return tuple(_group(classroom, cell, members) for members in found)


def answer_group(classroom: Classroom, cell: str, group_id: str) -> AnswerGroup:
    """Return one group of answers by its id.

    Raises:
        ReviewError: there is none any more.
    """
    for found in answer_groups(classroom, cell):
        if found.id == group_id:
            return found
    raise ReviewError(f"{cell} has no group {group_id!r} any more: other answers have come in")


def _waiting(classroom: Classroom) -> Iterable[Waiting]:
    reasons: dict[str, list[Student]] = {}
    for student in classroom.students:
        if student.reason is not None:
            reasons.setdefault(student.reason, []).append(student)
        for graded in classroom.marked:
            mark = student.marks.get(graded.grade_cell)
            if mark is not None and mark.needs_manual and mark.manual is not None:
                reasons.setdefault(_OLDER.format(graded.grade_cell), []).append(student)
    for reason, students in sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0])):
        yield Waiting(reason, tuple(students))


def _faults(classroom: Classroom) -> Iterable[Fault]:
    found: dict[tuple[str, str, str], list[Student]] = {}
    for student in classroom.students:
        for exercise, criterion in student.errors:
            result = student.results[exercise]
            said = result.messages.get(criterion, result.message)
            found.setdefault((exercise, criterion, said), []).append(student)
    for key, students in sorted(found.items(), key=lambda item: (-len(item[1]), item[0])):
        yield Fault(*key, tuple(students))


def _clustered(classroom: Classroom, cell: str) -> list[list[tuple[str, str]]]:
    """Return ids and answers by group; the empty answers are one."""
    classroom.read()
    given = [(one.id, classroom.answer(one.id, cell)) for one in classroom.students if one.state != "missing"]
    own = [_own(classroom, cell, text) for _, text in given]
    return [[given[place] for place in one] for one in answers(own)]


def _own(classroom: Classroom, cell: str, answer: str) -> str:
    """Return an answer without the lines of the question, which many leave in the cell, and which make all alike."""
    known = classroom.book.cells.get(cell)
    asked = set() if known is None else {line.strip() for line in known.source.splitlines()}
    return "\n".join(line for line in answer.splitlines() if line.strip() not in asked)


def _group(classroom: Classroom, cell: str, members: list[tuple[str, str]]) -> AnswerGroup:
    students, answers = tuple(one for one, _ in members), tuple(text for _, text in members)
    own = _own(classroom, cell, answers[0])
    group_id = hashlib.sha256(" ".join(words(own)).encode()).hexdigest()[:_LENGTH]
    marks = [classroom.student(one).marks.get(cell) for one in students]
    first = " ".join(own.split())
    title = first[:_TITLE] + ("…" if len(first) > _TITLE else "") if first else _EMPTY
    return AnswerGroup(
        id=group_id,
        cell=cell,
        students=students,
        answers=answers,
        representative=students[0],
        unmarked=sum(mark is None or (mark.auto is None and mark.manual is None) for mark in marks),
        target=Target(cell, group_id, title, cell, cell, students),
    )
