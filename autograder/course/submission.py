"""One submission on its way: taken in, read, and, once it is judged, finished; both commands go this way.

What is written, and in which order: first the gradebook, in one transaction; then the folder under `autograded/`, under
its name once it is whole; last the outcome. Until that one says how it ended, a submission counts as not graded:
whenever a run is killed, the next does all three again, and comes to the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import is_grade, is_solution
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from autograder.course import stages
from autograder.course.course import Course, gradebook_problem
from autograder.course.deadlines import penalties
from autograder.course.deadlines.extensions import extension_of, extensions_of
from autograder.course.errors import RunError
from autograder.course.handed_in import intake
from autograder.course.handed_in.handed_out import HandedOut, handed_out
from autograder.course.handed_in.pictures import shown_files
from autograder.course.handed_in.reading import Read, read_submitted
from autograder.course.pages.grade_cells import show
from autograder.course.records import marks, outcomes, receipts
from autograder.course.records.entering import Entries, enter_student, read_entries
from autograder.course.records.gradebook import Writer
from autograder.course.records.publish import publish
from autograder.course.records.source_cells import Source, digests
from autograder.judge.judge import to_judge
from autograder.judge.outcome import NO_WALLS, Judgement, refused

_ATTEMPTS = 5  # a database may end a connection at any time


@dataclass(frozen=True)
class Prepared:
    """A submission that has been read.

    Attributes:
        student: whose it is.
        notebooks: its notebooks with the cells that they should have, by name; those that were handed in.
        refused: why notebooks cannot be judged, by name.
        notes: what was mended, for the instructor.
        digest: of what was handed in.
        data: what a worker needs, or None where there is nothing to judge.
    """

    student: str
    notebooks: dict[str, NotebookNode]
    refused: dict[str, str]
    notes: tuple[str, ...]
    digest: str
    data: bytes | None

    @property
    def reason(self) -> str | None:
        """Why a human has to look at it, where that is known before it is judged."""
        if not self.refused:
            return None
        several = len(self.notebooks) > 1
        return "; ".join(f"{name}: {why}" if several else why for name, why in self.refused.items())

    def unjudged(self, judgement: Judgement) -> str | None:
        """Return a grade cell of which a judgement says nothing, though it says that all is graded; or None."""
        if judgement.outcome != "graded":
            return None
        for name in self.notebooks.keys() - self.refused.keys():
            for cell in self.notebooks[name].cells:
                if is_grade(cell) and cell.cell_type == "code" and not is_solution(cell):
                    grade_id = cell.metadata.nbgrader["grade_id"]
                    if judgement.result(name, grade_id) is None:
                        return f"{name}: {grade_id}"
        return None


class Submissions:
    """The submissions of an assignment.

    Args:
        course: that they were handed in to.
        sources: what the gradebook knows of the assignment's notebooks.

    Raises:
        UsageError: the course's extensions cannot be read.
    """

    def __init__(self, course: Course, sources: Mapping[str, Source]) -> None:
        self._course = course
        self._sources = sources
        self._cells = digests(sources, course.assignment.exercises)
        self._entries: Entries | None = None
        extensions_of(course.root)  # a file that cannot be read ends the run here, and not each submission

    def take_in(self, student: str) -> Prepared:
        """Look at what was handed in, say that its grading has begun, and read it."""
        course, folder = self._course, self._folder(student)
        limits, name = course.assignment.limits, course.assignment.name
        intake.set_aside_from(folder, limits)
        receipts.keep(course.root, student, receipts.received(folder, student, name, self._sources, limits))
        outcomes.begin(course.root, course.assignment, student, folder)
        course.converter.notebooks = [str(folder / f"{name}.ipynb") for name in self._sources]
        course.converter.run_pre_convert_hook()  # the course's own, if it has one
        return self.read(student)

    def read(self, student: str) -> Prepared:
        """Read a submission and give its cells the metadata that they should have; writes nothing."""
        folder = self._folder(student)
        limits, handed = self._course.assignment.limits, self._handed_out
        found = {name: read_submitted(folder, name, self._sources, limits, handed[name]) for name in self._sources}
        there = {name: one for name, one in found.items() if one is not None}
        notebooks = {name: self._sanitized(student, name, one) for name, one in there.items()}
        reasons = {name: one.refused for name, one in there.items() if one.refused is not None}
        to_run = {name: nb for name, nb in notebooks.items() if name not in reasons}
        notes = [note for one in there.values() for note in one.notes]
        missing = [f"{name}.ipynb was not handed in" for name in found if name not in there]
        used = self._expected if self._expected is None else {*self._expected, *shown_files(notebooks.values())}
        notes += [*missing, *intake.notes_on_files(folder, used)]
        assignment = self._course.assignment
        files = {} if assignment.files is not None else intake.files_of(folder, assignment.limits)
        data = to_judge(to_run, files) if to_run else None
        return Prepared(student, notebooks, reasons, tuple(notes), self._course.digest_of(student), data)

    @cached_property
    def _handed_out(self) -> dict[str, HandedOut]:
        """What students were handed of each notebook."""
        release = self._course.folder(self._course.coursedir.release_directory, ".")
        hidden = self._course.settings.hidden_tests()
        return {
            name: handed_out(release / f"{name}.ipynb", self._course.handed_out / f"{name}.ipynb", source.cells, hidden)
            for name, source in self._sources.items()
        }

    @cached_property
    def _expected(self) -> set[str] | None:
        """The names of the files that students got with the notebooks; None where any others are welcome."""
        if self._course.assignment.files is None:
            return None
        source = self._course.handed_out
        return {str(path.relative_to(source)) for path in source.rglob("*") if path.is_file()}

    def _sanitized(self, student: str, name: str, found: Read) -> NotebookNode:
        own = [*self._course.stages.sanitize, *self._course.stages.before]
        nb, _ = stages.run(own, found.notebook, self._resources(student, name))
        return nb

    def _resources(self, student: str, notebook: str) -> dict[str, Any]:
        """Return what nbgrader's preprocessors are told of a notebook."""
        course = self._course
        place = {"student": student, "assignment": course.assignment.name, "notebook": notebook}
        return {
            "unique_key": notebook,
            "output_files_dir": f"{notebook}_files",
            "nbgrader": {**place, "db_url": course.coursedir.db_url},
        }

    def finish(self, prepared: Prepared, judgement: Judgement | None, gradebook: Writer) -> outcomes.Outcome:
        """Write all that is to be written of a submission; without a judgement it could not be judged.

        Raises:
            RunError: the gradebook cannot be written.
        """
        judgement = self.completed(prepared, judgement)
        for attempt in range(_ATTEMPTS):
            try:
                notebooks = self._mark(prepared, judgement, gradebook)
                break
            except (DataError, IntegrityError):  # of this submission's rows; the gradebook takes others
                gradebook.give_up()
                raise
            except DBAPIError as error:
                gradebook.give_up()
                if not error.connection_invalidated or attempt == _ATTEMPTS - 1:
                    raise RunError(gradebook_problem("the gradebook", error)) from error
                prepared = self.read(prepared.student)  # the try before has written into its notebooks
            except BaseException:
                gradebook.give_up()
                raise
        course, folder = self._course, self._folder(prepared.student)
        publish(course, prepared.student, notebooks, judgement.files)
        timestamp = outcomes.timestamp_of(folder)
        outcome = outcomes.Outcome(
            course.assignment, prepared.student, judgement, timestamp, prepared.digest, self._cells
        )
        outcomes.write(course.root, outcome)
        course.converter.notebooks = [str(folder / f"{name}.ipynb") for name in notebooks]
        course.converter.run_post_convert_hook()
        return outcome

    def completed(self, prepared: Prepared, judgement: Judgement | None) -> Judgement:
        """Return a judgement with all that is to be noted; every outcome of a run without walls says so."""
        if judgement is None:
            judgement = refused(self._course.assignment.name, prepared.reason or "no notebook was handed in")
        elif prepared.reason is not None and judgement.outcome == "graded":
            judgement = replace(judgement, outcome="needs_review", reason=prepared.reason)
        notes = (*prepared.notes, *judgement.notes)
        walled = self._course.settings.isolation != "none" or NO_WALLS in notes
        return replace(judgement, notes=notes if walled else (*notes, NO_WALLS))

    def late_penalty(self, prepared: Prepared, judgement: Judgement, gradebook: Writer) -> float:
        """Return what being late would cost with these marks; the gradebook keeps nothing of it."""
        course, total = self._course, 0.0
        try:
            self._enter(prepared.student, gradebook)
            for name, nb in prepared.notebooks.items():
                show(nb, name, judgement)
                place = marks.Place(course.assignment.name, name, prepared.student)
                submitted = marks.save(gradebook, place, nb, judgement, again=False)
                marks.punish_lateness(gradebook, submitted, AssignLatePenalties(parent=course.converter.exporter))
                total += submitted.late_submission_penalty or 0.0
        finally:
            gradebook.give_up()
        return total

    def _mark(self, prepared: Prepared, judgement: Judgement, gradebook: Writer) -> dict[str, NotebookNode]:
        """Write a submission's marks in one transaction; return its notebooks as they are shown."""
        course, student = self._course, prepared.student
        self._enter(student, gradebook)
        known = outcomes.read(course.root, course.assignment.name, student) or {}
        again = known.get("digest") == prepared.digest
        shown = {}
        for name, nb in prepared.notebooks.items():
            resources = self._resources(student, name)
            place = marks.Place(course.assignment.name, name, student)
            show(nb, name, judgement)
            nb, resources = stages.run(course.stages.after, nb, resources)  # noqa: PLW2901
            submitted = marks.save(gradebook, place, nb, judgement, again=again)
            marks.punish_lateness(gradebook, submitted, AssignLatePenalties(parent=course.converter.exporter))
            shown[name], _ = stages.run(course.stages.last, nb, resources)
        for name in self._sources.keys() - prepared.notebooks.keys():
            marks.give_nothing(gradebook, marks.Place(course.assignment.name, name, student))
        gradebook.finish()
        return shown

    def _enter(self, student: str, gradebook: Writer) -> None:
        """See that the gradebook knows the student and the submission."""
        course = self._course
        if course.converter.create_student:
            enter_student(gradebook, student)
        else:
            gradebook.find_student(student)
        if self._entries is None:
            self._entries = read_entries(gradebook, course.assignment.name)
        self._entries.enter(gradebook, student, course.coursedir.get_existing_timestamp(str(self._folder(student))))
        if (longer := extension_of(course.root, course.assignment.name, student)) is not None:
            penalties.enter(gradebook, course.assignment.name, student, longer)

    def _folder(self, student: str) -> Path:
        return self._course.folder(self._course.coursedir.submitted_directory, student)
