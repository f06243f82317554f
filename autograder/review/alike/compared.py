"""Compares student text for the review in confined processes: what takes too long costs one result."""

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.confined import ConfinedError, confined
from autograder.review.alike.answers import Cluster, clusters, same
from autograder.review.alike.differences import Difference, difference
from autograder.review.alike.similarity import most_central, nearest
from autograder.review.reading.apart import MODULES, Failed, each
from autograder.review.reading.syntax import tree
from autograder.sandbox.limits import READING


@dataclass(frozen=True)
class Pair:
    """Two pieces of code to be compared, and what they are called."""

    left: str
    right: str
    titles: tuple[str, str]


@dataclass(frozen=True)
class Likeness:
    """A function to be compared with right variants; `variants` are their titles and sources."""

    source: str
    name: str
    variants: tuple[tuple[str, str], ...]


def differences(pairs: Sequence[Pair]) -> list[Difference]:
    """Return pieces of code side by side; where they cannot be compared in time, why."""
    found = list(each(_difference, pairs))
    return [
        Difference(*pair.titles, (), f"could not be compared in time: {one.why}") if isinstance(one, Failed) else one
        for pair, one in zip(pairs, found, strict=True)
    ]


def nearest_variants(sought: Sequence[Likeness]) -> list[tuple[Difference, str] | None]:
    """Return each function beside the right variant that is written most like it, with its title; None for none."""
    return [None if isinstance(one, Failed) else one for one in each(_nearest, sought)]


def middles(spellings: Sequence[tuple[list[str], list[int]]]) -> list[int]:
    """Return the place of the tree in each list that is nearest to all others; the first, if that takes too long.

    Args:
        spellings: texts of trees, and how many wrote each.
    """
    try:
        return confined(READING.grouping, MODULES)(_middles, list(spellings))
    except ConfinedError:
        return [0] * len(spellings)


def answers(texts: Sequence[str]) -> list[Cluster]:
    """Return answers in groups of similar ones; of the same words, where comparing a class takes too long."""
    try:
        return confined(READING.grouping, MODULES)(clusters, list(texts))
    except ConfinedError:
        return same(texts)


def _difference(pair: Pair) -> Difference:
    return difference(pair.left, pair.right, pair.titles)


def _nearest(one: Likeness) -> tuple[Difference, str]:
    tokens = [tree(source).tokens for _, source in one.variants]
    title, source = one.variants[nearest(tree(one.source).tokens, tokens)]
    return difference(one.source, source.strip(), (one.name, title)), title


def _middles(spellings: list[tuple[list[str], list[int]]]) -> list[int]:
    return [most_central([text.split("\n") for text in texts], weights) for texts, weights in spellings]
