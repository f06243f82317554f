"""Naming a mistake from evidence: only where all of a student's answers agree with it and with no other.

A wrong name is worse than none: an unknown mistake matches nothing and gets none.
"""

import functools
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograder.grading.catalogue import Mistake, mistakes
from autograder.grading.compare import Array
from autograder.grading.exercise import PLAIN, Arguments, Exercise, exercises
from autograder.grading.signature import Signature, of_function, same_rows

Answers = Mapping[str, tuple[Signature, ...]]  # by group of probe inputs
Ask = Callable[[Arguments], Signature]

_KEPT = 1 << 14  # answers of candidates: a class makes the same mistakes again and again
_EVIDENCE = 2  # finite numbers, at the least; that something raises a TypeError may have many causes


class Candidate:
    """A catalogued mistake, or two at different places of the formula.

    Args:
        exercise: whose mistakes they are.
        made: the mistakes.
    """

    def __init__(self, exercise: Exercise, *made: Mistake) -> None:
        self.mistakes = made
        self.function = exercise.formula.function(
            {place: text for mistake in made for place, text in mistake.edit.items()}
        )
        self._exercise = exercise
        self._groups = dict.fromkeys([PLAIN, *(group for mistake in made for group in mistake.on)])

    @functools.lru_cache(_KEPT)  # noqa: B019 - candidates live as long as the process
    def answer(self, group: str, number: int) -> Signature:
        """Return the answer to one of the probe inputs."""
        return of_function(self.function, self._exercise.probes[group][number])

    def fits(self, answers: Answers) -> bool:
        """Say whether all answers are this one's, on the plain inputs and on those that it is known by."""
        return all(
            self.answer(group, number).agrees(theirs)
            for group in self._groups
            for number, theirs in enumerate(answers[group])
        )


class Index:
    """Candidates by their answer to the first plain input: nearly all are told apart by it."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        self._by_form: dict[tuple[Any, ...], tuple[list[Candidate], list[Array]]] = {}
        for candidate in candidates:
            first = candidate.answer(PLAIN, 0)
            found, values = self._by_form.setdefault(_form(first), ([], []))
            found.append(candidate)
            values.append(_values(first))

    def fitting(self, answers: Answers) -> list[Candidate]:
        """Return the candidates that all answers agree with."""
        first = answers[PLAIN][0]
        candidates, values = self._by_form.get(_form(first), ([], []))
        if not candidates:
            return []
        close = same_rows(np.array(values), _values(first), first.precision)
        return [candidates[number] for number in np.flatnonzero(close) if candidates[number].fits(answers)]


def _form(signature: Signature) -> tuple[Any, ...]:
    return signature.kind, signature.shape, signature.changed


def _values(signature: Signature) -> Array:
    return np.zeros(0) if signature.values is None else signature.values


class Diagnosis:
    """Knows the catalogued mistakes of one exercise.

    Args:
        exercise: whose mistakes they are.
        catalogue: the mistakes.
    """

    def __init__(self, exercise: Exercise, catalogue: Sequence[Mistake]) -> None:
        self._exercise = exercise
        self._catalogue = [mistake for mistake in catalogue if mistake.edit]

    @functools.cached_property
    def _singles(self) -> Index:
        return Index(Candidate(self._exercise, mistake) for mistake in self._catalogue)

    @functools.cached_property
    def _pairs(self) -> Index:
        twos = itertools.combinations(self._catalogue, 2)
        return Index(
            Candidate(self._exercise, one, other) for one, other in twos if not set(one.edit) & set(other.edit)
        )

    def prepare(self) -> None:
        """Compute what they answer, each alone; else it is done when it is first needed."""
        _ = self._singles

    def name(self, answers: Answers, ask: Ask, seed: int) -> tuple[Mistake, ...]:
        """Return the mistake, or the two, that all answers agree with; nothing where there is no or more than one.

        Args:
            answers: what the student's function gave on the probe inputs.
            ask: calls it once more, for inputs on which a name has to hold before it is given.
            seed: of those inputs.
        """
        if not _speaks(answers[PLAIN]):
            return ()
        found = self._singles.fitting(answers) or self._pairs.fitting(answers)
        if len(found) != 1:
            return ()
        fresh = self._exercise.fresh(seed)
        holds = all(of_function(found[0].function, arguments).agrees(ask(arguments)) for arguments in fresh)
        return found[0].mistakes if holds else ()


def _speaks(answers: tuple[Signature, ...]) -> bool:
    """Say whether the answers are evidence enough for a name: finite numbers, or None throughout."""
    told = sum(int(np.sum(np.isfinite(_values(answer)))) for answer in answers)
    return told >= _EVIDENCE or all(answer.kind == "None" for answer in answers)


@functools.cache
def diagnosis_for(assignment: str, exercise: str, folder: Path) -> Diagnosis:
    """Return what knows the mistakes of an assignment's exercise; made once in a process.

    Raises:
        CatalogueError: an entry of the catalogue cannot be used.
    """
    own = [mistake for mistake in mistakes(folder) if mistake.exercise == exercise]
    return Diagnosis(exercises(assignment)[exercise], own)
