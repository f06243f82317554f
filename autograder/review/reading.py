"""Reads and compares student text for the review in confined processes: what takes too long costs one result.

Everything that parses, normalizes or compares student text is called here. Calls come in batches, so that a class of
thousands is read quickly; a batch that fails is repeated one by one.
"""

import functools
import html
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from autograder.confined import ConfinedError, confined
from autograder.review.answers import Cluster, clusters, same
from autograder.review.differences import Difference, difference
from autograder.review.notebooks import Code, code, raw
from autograder.review.similarity import most_central, nearest
from autograder.review.syntax import tree
from autograder.sandbox.answers import Places
from autograder.sandbox.limits import READING

if TYPE_CHECKING:
    from autograder.review.outputs import Shown

T = TypeVar("T")

_MODULES = ("autograder.review.reading",)


@dataclass(frozen=True)
class Failed:
    """A result that could not be made; `why` says so in words that may follow a colon."""

    why: str


@dataclass(frozen=True)
class Sought:
    """A notebook to be read: see `autograder.review.notebooks.code`."""

    path: Path
    exercises: tuple[str, ...]
    answered: tuple[str, ...]
    places: dict[str, Places]


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


def codes(sought: Sequence[Sought]) -> Iterator[Code]:
    """Yield functions and answers of students; where reading fails, the exercises' cells as they are."""
    for one, found in zip(sought, _each(_code, sought), strict=True):
        yield _raw(one, found.why) if isinstance(found, Failed) else found


def _raw(one: Sought, why: str) -> Code:
    (found,) = _each(_raw_code, [(one, why)])
    return Code({}, {}, f"could not be read in time: {found.why}") if isinstance(found, Failed) else found


def shows(path: Path, exercises: tuple[str, ...], *, hidden: bool) -> "dict[str, Shown] | Failed":
    """Return cards and outputs of a graded notebook: see `autograder.review.outputs.shown`."""
    (found,) = _each(_shows, [(path, exercises, hidden)])
    return found


def differences(pairs: Sequence[Pair]) -> list[Difference]:
    """Return pieces of code side by side; where they cannot be compared in time, why."""
    found = list(_each(_difference, pairs))
    return [
        Difference(*pair.titles, (), f"could not be compared in time: {one.why}") if isinstance(one, Failed) else one
        for pair, one in zip(pairs, found, strict=True)
    ]


def nearest_variants(sought: Sequence[Likeness]) -> list[tuple[Difference, str] | None]:
    """Return each function beside the right variant that is written most like it, with its title; None for none."""
    return [None if isinstance(one, Failed) else one for one in _each(_nearest, sought)]


def middles(spellings: Sequence[tuple[list[str], list[int]]]) -> list[int]:
    """Return the place of the tree in each list that is nearest to all others; the first, if that takes too long.

    Args:
        spellings: texts of trees, and how many wrote each.
    """
    try:
        return confined(READING.grouping, _MODULES)(_middles, list(spellings))
    except ConfinedError:
        return [0] * len(spellings)


def answers(texts: Sequence[str]) -> list[Cluster]:
    """Return answers in groups of similar ones; of the same words, where comparing a class takes too long."""
    try:
        return confined(READING.grouping, _MODULES)(clusters, list(texts))
    except ConfinedError:
        return same(texts)


@functools.lru_cache(1_000)
def answer(text: str) -> str:
    """Return an answer in words as HTML, its formulas as MathML; as plain text, if that takes too long."""
    try:
        return confined(READING.reading, _MODULES)(_answer, text)
    except ConfinedError:
        return html.escape(text, quote=False)


def _answer(source: str) -> str:
    from autograder.card.formulas import text  # noqa: PLC0415 - loads nh3, which nothing else needs here

    return text(source)


def _each(function: Callable[[Any], T], items: Sequence[Any]) -> Iterator[T | Failed]:
    """Yield the results of a function for each item, in order, as many batches at a time as there are processes."""
    batches = [items[start : start + READING.batch] for start in range(0, len(items), READING.batch)]
    if len(batches) == 1:  # of one page
        yield from _batch(function, batches[0])
        return
    with ThreadPoolExecutor(READING.reading.processes) as pool:
        for found in pool.map(lambda batch: _batch(function, batch), batches):
            yield from found


def _batch(function: Callable[[Any], T], items: Sequence[Any]) -> list[T | Failed]:
    run = confined(READING.reading, _MODULES)
    try:
        return list(run(_all, function, list(items)))
    except ConfinedError as error:
        if len(items) == 1:
            return [Failed(str(error))]
    return [one for item in items for one in _batch(function, [item])]


def _all(function: Callable[[Any], T], items: list[Any]) -> list[T]:
    return [function(item) for item in items]


def _code(one: Sought) -> Code:
    return code(one.path, one.exercises, one.answered, one.places)


def _raw_code(given: tuple[Sought, str]) -> Code:
    one, why = given
    return raw(one.path, one.exercises, one.answered, why)


def _shows(given: tuple[Path, tuple[str, ...], bool]) -> "dict[str, Shown]":
    from autograder.review.outputs import shown  # noqa: PLC0415 - loads nbconvert, which nothing else needs here

    path, exercises, hidden = given
    return shown(path, exercises, hidden=hidden)


def _difference(pair: Pair) -> Difference:
    return difference(pair.left, pair.right, pair.titles)


def _nearest(one: Likeness) -> tuple[Difference, str]:
    tokens = [tree(source).tokens for _, source in one.variants]
    title, source = one.variants[nearest(tree(one.source).tokens, tokens)]
    return difference(one.source, source.strip(), (one.name, title)), title


def _middles(spellings: list[tuple[list[str], list[int]]]) -> list[int]:
    return [most_central([text.split("\n") for text in texts], weights) for texts, weights in spellings]
