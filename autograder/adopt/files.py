"""The files of a move in the hidden folder: graders and settings."""

import json
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course.errors import UsageError
from autograder.grading.assignment import SETTINGS, Assignment
from autograder.names import PREFIX

if TYPE_CHECKING:
    from autograder.adopt.plan import Move

_EXERCISES = re.compile(r"^exercises\s*=\s*\[[^\]]*\]", re.MULTILINE)
_NEW = """# Written by `autograder adopt`. Students get, and grade cells without a grader run, as without this folder.
{exercises}
ordinary = true  # time and limits are those of an assignment without graders
"""


def hidden_files(assignment: Assignment, moves: "Sequence[Move]") -> dict[str, bytes]:
    """Return the files of the hidden folder that a move adds or changes, by their names in it.

    Args:
        assignment: as it is.
        moves: what is moved.

    Raises:
        UsageError: the settings have to be changed by hand.
    """
    files = {file_of(move.exercise): move.grader.encode() for move in moves}
    exercises = [*assignment.exercises, *(move.exercise for move in moves)]
    return {**files, SETTINGS: _settings(assignment, exercises).encode()}


def file_of(exercise: str) -> str:
    """Return where the grader of an exercise lies in the hidden folder."""
    notebook, _, name = exercise.rpartition("/")
    return f"{notebook}/{PREFIX}{name}.py" if notebook else f"{PREFIX}{name}.py"


def write(path: Path, data: bytes) -> None:
    """Write a file at once: nobody finds half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(data)
    new.replace(path)


def _settings(assignment: Assignment, exercises: Sequence[str]) -> str:
    wanted = "exercises = [\n" + "".join(f"    {json.dumps(name, ensure_ascii=False)},\n" for name in exercises) + "]"
    path = assignment.folder / SETTINGS
    if not path.is_file():
        return _NEW.format(exercises=wanted)
    before = path.read_text(encoding="utf-8")
    after = _EXERCISES.sub(lambda _: wanted, before, count=1)
    if tomllib.loads(after) != {**tomllib.loads(before), "exercises": list(exercises)}:
        raise UsageError(f"{path}: exercises cannot be found in it; write it as one list, exercises = [...]")
    return after
