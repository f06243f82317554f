"""Student ids: nbgrader takes the names of folders for them, and stops the whole class at some."""

from autograder.sandbox.limits import INTAKE

_PATTERN = frozenset("*?[")
_LINE_ENDS = frozenset("\n\r")
_NOBODY = {".ipynb_checkpoints", "__MACOSX"}  # folders that Jupyter and archives of a Mac leave behind


def is_student(folder: str) -> bool:
    """Say whether a folder beside those of the students can be one of them."""
    return folder not in _NOBODY


def refusal(student: str) -> str | None:
    """Return why nobody of this id can be graded and what to do, or None where nbgrader can deal with it."""
    shown = printable_id(student)
    if not _PATTERN.isdisjoint(student):
        return f"nbgrader would take the student id {shown!r} for a pattern and mix up students: rename the folder"
    if student.startswith("."):
        return f"nbgrader does not see a folder whose name begins with a dot, as {shown!r} does: rename the folder"
    if not _LINE_ENDS.isdisjoint(student):
        return f"nbgrader cannot deal with the line end in the student id {shown!r}: rename the folder"
    if shown != student:
        return f"the student id {shown!r} is not text in UTF-8, and no gradebook can hold it: rename the folder"
    if len(student) > INTAKE.id_characters:
        few = INTAKE.id_characters
        return f"the student id has {len(student)} characters, and a gradebook holds at most {few}: rename the folder"
    return None


def printable_id(student: str) -> str:
    """Return an id as text that has an encoding; bytes that are no UTF-8 are written as escapes."""
    return student.encode("utf-8", "backslashreplace").decode()
