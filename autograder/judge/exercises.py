"""Judging one exercise after another: verdicts first, then what can be said of what is wrong."""

import contextlib
import functools
from collections.abc import Iterable, Mapping
from dataclasses import replace

from autograder.card.pictures import Pictures
from autograder.diagnosis.exercise import Exercise, exercises
from autograder.grading.assignment import Assignment
from autograder.grading.results import Evidence, ExerciseResult, better, told_by
from autograder.judge.collected import Collected
from autograder.judge.explaining import Explainer, Trial, is_right, same_answers
from autograder.judge.running.fork import Fork
from autograder.judge.running.run import Run
from autograder.judge.running.stand_ins import ReferenceProcess, StandIns


class ExerciseJudge:
    """Judges the exercises of one submission; call it with an exercise's name.

    Args:
        graders: of the assignment, collected.
        runs: what running the notebooks came to, by exercise.
        assignment: its settings.
        seed: of the hidden inputs.
        pictures: what becomes of what can be drawn: see `Job`.
    """

    def __init__(
        self, graders: Collected, runs: Mapping[str, Run], assignment: Assignment, seed: int, *, pictures: Pictures
    ) -> None:
        self._graders = graders
        self._runs = runs
        self._assignment = assignment
        self._seed = seed
        self._pictures = pictures
        self._known = exercises(assignment)
        self._results: dict[str, ExerciseResult] = {}  # of first trials, in which nothing stands in
        self._told: dict[str, ExerciseResult] = {}
        self._begun: dict[str, Fork] = {}

    def __call__(self, name: str) -> ExerciseResult:
        """Return the verdicts of an exercise and, where one is not `pass`, what is wrong.

        Once there are verdicts, no failure of what comes after takes them away.
        """
        told = self._told[name] = self._judge(name)
        return told

    def _judge(self, name: str) -> ExerciseResult:
        known = self._known.get(name)
        with contextlib.closing(self._begun.pop(name) if name in self._begun else self._fork(name)) as fork:
            result = self._results[name] = self._graders.judge(name, fork)
            self._begin_others()
            if known is None or result.passed:
                return result
            explainer = Explainer(self._assignment, known, self._seed, self._pictures, self._wrong())
            first = explainer.trial(result, fork, stopped=result.stopped)
            if explainer.attempt("whose mistake it is", lambda: self._is_own_fault(known, fork), default=False):
                return explainer.explain(first, explainer.name(first))
            return self._explain_better(explainer, first)

    def _wrong(self) -> set[str]:
        """Return the exercises that were found wrong so far."""
        return {name for name, result in self._told.items() if not result.passed}

    def _begin_others(self) -> None:
        """Let the processes of the other exercises work while this one is judged; what fails is tried in its turn."""
        for name in self._assignment.exercises:
            if name not in self._results and name not in self._begun:
                with contextlib.suppress(Exception):
                    self._begun[name] = self._fork(name)

    def _fork(self, name: str, stand_ins: StandIns | None = None) -> Fork:
        return Fork(
            self._runs[name],
            name,
            keep=self._needs_copies(name),
            ahead=self._graders.calls.get(name, ()),
            stand_ins=stand_ins,
        )

    def _needs_copies(self, name: str) -> bool:
        """Say whether more than one process may be needed for an exercise: for a second trial, or a fresh criterion."""
        known = self._known.get(name)
        again = known is not None and not self._have_passed(known.stand_in_names)
        return again or any(criterion.fresh for criterion in self._graders.graders.criteria(name))

    def _have_passed(self, names: Iterable[str]) -> bool:
        return all(name in self._results and self._results[name].passed for name in names)

    def _is_own_fault(self, exercise: Exercise, fork: Fork) -> bool:
        """Say whether the functions for which a right one could stand in are right, here as in their own exercise."""
        return self._have_passed(exercise.stand_in_names) and all(
            name in self._known and is_right(self._known[name], fork) for name in exercise.stand_in_names
        )

    @functools.cached_property
    def _reference(self) -> ReferenceProcess:
        """The process with the right functions that any exercise of the assignment asks for."""
        asked_for = {one.__name__: one for exercise in self._known.values() for one in exercise.stand_ins}
        source = next(iter(self._known.values())).text.reference.right_sources(sorted(asked_for))
        return ReferenceProcess(next(iter(self._runs.values())).beside, source)

    def _may_stand_in(self, exercise: Exercise) -> tuple[str, ...]:
        """Return the functions for which right ones may stand in: those of no exercise that is still to be judged.

        To that one they would be the answers, and processes of one student's can pass them on to each other.
        """
        later = {name for name in self._assignment.exercises if name not in self._results}
        return tuple(name for name in exercise.stand_in_names if name not in later)

    def _second_fork(self, name: str, stand_ins: tuple[str, ...]) -> Fork | None:
        """Return a process of an exercise in which right functions stand in, or None where none may."""
        return self._fork(name, StandIns(stand_ins, self._reference)) if stand_ins else None

    def _blamed(self, stand_ins: tuple[str, ...]) -> tuple[str, ...]:
        """Return those that are not right in their own exercises, which alone are told; else all that stood in."""
        wrong = tuple(name for name in stand_ins if name in self._told and not self._told[name].passed)
        return wrong or stand_ins

    def _explain_better(self, explainer: Explainer, first: Trial) -> ExerciseResult:
        """Judge again with right functions in the place of those that other exercises ask for; the better counts.

        Where that earns nothing more it may still tell a mistake that theirs had hidden.
        """
        exercise = first.exercise
        name, stand_ins = exercise.name, self._may_stand_in(exercise)
        fork = explainer.attempt("a second trial", lambda: self._second_fork(name, stand_ins), default=None)
        if fork is None:
            return explainer.explain(first, explainer.name(first))
        with contextlib.closing(fork):
            again = explainer.attempt("a second trial", lambda: self._graders.judge(name, fork), default=first.result)
            blamed = self._blamed(stand_ins)
            best = better(first.result, again, blamed)
            if best.passed:  # nothing is left to be explained
                return replace(best, evidence=Evidence(stand_ins=blamed))
            second = explainer.trial(told_by(best, again), fork, blamed, stopped=again.stopped)
            if best is first.result and same_answers(first.probes, second.probes):
                return explainer.explain(first, explainer.name(first))
            mistakes = explainer.name(second)
            if mistakes or best is not first.result:
                return explainer.explain(second, mistakes)
            return explainer.explain(first, explainer.name(first))
