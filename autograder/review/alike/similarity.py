"""How much alike trees or texts are: by the cosine of the angle between the counts of what they consist of."""

import functools
import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array

_LONGEST = 3  # nodes that stand in a row
_DIGITS = 9  # beyond these it is rounding that decides
_COMPARED = 100  # trees, of those that most members have, among which the middle one is looked for


def ngrams(tokens: Sequence[str], longest: int) -> Counter[tuple[str, ...]]:
    """Return how often each run of at most so many tokens appears."""
    counted: Counter[tuple[str, ...]] = Counter()
    for length in range(1, longest + 1):
        counted.update(zip(*(tokens[start:] for start in range(length)), strict=False))
    return counted


def vectors(counts: Sequence[Counter[tuple[str, ...]]], *, rare_counts_more: bool = False) -> csr_array:
    """Return a row of length 1 for each; what all consist of counts less where `rare_counts_more`."""
    places: dict[tuple[str, ...], int] = {}
    columns = [places.setdefault(feature, len(places)) for counted in counts for feature in counted]
    numbers = np.array([number for counted in counts for number in counted.values()], float)
    starts = np.cumsum([0, *map(len, counts)])
    table = csr_array((1.0 + np.log(numbers), columns, starts), shape=(len(counts), max(len(places), 1)))
    if rare_counts_more and len(counts) > 1:
        shared = np.bincount(table.indices, minlength=table.shape[1])
        table.data *= np.log((1 + len(counts)) / (1 + shared[table.indices])) + 1
    lengths = np.sqrt(np.asarray(table.multiply(table).sum(axis=1)).ravel())
    table.data /= np.repeat(np.where(lengths > 0, lengths, 1.0), np.diff(table.indptr))
    return table


def most_central(trees: Sequence[Sequence[str]], weights: Sequence[int]) -> int:
    """Return the place of the one that is nearest to all others, each counted by its weight; the first of equals."""
    trees = trees[:_COMPARED]
    if len(trees) <= 2:  # noqa: PLR2004 - of two each is as near to the other; the first is the more usual
        return 0
    table = vectors([ngrams(tokens, _LONGEST) for tokens in trees])
    middle = np.asarray(table.T @ np.array(weights[: len(trees)], float))
    return int(np.argmax(np.round(table @ middle, _DIGITS)))


def nearest(tokens: tuple[str, ...], others: Sequence[tuple[str, ...]]) -> int:
    """Return the place of the one among others that is most like it; the first of equals."""
    mine = _unit(tokens)
    likeness = [round(sum(value * mine.get(key, 0.0) for key, value in _unit(one).items()), _DIGITS) for one in others]
    return likeness.index(max(likeness))


@functools.lru_cache(128)  # of the right variants
def _unit(tokens: tuple[str, ...]) -> dict[tuple[str, ...], float]:
    """Return what a tree consists of, as a vector of length 1."""
    found = {key: 1.0 + math.log(number) for key, number in ngrams(tokens, _LONGEST).items()}
    length = math.sqrt(sum(value * value for value in found.values())) or 1.0
    return {key: value / length for key, value in found.items()}
