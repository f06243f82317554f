"""Naming a mistake from evidence: only where all of a student's answers agree with it and with no other.

A wrong name is worse than none: an unknown mistake matches nothing and gets none.
"""

import functools
import itertools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from autograder.grading.catalogue import Mistake, mistakes
from autograder.grading.compare import Array
from autograder.grading.exercise import PLAIN, Arguments, Exercise, exercises
from autograder.grading.kept import Form, Table, kept
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
    """Mistakes, or pairs of them, by their answer to the first plain input: nearly all are told apart by it.

    Args:
        exercise: whose mistakes they are.
        made: the mistakes, each alone or two together.
        keep: gives the table of answers that was kept, or takes the one that is made.
    """

    def __init__(
        self, exercise: Exercise, made: Sequence[tuple[Mistake, ...]], keep: Callable[[Callable[[], Table]], Table]
    ) -> None:
        self._exercise = exercise
        self._made = made
        self._candidates: dict[int, Candidate] = {}
        self._table = keep(self._tabulate)

    def _tabulate(self) -> Table:
        found: dict[Form, tuple[list[int], list[Array]]] = {}
        for number in range(len(self._made)):
            first = self._candidate(number).answer(PLAIN, 0)
            whose, answers = found.setdefault(_form(first), ([], []))
            whose.append(number)
            answers.append(_values(first))
        return {form: (np.array(whose), np.array(answers)) for form, (whose, answers) in found.items()}

    def _candidate(self, number: int) -> Candidate:
        if number not in self._candidates:
            self._candidates[number] = Candidate(self._exercise, *self._made[number])
        return self._candidates[number]

    def fitting(self, answers: Answers) -> list[Candidate]:
        """Return the candidates that all answers agree with."""
        first = answers[PLAIN][0]
        if _form(first) not in self._table:
            return []
        whose, known = self._table[_form(first)]
        close = whose[same_rows(known, _values(first), first.precision)]
        return [candidate for candidate in map(self._candidate, close.tolist()) if candidate.fits(answers)]


def _form(signature: Signature) -> Form:
    return signature.kind, signature.shape, signature.changed


def _values(signature: Signature) -> Array:
    return np.zeros(0) if signature.values is None else signature.values


class Diagnosis:
    """Knows the catalogued mistakes of one exercise.

    Args:
        exercise: whose mistakes they are.
        folder: of its assignment.
        catalogue: the mistakes.
    """

    def __init__(self, exercise: Exercise, folder: Path, catalogue: Sequence[Mistake]) -> None:
        self._exercise = exercise
        self._folder = folder
        self._catalogue = [mistake for mistake in catalogue if mistake.edit]

    @functools.cached_property
    def _singles(self) -> Index:
        return Index(self._exercise, [(mistake,) for mistake in self._catalogue], lambda make: make())

    @functools.cached_property
    def _pairs(self) -> Index:
        twos = itertools.combinations(self._catalogue, 2)
        made = [(one, other) for one, other in twos if not set(one.edit) & set(other.edit)]
        name = f"pairs-{self._exercise.formula.name}"
        return Index(self._exercise, made, functools.partial(kept, name, self._folder))

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
    return Diagnosis(exercises(assignment)[exercise], folder, own)
