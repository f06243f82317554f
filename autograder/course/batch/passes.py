"""nbgrader's two passes over a submission, without the judging in between; what is written, and in which order.

First the gradebook, in one transaction; then the folder under `autograded/`, under its name once it is whole; last the
outcome. Until that one says how it ended, a submission counts as not graded: whenever the run is killed, the next does
all three again, and comes to the same.
"""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat.v4
from nbformat import NotebookNode
from nbgrader.utils import find_all_files, rmtree
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from autograder.course import intake, outcomes
from autograder.course.batch.errors import RunError
from autograder.course.batch.opened import OpenedCourse, gradebook_problem
from autograder.course.entering import Entries, enter_student, read_entries
from autograder.course.files import copy_own
from autograder.course.gradebook import Writer
from autograder.course.preprocessors import Given
from autograder.course.reading import KEY, read_submitted
from autograder.course.source_cells import Source
from autograder.judge.outcome import Judgement

_ATTEMPTS = 5  # a database may end a connection at any time


@dataclass(frozen=True)
class Prepared:
    """A submission after the first pass: `data` is what a worker needs, or None where there is nothing to judge."""

    student: str
    nb: NotebookNode
    resources: dict[str, Any]
    data: bytes | None


class Passes:
    """Both passes over one submission after another."""

    def __init__(self, course: OpenedCourse, source: Source) -> None:
        self._course = course
        self._source = source
        coursedir = course.coursedir
        self._entries: Entries | None = None
        self._handed_out = Path(coursedir.format_path(coursedir.source_directory, ".", course.assignment.name))

    def take_in(self, student: str) -> Prepared:
        """Look at what was handed in, as `nbgrader autograde` would, say that its grading has begun, and read it."""
        folder = self._submitted(student)
        notebooks = [str(folder / "any.ipynb")]
        intake.before_convert(self._course.assignment, notebooks)
        outcomes.begin(self._course.root, self._course.assignment, student, folder)
        self._course.converter.notebooks = notebooks
        self._course.converter.run_pre_convert_hook()  # the course's own, if it has one
        return self.read(student)

    def read(self, student: str) -> Prepared:
        """Read a submission and make the first pass over it; writes nothing."""
        course = self._course
        nb = read_submitted(self._notebook(student), course.coursedir, course.assignment)
        place = {"student": student, "assignment": course.assignment.name, "notebook": course.assignment.notebook}
        resources: dict[str, Any] = {
            "unique_key": course.assignment.notebook,
            "nbgrader": {**place, "db_url": course.coursedir.db_url},
            KEY: Given(source=self._source),
        }
        for preprocessor in course.sanitize:
            nb, resources = preprocessor(nb, resources)
        data = None if nb.metadata[KEY]["refused"] else json.dumps(nb).encode()
        return Prepared(student, nb, resources, data)

    def finish(self, prepared: Prepared, judgement: Judgement | None, gradebook: Writer) -> outcomes.Outcome:
        """Make the second pass, and write all that is to be written of this submission.

        Raises:
            RunError: the gradebook cannot be written.
        """
        for attempt in range(_ATTEMPTS):
            try:
                nb = self._mark(prepared, judgement, gradebook)
                break
            except (DataError, IntegrityError):  # of this submission's rows; the gradebook takes others
                gradebook.give_up()
                raise
            except DBAPIError as error:
                gradebook.give_up()
                if not error.connection_invalidated or attempt == _ATTEMPTS - 1:
                    raise RunError(gradebook_problem("the gradebook", error)) from error
                prepared = self.read(prepared.student)  # the pass before has written into its notebook
            except BaseException:
                gradebook.give_up()
                raise
        self._publish(prepared.student, nb)
        outcome = self._course.exporter.outcome
        if outcome is None:
            raise RunError("nbgrader_config.py leaves WriteOutcome out of c.Autograde.autograde_preprocessors")
        outcomes.write(self._course.root, outcome)
        self._course.converter.notebooks = [str(self._notebook(prepared.student))]
        self._course.converter.run_post_convert_hook()
        return outcome

    def _mark(self, prepared: Prepared, judgement: Judgement | None, gradebook: Writer) -> NotebookNode:
        """Make the second pass in one transaction."""
        self._enter(prepared.student, gradebook)
        nb, resources = prepared.nb, prepared.resources
        resources[KEY].judgement, resources[KEY].gradebook = judgement, gradebook
        for preprocessor in self._course.autograde:
            nb, resources = preprocessor(nb, resources)
        gradebook.finish()
        return nb

    def _enter(self, student: str, gradebook: Writer) -> None:
        """See that the gradebook knows the student and the submission."""
        coursedir, assignment = self._course.coursedir, self._course.assignment.name
        if self._course.converter.create_student:
            enter_student(gradebook, student)
        else:
            gradebook.find_student(student)
        if self._entries is None:
            self._entries = read_entries(gradebook, assignment)
        self._entries.enter(gradebook, student, coursedir.get_existing_timestamp(str(self._submitted(student))))

    def _publish(self, student: str, nb: NotebookNode) -> None:
        """Build the folder under `autograded/` under another name, and give it its own when it is whole."""
        course = self._course
        folder = course.folder(course.coursedir.autograded_directory, student)
        building = folder.with_name(f".{folder.name}.unfinished")
        for old in (building, folder):
            if old.is_dir():
                rmtree(str(old))
        building.mkdir(parents=True)
        ignored = [*course.coursedir.ignore, "*.ipynb"]
        kept = course.converter.exclude_overwriting.get(course.assignment.name, [])
        copy_own(self._submitted(student), building, kept)
        _copy(self._handed_out, building, ignored, set(kept))
        text = nbformat.v4.writes(nb)
        path = building / f"{course.assignment.notebook}.ipynb"
        path.write_text(text if text.endswith("\n") else text + "\n", encoding="utf-8")
        building.rename(folder)
        course.converter.set_permissions(course.assignment.name, student)

    def _notebook(self, student: str) -> Path:
        return self._submitted(student) / f"{self._course.assignment.notebook}.ipynb"

    def _submitted(self, student: str) -> Path:
        return self._course.folder(self._course.coursedir.submitted_directory, student)


def _copy(source: Path, target: Path, ignored: list[str], kept: set[str]) -> None:
    """Copy a folder's files over those that are there, but for the ignored ones and those to be kept."""
    for name in find_all_files(str(source), ignored):
        inside = os.path.relpath(name, source)
        if inside not in kept:
            path = target / inside
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            shutil.copy(name, path)
