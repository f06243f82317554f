"""Explaining verdicts that stand: name, remark, counterexample and pictures; each part may fail alone, and says so."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np

from autograder.card.pictures import Pictures, picture
from autograder.diagnosis.catalogue import Mistake
from autograder.diagnosis.counterexample import Counterexample, smallest
from autograder.diagnosis.exercise import PLAIN, Arguments, Exercise
from autograder.diagnosis.naming import diagnosis_for, told
from autograder.diagnosis.signature import NOTHING, Signature, of_answer
from autograder.diagnosis.slips.told import is_told, slips_for
from autograder.diagnosis.unnamed.causes import cause
from autograder.diagnosis.unnamed.examples import of_example
from autograder.diagnosis.unnamed.ignored import STAYS
from autograder.diagnosis.unnamed.labels import of_labels
from autograder.diagnosis.unnamed.lengths import of_lengths
from autograder.diagnosis.unnamed.remarks import RIGHT_BUT_FAR_OUT, RIGHT_ON_ORDINARY, UNNAMED, far_out, remark
from autograder.diagnosis.unnamed.slopes import agrees_with_own
from autograder.grading.assignment import Assignment
from autograder.grading.compare import Array, Part, as_numbers
from autograder.grading.criteria import Failure
from autograder.grading.drawings import Drawing
from autograder.grading.parts import Path, leaves
from autograder.grading.results import Evidence, ExerciseResult, Picture, unexplained, with_remark
from autograder.judge import ahead
from autograder.judge.running.fork import Fork, LikelyCall
from autograder.sandbox.answers import Answer, Raised, Returned
from autograder.sandbox.limits import EXPLAINING
from autograder.sandbox.printable import printable

T = TypeVar("T")

_FACTORS = ("Every number is", "Your answer is")  # remarks that leave no doubt, whatever the example looks like
_QUICK_SECONDS = 0.1  # for the probe inputs, with what it takes to judge them

Probes = dict[str, tuple[Signature, ...]]


@dataclass(frozen=True)
class Trial:
    """An exercise as judged in one fork.

    Attributes:
        exercise: which.
        result: its verdicts.
        fork: makes more calls.
        probes: what it answers to the probe inputs; empty where a call gave no answer, or nothing was asked.
        stand_ins: functions for which right ones stood in.
        is_quick: whether a call takes so little time that one more does not matter.
    """

    exercise: Exercise
    result: ExerciseResult
    fork: Fork
    probes: Probes = field(default_factory=dict)
    stand_ins: tuple[str, ...] = ()
    is_quick: bool = False

    def ask_ahead(self, calls: Callable[[], tuple[LikelyCall, ...]]) -> None:
        """Make calls at once, unless the function is so slow that some of them might not be needed."""
        if self.is_quick:
            self.fork.ask_ahead(calls())

    def ask(self, arguments: Arguments) -> Answer:
        """Call the exercise's function."""
        return self.fork.call(self.exercise.name, arguments)

    def signature(self, arguments: Arguments) -> Signature:
        """Call the exercise's function; return the signature of its answer."""
        return of_answer(self.ask(arguments), arguments)

    def value(self, function: str, arguments: Arguments) -> Array | None:
        """Call any function of the student's; return its numbers, or None where none came."""
        answer = self.fork.call(function, arguments)
        try:
            return as_numbers(answer.value, function) if isinstance(answer, Returned) else None
        except Failure:
            return None

    def right_parts(self, arguments: Arguments) -> dict[Path, bool]:
        """Return of each part of the answer whether it is right; nothing where the answer is built otherwise."""
        answer, expected = self.ask(arguments), self.exercise.expect(*arguments)
        if not isinstance(answer, Returned):
            return {}
        quantity = self.exercise.quantity
        try:
            parts = [(part, expected.theirs(answer.value, part, quantity)) for part in expected.parts(quantity)]
        except Failure:
            return {}
        return {part.path: _is_right(part, got) for part, got in parts}


class Explainer:
    """Explains what is wrong with one exercise. None of its methods raises an exception or changes a verdict.

    Args:
        assignment: of the exercise.
        exercise: whose verdicts are explained.
        seed: of the inputs on which a name has to hold before it is given.
        pictures: what becomes of what can be drawn: see `Job`.
        wrong: the functions of other exercises that are known to be wrong.
    """

    def __init__(
        self, assignment: Assignment, exercise: Exercise, seed: int, pictures: Pictures, wrong: Collection[str]
    ) -> None:
        self._assignment = assignment
        self._exercise = exercise
        self._seed = seed
        self._pictures = pictures
        self._wrong = wrong
        self._problems: list[str] = []

    def attempt(self, what: str, make: Callable[[], T], *, default: T) -> T:
        """Return the result of a part of the explanation; where it fails, note that and return the default."""
        try:
            return make()
        except Exception as error:  # noqa: BLE001 - the verdicts stand, whatever the rest comes to
            text = printable(" ".join(f"{type(error).__name__}: {error}".split())[: EXPLAINING.text])
            self._problems.append(f"{self._exercise.name}: {what} could not be found out ({text})")
            return default

    def trial(self, result: ExerciseResult, fork: Fork, stand_ins: tuple[str, ...] = (), *, stopped: bool) -> Trial:
        """Return a trial with the answers to the probe inputs, for which the fork has a limited time from now on."""
        fork.limit(EXPLAINING.seconds)
        probes: Probes = {}
        began = time.monotonic()
        if not stopped:
            probes = self.attempt("what it answers", lambda: probe(self._exercise, fork), default=probes)
        if not stand_ins:
            told: dict[str, list[dict[str, Any]]] = self.attempt("what it answers", lambda: _plain(probes), default={})
            result = replace(result, probes=told)
        is_quick = bool(probes) and time.monotonic() - began < _QUICK_SECONDS
        return Trial(self._exercise, result, fork, probes, stand_ins, is_quick)

    def name(self, trial: Trial) -> tuple[Mistake, ...]:
        """Return the catalogued mistakes that all answers agree with: one, two, or none."""
        return self.attempt("the name of the mistake", lambda: self._name(trial), default=()) if trial.probes else ()

    def _name(self, trial: Trial) -> tuple[Mistake, ...]:
        diagnosis = diagnosis_for(self._assignment, self._exercise.name)
        trial.ask_ahead(lambda: ahead.examples(self._assignment, self._exercise.name, self._seed))
        return diagnosis.name(trial.probes, trial.signature, self._seed)

    def explain(self, trial: Trial, mistakes: tuple[Mistake, ...]) -> ExerciseResult:
        """Add to the verdicts what was found: names, a remark, the smallest counterexample, pictures."""
        why = self.attempt("the cause of an error", lambda: self._cause(trial), default="")
        if not trial.probes:
            evidence = Evidence(stand_ins=trial.stand_ins, cause=why)
            return self._told(replace(trial.result, evidence=evidence), trial.fork)
        said = "" if mistakes else self.attempt("a remark", lambda: self._remark(trial), default="")
        if why and is_told(said):  # if the first check got no numbers, mend that first, not the numbers elsewhere
            said = ""
        if not (mistakes or why) and _is_weak(said):
            why = self.attempt("the cause of an error", lambda: self._cause(trial, every=True), default="")
        several = not mistakes and not why and (not said or said.startswith(UNNAMED)) and _may_show_more(trial)
        found = self.attempt(
            "the smallest input", lambda: self._smallest(trial, mistakes, said, several=several), default=None
        )
        remark = " ".join(filter(None, self._remarks(trial, mistakes, found, said)))
        evidence = Evidence(stand_ins=trial.stand_ins) if found is None else self._evidence(trial, found)
        result = replace(
            with_remark(trial.result, remark),
            mistakes=tuple(
                self.attempt("the hint", lambda: told(trial.exercise, mistakes, trial.fork.text()), default=())
            ),
            counterexample=None if found is None else found.data,
            evidence=replace(evidence, remark=remark, cause="" if mistakes else why),
        )
        return self._told(result, trial.fork)

    def _smallest(
        self, trial: Trial, mistakes: tuple[Mistake, ...], said: str, *, several: bool
    ) -> Counterexample | None:
        """Return the example; an error, where the first probe gave one, and else a value."""
        others = self._others(trial, mistakes) if not said.startswith(_FACTORS) else lambda _: []
        like = Raised if trial.probes[PLAIN][0].kind.startswith("raised") else Returned
        return smallest(trial.exercise, trial.ask, others, several=several, like=like)

    def _cause(self, trial: Trial, *, every: bool = False) -> str:
        """Return why the function stops with an error, where the first criterion that failed met one, or any did."""
        failed = [entry.message for entry in trial.result.criteria if entry.verdict == "fail"]
        names = {*trial.exercise.parameters, *self._assignment.exercises, *self._assignment.given, "np"}
        found = (cause(message, names) for message in failed[: None if every else 1])
        return next(filter(None, found), "")

    def _others(self, trial: Trial, mistakes: tuple[Mistake, ...]) -> Callable[[Arguments], list[Signature]]:
        """Return what knows the answers of all mistakes but these and, where none has a name, of all other slips."""
        diagnosis = diagnosis_for(self._assignment, self._exercise.name)
        if mistakes:
            return lambda arguments: diagnosis.others(arguments, mistakes)
        slips = slips_for(self._assignment, self._exercise.name)
        return lambda arguments: [*diagnosis.others(arguments, ()), *slips.others(arguments, trial.probes[PLAIN])]

    def _told(self, result: ExerciseResult, fork: Fork) -> ExerciseResult:
        late = [f"{self._exercise.name}: there was no time left to explain all of it"] if fork.expired() else []
        return unexplained(result, [*self._problems, *late])

    def _evidence(self, trial: Trial, found: Counterexample) -> Evidence:
        shown = found.shown
        none: tuple[Picture, ...] = ()
        pictures = self.attempt("the picture", lambda: self._draw(trial, found.arguments), default=none)
        part = (shown.name, shown.expected, shown.got)
        sizes = trial.exercise.described(found.arguments)
        return Evidence(found.work, found.call, part, shown.difference, trial.stand_ins, pictures, sizes)

    def _remarks(
        self, trial: Trial, mistakes: tuple[Mistake, ...], found: Counterexample | None, said: str
    ) -> list[str]:
        exercise = trial.exercise
        if said == RIGHT_BUT_FAR_OUT and found is not None:
            said = far_out(found.data["got"], logarithms="log(" in exercise.text.reference.source(exercise.name))
        remarks = [said]
        if not mistakes:
            remarks.append(self.attempt("a remark", lambda: of_example(exercise, found, said), default=""))
        of = trial.exercise.derivative
        if found is not None and of is not None and of[0].__name__ in self._wrong:
            at, got = found.arguments, found.data["got"]
            own = self.attempt("a remark", lambda: agrees_with_own(exercise, at, got, trial.value), default="")
            remarks.append(own)
        return remarks

    def _remark(self, trial: Trial) -> str:
        """Say what is true of all answers."""
        first = trial.exercise.probes[PLAIN][0]
        # Twice in a row: what is kept for inputs of one shape is seen only where no other comes between.
        again, once_more = trial.signature(first), trial.signature(first)
        again = again if not again.agrees(trial.probes[PLAIN][0]) else once_more
        diagnosis = diagnosis_for(self._assignment, self._exercise.name)
        text = trial.fork.text()
        said = remark(trial.exercise, trial.probes[PLAIN], again, trial.signature, lambda: self._slip(trial), text=text)
        if _is_weak(said):  # what holds for some inputs is said only where nothing is known that holds for all
            found = of_labels(trial.exercise, trial.probes, diagnosis.where)
            said = found or of_lengths(trial.exercise, trial.probes[PLAIN]) or said
        failed = {entry.criterion for entry in trial.result.criteria if entry.verdict == "fail"}
        return RIGHT_BUT_FAR_OUT if said == RIGHT_ON_ORDINARY and failed == {"saturation"} else said

    def _slip(self, trial: Trial) -> str:
        """Say which changed step of the formula gives the student's numbers."""
        slips = slips_for(self._assignment, self._exercise.name)
        return slips.told(trial.probes[PLAIN], trial.signature, self._seed)

    def _draw(self, trial: Trial, example: Arguments) -> tuple[Picture, ...]:
        drawings: tuple[Drawing, ...] = ()
        if self._pictures == "none":
            return ()
        with np.errstate(all="ignore"):
            if trial.exercise.picture is not None:
                trial.ask_ahead(lambda: ahead.drawings(self._assignment, self._exercise.name))
                drawings = trial.exercise.picture(trial.value)
            if trial.exercise.diagram is not None:
                drawings += trial.exercise.diagram(example, trial.right_parts(example))
        return tuple(picture(drawing, drawn=self._pictures == "drawn") for drawing in drawings)


def _is_right(part: Part, got: Any) -> bool:
    try:
        part.check_number(got)
    except Failure:
        return False
    return True


def _is_weak(said: str) -> bool:
    """Say whether a remark leaves most of the mistake open."""
    return not said or said.startswith((UNNAMED, STAYS))


def _may_show_more(trial: Trial) -> bool:
    """Say whether some answers consist of several numbers."""
    return not trial.exercise.expect(*trial.exercise.probes[PLAIN][0]).is_number


def probe(exercise: Exercise, fork: Fork) -> Probes:
    """Return the answers on the probe inputs; none where a call gives no answer at all: that has no name."""
    inputs = [(group, arguments) for group, members in exercise.probes.items() for arguments in members]
    answers = fork.calls([(exercise.name, arguments) for _, arguments in inputs])
    probes: dict[str, list[Signature]] = {group: [] for group in exercise.probes}
    for (group, arguments), answer in zip(inputs, answers, strict=True):
        probes[group].append(of_answer(answer, arguments))
        if probes[group][-1].kind == NOTHING:
            return {}
    return {group: tuple(signatures) for group, signatures in probes.items()}


def is_right(exercise: Exercise, fork: Fork) -> bool:
    """Say whether a function gives what the reference gives on the probe inputs of its own exercise.

    To double precision, and of the same types: lists in the place of arrays are right by themselves, but not what
    another function may expect.
    """
    probes = probe(exercise, fork)
    return (
        bool(probes)
        and all(
            right.agrees(replace(came, precision=right.precision))
            for group, members in exercise.answers.items()
            for right, came in zip(members, probes[group], strict=True)
        )
        and _is_like(exercise, fork)
    )


def _is_like(exercise: Exercise, fork: Fork) -> bool:
    """Say whether an answer has arrays where the right one has arrays."""
    arguments = exercise.probes[PLAIN][0]
    answer, right = fork.call(exercise.name, arguments), exercise.text.right(*arguments)
    return isinstance(answer, Returned) and _lists_in(answer.value) == _lists_in(right)


def _lists_in(answer: Any) -> list[bool]:
    """Return, for each part of an answer, whether it is a list in the place of an array."""
    return [isinstance(part, list) for _, part in leaves(answer)]


def same_answers(one: Probes, other: Probes) -> bool:
    """Say whether all answers on the plain probe inputs are the same: then nothing that stood in was called."""
    pairs = zip(one.get(PLAIN, ()), other.get(PLAIN, ()), strict=False)
    return bool(one) and bool(other) and all(a.agrees(b) for a, b in pairs)


def _plain(probes: Probes) -> dict[str, list[dict[str, Any]]]:
    return {group: [signature.to_json() for signature in signatures] for group, signatures in probes.items()}
