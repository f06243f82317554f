"""What stands in nbgrader's two passes over a submission: see `configure` for the order.

`autograder autograde` goes through the same passes, with the judging in between done elsewhere and one gradebook for
all: it puts both into the resources, under `KEY`.
"""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, from_dict
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties, NbGraderPreprocessor
from traitlets import Enum, Integer, Unicode

from autograder.course import marks, outcomes
from autograder.course.grade_cells import show
from autograder.course.reading import KEY
from autograder.course.rebuild import rebuild
from autograder.course.source_cells import Source, read_source
from autograder.course.workers import Workers
from autograder.grading.assignment import GRADERS, Assignment, find
from autograder.judge.judge import DEFAULT_SEED, Job
from autograder.judge.outcome import NO_WALLS, Judgement, engine_failed, refused

Resources = dict[str, Any]

_workers = Workers()


@dataclass
class Given:
    """What a run through both passes brings along; whatever is missing is found by the preprocessors themselves.

    Attributes:
        source: the assignment as the gradebook knows it.
        judgement: of this submission; set by `JudgeNotebook` where it is not given.
        gradebook: to write to, in a transaction that the caller ends.
    """

    source: Source | None = None
    judgement: Judgement | None = None
    gradebook: Gradebook | None = None


def given(resources: Resources) -> Given:
    """Return what the run brought along."""
    found: Given = resources.setdefault(KEY, Given())
    return found


class RebuildMetadata(NbGraderPreprocessor):
    """Sanitize pass: every cell gets the metadata that the gradebook says it has, and the notebook its kernel."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Rebuild the cells' metadata and note what was changed."""
        source = given(resources).source or self._source(resources["nbgrader"])
        cells, notes = rebuild(nb.cells, source.cells)
        nb.cells = [from_dict(cell) for cell in cells]
        if source.kernelspec:
            nb.metadata["kernelspec"] = source.kernelspec
        carried = nb.metadata[KEY]
        if carried["refused"] is None:
            carried["notes"] = [*carried["notes"], *notes]
        return nb, resources

    def _source(self, ours: dict[str, str]) -> Source:
        with Gradebook(ours["db_url"], _coursedir(self).course_id) as gradebook:
            return read_source(gradebook, ours["notebook"], ours["assignment"])


class JudgeNotebook(NbGraderPreprocessor):
    """Autograde pass, in place of nbgrader's `Execute`: runs and judges the notebook in a walled-off process."""

    seed = Integer(DEFAULT_SEED, help="Seed of the hidden inputs, equal for all students of a run.").tag(config=True)
    graders = Unicode(str(GRADERS), help="The course's folder of hidden folders, one per assignment.").tag(config=True)
    isolation = Enum(["bubblewrap", "none"], "bubblewrap", help="How student code is walled off.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Fill in the outputs and put each exercise's points and card into its grade cell."""
        assignment = self.find(resources["nbgrader"]["assignment"])
        carried = nb.metadata.get(KEY, {})
        known = given(resources)
        if carried.get("refused"):
            judgement = refused(assignment.name, carried["refused"])
        else:
            judgement = known.judgement or self._judge(nb, assignment)
        show(nb, judgement)
        known.judgement = replace(judgement, notes=self._notes(carried, judgement))
        return nb, resources

    def _notes(self, carried: dict[str, Any], judgement: Judgement) -> tuple[str, ...]:
        """Return what is to be noted: every outcome of a run without walls says so, also where nothing was run."""
        notes = (*carried.get("notes", ()), *judgement.notes)
        return (*notes, NO_WALLS) if self.isolation == "none" and NO_WALLS not in notes else notes

    def find(self, assignment: str) -> Assignment:
        """Return an assignment of this course.

        Raises:
            AssignmentError: it has no graders, or its settings cannot be used.
        """
        return find(assignment, self.folder)

    @property
    def folder(self) -> Path:
        """The course's folder of hidden folders; it need not be there."""
        return self.folder_in(Path(_coursedir(self).root))

    def folder_in(self, root: Path) -> Path:
        """Return the folder of hidden folders of the course at `root`."""
        return root / self.graders

    def job(self, assignment: Assignment) -> Job:
        """Return how this course's notebooks are judged."""
        coursedir = _coursedir(self)
        source = Path(coursedir.format_path(coursedir.source_directory, ".", assignment.name))
        files = {name: (source / name).read_bytes() for name in assignment.files}
        return Job(assignment.name, self.folder, seed=self.seed, isolation=self.isolation, files=files)

    def _judge(self, nb: NotebookNode, assignment: Assignment) -> Judgement:
        try:
            job = replace(self.job(assignment), known=_locked_code(nb))
            return _workers.judge(json.dumps(nb).encode(), job, assignment)
        except Exception as error:  # noqa: BLE001 - a fault of ours costs this student nothing and no other anything
            self.log.error("%s: %s", type(error).__name__, error)
            return engine_failed(assignment.name, error)


def _locked_code(nb: NotebookNode) -> tuple[str, ...]:
    """Return the sources of the locked code cells, which `RebuildMetadata` has taken from the gradebook."""
    code = [cell for cell in nb.cells if cell.cell_type == "code"]
    return tuple(sorted(cell.source for cell in code if cell.metadata.get("nbgrader", {}).get("locked")))


class SaveMarks(NbGraderPreprocessor):
    """Autograde pass, in place of nbgrader's `SaveAutoGrades` and `AssignLatePenalties`, whose settings hold."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Write grades, comments and the late penalty."""
        ours = resources["nbgrader"]
        judgement = _judgement(resources)
        place = marks.Place(ours["assignment"], ours["notebook"], ours["student"])
        known = outcomes.read(Path(_coursedir(self).root), place.assignment, place.student) or {}
        digest = nb.metadata.get(KEY, {}).get("digest")
        again = digest is not None and known.get("digest") == digest
        with self._gradebook(resources) as gradebook:
            submitted = marks.save(gradebook, place, nb, judgement, again=again)
            marks.punish_lateness(gradebook, submitted, AssignLatePenalties(parent=self))
        return nb, resources

    @contextlib.contextmanager
    def _gradebook(self, resources: Resources) -> Iterator[Gradebook]:
        shared = given(resources).gradebook
        if shared is not None:
            yield shared
            return
        with Gradebook(resources["nbgrader"]["db_url"], _coursedir(self).course_id) as gradebook:
            yield gradebook
            gradebook.db.commit()


class WriteOutcome(NbGraderPreprocessor):
    """Last of all: the submission's outcome, which becomes its file once nbgrader has written the notebook, too."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Hand it on."""
        ours = resources["nbgrader"]
        coursedir = _coursedir(self)
        folder = coursedir.format_path(coursedir.submitted_directory, ours["student"], ours["assignment"])
        timestamp = outcomes.timestamp_of(Path(folder))
        digest = nb.metadata.get(KEY, {}).get("digest")
        assignment = JudgeNotebook(parent=self.parent).find(ours["assignment"])
        self.parent.hold(outcomes.Outcome(assignment, ours["student"], _judgement(resources), timestamp, digest))
        return nb, resources


def _judgement(resources: Resources) -> Judgement:
    """Return what `JudgeNotebook`, which comes first, has put there."""
    judgement = given(resources).judgement
    if judgement is None:
        raise RuntimeError("nbgrader_config.py leaves JudgeNotebook out of c.Autograde.autograde_preprocessors")
    return judgement


def _coursedir(preprocessor: NbGraderPreprocessor) -> CourseDirectory:
    """Return the course, which the converter knows: it is the parent of the exporter, as that is of a preprocessor."""
    return preprocessor.parent.parent.coursedir
