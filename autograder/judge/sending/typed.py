"""Plain data that anybody may have written, checked field by field on its way into one of our dataclasses."""

import dataclasses
import functools
import math
import types
from collections.abc import Callable, Mapping
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from autograder.sandbox.limits import CARRIED

Reader = Callable[[Any], Any]

_SCALARS: dict[Any, tuple[type, ...]] = {str: (str,), int: (int,), bool: (bool,), float: (float, int), bytes: (bytes,)}

_FIT: dict[Any, Callable[[Any], bool]] = {str: lambda text: len(text) <= CARRIED.text, bytes: lambda _: True}


class MalformedError(ValueError):
    """The data is not of the form that was asked for; the text says where."""


def read_typed(kind: Any, raw: Any) -> Any:
    """Return plain data as a value of an annotation; of a dataclass all fields must be there, and no others.

    Raises:
        MalformedError: it is none.
    """
    return _reader(kind)(raw)


@functools.cache
def _reader(kind: Any) -> Reader:
    """Return what reads data as a value of an annotation: the annotation is looked into once."""
    if dataclasses.is_dataclass(kind):
        return _of_dataclass(kind)
    return _MAKERS.get(get_origin(kind) or kind, _of_scalar)(kind)


def _expect(kind: Any, raw: Any, holds: bool) -> Any:  # noqa: FBT001 - the one thing that is asked
    if not holds:
        raise MalformedError(f"{str(kind)[:80]} expected, {type(raw).__name__} came")
    return raw


def _of_dataclass(kind: Any) -> Reader:
    hints = get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in dataclasses.fields(kind)}

    def read(raw: Any) -> Any:
        """Read a record, field by field."""
        _expect(kind, raw, isinstance(raw, dict) and raw.keys() == readers.keys())
        return kind(**{name: reader(raw[name]) for name, reader in readers.items()})

    return read


def _of_sequence(kind: Any) -> Reader:
    inner = get_args(kind)
    if get_origin(kind) is tuple and inner[-1] is not Ellipsis:
        return _of_fixed(kind, [_reader(one) for one in inner])
    made, reader = get_origin(kind), _reader(inner[0])
    return lambda raw: made(map(reader, _expect(kind, raw, isinstance(raw, list))))


def _of_fixed(kind: Any, readers: list[Reader]) -> Reader:
    def read(raw: Any) -> Any:
        """Read a tuple, item by item."""
        _expect(kind, raw, isinstance(raw, list) and len(raw) == len(readers))
        return tuple(reader(item) for reader, item in zip(readers, raw, strict=True))

    return read


def _of_scalar(kind: Any) -> Reader:
    kinds = _SCALARS[kind]
    fits = _FIT.get(kind, math.isfinite)

    def read(raw: Any) -> Any:
        """Read one plain value."""
        return raw if type(raw) in kinds and fits(raw) else _expect(kind, raw, holds=False)

    return read


def _plain(raw: Any, depth: int) -> Any:
    """Return data that JSON can hold, or that becomes it."""
    if isinstance(raw, list) and depth:
        return [_plain(item, depth - 1) for item in raw]
    if isinstance(raw, dict) and depth:
        return {read_typed(str, key): _plain(item, depth - 1) for key, item in raw.items()}
    if raw is None:
        return raw
    return read_typed(type(raw), raw) if type(raw) in _SCALARS else _expect(Any, raw, holds=False)


def _of_any(_kind: Any) -> Reader:
    return lambda raw: _plain(raw, CARRIED.depth)


def _of_literal(kind: Any) -> Reader:
    values = get_args(kind)
    return lambda raw: _expect(kind, raw, isinstance(raw, str) and raw in values)


def _of_optional(kind: Any) -> Reader:
    (one,) = [part for part in get_args(kind) if part is not type(None)]
    reader = _reader(one)
    return lambda raw: None if raw is None else reader(raw)


def _of_dict(kind: Any) -> Reader:
    of_keys, of_values = map(_reader, get_args(kind))

    def read(raw: Any) -> Any:
        """Read a dict, key by key."""
        _expect(kind, raw, isinstance(raw, dict))
        return {of_keys(key): of_values(value) for key, value in raw.items()}

    return read


_MAKERS: dict[Any, Callable[[Any], Reader]] = {
    Any: _of_any,
    Literal: _of_literal,
    Union: _of_optional,
    types.UnionType: _of_optional,
    dict: _of_dict,
    Mapping: _of_dict,
    list: _of_sequence,
    tuple: _of_sequence,
}
