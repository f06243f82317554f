"""Reads student text for the review in confined processes: what takes too long costs one result.

Whatever parses, normalizes or compares student text is called from here, or by `each` from `alike.compared`. Calls come
in batches, so that a class of thousands is read quickly; a batch that fails is repeated one by one.
"""

import functools
import html
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from autograder.confined import ConfinedError, confined
from autograder.review.reading.notebooks import Code, Sought, code, raw
from autograder.sandbox.limits import READING

if TYPE_CHECKING:
    from autograder.review.reading.outputs import Shown

T = TypeVar("T")

MODULES = ("autograder.review.alike.compared",)  # which loads this one, too


@dataclass(frozen=True)
class Failed:
    """A result that could not be made; `why` says so in words that may follow a colon."""

    why: str


def codes(sought: Sequence[Sought]) -> Iterator[Code]:
    """Yield functions and answers of students; where reading fails, the exercises' cells as they are."""
    for one, found in zip(sought, each(code, sought), strict=True):
        yield _raw(one, found.why) if isinstance(found, Failed) else found


def _raw(one: Sought, why: str) -> Code:
    (found,) = each(functools.partial(raw, why=why), [one])
    return Code({}, {}, f"could not be read in time: {found.why}") if isinstance(found, Failed) else found


def shows(path: Path, exercises: tuple[str, ...], *, hidden: bool) -> "dict[str, Shown] | Failed":
    """Return cards and outputs of a graded notebook: see `autograder.review.reading.outputs.shown`."""
    (found,) = each(_shows, [(path, exercises, hidden)])
    return found


@functools.lru_cache(1_000)
def answer(text: str) -> str:
    """Return an answer in words as HTML, its formulas as MathML; as plain text, if that takes too long."""
    (found,) = each(_answer, [text])
    return html.escape(text, quote=False) if isinstance(found, Failed) else found


def each(function: Callable[[Any], T], items: Sequence[Any]) -> Iterator[T | Failed]:
    """Yield the results of a function for each item, in order, as many batches at a time as there are processes."""
    batches = [items[start : start + READING.batch] for start in range(0, len(items), READING.batch)]
    if len(batches) == 1:  # of one page
        yield from _batch(function, batches[0])
        return
    with ThreadPoolExecutor(READING.reading.processes) as pool:
        for found in pool.map(lambda batch: _batch(function, batch), batches):
            yield from found


def _batch(function: Callable[[Any], T], items: Sequence[Any]) -> list[T | Failed]:
    run = confined(READING.reading, MODULES)
    try:
        return list(run(_all, function, list(items)))
    except ConfinedError as error:
        if len(items) == 1:
            return [Failed(str(error))]
    return [one for item in items for one in _batch(function, [item])]


def _all(function: Callable[[Any], T], items: list[Any]) -> list[T]:
    return [function(item) for item in items]


def _answer(source: str) -> str:
    from autograder.card.formulas import text  # noqa: PLC0415 - loads nh3, which nothing else needs here

    return text(source)


def _shows(given: tuple[Path, tuple[str, ...], bool]) -> "dict[str, Shown]":
    from autograder.review.reading.outputs import shown  # noqa: PLC0415 - loads nbconvert, which nothing else needs here

    path, exercises, hidden = given
    return shown(path, exercises, hidden=hidden)
