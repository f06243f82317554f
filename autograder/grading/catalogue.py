"""The catalogues of an assignment, a file an entry: mistakes that are made, and right answers written otherwise."""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MISTAKES, VARIANTS = "mistakes", "variants"


class CatalogueError(ValueError):
    """An entry cannot be used; the text says which and why."""


@dataclass(frozen=True)
class Mistake:
    """A wrong implementation with its explanation.

    Attributes:
        id: the name of its file.
        exercise: whose function it is.
        title: what is wrong, in one line.
        hint: for the student: what the output shows, and what to look at.
        fails: the criteria that it fails, and no others.
        edit: the steps of the exercise's formula that are wrong, as they are in this mistake.
        second: the same in another spelling, which diagnosis never sees; the source of a whole function.
        on: groups of probe inputs, besides the plain ones, by which it is recognized.
        unnamed: why it cannot be recognized from its answers, or nothing; then it has no edit.
    """

    id: str
    exercise: str
    title: str
    hint: str
    fails: tuple[str, ...]
    second: str
    edit: Mapping[str, str] = field(default_factory=dict)
    on: tuple[str, ...] = ()
    unnamed: str = ""

    def to_json(self) -> dict[str, str]:
        """Return what a student is told."""
        return {"mistake": self.id, "title": self.title, "hint": self.hint}


@dataclass(frozen=True)
class Variant:
    """A right implementation.

    Attributes:
        id: the name of its file.
        exercise: whose function it is.
        title: how it is written.
        source: of the function, with the imports that it needs.
        loses: the criteria that it fails all the same; only `saturation` may be.
        reason: why a borderline counts as right.
    """

    id: str
    exercise: str
    title: str
    source: str
    loses: tuple[str, ...] = ()
    reason: str = ""


@functools.cache
def mistakes(folder: Path) -> tuple[Mistake, ...]:
    """Return the mistakes of the assignment in this folder, in the order of their names.

    Raises:
        CatalogueError: an entry lacks something, or has something that no entry has.
    """
    return tuple(_read(path, Mistake) for path in sorted((folder / MISTAKES).glob("*.toml")))


@functools.cache
def variants(folder: Path) -> tuple[Variant, ...]:
    """Return the right variants of the assignment in this folder, in the order of their names.

    Raises:
        CatalogueError: as `mistakes`.
    """
    return tuple(_read(path, Variant) for path in sorted((folder / VARIANTS).glob("*.toml")))


def _read(path: Path, kind: type[Any]) -> Any:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        tuples = {key: tuple(value) for key, value in data.items() if isinstance(value, list)}
        return kind(id=path.stem, **{**data, **tuples})
    except (OSError, ValueError, TypeError) as error:
        raise CatalogueError(f"{path}: {error}") from error
