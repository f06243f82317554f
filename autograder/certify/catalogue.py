"""Every entry of the catalogues, in each of its spellings, behind the walls."""

import ast
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from autograder.certify.local import Local
from autograder.certify.solutions import Finding, first_source, judge_functions
from autograder.diagnosis.catalogue import mistakes, variants
from autograder.diagnosis.exercise import exercises
from autograder.diagnosis.trees import asked
from autograder.grading.assignment import Assignment

Spelling = Literal["variant", "first", "second"]
Entry = tuple[Spelling, str, str, str]  # which spelling of which exercise's entry, and the function's source in it
Task = tuple[Assignment, tuple[Entry, ...], int, bool]  # assignment, entries of different exercises, seed, behind walls


@dataclass(frozen=True)
class Judged:
    """One solution of the catalogues.

    Attributes:
        id: of its entry.
        exercise: whose function it is.
        spelling: `variant`, or which spelling of a mistake.
        finding: what the judge said.
        false_names: whether a name was given that does not hold on fresh inputs.
    """

    id: str
    exercise: str
    spelling: Spelling
    finding: Finding
    false_names: bool


def tasks(assignment: Assignment, seed: int, every: int = 1) -> list[Task]:
    """Return what there is to judge: submissions with an entry each for several exercises.

    Every so-many-th goes behind the walls, the others are judged in a worker's own process. An entry comes alone where
    others ask for its function, so that it shows what it does to them, and where it calls another's, which has to be
    right for it.
    """
    alone: list[tuple[Entry, ...]] = []
    waiting: dict[str, list[Entry]] = {name: [] for name in assignment.exercises}
    for entry in _entries(assignment):
        _, exercise, _, source = entry
        if _needs_others(assignment, exercise, source):
            alone.append((entry,))
        else:
            waiting[exercise].append(entry)
    several = [tuple(filter(None, entries)) for entries in itertools.zip_longest(*waiting.values())]
    return [(assignment, entries, seed, number % every == 0) for number, entries in enumerate([*alone, *several])]


def _needs_others(assignment: Assignment, exercise: str, source: str) -> bool:
    """Say whether a function has to have right ones around it."""
    asked_for = {name for other in exercises(assignment).values() for name in other.stand_in_names}
    called = asked(ast.parse(source))
    return exercise in asked_for or bool(called & set(assignment.exercises) - {exercise} - asked_for)


def _entries(assignment: Assignment) -> Iterator[Entry]:
    known = exercises(assignment)
    for variant in variants(assignment.folder):
        yield "variant", variant.exercise, variant.id, known[variant.exercise].text.whole(variant.source)
    for mistake in mistakes(assignment.folder):
        if mistake.known:
            yield "first", mistake.exercise, mistake.id, first_source(assignment, mistake)
        if mistake.second:
            yield "second", mistake.exercise, mistake.id, known[mistake.exercise].text.whole(mistake.second)


def judge_entries(task: Task) -> list[Judged]:
    """Judge one submission; runs in a worker."""
    assignment, entries, seed, walls = task
    sources = {exercise: source for _, exercise, _, source in entries}
    found = judge_functions(assignment, sources, seed) if walls else _judge_here(assignment, sources, seed)
    return [
        Judged(entry_id, exercise, spelling, found[exercise], _is_false(assignment, exercise, source, found[exercise]))
        for spelling, exercise, entry_id, source in entries
    ]


def _judge_here(assignment: Assignment, sources: dict[str, str], seed: int) -> dict[str, Finding]:
    return {exercise: Local(assignment, exercise, source).finding(seed) for exercise, source in sources.items()}


def _is_false(assignment: Assignment, exercise: str, source: str, found: Finding) -> bool:
    known = {mistake.id: mistake for mistake in mistakes(assignment.folder) if mistake.exercise == exercise}
    made = tuple(known[mistake] for mistake in found.named)
    return bool(made) and not Local(assignment, exercise, source).is_like(made)
