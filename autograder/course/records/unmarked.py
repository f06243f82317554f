"""Grades that nobody has given yet though a machine was to: named wherever marks leave the course."""

from nbgrader.api import Grade, Gradebook


def unmarked(gradebook: Gradebook, assignment: str) -> dict[str, list[str]]:
    """Return, by student, the autograded cells that have no score, neither automatic nor by hand.

    Code that students write and people mark is no such cell.
    """
    entry = gradebook.find_assignment(assignment)
    written = {(notebook.name, cell.name) for notebook in entry.notebooks for cell in notebook.solution_cells}
    found: dict[str, list[str]] = {}
    for submission in sorted(gradebook.assignment_submissions(assignment), key=lambda one: str(one.student.id)):
        for notebook in submission.notebooks:
            names = [grade.cell.name for grade in notebook.grades if _is_open(grade, written)]
            if names:
                found[submission.student.id] = sorted([*found.get(submission.student.id, []), *names])
    return found


def _is_open(grade: Grade, written: set[tuple[str, str]]) -> bool:
    cell = grade.cell
    if cell.cell_type != "code" or (cell.notebook.name, cell.name) in written:
        return False
    return grade.auto_score is None and grade.manual_score is None
