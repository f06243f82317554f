"""Whose each row of a platform's file is: entries of one of its columns compared with the ids of the course."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course.errors import UsageError
from autograder.platforms.cells import Cell, Table, listed, read_table

STUDENT = "student"
_ADDRESS = "mail"
UNKNOWN = "nobody in the course has handed in under this {}"
_SEVERAL = "more than one student of the course fits: {}; name one with --mapping"
_TWICE = "another row has the same {}: which of them is meant?"


def read_mapping(path: Path, column: str) -> Mapping[str, str]:
    """Return the student of each entry of a platform's column, from a CSV file with the columns `student` and that one.

    Raises:
        UsageError: it cannot be read, lacks one of the two, or says two things of one entry.
    """
    table = read_table(path)
    student, entry = table.column(STUDENT), table.column(column)
    if student is None or entry is None:
        raise UsageError(f"{path}: a mapping has the columns {STUDENT!r} and {column!r}; this one has {listed(table)}")
    found: dict[str, str] = {}
    for line, row in table:
        whose, there = text_of(row, student), text_of(row, entry)
        if whose and there and found.setdefault(there, whose) != whose:
            raise UsageError(f"{path}: line {line}: {there!r} is said to be {found[there]!r} and {whose!r}")
    return found


def text_of(row: list[Cell], place: int | None) -> str:
    """Return what a cell says, without blanks around it; nothing where the row ends before it."""
    return row[place].text.strip() if place is not None and place < len(row) else ""


def called(entry: str, name: str) -> str:
    """Return what a row is called in messages: the entry that is compared, and the name beside it."""
    return f"{entry} ({name})" if entry and name and name != entry else entry or name


@dataclass(frozen=True)
class Matching:
    """How students are found in a column.

    Attributes:
        column: its name.
        suffix: added to a student's id before it is compared.
        mapping: whose each entry is, where that is said in a file; it goes before everything else.
        addresses: that the gradebook knows, by student: compared in a column of addresses where no suffix is given.
    """

    column: str
    suffix: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)

    def rows_of(self, table: Table, place: int, students: Collection[str]) -> "Matched":
        """Return whose the rows of a table are.

        Entries are compared letter by letter first, then without regard to case: addresses have none.
        """
        exact: defaultdict[str, list[str]] = defaultdict(list)
        folded: defaultdict[str, list[str]] = defaultdict(list)
        entries = {composed(there): whose for there, whose in self.mapping.items()}
        mapped = set(self.mapping.values())
        for student in students:
            if student not in mapped:
                exact[self._expected(student)].append(student)
                folded[self._expected(student).casefold()].append(student)
        found = Matched()
        times = Counter(composed(text_of(row, place)).casefold() for _, row in table)
        for line, row in table:
            there = composed(text_of(row, place))
            whose = entries.get(there)
            fits = [whose] if whose is not None else exact.get(there) or folded.get(there.casefold())
            if not there or not fits or fits[0] not in students:
                found.refused[line] = UNKNOWN.format(self.column)
            elif len(fits) > 1:
                found.refused[line] = _SEVERAL.format(", ".join(fits))
            elif times[there.casefold()] > 1:
                found.refused[line] = _TWICE.format(self.column)
            else:
                found.students[line] = fits[0]
        found.refuse_twice()
        return found

    def _expected(self, student: str) -> str:
        """Return what stands in the column for a student."""
        is_address = _ADDRESS in self.column.casefold() and not self.suffix
        return composed((is_address and self.addresses.get(student)) or student + self.suffix)


@dataclass
class Matched:
    """Whose each row is, and why some are nobody's, by the numbers of their lines."""

    students: dict[int, str] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)

    def refuse_twice(self) -> None:
        """Give no row to a student whom two fit, as by a mapping: one of them is wrong."""
        times = Counter(self.students.values())
        for line in [line for line, student in self.students.items() if times[student] > 1]:
            student = self.students.pop(line)
            self.refused[line] = f"another row is {student}'s, too: which of them is meant?"


def composed(text: str) -> str:
    """Return a text as it is compared: composed characters, no blanks around it."""
    return unicodedata.normalize("NFC", text.strip())
