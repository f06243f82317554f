"""Filling in: a student's points into the cell that is theirs, or the reason why that cell stays as it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from autograder.platforms.cells import Cell, Table
from autograder.platforms.class_marks import ClassMarks, Earned
from autograder.platforms.matching import Matched
from autograder.platforms.numbers import number, written

Row = list[Cell]
FEW = 100  # students that are named in one line


@dataclass(frozen=True)
class Options:
    """What was asked for.

    Attributes:
        open_too: whether to fill in the points of students who still wait for a mark by hand.
        scale: whether points are converted where the platform's maximum is another than the assignment's.
    """

    open_too: bool = False
    scale: bool = False


@dataclass(frozen=True)
class Column:
    """One assignment's column.

    Attributes:
        place: of the column in the table.
        marks: of the assignment.
        maximum_of: what the platform gives at most in a row, or None where the file does not say.
        bounded: whether the platform refuses more.
        kept: what in a cell is no mark and is not to be overwritten, with the reason, in capital letters.
    """

    place: int
    marks: ClassMarks
    maximum_of: Callable[[Row], float | None]
    bounded: bool = False
    kept: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Left:
    """A cell, or a whole row, that stays as it is."""

    line: int
    who: str
    assignment: str
    reason: str


@dataclass
class Filled:
    """What became of a file.

    Attributes:
        table: with what was put in.
        written: the students whose cell was filled, by assignment, with the row of each.
        left: what stays as it is, and why.
        rowless: who has handed in and has no row, by assignment.
        notes: what else is to be known, each on one line.
    """

    table: Table
    written: dict[str, dict[str, Row]] = field(default_factory=dict)
    left: list[Left] = field(default_factory=list)
    rowless: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Sheet:
    """A platform's file, understood.

    Attributes:
        table: which is written.
        matched: whose its rows are; rows that are no student's at all are in neither part of it.
        columns: one for each assignment.
        comma: whether it writes numbers with a decimal comma.
        refused: why a row may not be written at all, or None.
        who: what a row is called in messages.
    """

    table: Table
    matched: Matched
    columns: Sequence[Column]
    comma: bool
    refused: Callable[[Row], str | None]
    who: Callable[[Row], str]

    def fill(self, options: Options) -> Filled:
        """Fill in the points of all assignments."""
        found = Filled(self.table, {one.marks.assignment: {} for one in self.columns})
        for line, row in self.table:
            if line in self.matched.students or line in self.matched.refused:
                self._fill_row(line, row, options, found)
        have_row = set(self.matched.students.values())
        for column in self.columns:
            found.rowless[column.marks.assignment] = sorted(column.marks.students.keys() - have_row)
            found.notes += [*_not_graded(column.marks), *self._other_maximum(column, options)]
        return found

    def _fill_row(self, line: int, row: Row, options: Options, found: Filled) -> None:
        reason = self.refused(row) or self.matched.refused.get(line)
        if reason is not None:
            found.left.append(Left(line, self.who(row), "", reason))
            return
        student = self.matched.students[line]
        for column in self.columns:
            assignment = column.marks.assignment
            reason = self._fill_cell(column, row, student, options)
            if reason is None:
                found.written[assignment][student] = row
            else:
                found.left.append(Left(line, self.who(row), assignment, reason))

    def _fill_cell(self, column: Column, row: Row, student: str, options: Options) -> str | None:
        """Write one cell; return why it stays as it is, or None."""
        if column.place >= len(row):
            return "the row ends before this column"
        cell, earned = row[column.place], column.marks.students.get(student)
        if earned is None:
            return "has handed in nothing that was graded"
        if (kept := column.kept.get(cell.text.strip().upper())) is not None:
            return kept
        if earned.state == "held" or (earned.state == "open" and not options.open_too):
            return earned.reason + (f"; the cell keeps {cell.text.strip()}" if cell.text.strip() else "")
        maximum = column.maximum_of(row)
        due = _points(column.marks, earned, maximum, options)
        points = written(due)
        if column.bounded and maximum is not None and float(points) > maximum:
            return f"has {points} points, and the platform takes at most {written(maximum)}"
        if number(cell.text) != float(points):
            self.table.put(cell, written(due, comma=self.comma))
        return None

    def _other_maximum(self, column: Column, options: Options) -> list[str]:
        found = {column.maximum_of(row) for line, row in self.table if line in self.matched.students}
        others = sorted(one for one in found if one is not None and one != column.marks.max_points)
        if not others:
            return []
        done = "points are converted" if options.scale else "points are written as they are; --scale converts them"
        ours, theirs = written(column.marks.max_points), ", ".join(map(written, others))
        return [f"{column.marks.assignment} is worth {ours} points, and {theirs} on the platform: {done}"]


def _not_graded(marks: ClassMarks) -> list[str]:
    if not marks.again:
        return []
    names = ", ".join(marks.again[:FEW]) + (f" and {len(marks.again) - FEW} more" if len(marks.again) > FEW else "")
    return [f"{marks.assignment}: handed in since it was graded: {names}; 'autograder autograde' first"]


def _points(marks: ClassMarks, earned: Earned, maximum: float | None, options: Options) -> float:
    if options.scale and maximum and marks.max_points:
        return earned.points * maximum / marks.max_points
    return earned.points
