"""Moodle: an assignment's grading worksheet with grades and comments filled in, and its feedback files as a zip.

As published ("Assignment grading") and as its importer reads it: rows are known by `Identifier`; a grade that is empty,
below 0 or above the assignment's maximum is skipped without a word; a comment is HTML, and an empty one wipes what is
there; `Last modified (grade)` has to stay, for Moodle refuses what was changed since.
"""

import html
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from autograder.platforms.cells import Table, needed
from autograder.platforms.class_marks import ClassMarks
from autograder.platforms.comments import comment, is_ours
from autograder.platforms.filling import Column, Filled, Left, Row, Sheet
from autograder.platforms.matching import Matching, called, text_of
from autograder.platforms.numbers import has_commas, number

MATCH = "Email address"
_GRADE, _MAXIMUM, _CAN_CHANGE = "Grade", "Maximum Grade", "Grade can be changed"
_COMMENTS, _IDENTIFIER, _NAME = "Feedback comments", "Identifier", "Full name"
_LOCKED = "Moodle does not let its grade be changed"
_EXPORT = "download the grading worksheet from Moodle again, or name another with --match"
_UNKNOWN = "there is no number in its Identifier"
_NO_PAGE = "there is no feedback page; 'nbgrader generate_feedback {}' makes it"
_UNICODE = "download it from Moodle again, and do not save it in a spreadsheet"
_FOLDER = "{}_{}_assignsubmission_file_"
_SEPARATORS = re.compile(r'[\x00-\x1f\x7f_/\\:*?"<>|]+')  # Moodle splits the folder's name at its underscores
_NAME_CHARACTERS = 80
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same pages make the same archive
_READABLE = 0o644 << 16


def read_sheet(table: Table, marks: ClassMarks, matching: Matching, column: str | None) -> Sheet:
    """Return a worksheet, understood.

    Args:
        table: the file.
        marks: of the assignment.
        matching: how students are found in it.
        column: that of the grades, where it is not `Grade`.

    Raises:
        UsageError: a column that is needed is missing, or there are several.
    """
    grade = needed(table, column or _GRADE, "this is no grading worksheet; name the grades' column with --column")
    match = needed(table, matching.column, _EXPORT)
    maximum, can_change, name = (table.column(one) for one in (_MAXIMUM, _CAN_CHANGE, _NAME))
    shown = [text_of(row, place) for _, row in table for place in (grade, maximum)]

    def refused(row: Row) -> str | None:
        """Return why a row gets no mark."""
        return _LOCKED if text_of(row, can_change).casefold() == "no" else None

    def who(row: Row) -> str:
        """Return whose row it is, in words."""
        return called(text_of(row, match), text_of(row, name))

    target = Column(grade, marks, lambda row: number(text_of(row, maximum)), bounded=True)
    return Sheet(table, matching.rows_of(table, match, marks.students), [target], has_commas(shown), refused, who)


def write_comments(filled: Filled, marks: ClassMarks) -> None:
    """Write a comment beside each grade that was filled in; one that a person wrote stays."""
    table, kept, whole = filled.table, 0, True
    place = table.column(_COMMENTS)
    if place is None:
        filled.notes.append(f"{table.name} has no column {_COMMENTS!r}: grades only")
        return
    for student, row in filled.written[marks.assignment].items():
        if place < len(row) and is_ours(row[place].text):
            text = html.escape(comment(marks, marks.students[student]), quote=False)
            whole = whole and table.can_hold(text)
            if text != row[place].text:
                table.put(row[place], text)
        else:
            kept += 1
    if not whole:
        filled.notes.append(f"{table.name} is no Unicode: ? stands for letters that it cannot hold, as σ; {_UNICODE}")
    if kept:
        filled.notes.append(f"comments of others that stay as they are: {kept}")


def write_feedback(file: BinaryIO, filled: Filled, marks: ClassMarks) -> int:
    """Write the archive for Moodle's "Upload multiple feedback files in a zip"; return how many students are in it.

    Who has no grade filled in is not in it, either; who has no feedback page is listed among what was left.

    Raises:
        UsageError: the worksheet does not say who the participants are.
    """
    table = filled.table
    identifier = check_for_feedback(table)
    lines = {id(row): line for line, row in table}
    packed = 0
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for student, row in filled.written[marks.assignment].items():
            participant = re.search(r"\d+$", text_of(row, identifier))
            pages = list(_pages(marks.feedback[student]))
            if participant is None or not pages:
                reason = f"not in the zip: {_UNKNOWN if pages else _NO_PAGE.format(marks.assignment)}"
                who = called(student, text_of(row, table.column(_NAME)))
                filled.left.append(Left(lines[id(row)], who, marks.assignment, reason))
                continue
            folder = _FOLDER.format(_plain(text_of(row, table.column(_NAME))), participant.group())
            for page in pages:
                entry = zipfile.ZipInfo(f"{folder}/{page.name}", _LONG_AGO)
                entry.external_attr, entry.compress_type = _READABLE, zipfile.ZIP_DEFLATED
                archive.writestr(entry, page.read_bytes())
            packed += 1
    return packed


def check_for_feedback(table: Table) -> int:
    """See that an archive can be made for a worksheet; return the place of the column that says whose a page is.

    Raises:
        UsageError: it does not say who the participants are.
    """
    return needed(table, _IDENTIFIER, "Moodle knows by it whose a feedback file is")


def _pages(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.glob("*.html")):
        if path.is_file() and not path.is_symlink() and not path.name.startswith((".", "~")):
            yield path


def _plain(name: str) -> str:
    """Return a name as part of a folder's: students choose theirs, and it must lead nowhere."""
    return _SEPARATORS.sub(" ", name).strip(" .")[:_NAME_CHARACTERS] or "Participant"
