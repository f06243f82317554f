"""Naming a mistake from evidence: only where all of a student's answers agree with it and with no other.

A wrong name is worse than none: an unknown mistake matches nothing and gets none.
"""

import functools
import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgpack

from autograder.diagnosis.catalogue import CatalogueError, Mistake, mistakes
from autograder.diagnosis.claims import together
from autograder.diagnosis.exercise import PLAIN, Arguments, Exercise, exercises
from autograder.diagnosis.kept import Table, kept, tabulated
from autograder.diagnosis.lines import Edit, LineError
from autograder.diagnosis.reference import Place
from autograder.diagnosis.signature import Signature, are_evidence, of_function, same_rows, values_of
from autograder.grading.assignment import Assignment
from autograder.sandbox.inside.codec import encode

Answers = Mapping[str, tuple[Signature, ...]]  # by group of probe inputs
Ask = Callable[[Arguments], Signature]

_DIAGNOSES = 64  # exercises of all assignments that one process judges
_KEPT = 1 << 14  # answers of candidates: a class makes the same mistakes again and again


class Candidate:
    """A catalogued mistake, or two that change different lines of the reference.

    Args:
        exercise: whose mistakes they are.
        made: the mistakes.
    """

    def __init__(self, exercise: Exercise, *made: Mistake) -> None:
        self.mistakes = made
        self.function = wrong_function(exercise, made)
        self._exercise = exercise
        self._groups = dict.fromkeys([PLAIN, *(group for mistake in made for group in mistake.on)])

    @functools.lru_cache(_KEPT)  # noqa: B019 - candidates live as long as the process
    def answer(self, group: str, number: int) -> Signature:
        """Return the answer to one of the probe inputs."""
        return of_function(self.function, self._exercise.probes[group][number])

    def fits(self, answers: Answers, *, exactly: bool = False) -> bool:
        """Say whether all answers are this one's, on the plain inputs and on those that it is known by."""
        return all(own.agrees(theirs, exactly=exactly) for own, theirs in self._beside(answers))

    @functools.cached_property
    def is_right(self) -> bool:
        """Whether its answers are the right ones, as of two mistakes that cancel each other."""
        return self.fits(self._exercise.answers)

    def raises_the_same(self, answers: Answers) -> bool:
        """Say whether answers that it fits are errors of the same types, too."""
        return all(own.kind == theirs.kind for own, theirs in self._beside(answers))

    def _beside(self, answers: Answers) -> Iterator[tuple[Signature, Signature]]:
        for group in self._groups:
            for number, theirs in enumerate(answers[group]):
                yield self.answer(group, number), theirs


def edits_of(exercise: Exercise, *made: Mistake) -> dict[Place, Edit]:
    """Return the changed lines of mistakes that are made together.

    Raises:
        CatalogueError: one changes a line that there is not.
    """
    found: dict[Place, Edit] = {}
    for mistake in made:
        try:
            found |= exercise.text.edits(mistake.changes)
        except LineError as error:
            raise CatalogueError(f"[{mistake.id}]: {error}") from error
    return found


def wrong_function(exercise: Exercise, made: tuple[Mistake, ...]) -> Callable[..., Any]:
    """Return the function of a mistake, or of several that are changes; without any, the plain function."""
    if len(made) == 1 and made[0].source:
        return exercise.text.from_source(made[0].source)
    return exercise.text.function(edits_of(exercise, *made))


def wrong_source(exercise: Exercise, made: tuple[Mistake, ...], given: Collection[str]) -> str:
    """Return the source of the same function; `given` are functions that are there already."""
    if len(made) == 1 and made[0].source:
        return exercise.text.whole(made[0].source)
    return exercise.text.source(edits_of(exercise, *made), given)


def pairs(exercise: Exercise, catalogue: Sequence[Mistake]) -> Iterator[tuple[Mistake, Mistake]]:
    """Yield all pairs of mistakes that change different lines."""
    changing = [(mistake, edits_of(exercise, mistake).keys()) for mistake in catalogue if mistake.changes]
    for (one, lines), (other, others) in itertools.combinations(changing, 2):
        if lines.isdisjoint(others):
            yield one, other


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
        return tabulated((number, one.answer(PLAIN, 0)) for number, one in enumerate(self.candidates()))

    def _candidate(self, number: int) -> Candidate:
        if number not in self._candidates:
            self._candidates[number] = Candidate(self._exercise, *self._made[number])
        return self._candidates[number]

    def candidates(self) -> Iterator[Candidate]:
        """Yield all of them."""
        return map(self._candidate, range(len(self._made)))

    def answers(self, arguments: Arguments) -> list[tuple[tuple[Mistake, ...], Signature]]:
        """Return the answers of all candidates to any arguments."""
        return [(one.mistakes, of_function(one.function, arguments)) for one in self.candidates()]

    def fitting(self, answers: Answers) -> list[Candidate]:
        """Return the candidates that all answers agree with; two mistakes that cancel each other are none.

        Where some raise errors of the same types, or agree to the last digits, these alone: finite differences are
        like the formula but for those.
        """
        first = answers[PLAIN][0]
        if first.form not in self._table:
            return []
        whose, known = self._table[first.form]
        close = whose[same_rows(known, values_of(first), first.precision)]
        candidates = map(self._candidate, close.tolist())
        found = [candidate for candidate in candidates if candidate.fits(answers) and not candidate.is_right]
        found = [candidate for candidate in found if candidate.raises_the_same(answers)] or found
        return [candidate for candidate in found if candidate.fits(answers, exactly=True)] or found


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
        self._catalogue = [mistake for mistake in catalogue if mistake.known]
        self._public: dict[bytes, list[tuple[tuple[Mistake, ...], Signature]]] = {}

    @functools.cached_property
    def _singles(self) -> Index:
        return Index(self._exercise, [(mistake,) for mistake in self._catalogue], lambda make: make())

    @functools.cached_property
    def _pairs(self) -> Index:
        made = list(pairs(self._exercise, self._catalogue))
        name = f"pairs-{self._exercise.name}"
        return Index(self._exercise, made, functools.partial(kept, name, self._folder))

    def prepare(self, *, pairs: bool = False) -> None:
        """Compute what they answer, each alone, and also by twos; else it is done when it is first needed."""
        _ = self._singles, self._pairs if pairs else None

    def others(self, arguments: Arguments, named: Collection[Mistake]) -> list[Signature]:
        """Return what all catalogued mistakes but those that were named answer to a public input."""
        key = msgpack.packb(encode(arguments))
        if key not in self._public:
            self._public[key] = self._singles.answers(arguments)
        return [answer for made, answer in self._public[key] if not any(one in named for one in made)]

    def name(self, answers: Answers, ask: Ask, seed: int) -> tuple[Mistake, ...]:
        """Return the one mistake, or the one pair, that all answers agree with; nothing where none or several do.

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
        fresh = self._exercise.fresh_inputs(seed)
        holds = all(of_function(found[0].function, arguments).agrees(ask(arguments)) for arguments in fresh)
        return found[0].mistakes if holds else ()

    def where(self, answers: Answers, places: Sequence[int]) -> tuple[str, str]:
        """Return title and hint of the one mistake whose answers these are on some of the plain inputs, or nothing."""
        plain = answers[PLAIN]
        if not _speaks(tuple(plain[place] for place in places)):
            return "", ""
        found = [
            candidate.mistakes[0]
            for candidate in self._singles.candidates()
            if all(candidate.answer(PLAIN, place).agrees(plain[place]) for place in places)
        ]
        return (found[0].title, found[0].hint) if len(found) == 1 else ("", "")


def _speaks(answers: tuple[Signature, ...]) -> bool:
    """Say whether the answers are evidence enough for a name: finite numbers, or None throughout."""
    return are_evidence(answers) or all(answer.kind == "None" for answer in answers)


def diagnosis_for(assignment: Assignment, exercise: str) -> Diagnosis:
    """Return what knows the mistakes of an assignment's exercise; made once in a process, and anew for changed files.

    Raises:
        CatalogueError: an entry of the catalogue cannot be used.
    """
    return _diagnosis(assignment, exercise, assignment.fingerprint())


@functools.lru_cache(_DIAGNOSES)
def _diagnosis(assignment: Assignment, exercise: str, _fingerprint: object) -> Diagnosis:
    own = [mistake for mistake in mistakes(assignment.folder) if mistake.exercise == exercise]
    return Diagnosis(exercises(assignment)[exercise], assignment.folder, own)


def told(exercise: Exercise, made: tuple[Mistake, ...], source: str = "") -> list[dict[str, str]]:
    """Return what a student is told of mistakes that were named; of two, only what is true of both together.

    Args:
        exercise: whose they are.
        made: the mistakes.
        source: the text of the student's function, or nothing.
    """
    found = [mistake.to_json(source) for mistake in made]
    if len(found) < 2:  # noqa: PLR2004 - a pair
        return found
    texts = together(exercise, wrong_function(exercise, made), [(one["title"], one["hint"]) for one in found])
    return [{**one, "title": title, "hint": hint} for one, (title, hint) in zip(found, texts, strict=True)]
