"""Judging one exercise after another: verdicts first, then what can be said of what is wrong."""

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from autograder.grading.assignment import Assignment
from autograder.grading.catalogue import Mistake
from autograder.grading.compare import Array, as_numbers
from autograder.grading.counterexample import smallest
from autograder.grading.criteria import Failure
from autograder.grading.diagnosis import diagnosis_for
from autograder.grading.exercise import PLAIN, Arguments, Exercise, exercises
from autograder.grading.pictures import Picture, Pictures, picture
from autograder.grading.remarks import agrees_with_own, remark
from autograder.grading.results import Evidence, ExerciseResult, better, with_remark
from autograder.grading.signature import NOTHING, Signature, of_answer
from autograder.grading.student import Student
from autograder.judge.collected import Collected
from autograder.judge.fork import Fork
from autograder.judge.run import Run
from autograder.sandbox.answers import Answer, Returned

Probes = dict[str, tuple[Signature, ...]]


class ExerciseJudge:
    """Judges the exercises of one submission; call it with an exercise's name.

    Args:
        graders: of the assignment, collected.
        run: what running the notebook came to.
        assignment: its settings.
        seed: of the hidden inputs.
        pictures: what becomes of what can be drawn: see `Job`.
    """

    def __init__(self, graders: Collected, run: Run, assignment: Assignment, seed: int, *, pictures: Pictures) -> None:
        self._graders = graders
        self._run = run
        self._assignment = assignment
        self._seed = seed
        self._pictures = pictures
        self._known = exercises(assignment.name)
        self._results: dict[str, ExerciseResult] = {}
        self._begun: dict[str, Fork] = {}

    def __call__(self, name: str) -> ExerciseResult:
        """Return the verdicts of an exercise and, where one is not `pass`, what is wrong."""
        known = self._known.get(name)
        with contextlib.closing(self._begun.pop(name) if name in self._begun else self._fork(name)) as fork:
            result = self._results[name] = self._graders.graders.judge(name, Student(fork))
            self._begin_others()
            if known is None or result.passed:
                return result
            probes = {} if result.stopped else _probe(known, fork)
            first = _Trial(known, replace(result, probes=_plain(probes)), fork, probes)
            if self._is_own_fault(known, fork):
                return self._explain(first, self._name(known, fork, probes))
            with contextlib.closing(self._fork(name, known.stand_ins)) as second:
                return self._explain_better(first, second)

    def _begin_others(self) -> None:
        """Let the processes of the other exercises work while this one is judged."""
        for name in self._assignment.exercises:
            if name not in self._results and name not in self._begun:
                self._begun[name] = self._fork(name)

    def _fork(self, name: str, stand_ins: Mapping[str, str] | None = None) -> Fork:
        known = self._known.get(name)
        return Fork(
            self._run,
            name,
            keep=known is not None and not self._have_passed(known.stand_ins),
            ahead=self._graders.calls.get(name, ()),
            stand_ins=stand_ins,
        )

    def _have_passed(self, names: Iterable[str]) -> bool:
        return all(name in self._results and self._results[name].passed for name in names)

    def _is_own_fault(self, exercise: Exercise, fork: Fork) -> bool:
        """Say whether the functions for which a right one could stand in are right, here as in their own exercise."""
        return self._have_passed(exercise.stand_ins) and all(
            name in self._known and _is_right(self._known[name], fork) for name in exercise.stand_ins
        )

    def _explain_better(self, first: "_Trial", fork: Fork) -> ExerciseResult:
        """Judge again with right functions in the place of those that other exercises ask for; the better counts.

        Where that earns nothing more it may still tell a mistake that theirs had hidden.
        """
        exercise = first.exercise
        again = self._graders.graders.judge(exercise.formula.name, Student(fork))
        best = better(first.result, again, tuple(exercise.stand_ins))
        probes = {} if again.stopped else _probe(exercise, fork)
        second = _Trial(exercise, best, fork, probes, tuple(exercise.stand_ins))
        if best is first.result and _same(first.probes, probes):
            return self._explain(first, self._name(exercise, first.fork, first.probes))
        mistakes = self._name(exercise, fork, probes)
        if mistakes or best is not first.result:
            return self._explain(second, mistakes)
        return self._explain(first, self._name(exercise, first.fork, first.probes))

    def _name(self, exercise: Exercise, fork: Fork, probes: Probes) -> tuple[Mistake, ...]:
        if not probes:
            return ()
        name = exercise.formula.name
        diagnosis = diagnosis_for(self._assignment.name, name, self._assignment.folder)
        return diagnosis.name(probes, lambda arguments: of_answer(fork.call(name, arguments), arguments), self._seed)

    def _explain(self, trial: "_Trial", mistakes: tuple[Mistake, ...]) -> ExerciseResult:
        """Add to the verdicts what was found: names, a remark, the smallest counterexample, pictures."""
        if not trial.probes:
            return trial.result
        found = smallest(trial.exercise, trial.ask)
        remarks = [] if mistakes else [remark(trial.exercise, trial.probes[PLAIN], trial.again())]
        if found is not None:
            remarks.append(agrees_with_own(trial.exercise, found.arguments, found.data["got"], trial.value))
        return replace(
            with_remark(trial.result, " ".join(filter(None, remarks))),
            mistakes=tuple(mistake.to_json() for mistake in mistakes),
            counterexample=None if found is None else found.data,
            evidence=Evidence(
                () if found is None else found.work,
                None if found is None else found.difference,
                trial.stand_ins,
                () if found is None else self._draw(trial),
            ),
        )

    def _draw(self, trial: "_Trial") -> tuple[Picture, ...]:
        if self._pictures == "none" or trial.exercise.picture is None:
            return ()
        return tuple(
            picture(drawing, drawn=self._pictures == "drawn") for drawing in trial.exercise.picture(trial.value)
        )


@dataclass(frozen=True)
class _Trial:
    """An exercise as judged in one fork."""

    exercise: Exercise
    result: ExerciseResult
    fork: Fork
    probes: Probes
    stand_ins: tuple[str, ...] = ()

    def ask(self, arguments: Arguments) -> Answer:
        """Call the exercise's function."""
        return self.fork.call(self.exercise.formula.name, arguments)

    def again(self) -> Signature:
        """Ask the first of the probe inputs once more."""
        arguments = self.exercise.probes[PLAIN][0]
        return of_answer(self.ask(arguments), arguments)

    def value(self, function: str, arguments: Arguments) -> Array | None:
        """Call any function of the student's; return its numbers, or None where none came."""
        answer = self.fork.call(function, arguments)
        try:
            return as_numbers(answer.value, function) if isinstance(answer, Returned) else None
        except Failure:
            return None


def _probe(exercise: Exercise, fork: Fork) -> Probes:
    """Return the answers on the probe inputs; none where a call gives no answer at all: that has no name."""
    inputs = [(group, arguments) for group, members in exercise.probes.items() for arguments in members]
    answers = fork.calls([(exercise.formula.name, arguments) for _, arguments in inputs])
    probes: dict[str, list[Signature]] = {group: [] for group in exercise.probes}
    for (group, arguments), answer in zip(inputs, answers, strict=True):
        probes[group].append(of_answer(answer, arguments))
        if probes[group][-1].kind == NOTHING:
            return {}
    return {group: tuple(signatures) for group, signatures in probes.items()}


def _is_right(exercise: Exercise, fork: Fork) -> bool:
    """Say whether a function gives the right answers on the probe inputs of its own exercise, to double precision."""
    probes = _probe(exercise, fork)
    return bool(probes) and all(
        right.agrees(replace(came, precision=right.precision))
        for group, members in exercise.answers.items()
        for right, came in zip(members, probes[group], strict=True)
    )


def _same(one: Probes, other: Probes) -> bool:
    """Say whether all answers on the plain probe inputs are the same: then nothing that stood in was called."""
    pairs = zip(one.get(PLAIN, ()), other.get(PLAIN, ()), strict=False)
    return bool(one) and bool(other) and all(a.agrees(b) for a, b in pairs)


def _plain(probes: Probes) -> dict[str, list[dict[str, Any]]]:
    return {group: [signature.to_json() for signature in signatures] for group, signatures in probes.items()}
