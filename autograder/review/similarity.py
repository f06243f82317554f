"""How much alike trees or texts are: by the cosine of the angle between the counts of what they consist of."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_array

Floats = np.ndarray[Any, np.dtype[np.float64]]


def ngrams(tokens: Sequence[str], longest: int) -> Counter[tuple[str, ...]]:
    """Return how often each run of at most so many tokens appears."""
    counted: Counter[tuple[str, ...]] = Counter()
    for length in range(1, longest + 1):
        counted.update(zip(*(tokens[start:] for start in range(length)), strict=False))
    return counted


def vectors(counts: Sequence[Counter[tuple[str, ...]]], *, rare_counts_more: bool = False) -> csr_array:
    """Return a row of length 1 for each; what all consist of counts less where `rare_counts_more`."""
    places: dict[tuple[str, ...], int] = {}
    starts, columns, values = [0], [], []
    for counted in counts:
        for feature, number in counted.items():
            columns.append(places.setdefault(feature, len(places)))
            values.append(1.0 + np.log(number))
        starts.append(len(columns))
    table = csr_array((np.array(values, float), columns, starts), shape=(len(counts), max(len(places), 1)))
    if rare_counts_more and len(counts) > 1:
        shared = np.bincount(table.indices, minlength=table.shape[1])
        table.data *= np.log((1 + len(counts)) / (1 + shared[table.indices])) + 1
    lengths = np.sqrt(np.asarray(table.multiply(table).sum(axis=1)).ravel())
    table.data /= np.repeat(np.where(lengths > 0, lengths, 1.0), np.diff(table.indptr))
    return table


def most_central(trees: Sequence[Sequence[str]], weights: Iterable[int]) -> int:
    """Return the place of the one that is nearest to all others, each counted by its weight; the first of equals."""
    if len(trees) == 1:
        return 0
    table = vectors([ngrams(tokens, 3) for tokens in trees])
    middle = np.asarray(table.T @ np.array(list(weights), float))
    return int(np.argmax(np.round(table @ middle, 9)))


def nearest(tokens: Sequence[str], others: Sequence[Sequence[str]]) -> int:
    """Return the place of the one among others that is most like it."""
    table = vectors([ngrams(one, 3) for one in (tokens, *others)])
    likeness = np.asarray((table[1:] @ table[[0]].T).todense()).ravel()
    return int(np.argmax(np.round(likeness, 9)))
