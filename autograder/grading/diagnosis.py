"""Naming a mistake from evidence: only where all of a student's answers agree with it and with no other.

A wrong name is worse than none: an unknown mistake matches nothing and gets none.
"""

import functools
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.grading.catalogue import Mistake, mistakes
from autograder.grading.exercise import PLAIN, Arguments, Exercise, exercises
from autograder.grading.signature import Signature, of_function

Answers = Mapping[str, tuple[Signature, ...]]  # by group of probe inputs
Ask = Callable[[Arguments], Signature]

_EVIDENCE = 2  # answers that are numbers, at the least; that something raises a TypeError may have many causes


@dataclass(frozen=True)
class Candidate:
    """A catalogued mistake, or two at different places of the formula, with its answers."""

    mistakes: tuple[Mistake, ...]
    function: Callable[..., Any]
    answers: Answers

    def fits(self, answers: Answers) -> bool:
        """Say whether all answers are this one's."""
        return all(
            mine.agrees(theirs)
            for group, signatures in self.answers.items()
            for mine, theirs in zip(signatures, answers[group], strict=True)
        )


class Diagnosis:
    """Knows the catalogued mistakes of one exercise.

    Args:
        exercise: whose mistakes they are.
        catalogue: the mistakes.
    """

    def __init__(self, exercise: Exercise, catalogue: Sequence[Mistake]) -> None:
        self._exercise = exercise
        self._singles = [self._candidate(mistake) for mistake in catalogue if mistake.edit]

    @functools.cached_property
    def _pairs(self) -> list[Candidate]:
        alone = [candidate.mistakes[0] for candidate in self._singles]
        return [
            self._candidate(*two) for two in itertools.combinations(alone, 2) if not set(two[0].edit) & set(two[1].edit)
        ]

    def _candidate(self, *made: Mistake) -> Candidate:
        function = self._exercise.formula.function(
            {place: text for mistake in made for place, text in mistake.edit.items()}
        )
        groups = dict.fromkeys([PLAIN, *(group for mistake in made for group in mistake.on)])
        answers = {
            group: tuple(of_function(function, arguments) for arguments in self._exercise.probes[group])
            for group in groups
        }
        return Candidate(made, function, answers)

    def name(self, answers: Answers, ask: Ask, seed: int) -> tuple[Mistake, ...]:
        """Return the mistake, or the two, that all answers agree with; nothing where there is no or more than one.

        Args:
            answers: what the student's function gave on the probe inputs.
            ask: calls it once more, for inputs on which a name has to hold before it is given.
            seed: of those inputs.
        """
        if not _speaks(answers[PLAIN]):
            return ()
        found = [candidate for candidate in self._singles if candidate.fits(answers)]
        found = found or [candidate for candidate in self._pairs if candidate.fits(answers)]
        return self._confirmed(found, ask, seed)

    def _confirmed(self, found: list[Candidate], ask: Ask, seed: int) -> tuple[Mistake, ...]:
        if len(found) != 1:
            return ()
        fresh = self._exercise.fresh(seed)
        holds = all(of_function(found[0].function, arguments).agrees(ask(arguments)) for arguments in fresh)
        return found[0].mistakes if holds else ()


def _speaks(answers: tuple[Signature, ...]) -> bool:
    """Say whether the answers are evidence enough for a name: numbers, or None throughout."""
    numbers = sum(answer.kind == "number" for answer in answers)
    return numbers >= _EVIDENCE or all(answer.kind == "None" for answer in answers)


@functools.cache
def diagnosis_for(assignment: str, exercise: str, folder: Path) -> Diagnosis:
    """Return what knows the mistakes of an assignment's exercise; made once in a process.

    Raises:
        CatalogueError: an entry of the catalogue cannot be used.
    """
    own = [mistake for mistake in mistakes(folder) if mistake.exercise == exercise]
    return Diagnosis(exercises(assignment)[exercise], own)
