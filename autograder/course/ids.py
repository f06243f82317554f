"""Names of assignments and students: nbgrader reads them from folders, and some of them stop the whole class."""

from nbgrader.converters.base import BaseConverter, NbGraderException

from autograder.sandbox.limits import INTAKE
from autograder.sandbox.printable import printable

_init_stock = BaseConverter.init_notebooks
_PATTERN = frozenset("*?[")
_LINE_ENDS = frozenset("\n\r")
_QUOTES = frozenset("'\"")
_SHOWN = 20
_RESERVED = "+"  # nbgrader joins the parts of a submission's name in the exchange with it
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


def refusal_of_assignment(name: str) -> str | None:
    """Return why no assignment can have a name and what to do, or None where nbgrader and we can deal with it."""
    shown = printable(name)
    size = len(name.encode("utf-8", "surrogateescape"))
    few = f"{INTAKE.id_characters} characters and {INTAKE.assignment_bytes} bytes"
    reasons = (
        (not _PATTERN.isdisjoint(name), f"nbgrader would take the name of the assignment {shown!r} for a pattern"),
        (_RESERVED in name or "/" in name, f"nbgrader cannot deal with + or / in the assignment's name {shown!r}"),
        (
            name != name.strip() or not _LINE_ENDS.isdisjoint(name),
            f"nbgrader cannot deal with the blank or line end in the name of the assignment {name!r}",
        ),
        (name.startswith("."), f"a folder whose name begins with a dot, as {shown!r} does, is hidden"),
        (_is_quoted(name), f"nbgrader's commands take the quotes off the assignment's name {shown}"),
        (
            len(name) > INTAKE.id_characters or size > INTAKE.assignment_bytes,
            f"the name of the assignment {shown[:_SHOWN]!r}… is longer than {few}",
        ),
    )
    found = next((reason for holds, reason in reasons if holds), None)
    return None if found is None else f"{found}: rename the assignment's folder"


def _is_quoted(name: str) -> bool:
    return len(name) > 1 and name[0] == name[-1] and name[0] in _QUOTES


def refuse_names() -> None:
    """Let nbgrader's own commands refuse in one line the names of assignments that they could not deal with later."""
    BaseConverter.init_notebooks = _init_notebooks


def _init_notebooks(converter: BaseConverter) -> None:
    if (reason := refusal_of_assignment(str(converter.coursedir.assignment_id))) is not None:
        converter.log.error("%s", reason)
        raise NbGraderException(reason)
    _init_stock(converter)


def printable_id(student: str) -> str:
    """Return an id as text that has an encoding; bytes that are no UTF-8 are written as escapes."""
    return student.encode("utf-8", "backslashreplace").decode()
