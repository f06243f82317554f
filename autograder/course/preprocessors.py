"""What stands in nbgrader's two passes over a submission: see `configure` for the order."""

import json
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, from_dict
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Enum, Integer

from autograder.course import outcomes
from autograder.course.exporter import KEY
from autograder.course.grade_cells import show
from autograder.course.rebuild import rebuild
from autograder.course.source_cells import read_source_cells
from autograder.course.workers import Workers
from autograder.grading.assignment import Assignment, find
from autograder.grading.criteria import PREFIX
from autograder.judge.judge import DEFAULT_SEED, Job
from autograder.judge.outcome import Judgement, refused

Resources = dict[str, Any]

_workers = Workers()


class RebuildMetadata(NbGraderPreprocessor):
    """Sanitize pass: every cell gets the metadata that the gradebook says it has."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Rebuild the cells' metadata and note what was changed."""
        ours = resources["nbgrader"]
        with Gradebook(ours["db_url"]) as gradebook:
            source = read_source_cells(gradebook, ours["notebook"], ours["assignment"])
        cells, notes = rebuild(nb.cells, source)
        nb.cells = [from_dict(cell) for cell in cells]
        carried = nb.metadata[KEY]
        if carried["refused"] is None:
            carried["notes"] = [*carried["notes"], *notes]
        return nb, resources


class JudgeNotebook(NbGraderPreprocessor):
    """Autograde pass, in place of nbgrader's `Execute`: runs and judges the notebook in a walled-off process."""

    seed = Integer(DEFAULT_SEED, help="Seed of the hidden inputs, equal for all students of a run.").tag(config=True)
    isolation = Enum(["bubblewrap", "none"], "bubblewrap", help="How student code is walled off.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Fill in the outputs and put each exercise's points and card into its grade cell."""
        assignment = find(resources["nbgrader"]["assignment"])
        carried = nb.metadata.get(KEY, {})
        if carried.get("refused"):
            judgement = refused(assignment.name, carried["refused"])
        else:
            judgement = self._judge(nb, assignment)
        show(nb, judgement)
        notes = (*carried.get("notes", ()), *judgement.notes)
        resources[KEY] = Judgement(**{**vars(judgement), "notes": notes})
        return nb, resources

    def _judge(self, nb: NotebookNode, assignment: Assignment) -> Judgement:
        try:
            coursedir = _coursedir(self)
            source = Path(coursedir.format_path(coursedir.source_directory, ".", assignment.name))
            files = {name: (source / name).read_bytes() for name in assignment.files}
            job = Job(assignment.name, seed=self.seed, isolation=self.isolation, files=files)
            return _workers.judge(json.dumps(nb).encode(), job, assignment)
        except Exception as error:  # noqa: BLE001 - a fault of ours costs this student nothing and no other anything
            self.log.error("%s: %s", type(error).__name__, error)
            return refused(assignment.name, f"the engine failed ({type(error).__name__}: {error})", fault=True)


class MarkUnjudged(NbGraderPreprocessor):
    """After `SaveAutoGrades`: what could not be judged goes to a human; where the fault is ours, without a score."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Mark the grades of exercises without points."""
        judgement: Judgement = resources[KEY]
        judged = {PREFIX + result.exercise for result in judgement.exercises if result.points is not None}
        ours = resources["nbgrader"]
        with Gradebook(ours["db_url"]) as gradebook:
            for grade_id in _autograded_ids(nb):
                if grade_id not in judged:
                    grade = gradebook.find_grade(grade_id, ours["notebook"], ours["assignment"], ours["student"])
                    grade.auto_score = None if judgement.fault or judgement.exercises else 0.0
                    grade.needs_manual_grade = True
            gradebook.db.commit()
        return nb, resources


class WriteOutcome(NbGraderPreprocessor):
    """Last of all: the submission's outcome, which becomes its file once nbgrader has written the notebook, too."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Hand it on."""
        ours = resources["nbgrader"]
        coursedir = _coursedir(self)
        folder = coursedir.format_path(coursedir.submitted_directory, ours["student"], ours["assignment"])
        timestamp = outcomes.timestamp_of(Path(folder))
        self.parent.hold((ours["student"], resources[KEY], timestamp))
        return nb, resources


def _coursedir(preprocessor: NbGraderPreprocessor) -> CourseDirectory:
    """Return the course, which the converter knows: it is the parent of the exporter, as that is of a preprocessor."""
    return preprocessor.parent.parent.coursedir


def _autograded_ids(nb: NotebookNode) -> list[str]:
    """Return the ids of the cells that nbgrader marks without a human."""
    metadata = [cell.metadata.get("nbgrader", {}) for cell in nb.cells if cell.cell_type == "code"]
    return [entry["grade_id"] for entry in metadata if entry.get("grade") and not entry.get("solution")]
