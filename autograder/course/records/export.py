"""Marks as a file for spreadsheets: each submission a row, and no text in it a formula."""

import contextlib
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, Gradebook, MissingEntry, Student
from nbgrader.plugins import CsvExportPlugin

from autograder.course.records.machine_grades import unmarked
from autograder.course.records.private import write_private
from autograder.course.records.spreadsheets import harmless
from autograder.sandbox.printable import printable

_TEXTS = ("assignment", "student_id", "last_name", "first_name", "email")
_COLUMNS = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)


class CsvExport(CsvExportPlugin):
    """nbgrader's CSV export with the same columns, which names the grades that are still missing.

    A text that a spreadsheet would run as a formula gets a ' before it. The file is its owner's alone.
    """

    def export(self, gradebook: Gradebook) -> None:
        """Write the CSV file and name in the log every grade that a human has to give first."""
        destination = Path(self.to or "grades.csv")
        self.log.info("Exporting grades to %s", destination)
        asked = [one for one in gradebook.assignments if not self.assignment or one.name in map(str, self.assignment)]
        with write_private(destination) as file:
            writer = csv.DictWriter(file, _COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(self._rows(gradebook, asked))
        for assignment in asked:
            for student, cells in unmarked(gradebook, assignment.name).items():
                for name in cells:
                    said = "%s: %s: %s has no mark yet; it counts as 0 in the export"
                    self.log.warning(said, assignment.name, student, name)
            waiting = sum(one.needs_manual_grade for one in assignment.submissions)
            if waiting:
                said = "%s: %d of %d submissions wait for a mark by hand; what has none counts as 0 in the export"
                self.log.warning(said, assignment.name, waiting, len(assignment.submissions))

    def _rows(self, gradebook: Gradebook, assignments: list[Assignment]) -> Iterator[dict[str, Any]]:
        for assignment in assignments:
            for student in gradebook.students:
                if not self.student or student.id in map(str, self.student):
                    row = _row(gradebook, assignment, student)
                    yield row | {name: _text(row[name]) for name in _TEXTS}


def _row(gradebook: Gradebook, assignment: Assignment, student: Student) -> dict[str, Any]:
    """Return a student's row; who has handed in nothing has no points."""
    timestamp, earned, penalty = "", 0.0, 0.0
    with contextlib.suppress(MissingEntry):
        found = gradebook.find_submission(assignment.name, student.id)
        timestamp, earned, penalty = found.timestamp, found.score, found.late_submission_penalty
    return {
        "assignment": assignment.name,
        "duedate": assignment.duedate,
        "timestamp": timestamp,
        "student_id": student.id,
        "last_name": student.last_name,
        "first_name": student.first_name,
        "email": student.email,
        "raw_score": earned,
        "late_submission_penalty": penalty,
        "score": max(0.0, earned - (penalty or 0.0)),
        "max_score": assignment.max_score,
    }


def _text(value: str | None) -> str:
    """Return a text that starts no formula, ends no row and does nothing to a terminal."""
    return printable(harmless(value or ""))
