"""Grades that are a machine's to give: those that it gave, and those that nobody has given yet."""

from collections.abc import Collection

from nbgrader.api import Grade, Gradebook, SubmittedAssignment

_FEW = 100  # students that are named in one query


def unmarked(gradebook: Gradebook, assignment: str, students: Collection[str] | None = None) -> dict[str, list[str]]:
    """Return, by student, the autograded cells that have no score, neither automatic nor by hand.

    Code that students write and people mark is no such cell.

    Args:
        gradebook: of the course.
        assignment: which.
        students: whose grades are looked at; None for everybody's.
    """
    written = _written(gradebook, assignment)
    found: dict[str, list[str]] = {}
    for submission in _submissions(gradebook, assignment, students):
        for notebook in submission.notebooks:
            names = [grade.cell.name for grade in notebook.grades if _is_open(grade, written)]
            if names:
                found[submission.student.id] = sorted([*found.get(submission.student.id, []), *names])
    return found


def given_by_machine(gradebook: Gradebook, assignment: str, student: str) -> list[Grade]:
    """Return the grades of a student that a machine gave: of tests, and of nothing that students write."""
    written = _written(gradebook, assignment)
    grades = [
        grade for notebook in gradebook.find_submission(assignment, student).notebooks for grade in notebook.grades
    ]
    return [grade for grade in grades if _is_machines(grade, written) and grade.auto_score is not None]


def submitted_notebooks(gradebook: Gradebook, assignment: str, students: Collection[str]) -> dict[str, list[str]]:
    """Return the names of the assignment's notebooks, by student; nobody but the gradebook says what they are."""
    return {
        submission.student.id: [notebook.name for notebook in submission.notebooks]
        for submission in _submissions(gradebook, assignment, students)
    }


def _submissions(gradebook: Gradebook, assignment: str, students: Collection[str] | None) -> list[SubmittedAssignment]:
    """Return the submissions of an assignment, those of few students without a look at all the others."""
    entry = gradebook.find_assignment(assignment)
    query = gradebook.db.query(SubmittedAssignment).filter(SubmittedAssignment.assignment_id == entry.id)
    if students is not None and len(students) <= _FEW:
        query = query.filter(SubmittedAssignment.student_id.in_(list(students)))
    found = [one for one in query.all() if students is None or one.student.id in students]
    return sorted(found, key=lambda one: str(one.student.id))


def _written(gradebook: Gradebook, assignment: str) -> set[tuple[str, str]]:
    """Return the cells that students write into, each by its notebook and its name."""
    notebooks = gradebook.find_assignment(assignment).notebooks
    return {(notebook.name, cell.name) for notebook in notebooks for cell in notebook.solution_cells}


def _is_machines(grade: Grade, written: set[tuple[str, str]]) -> bool:
    """Say whether a grade is a machine's to give."""
    return grade.cell.cell_type == "code" and (grade.cell.notebook.name, grade.cell.name) not in written


def _is_open(grade: Grade, written: set[tuple[str, str]]) -> bool:
    return _is_machines(grade, written) and grade.auto_score is None and grade.manual_score is None
