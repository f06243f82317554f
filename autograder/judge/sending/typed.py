"""Plain data that anybody may have written, read as one of our dataclasses by its annotations."""

import dataclasses
import functools
import math
import types
from collections.abc import Callable, Mapping
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from autograder.sandbox.limits import CARRIED

_SCALARS: dict[Any, tuple[type, ...]] = {str: (str,), int: (int,), bool: (bool,), float: (float, int), bytes: (bytes,)}


class MalformedError(ValueError):
    """The data is not of the form that was asked for; the text says where."""


def read_typed(kind: Any, raw: Any) -> Any:
    """Return plain data as a value of an annotation; of a dataclass all fields must be there, and no others.

    Raises:
        MalformedError: it is none.
    """
    if dataclasses.is_dataclass(kind):
        return _read_dataclass(kind, raw)
    return _READERS.get(get_origin(kind) or kind, _read_scalar)(kind, raw)


def _expect(kind: Any, raw: Any, holds: bool) -> Any:  # noqa: FBT001 - the one thing that is asked
    if not holds:
        raise MalformedError(f"{str(kind)[:80]} expected, {type(raw).__name__} came")
    return raw


@functools.cache
def _fields(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def _read_dataclass(kind: Any, raw: Any) -> Any:
    fields = _fields(kind)
    _expect(kind, raw, isinstance(raw, dict) and set(raw) == set(fields))
    return kind(**{name: read_typed(inner, raw[name]) for name, inner in fields.items()})


def _read_sequence(kind: Any, raw: Any) -> Any:
    inner = get_args(kind)
    _expect(kind, raw, isinstance(raw, list))
    if get_origin(kind) is list:
        return [read_typed(inner[0], item) for item in raw]
    if inner[-1] is Ellipsis:
        return tuple(read_typed(inner[0], item) for item in raw)
    _expect(kind, raw, len(raw) == len(inner))
    return tuple(read_typed(one, item) for one, item in zip(inner, raw, strict=True))


def _read_scalar(kind: Any, raw: Any) -> Any:
    _expect(kind, raw, type(raw) in _SCALARS[kind])
    if isinstance(raw, str):
        return _expect(kind, raw, len(raw) <= CARRIED.text)
    if isinstance(raw, bytes):
        return raw
    return _expect(kind, raw, math.isfinite(raw))


def _plain(raw: Any, depth: int) -> Any:
    """Return data that JSON can hold, or that becomes it."""
    if isinstance(raw, list) and depth:
        return [_plain(item, depth - 1) for item in raw]
    if isinstance(raw, dict) and depth:
        return {_read_scalar(str, key): _plain(item, depth - 1) for key, item in raw.items()}
    return raw if raw is None else _read_scalar(_expect(Any, type(raw), type(raw) in _SCALARS), raw)


def _read_any(_kind: Any, raw: Any) -> Any:
    return _plain(raw, CARRIED.depth)


def _read_literal(kind: Any, raw: Any) -> Any:
    return _expect(kind, raw, isinstance(raw, str) and raw in get_args(kind))


def _read_optional(kind: Any, raw: Any) -> Any:
    (one,) = [part for part in get_args(kind) if part is not type(None)]
    return None if raw is None else read_typed(one, raw)


def _read_dict(kind: Any, raw: Any) -> Any:
    _expect(kind, raw, isinstance(raw, dict))
    of_keys, of_values = get_args(kind)
    return {read_typed(of_keys, key): read_typed(of_values, value) for key, value in raw.items()}


_READERS: dict[Any, Callable[[Any, Any], Any]] = {
    Any: _read_any,
    Literal: _read_literal,
    Union: _read_optional,
    types.UnionType: _read_optional,
    dict: _read_dict,
    Mapping: _read_dict,
    list: _read_sequence,
    tuple: _read_sequence,
}
