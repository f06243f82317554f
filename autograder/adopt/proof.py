"""The proof: the instructor's notebooks, with their solutions and without, earn the same before and after a move."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, from_dict
from nbgrader.preprocessors import ClearSolutions

from autograder.adopt.files import hidden_files, write
from autograder.adopt.notebooks import SourceNotebook
from autograder.adopt.plan import Move, Plan, Stay, cells_of
from autograder.course.errors import RunError
from autograder.course.settings import Autograder
from autograder.grading.assignment import Assignment, of_course
from autograder.judge.judge import Job, judge, to_judge
from autograder.judge.notebook import source_of
from autograder.judge.outcome import Judgement

_WITH, _WITHOUT = "the solution", "a notebook without it"
Place = tuple[str, str]  # notebook and grade_id
Contents = Mapping[str, dict[str, Any]]


@dataclass(frozen=True)
class _Mark:
    points: float | None
    most: float
    said: str


class Proof:
    """Judges an assignment's notebooks as they are, and as they would be.

    Args:
        notebooks: the instructor's.
        job: how submissions are judged.
        assignment: as it is.
        settings: of the course.
    """

    def __init__(
        self, notebooks: Sequence[SourceNotebook], job: Job, assignment: Assignment, settings: Autograder
    ) -> None:
        self._notebooks = notebooks
        self._job = job
        self._assignment = assignment
        self._settings = settings
        self._before = self._marks(job, {one.name: one.content for one in notebooks})

    def of(self, plan: Plan) -> Plan:
        """Return the part of a plan of which all marks agree; what does not stays.

        Raises:
            RunError: the notebooks could not be judged.
            WallError: student code cannot be walled off here.
        """
        plan = plan.without([*self._unearned(plan.moves)])
        while plan.moves:
            after = self._after(plan.moves)
            stays = [*self._differing(plan.moves, after)]
            if not stays:
                return plan
            plan = plan.without(stays)
        return plan

    def _unearned(self, moves: Sequence[Move]) -> Iterator[Stay]:
        """Yield the cells at which the solution itself loses points: nothing could be proved of them."""
        for move in moves:
            mark = self._before[_WITH][move.notebook, move.cell.grade_id]
            if mark.points != mark.most:
                said = f": {mark.said}" if mark.said else ""
                reason = f"gives the solution itself {_points(mark)} of {mark.most:g}{said}"
                yield Stay(move.notebook, move.cell.grade_id, reason)

    def _after(self, moves: Sequence[Move]) -> dict[str, dict[Place, _Mark]]:
        with tempfile.TemporaryDirectory(prefix="adopt-") as folder:
            root = Path(folder)
            hidden = root / self._assignment.name
            if self._assignment.exercises:
                shutil.copytree(self._assignment.folder, hidden)
            for name, data in hidden_files(self._assignment, moves).items():
                write(hidden / name, data)
            assignment = of_course(self._assignment.name, root)
            job = replace(self._job, graders=root, limits=self._settings.limits_of(assignment))
            left = {one.name: one.without_hidden_tests(cells_of(moves, one)) for one in self._notebooks}
            return self._marks(job, left)

    def _differing(self, moves: Sequence[Move], after: dict[str, dict[Place, _Mark]]) -> Iterator[Stay]:
        """Yield the moved cells whose marks differ; without any, all moved cells of notebooks where marks differ."""
        found: dict[Place, str] = {}
        for how, marks in self._before.items():
            for place, mark in marks.items():
                new = after[how][place]
                if new.points != mark.points:
                    said = f" ({new.said})" if new.said else ""
                    found.setdefault(place, f"{how} earns {_points(mark)} now, {_points(new)} then{said}")
        own = {(move.notebook, move.cell.grade_id) for move in moves}
        yield from (Stay(*place, f"would be judged otherwise: {why}") for place, why in found.items() if place in own)
        if own & found.keys():
            return
        others = dict(found.keys())
        for move in moves:
            if move.notebook in others:
                reason = f"without its hidden tests {others[move.notebook]} would earn other points"
                yield Stay(move.notebook, move.cell.grade_id, reason)

    def _marks(self, job: Job, contents: Contents) -> dict[str, dict[Place, _Mark]]:
        return {_WITH: self._judged(job, contents), _WITHOUT: self._judged(job, self._cleared(contents))}

    def _cleared(self, contents: Contents) -> dict[str, dict[str, Any]]:
        """Return notebooks as students get them, but with the hidden tests."""
        rule = ClearSolutions(parent=self._settings)
        return {name: dict(rule.preprocess(_as_nodes(content), {})[0]) for name, content in contents.items()}

    def _judged(self, job: Job, contents: Contents) -> dict[Place, _Mark]:
        judgement = judge(to_judge(contents), job)
        if judgement.outcome != "graded":
            raise RunError(f"{self._assignment.name}: its notebooks could not be judged: {judgement.reason}")
        return {
            (one.name, grade_id): _mark(judgement, one.name, grade_id)
            for one in self._notebooks
            for grade_id in one.grade_ids
        }


def _as_nodes(content: dict[str, Any]) -> NotebookNode:
    """Return a notebook as nbgrader's preprocessors know it: the source of a cell is one text."""
    return from_dict({**content, "cells": [{**one, "source": source_of(one)} for one in content["cells"]]})


def _mark(judgement: Judgement, notebook: str, grade_id: str) -> _Mark:
    result = judgement.result(notebook, grade_id)
    if result is None:
        return _Mark(None, 0.0, "it is not judged")
    said = result.message or next((one.message for one in result.criteria if one.message), "")
    return _Mark(result.points, result.max_points, said)


def _points(mark: _Mark) -> str:
    return "nothing that can be told" if mark.points is None else f"{mark.points:g}"
