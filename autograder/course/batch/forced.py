"""A run with `--force`, on the disk: whom it has graded, so that the next one can go on where it was interrupted."""

import contextlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from autograder.course.records import history
from autograder.course.records.private import file_mode, own_folder

_NAME = ".forced"


class Forced:
    """The last run with `--force` of an assignment, where it did not come to its end, or a new one.

    Args:
        root: of the course.
        assignment: its name.
        students: the pattern of those who are graded; a run for others is another run.
        made_of: digests of what marks are made of; where they differ, nothing that was graded counts.
    """

    def __init__(self, root: Path, assignment: str, students: str, made_of: Mapping[str, str]) -> None:
        self._path = root / history.FOLDER / assignment / _NAME
        self._about = {"students": students, **made_of}
        lines = self._lines()
        self.was_interrupted = bool(lines) and lines[0] == self._about
        self.done = {str(line) for line in lines[1:]} if self.was_interrupted else set()

    def _lines(self) -> list[object]:
        try:
            text = self._path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return []
        found: list[object] = []
        with contextlib.suppress(ValueError):  # a kill may have cut off the last line: that student is graded again
            for line in text.splitlines():
                found.append(json.loads(line))  # noqa: PERF401 - those before a broken one count
        return found

    def begin(self) -> None:
        """Say that a run has begun, unless this one goes on with an earlier one."""
        if not self.was_interrupted:
            own_folder(self._path.parent.parent)
            self._path.parent.mkdir(exist_ok=True)
            self._path.write_text(json.dumps(self._about) + "\n", encoding="utf-8")
            self._path.chmod(file_mode(self._path.parent.parent))

    def add(self, students: Iterable[str]) -> None:
        """Say that students' submissions have been graded, once nothing but their outcomes is left to be written."""
        lines = "".join(json.dumps(student) + "\n" for student in students)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(lines)

    def end(self) -> None:
        """Say that the run has come to its end."""
        self._path.unlink(missing_ok=True)
