"""Grades that nobody has given yet because the grader failed: named wherever marks leave the course."""

from nbgrader.api import Gradebook


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
