"""Answers in words, grouped by how similar they are."""

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograder.review.alike.similarity import ngrams, vectors
from autograder.sandbox.limits import READING

# Two answers are alike from this cosine on: half of what they say, rare words counting more, in the same words.
_ALIKE = 0.5
_BLOCK = 500  # answers that are compared with all others at once
_WORD = re.compile(r"\w+|[^\w\s]")


Cluster = tuple[int, ...]  # places of similar texts, the most similar to the first one first, which stands for all


def words(text: str) -> tuple[str, ...]:
    """Return the words and signs of a text as they count: capitals, accents' encoding and spaces do not."""
    text = text[: READING.answer]
    if not text.isascii():
        text = " ".join(map(_normalized, text.split()))
    found = (one.group() for one in _WORD.finditer(text.casefold()))
    return tuple(itertools.islice(found, READING.words))


def _normalized(text: str) -> str:
    """Return a text without spaces as Unicode writes it where writings differ.

    It is cut first: normalizing sorts the accents of a letter, in time that grows with the square of their number.
    """
    pieces = (text[start : start + READING.word] for start in range(0, len(text), READING.word))
    return "".join(unicodedata.normalize("NFKC", piece) for piece in pieces)


def same(texts: Sequence[str]) -> list[Cluster]:
    """Return texts in groups of the same words, largest first: for a class that takes `clusters` too long."""
    return _largest_first(map(tuple, _by_words(texts).values()), texts)


def clusters(texts: Sequence[str]) -> list[Cluster]:
    """Return texts in groups of similar ones, largest first; each is like the one that stands for its group.

    The text that most others are like comes first and takes them along; then the one that most of the rest are like,
    and so on.
    """
    distinct = _by_words(texts)
    keys = sorted(distinct)  # so that the same texts come to the same groups, whoever wrote them
    sizes = np.array([len(distinct[key]) for key in keys])
    found = (tuple(place for key in members for place in distinct[keys[key]]) for members in _stars(keys, sizes))
    return _largest_first(found, texts)


def _by_words(texts: Sequence[str]) -> dict[tuple[str, ...], list[int]]:
    """Return the places of texts by their words."""
    found: dict[tuple[str, ...], list[int]] = {}
    for place, text in enumerate(texts):
        found.setdefault(words(text), []).append(place)
    return found


def _largest_first(found: Iterable[Cluster], texts: Sequence[str]) -> list[Cluster]:
    return sorted(found, key=lambda one: (-len(one), words(texts[one[0]])))


def _stars(keys: Sequence[tuple[str, ...]], sizes: Any) -> list[list[int]]:
    counts: list[Counter[tuple[str, ...]]] = [ngrams(key, 2) for key in keys]
    neighbours = _neighbours(counts)
    weight = np.array([sizes[near].sum() for near, _ in neighbours])
    free = np.ones(len(keys), bool)
    stars = []
    while free.any():
        middle = int(np.argmax(np.where(free, weight, -1)))
        near, likeness = neighbours[middle]
        mine = near[free[near]]
        stars.append([middle, *_by_likeness(mine, likeness[free[near]], middle)])
        taken = [middle, *mine]
        free[taken] = False
        for one in taken:  # they are no more to be had by others
            weight[neighbours[one][0]] -= sizes[one]
    return stars


def _by_likeness(places: Any, likeness: Any, middle: int) -> list[int]:
    order = np.lexsort((places, -likeness))
    return [int(place) for place in places[order] if place != middle]


def _neighbours(counts: Sequence[Counter[tuple[str, ...]]]) -> list[tuple[Any, Any]]:
    """Return for each text the places of those that are like it, itself among them, and how much they are."""
    table = vectors(counts, rare_counts_more=True)
    turned = table.T.tocsc()
    found = []
    for start in range(0, len(counts), _BLOCK):
        block = (table[start : start + _BLOCK] @ turned).tocsr()
        for row in range(block.shape[0]):
            part = slice(block.indptr[row], block.indptr[row + 1])
            places, likeness = block.indices[part], block.data[part]
            near = (likeness >= _ALIKE) & (places != start + row)
            found.append((np.append(places[near], start + row), np.append(likeness[near], 1.0)))
    return found
