"""Grades that nobody has given yet because the grader failed: named wherever marks leave the course."""

import shutil
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.exchange.default import ExchangeReleaseFeedback
from nbgrader.plugins import CsvExportPlugin
from nbgrader.utils import notebook_hash


def unmarked(gradebook: Gradebook, assignment: str) -> list[str]:
    """Return `student: grade cell` for each autograded cell that has no score, neither automatic nor by hand."""
    names = []
    for submission in gradebook.assignment_submissions(assignment):
        for notebook in submission.notebooks:
            names += [
                f"{submission.student.id}: {grade.cell.name}"
                for grade in notebook.grades
                if grade.cell.cell_type == "code" and grade.auto_score is None and grade.manual_score is None
            ]
    return sorted(names)


class ReleaseFeedback(ExchangeReleaseFeedback):
    """Refuses while a grade is missing, and reaches students who had renamed their notebook."""

    def init_src(self) -> None:
        """Look for missing grades before anything is copied."""
        super().init_src()
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            missing = unmarked(gradebook, self.coursedir.assignment_id)
        student = self.coursedir.student_id
        missing = [name for name in missing if student in ("*", "", name.partition(":")[0])]
        if missing:
            self.fail(f"not released: mark these by hand first (Formgrader): {', '.join(missing)}")

    def copy_files(self) -> None:
        """Copy the feedback; for a renamed notebook also under the name that the student's own copy has."""
        super().copy_files()
        assignment = self.coursedir.assignment_id
        submitted = self.coursedir.format_path(self.coursedir.submitted_directory, "{student}", assignment)
        for page in sorted(Path(self.coursedir.root).glob(f"feedback/*/{assignment}/*.html")):
            folder = Path(submitted.format(student=page.parent.parent.name))
            names = [path.stem for path in folder.glob("*.ipynb")]
            secret = page.parent / "submission_secret.txt"
            if page.stem not in names and len(names) == 1 and secret.is_file():
                checksum = notebook_hash(secret=secret.read_text(), notebook_id=names[0])
                shutil.copy(page, Path(self.dest_path) / f"{checksum}.html")


class CsvExport(CsvExportPlugin):
    """nbgrader's CSV export, which names the grades that are still missing."""

    def export(self, gradebook: Gradebook) -> None:
        """Write the CSV file and name in the log every grade that a human has to give first."""
        super().export(gradebook)
        for assignment in gradebook.assignments:
            if not self.assignment or assignment.name in self.assignment:
                for name in unmarked(gradebook, assignment.name):
                    self.log.warning("%s: %s has no mark yet; it counts as 0 in the export", assignment.name, name)
