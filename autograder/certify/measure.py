"""Everything that the certificate says, measured: on all cores, and the same whenever it is measured again."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from rich.progress import Progress

from autograder.certify import blind, catalogue, expressions, mutants, pairs
from autograder.certify.blind import Blind
from autograder.certify.catalogue import Judged
from autograder.certify.expressions import Expression
from autograder.certify.local import workers
from autograder.certify.mutants import Mutant
from autograder.certify.pairs import Pair
from autograder.diagnosis.catalogue import Equivalent, Mistake, Variant, equivalents, mistakes, variants
from autograder.grading.assignment import Assignment
from autograder.grading.criteria import Criterion
from autograder.judge.collected import collected
from autograder.judge.judge import DEFAULT_SEED

Result = TypeVar("Result")

_CHUNK = 8


@dataclass(frozen=True)
class Certificate:
    """What the graders of one assignment make of everything that is known about it.

    Attributes:
        assignment: which.
        criteria: of each exercise, in order.
        mistakes: the catalogue.
        variants: the right variants.
        judged: both in each spelling, behind the walls.
        pairs: of mistakes.
        mutants: of the right functions.
        expressions: drawn wrong functions.
        blind: programs that do not look at their input.
        equivalents: the mutants that are listed as right.
    """

    assignment: Assignment
    criteria: dict[str, list[Criterion]]
    mistakes: tuple[Mistake, ...]
    variants: tuple[Variant, ...]
    judged: tuple[Judged, ...]
    pairs: tuple[Pair, ...]
    mutants: tuple[Mutant, ...]
    expressions: tuple[Expression, ...]
    blind: tuple[Blind, ...]
    equivalents: tuple[Equivalent, ...]

    def of(self, mistake: Mistake) -> list[Judged]:
        """Return what was made of a mistake, in each of its spellings."""
        own = [one for one in self.judged if (one.id, one.exercise) == (mistake.id, mistake.exercise)]
        return [one for one in own if one.spelling != "variant"]

    def mistakes_of(self, exercise: str) -> list[Mistake]:
        """Return the mistakes of an exercise."""
        return [mistake for mistake in self.mistakes if mistake.exercise == exercise]


def measure(assignment: Assignment, progress: Progress, *, every: int = 1, seed: int = DEFAULT_SEED) -> Certificate:
    """Judge everything.

    Args:
        assignment: whose graders and catalogues.
        progress: shows how far each part is.
        every: 2 to make only every other pair of mistakes, for there are thousands, and to let only every other
            submission go behind the walls; and so on.
        seed: of the hidden inputs.
    """
    graders = collected(assignment, seed).graders
    submissions = catalogue.tasks(assignment, seed, every)
    with workers() as pool:

        def run(what: str, judge: Callable[[Any], Result], tasks: Sequence[Any]) -> tuple[Result, ...]:
            """Judge what is waiting, on all cores."""
            judged = pool.map(judge, tasks, chunksize=_CHUNK)
            return tuple(progress.track(judged, len(tasks), description=what))

        return Certificate(
            assignment,
            {exercise: graders.criteria(exercise) for exercise in assignment.exercises},
            mistakes(assignment.folder),
            variants(assignment.folder),
            tuple(itertools.chain(*run("catalogue", catalogue.judge_entries, submissions))),
            run("pairs", pairs.judge_pair, pairs.tasks(assignment, seed)[::every]),
            run("mutants", mutants.judge_mutant, mutants.tasks(assignment, seed)),
            run("expressions", expressions.judge_expression, expressions.tasks(assignment, seed)),
            tuple(itertools.chain(*run("blind programs", blind.judge_blind, blind.tasks(assignment, seed)))),
            equivalents(assignment.folder),
        )
