"""Every entry of the catalogues, in each of its spellings, behind the walls."""

from dataclasses import dataclass
from typing import Literal

from autograder.certify.local import Local
from autograder.certify.solutions import Finding, first_source, judge_function
from autograder.grading.assignment import Assignment, find
from autograder.grading.catalogue import Mistake, Variant, mistakes, variants

Spelling = Literal["variant", "first", "second"]
Task = tuple[str, Spelling, str, int]  # assignment, spelling, entry, seed


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


def tasks(assignment: Assignment, seed: int) -> list[Task]:
    """Return what there is to judge."""
    found: list[Task] = [(assignment.name, "variant", entry.id, seed) for entry in variants(assignment.folder)]
    for entry in mistakes(assignment.folder):
        if entry.edit:
            found.append((assignment.name, "first", entry.id, seed))
        found.append((assignment.name, "second", entry.id, seed))
    return found


def judge_entry(task: Task) -> Judged:
    """Judge one solution; runs in a worker."""
    name, spelling, entry_id, seed = task
    assignment = find(name)
    entry, source = _entry(assignment, spelling, entry_id)
    found = judge_function(assignment, entry.exercise, source, seed)
    known = {mistake.id: mistake for mistake in mistakes(assignment.folder)}
    made = tuple(known[mistake] for mistake in found.named)
    false = bool(made) and not Local(assignment, entry.exercise, source).is_like(made)
    return Judged(entry_id, entry.exercise, spelling, found, false)


def _entry(assignment: Assignment, spelling: Spelling, entry_id: str) -> tuple[Mistake | Variant, str]:
    if spelling == "variant":
        variant = next(entry for entry in variants(assignment.folder) if entry.id == entry_id)
        return variant, variant.source
    mistake = next(entry for entry in mistakes(assignment.folder) if entry.id == entry_id)
    return mistake, first_source(assignment.name, mistake) if spelling == "first" else mistake.second
