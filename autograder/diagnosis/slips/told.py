"""Which slip gives the student's numbers: tried on all inputs, and told only where it fits all of them."""

import ast
import functools
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgpack
import numpy as np

from autograder.diagnosis.exercise import PLAIN, Arguments, Exercise, exercises
from autograder.diagnosis.kept import Table, kept, tabulated
from autograder.diagnosis.lines import Edit
from autograder.diagnosis.signature import Signature, are_evidence, of_function, same_rows
from autograder.diagnosis.slips.changes import SIZE
from autograder.diagnosis.slips.making import Slip, slips_of
from autograder.diagnosis.trees import with_value
from autograder.grading.assignment import Assignment
from autograder.sandbox.inside.codec import encode

_STRICT, _GUARDED = 1e-9, 1e-6  # how exact an answer is, and one whose logarithms stop short of ln 0
_TOLD = "Your numbers are what one gets with "
_CONFUSED = 250  # slips, the smallest first, from which an example has to tell the one that is told


class Slips:
    """Knows what an exercise's formula gives with one step changed.

    Args:
        exercise: whose formula.
        folder: of its assignment.
    """

    def __init__(self, exercise: Exercise, folder: Path) -> None:
        self._exercise = exercise
        self._folder = folder
        self._tables: dict[int, Table] = {}
        self._public: dict[bytes, Table] = {}

    def prepare(self) -> None:
        """Compute what they answer to the first probe and to public inputs; else it is done when it is first needed."""
        self._table(0)
        for arguments in self._exercise.smallest:
            self._answers_to(arguments)

    @functools.cached_property
    def _all(self) -> list[Slip]:
        return list(slips_of(self._exercise))

    def _table(self, probe: int) -> Table:
        """Return what all slips answer to one of the plain probe inputs."""
        if probe not in self._tables:
            name = f"slips-{self._exercise.name}-{probe}"
            given = self._exercise.probes[PLAIN][probe]
            self._tables[probe] = kept(name, self._folder, lambda: self._tabulate(given))
        return self._tables[probe]

    @functools.cached_property
    def _alive(self) -> list[int]:
        """The first slips that give answers of the right form."""
        right = self._exercise.answers[PLAIN][0]
        whose, _ = self._table(0).get(right.form, (np.zeros(0, int), np.zeros((0, 0))))
        return [int(number) for number in whose[:_CONFUSED]]

    def _tabulate(self, arguments: Arguments, numbers: Iterable[int] = ()) -> Table:
        tried = numbers or range(len(self._all))
        answers = ((number, of_function(self._function(number), arguments)) for number in tried)
        return tabulated((number, answer) for number, answer in answers if answer.values is not None)

    def _function(self, number: int) -> Callable[..., Any]:
        """Return the changed function, which knows the sizes of its input by their names."""
        text, slip = self._exercise.text, self._all[number]
        statements = text.reference.lines(text.name).statements
        edits = {
            (text.name, place): Edit((ast.fix_missing_locations(with_value(statements[place], value)),))
            for place, value in slip.values.items()
        }
        made = text.function(edits)

        def sized(*arguments: Any) -> Any:
            """Call the function with the sizes of these arguments in place of their names."""
            sizes = self._exercise.sizes(arguments)
            made.__globals__.update({SIZE.format(name): size for name, size in sizes.items()})
            return made(*arguments)

        return sized

    def told(self, answers: tuple[Signature, ...], ask: Callable[[Arguments], Signature], seed: int) -> str:
        """Return in a sentence which changed step gives the student's numbers, or nothing.

        Args:
            answers: the student's on the plain probe inputs.
            ask: calls the student's function once more.
            seed: of inputs on which the sentence has to hold, too.
        """
        if all(answer.agrees(right) for answer, right in zip(answers, self._exercise.answers[PLAIN], strict=True)):
            return ""
        if not are_evidence(answers):
            return ""
        fresh = self._exercise.fresh_inputs(seed)
        for precision in (0.0, _GUARDED):
            loosely = tuple(replace(one, precision=max(one.precision, precision)) for one in answers)
            for number in self._like(loosely):
                function = self._function(number)
                inputs = [*zip(self._exercise.probes[PLAIN], loosely, strict=True)]
                if all(of_function(function, arguments).agrees(answer) for arguments, answer in inputs) and all(
                    replace(of_function(function, arguments), precision=max(precision, _STRICT)).agrees(ask(arguments))
                    for arguments in fresh
                ):
                    return f"{_TOLD}{self._all[number].words}."
        return ""

    def _like(self, answers: tuple[Signature, ...]) -> list[int]:
        """Return the slips that give the student's answer to the first of the plain probe inputs with finite ones."""
        for probe, one in enumerate(answers):
            if one.values is not None and np.any(np.isfinite(one.values)):
                whose, known = self._table(probe).get(one.form, (np.zeros(0, int), np.zeros((0, one.values.size))))
                found: list[int] = whose[same_rows(known, one.values, one.precision)].tolist()
                return found
        return []

    def others(self, arguments: Arguments, answers: tuple[Signature, ...]) -> list[Signature]:
        """Return what the slips answer to a public input, but for those that give the student's answers.

        Args:
            arguments: the input.
            answers: the student's on the plain probe inputs.
        """
        like = self._like(answers)
        return [
            Signature(form[0], form[1], values, form[2])
            for form, (whose, rows) in self._answers_to(arguments).items()
            for number, values in zip(whose.tolist(), rows, strict=True)
            if number not in like
        ]

    def _answers_to(self, arguments: Arguments) -> Table:
        """Return what the smallest slips answer to a public input."""
        key = msgpack.packb(encode(arguments))
        if key not in self._public:
            name = f"slips-{self._exercise.name}-{hashlib.sha256(key).hexdigest()[:12]}"
            self._public[key] = kept(name, self._folder, lambda: self._tabulate(arguments, self._alive))
        return self._public[key]


def is_told(text: str) -> bool:
    """Say whether a text tells a slip."""
    return _TOLD in text


def slips_for(assignment: Assignment, exercise: str) -> Slips:
    """Return what knows an exercise's slips; made once in a process, and anew for changed files."""
    return _made(assignment, exercise, assignment.fingerprint())


@functools.lru_cache(64)
def _made(assignment: Assignment, exercise: str, _fingerprint: object) -> Slips:
    return Slips(exercises(assignment)[exercise], assignment.folder)
