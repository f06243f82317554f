"""The catalogues of an assignment, a file per exercise: known mistakes, and right answers written otherwise."""

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

MISTAKES, VARIANTS = "mistakes", "variants"
_EQUIVALENT = "equivalent"  # in a file of variants, beside these

Changes = Mapping[str, Mapping[str, str]]  # by function of the reference: a line and its new text


class CatalogueError(ValueError):
    """An entry cannot be used; the text says which and why."""


@dataclass(frozen=True)
class Written:
    """What is told of a mistake to a student whose function uses a name: its numbers may have another cause there.

    Attributes:
        uses: the name, such as `logaddexp`, or a word of Python, such as `for`.
        title: as a mistake's.
        hint: as a mistake's.
    """

    uses: str
    title: str
    hint: str


@dataclass(frozen=True)
class Mistake:
    """A wrong implementation with its explanation.

    Attributes:
        id: its name in the file.
        exercise: whose function it is.
        title: what is wrong, in one line.
        hint: for the student: what the output shows, and what to look at.
        fails: the criteria that it fails, and no others.
        sometimes: the criteria of which the course's hidden inputs decide whether it fails them: an answer that is
            nearly right, such as a rounded one, fails what its last right digit decides.
        changes: lines of the reference with their new text, all made at once; by function, for a helper may be changed.
        source: the whole wrong function, or its body, where it is no change of the reference.
        second: the same in another spelling, which diagnosis never sees; a whole function or its body.
        on: groups of probe inputs, besides the plain ones, by which it is recognized.
        unnamed: why it cannot be recognized from its answers, or nothing; then it has neither changes nor a source.
        usual: whether the notebook's visible checks tell it, too, so that its title is public.
        blind: whether it is as good as an answer that does not look at its input: laws earn it nothing.
        written: what else is told where the function is written in other ways; the first that fits.
    """

    id: str
    exercise: str
    title: str
    hint: str
    fails: tuple[str, ...]
    sometimes: tuple[str, ...] = ()
    changes: Changes = field(default_factory=dict)
    source: str = ""
    second: str = ""
    on: tuple[str, ...] = ()
    unnamed: str = ""
    usual: bool = False
    blind: bool = False
    written: tuple[Written, ...] = ()

    @property
    def known(self) -> bool:
        """Whether it can be recognized: diagnosis knows what it answers."""
        return bool(self.changes or self.source)

    def to_json(self, source: str = "") -> dict[str, str]:
        """Return what a student is told; `source` is the text of the function, where it is known."""
        says = next((one for one in self.written if re.search(rf"\b{one.uses}\b", source)), self)
        return {"mistake": self.id, "title": says.title, "hint": says.hint}


@dataclass(frozen=True)
class Variant:
    """A right implementation.

    Attributes:
        id: its name in the file.
        exercise: whose function it is.
        title: how it is written.
        source: of the function, with the imports that it needs; or its body.
        loses: the criteria that it fails all the same; only `saturation` may be.
        reason: why a borderline counts as right.
    """

    id: str
    exercise: str
    title: str
    source: str
    loses: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Equivalent:
    """Mutants of the right function that are as right as it is; `lines` are what is new in each."""

    exercise: str
    reason: str
    lines: tuple[str, ...]


@functools.cache
def mistakes(folder: Path) -> tuple[Mistake, ...]:
    """Return the mistakes of the assignment in this folder, by exercise and in the order of their files.

    Raises:
        CatalogueError: an entry lacks something, or has something that no entry has.
    """
    return tuple(
        mistake
        for path, entry, data in _entries(folder / MISTAKES)
        for mistake in _checked(path, entry, lambda: _mistakes(path.stem, entry, dict(data)))  # noqa: B023 - called here
    )


@functools.cache
def variants(folder: Path) -> tuple[Variant, ...]:
    """Return the right variants of the assignment in this folder, by exercise and in the order of their files.

    Raises:
        CatalogueError: as `mistakes`.
    """
    return tuple(
        _checked(path, entry, lambda: Variant(entry, path.stem, **_tuples(data)))  # noqa: B023 - called here
        for path, entry, data in _entries(folder / VARIANTS)
    )


@functools.cache
def equivalents(folder: Path) -> tuple[Equivalent, ...]:
    """Return the mutants of the assignment in this folder that no input can tell from the right function.

    Raises:
        CatalogueError: as `mistakes`.
    """
    return tuple(
        _checked(path, _EQUIVALENT, lambda: Equivalent(path.stem, **_tuples(one)))  # noqa: B023 - called here
        for path, data in _files(folder / VARIANTS)
        for one in data.get(_EQUIVALENT, ())
    )


def _files(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in sorted(folder.glob("*.toml")):
        try:
            yield path, tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CatalogueError(f"{path}: {error}") from error


def _entries(folder: Path) -> Iterator[tuple[Path, str, dict[str, Any]]]:
    for path, data in _files(folder):
        for entry, values in data.items():
            if entry == _EQUIVALENT and folder.name == VARIANTS:
                continue
            if not isinstance(values, dict):
                raise CatalogueError(f"{path}: {entry} stands outside of any entry; begin each with [its-name]")
            yield path, entry, values


def _checked(path: Path, entry: str, read: Any) -> Any:
    try:
        return read()
    except (TypeError, ValueError, AttributeError) as error:
        raise CatalogueError(f"{path}: [{entry}]: {error}") from error


def _mistakes(exercise: str, entry: str, data: dict[str, Any]) -> list[Mistake]:
    """Return one mistake per exercise that an entry serves."""
    own = data.pop("change", {})
    changes = {**({exercise: own} if own else {}), **data.pop("change_in", {})}
    second = data.pop("second", "")
    seconds = {exercise: second} if isinstance(second, str) else second
    served = (exercise, *data.pop("also", ()))
    written = tuple(Written(**one) for one in data.pop("written", ()))
    if unknown := set(data) - {one.name for one in fields(Mistake)} - {"changes"}:
        raise ValueError(f"unknown key {', '.join(sorted(unknown))}")
    rest = _tuples(data)
    return [
        Mistake(entry, one, changes=changes, second=seconds.get(one, ""), written=written, **rest) for one in served
    ]


def _tuples(data: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
