"""One submission on its way: taken in, read, and, once it is judged, finished; both commands go this way.

What is written, and in which order: first the gradebook, in one transaction, which takes all submissions that are done
at the same time; then the folder of each under `autograded/`, under its name once it is whole; last the outcomes.
Whenever a run is killed, the next does all three again for each submission whose outcome does not say yet how it ended,
and comes to the same.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from nbformat import NotebookNode
from nbgrader.api import SubmittedNotebook
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import is_grade, is_solution

from autograder.course import stages
from autograder.course.course import Course
from autograder.course.deadlines import penalties
from autograder.course.deadlines.extensions import extension_of, extensions_of
from autograder.course.errors import RunError
from autograder.course.handed_in import intake
from autograder.course.handed_in.handed_out import HandedOut, handed_out
from autograder.course.handed_in.pictures import shown_files
from autograder.course.handed_in.reading import Read, read_submitted
from autograder.course.pages.grade_cells import show
from autograder.course.records import marks, outcomes, receipts
from autograder.course.records.entering import Entered, Entries, Rows, read_entries
from autograder.course.records.gradebook import Writer
from autograder.course.records.publish import publish
from autograder.course.records.source_cells import Source, digests
from autograder.judge.judge import to_judge
from autograder.judge.outcome import NO_WALLS, Judgement, refused


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
        """Return a grade cell that a judgement leaves out although its outcome is `graded`, or None."""
        if judgement.outcome != "graded":
            return None
        for name in self.notebooks.keys() - self.refused.keys():
            for cell in self.notebooks[name].cells:
                if is_grade(cell) and cell.cell_type == "code" and not is_solution(cell):
                    grade_id = cell.metadata.nbgrader["grade_id"]
                    if judgement.result(name, grade_id) is None:
                        return f"{name}: {grade_id}"
        return None


Marked = tuple[Prepared, Judgement, dict[str, NotebookNode] | Exception]
"""A submission whose marks are written, with its notebooks as they are shown, or why they could not be."""


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
        self.cells: Final = digests(sources, course.assignment.exercises)
        self._entries: Entries | None = None
        extensions_of(course.root)  # a file that cannot be read ends the run here, and not each submission

    def take_in(self, student: str) -> Prepared:
        """Look at what was handed in, say that its grading has begun, and read it."""
        course, folder = self._course, self._course.submitted(student)
        limits, name = course.assignment.limits, course.assignment.name
        intake.set_aside_from(folder, intake.aside_folder(course.root, student, name), limits)
        receipts.keep(course.root, student, receipts.received(folder, student, name, self._sources, limits))
        outcomes.begin(course.root, course.assignment, student, folder)
        course.converter.notebooks = [str(folder / f"{name}.ipynb") for name in self._sources]
        course.converter.run_pre_convert_hook()  # the course's own, if it has one
        return self.read(student)

    def read(self, student: str) -> Prepared:
        """Read a submission and give its cells the metadata that they should have; writes nothing."""
        folder = self._course.submitted(student)
        limits, handed = self._course.assignment.limits, self._handed_out
        found = {
            name: read_submitted(folder, name, self._sources, limits, handed[name], expected=self._expected)
            for name in self._sources
        }
        there = {name: one for name, one in found.items() if one is not None}
        notebooks = {name: self._sanitized(student, name, one) for name, one in there.items()}
        reasons = {name: one.refused for name, one in there.items() if one.refused is not None}
        to_run = {name: nb for name, nb in notebooks.items() if name not in reasons}
        notes = [note for one in there.values() for note in one.notes]
        missing = [f"{name}.ipynb was not handed in" for name in found if name not in there]
        used = self._expected if self._expected is None else {*self._expected, *shown_files(notebooks.values())}
        assignment = self._course.assignment
        aside = intake.aside_folder(self._course.root, student, assignment.name)
        notes += [*missing, *intake.notes_on_files(folder, aside, used)]
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

    def finish(
        self,
        group: Sequence[tuple[Prepared, Judgement | None]],
        gradebook: Writer,
        announce: Callable[[list[str]], None] = lambda _: None,
    ) -> Iterator[tuple[str, outcomes.Outcome | Exception]]:
        """Write all that is to be written of submissions; yield the outcome of each, or why it could not be written.

        Args:
            group: submissions with their judgements; without one, a submission could not be judged.
            gradebook: in which one transaction takes the marks of all.
            announce: takes the students of whom nothing but the outcome is left to be written.

        Raises:
            RunError: the gradebook cannot be written.
        """
        written: list[tuple[outcomes.Outcome, list[str]]] = []
        course = self._course
        for prepared, judgement, shown in self._marked(group, gradebook):
            student, folder = prepared.student, self._course.submitted(prepared.student)
            try:
                if isinstance(shown, Exception):
                    raise shown
                publish(course, student, shown, judgement.files)
                timestamp = outcomes.timestamp_of(folder)
            except Exception as error:  # noqa: BLE001 - one that cannot be written stops no other
                yield student, error
            else:
                made = outcomes.Outcome(course.assignment, student, judgement, timestamp, prepared.digest, self.cells)
                written.append((made, [str(folder / f"{name}.ipynb") for name in shown]))
        announce([made.student for made, _ in written])
        failed = outcomes.write_all(course.root, [made for made, _ in written])
        for made, paths in written:
            if (why := failed.get(made.student)) is not None:
                yield made.student, why
                continue
            try:
                course.converter.notebooks = paths
                course.converter.run_post_convert_hook()
            except Exception as error:  # noqa: BLE001
                yield made.student, error
            else:
                yield made.student, made

    def _marked(self, group: Sequence[tuple[Prepared, Judgement | None]], gradebook: Writer) -> Iterator[Marked]:
        """Write the marks of submissions in one transaction, or, where that fails for one of them, of each by itself.

        Raises:
            RunError: the gradebook cannot be written.
        """
        judged = [(prepared, self.completed(prepared, judgement)) for prepared, judgement in group]
        try:
            yield from self._marked_together(judged, gradebook)
        except RunError:
            raise
        except Exception as error:  # noqa: BLE001 - of one submission's own; the gradebook takes others
            if len(judged) == 1:
                yield *judged[0], error
                return
            for prepared, judgement in judged:
                try:
                    again = self.read(prepared.student)  # the try before has written into its notebooks
                    found = self._marked_together([(again, judgement)], gradebook)
                except RunError:
                    raise
                except Exception as why:  # noqa: BLE001
                    yield prepared, judgement, why
                else:
                    yield from found

    def _marked_together(self, judged: list[tuple[Prepared, Judgement]], gradebook: Writer) -> list[Marked]:
        """Write the marks of submissions in one transaction."""
        judged = [*judged]

        def read_again() -> None:
            """Read the notebooks anew: the try before has written into them."""
            judged[:] = [(self.read(prepared.student), judgement) for prepared, judgement in judged]

        shown = gradebook.lasting(lambda: self._mark(judged, gradebook), read_again)
        return [(prepared, judgement, shown[prepared.student]) for prepared, judgement in judged]

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
        name, student = self._course.assignment.name, prepared.student
        try:
            self._mark([(prepared, judgement)], gradebook)
            return penalties.costs(gradebook, name).get(student, 0.0)
        finally:
            gradebook.give_up()

    def _mark(self, judged: list[tuple[Prepared, Judgement]], gradebook: Writer) -> dict[str, dict[str, NotebookNode]]:
        """Write the marks of submissions; return their notebooks as they are shown, by student. The caller commits."""
        rows, known = Rows(), self._known(gradebook)
        handed_in = {prepared.student: self._handed_in(prepared.student) for prepared, _ in judged}
        entered = known.enter(gradebook, handed_in, rows, create=self._course.converter.create_student)
        shown = {}
        for prepared, judgement in judged:
            one = entered[prepared.student]
            shown[prepared.student] = self._show(prepared, judgement)
            for name, notebook in known.notebooks.items():
                nb = shown[prepared.student].get(name, (None, None))[0]
                earned = marks.nothing(notebook) if nb is None else marks.marks_of(nb, name, judgement)
                if one.is_new:
                    marks.add(rows, notebook, one.notebook(name), earned)
                elif nb is None:
                    marks.give_nothing(gradebook, notebook, one.notebook(name))
                else:
                    again = self._was_graded(prepared)
                    marks.change(gradebook, notebook, one.notebook(name), earned, again=again)
        rows.write(gradebook)
        for student in entered:
            if (longer := extension_of(self._course.root, self._course.assignment.name, student)) is not None:
                penalties.enter(gradebook, self._course.assignment.name, student, longer)
        self._be_late(gradebook, known, [(entered[who], list(notebooks)) for who, notebooks in shown.items()])
        return {student: self._last(notebooks) for student, notebooks in shown.items()}

    def _show(self, prepared: Prepared, judgement: Judgement) -> dict[str, tuple[NotebookNode, dict[str, Any]]]:
        """Put a judgement into a submission's notebooks; return each with what nbgrader's preprocessors know of it."""
        shown = {}
        for name, nb in prepared.notebooks.items():
            show(nb, name, judgement)
            shown[name] = stages.run(self._course.stages.after, nb, self._resources(prepared.student, name))
        return shown

    def _last(self, notebooks: Mapping[str, tuple[NotebookNode, dict[str, Any]]]) -> dict[str, NotebookNode]:
        """Let notebooks pass what comes after their marks were saved."""
        last = self._course.stages.last
        return {name: stages.run(last, nb, resources)[0] for name, (nb, resources) in notebooks.items()}

    def _be_late(self, gradebook: Writer, known: Entries, entered: list[tuple[Entered, list[str]]]) -> None:
        """Write what being late costs submissions, of which the notebooks of these names were handed in."""
        if not known.has_duedate:
            old = [one.notebook(name) for one, names in entered if not one.is_new for name in names]
            if old:
                penalties.forgive_lateness(gradebook, old)
            return
        rule = AssignLatePenalties(parent=self._course.converter.exporter)
        for one, names in entered:
            for name in names:
                penalties.punish_lateness(gradebook, gradebook.db.get(SubmittedNotebook, one.notebook(name)), rule)

    def _known(self, gradebook: Writer) -> Entries:
        if self._entries is None:
            self._entries = read_entries(gradebook, self._course.assignment.name)
        return self._entries

    def _handed_in(self, student: str) -> dt.datetime | None:
        found: dt.datetime | None = self._course.coursedir.get_existing_timestamp(str(self._course.submitted(student)))
        return found

    def _was_graded(self, prepared: Prepared) -> bool:
        """Say whether this very work has been graded before."""
        known = outcomes.read(self._course.root, self._course.assignment.name, prepared.student) or {}
        return known.get("digest") == prepared.digest
