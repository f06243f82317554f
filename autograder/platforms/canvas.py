"""Canvas: the gradebook as it exports it, with the points of one or several assignments filled in.

As published ("How do I import grades in the Gradebook?") and as its exporter writes it: a header, perhaps a row that
says which columns are posted by hand, a row `    Points Possible` that also marks columns as `(read only)`, then the
students, last the test student. Students are known by ID; a cell is a number, nothing, `EX` (excused) or `N/A` (not
assigned).
"""

import re
from collections.abc import Sequence

from autograder.course.errors import UsageError
from autograder.platforms.cells import Table, needed
from autograder.platforms.class_marks import ClassMarks
from autograder.platforms.filling import Column, Row, Sheet
from autograder.platforms.matching import Matching, called, composed, text_of
from autograder.platforms.numbers import has_commas, number

MATCH = "SIS Login ID"
_ID = "ID"
_POSSIBLE = "points possible"
_READ_ONLY = "(read only)"
_TEST_STUDENT = {("Student, Test", ""), ("Student", "Test")}
_TEST = "Canvas' test student"
_KEPT = {"EX": "is excused from it in Canvas (EX)", "N/A": "is not assigned to it in Canvas (N/A)"}
_EXPORT = "export the gradebook from Canvas again, or name another with --match"


def read_sheet(table: Table, classes: Sequence[ClassMarks], matching: Matching, column: str | None) -> Sheet:
    """Return a Canvas file, understood.

    Args:
        table: the file.
        classes: the assignments whose marks go into it.
        matching: how students are found in it.
        column: the only assignment's column, where that does not bear its name.

    Raises:
        UsageError: a column that is needed is missing, there are several, or Canvas lets nobody write it.
    """
    identity = needed(table, _ID, "this is no gradebook that Canvas exported")
    match = needed(table, matching.column, _EXPORT)
    possible = next((row for _, row in table if text_of(row, 0).casefold() == _POSSIBLE), [])
    places = [_place(table, one.assignment, column) for one in classes]
    for place in places:
        if text_of(possible, place).casefold() == _READ_ONLY:
            raise UsageError(f"{table.name}: Canvas lets nobody write the column {table.header[place]!r} (read only)")
    maxima = {place: number(text_of(possible, place)) for place in places}
    students = {student for one in classes for student in one.students}
    matched = matching.rows_of(table, match, students)
    for line, row in table:
        if not text_of(row, identity) or row is possible:  # not a student: they have an ID
            matched.refused.pop(line, None)
            matched.students.pop(line, None)
    shown = [text_of(row, place) for _, row in table for place in places]

    def who(row: Row) -> str:
        """Return whose row it is, in words."""
        return called(text_of(row, match) or text_of(row, identity), text_of(row, 0))

    def refused(row: Row) -> str | None:
        """Return why a row gets no mark."""
        return _TEST if _is_test_student(table, row) else None

    def column_of(place: int, marks: ClassMarks) -> Column:
        """Return the column of one assignment."""
        return Column(place, marks, lambda _row: maxima[place], kept=_KEPT)

    columns = [column_of(place, one) for place, one in zip(places, classes, strict=True)]
    return Sheet(table, matched, columns, has_commas(shown), refused, who)


def _is_test_student(table: Table, row: Row) -> bool:
    is_split = table.header[0].strip() == "LastName"
    return (text_of(row, 0), text_of(row, 1) if is_split else "") in _TEST_STUDENT


def _place(table: Table, assignment: str, column: str | None) -> int:
    """Return the place of an assignment's column: `<assignment> (digits)`, whatever the case where that is clear.

    Raises:
        UsageError: there is none, or there are several.
    """
    if column is not None:
        return needed(table, column, "name one of them with --column")
    named = re.compile(rf"{re.escape(composed(assignment))}\s*\(\d+\)")
    titles = [composed(one) for one in table.header]
    exact = [place for place, one in enumerate(titles) if named.fullmatch(one)]
    folded = re.compile(named.pattern, re.IGNORECASE)
    found = exact or [place for place, one in enumerate(titles) if folded.fullmatch(one)]
    if len(found) == 1:
        return found[0]
    if found:
        several = ", ".join(repr(table.header[place]) for place in found)
        raise UsageError(f"{table.name}: {assignment!r} may be any of {several}: name one with --column")
    assignments = ", ".join(repr(one) for one in table.header if re.search(r"\(\d+\)$", one.strip())) or "none"
    raise UsageError(
        f"{table.name}: there is no column '{assignment} (…)'; its assignments are {assignments}: "
        "name one with --column, or make the assignment in Canvas and export again"
    )
