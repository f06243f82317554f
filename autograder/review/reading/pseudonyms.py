"""A class under other names, for an archive that may be shown."""

import dataclasses
import functools

from autograder.review.reading.classroom import Classroom
from autograder.review.reading.disguise import disguise, pseudonym
from autograder.review.reading.model import Student

_LENGTH = 5


def pseudonymous(classroom: Classroom) -> Classroom:
    """Return the class with a pseudonym in the place of each id and name, the same whenever it is asked for.

    A pseudonym is made of the random id that the gradebook gave the submission, so that nobody without the gradebook
    can try ids. A student's own id and names are hidden in what they wrote, too; nothing else they say of themselves
    is. Comments written by hand, and when something was handed in, are left out.
    """
    length = _LENGTH
    while len({pseudonym(_secret(one), length) for one in classroom.students}) < len(classroom.students):
        length += 1
    found = {student.id: pseudonym(_secret(student), length) for student in classroom.students}
    students = [_hidden(classroom, student, found[student.id]) for student in classroom.students]
    return dataclasses.replace(
        classroom,
        students=tuple(sorted(students, key=lambda student: student.id)),
        version=f"{classroom.version}-pseudonyms",
        pseudonyms={new: old for old, new in found.items()},
    )


def _secret(student: Student) -> str:
    first = next(iter(student.submissions.values()), None)  # of the notebooks, which are in order
    return first or f"{student.digest} {student.id}"


def _hidden(classroom: Classroom, student: Student, name: str) -> Student:
    hide = functools.partial(disguise, student=student.id, entry=classroom.book.entries.get(student.id))
    results = {
        exercise: dataclasses.replace(
            result, messages={one: hide(text) for one, text in result.messages.items()}, message=hide(result.message)
        )
        for exercise, result in student.results.items()
    }
    return dataclasses.replace(
        student,
        id=name,
        name=f"Student {name.upper()}",
        reason=None if student.reason is None else hide(student.reason),
        results=results,
        comments={},
        submissions={},
        timestamp=None,
        until=None,
        digest=None,
        notes=tuple(hide(note) for note in student.notes),
    )
