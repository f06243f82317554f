"""Plain data as tagged lists, for the pipe between judge and student; both ends use this file.

A value is ``[tag, payload]``:

====== ============================ =========================================
tag    payload                      Python value
====== ============================ =========================================
``n``  None                         None
``b``  bool                         bool
``i``  decimal digits as str        int of any size (up to 1,000 digits)
``f``  float                        float; a Fraction or Decimal becomes one
``c``  [real, imaginary]            complex
``s``  str                          str
``l``  list of values               list; a deque becomes one
``t``  list of values               tuple
``d``  list of [key, value] pairs   dict
``a``  [dtype, shape, bytes]        numpy.ndarray, C order; one of objects becomes lists
``g``  [dtype, bytes]               NumPy scalar
``r``  [name, state, seeds]         numpy.random.Generator, see `generators`
``?``  name of a type               anything else: `Ungradable`
====== ============================ =========================================

Nothing is ever unpickled, imported or called while decoding, and each length is checked before it is used.
"""

import functools
import math
from collections import deque
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from . import generators

# NumPy's letters; "g" and "G" are float128 and complex256, where the machine has them.
DTYPES = ("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "g", "c8", "c16", "G")
MAX_DEPTH = 16
MAX_ITEMS = 1_000_000
MAX_PAIRS = 2_000  # fewer: keys can be made to collide, and each is then compared with every other
MAX_DIGITS = 1_000
MAX_RANK = 32
MAX_LENGTH = 1 << 40
MAX_NAME = 80
_KNOWN_DTYPES = 64
_SHALLOW = 4  # arguments are lists of arrays, or less deep; others are encoded to see what they hold


class CodecError(ValueError):
    """What came over the pipe is not a value in this encoding."""


@dataclass(frozen=True)
class Ungradable:
    """Stands for a value that is not plain data."""

    type_name: str


@functools.lru_cache(_KNOWN_DTYPES)
def dtype_code(dtype: np.dtype[Any]) -> str | None:
    """Return the code of a dtype that may cross the pipe, or None."""
    code = dtype.char if dtype.char in "?gG" else dtype.kind + str(dtype.itemsize)
    return code if code in DTYPES else None


def encode(value: Any, depth: int = 0) -> list[Any]:
    """Return a value as a tagged list; what is no plain data becomes its type's name."""
    if depth > MAX_DEPTH:
        return ["?", "deeply nested " + _name(value)]
    if type(value) is float:  # most values are floats and arrays
        return ["f", value]
    if isinstance(value, np.ndarray) and value.dtype == np.object_:  # as of np.frompyfunc: Python's own numbers
        return encode(np.ndarray.tolist(value), depth + 1)
    if isinstance(value, np.ndarray | np.generic):
        return _encode_numpy(value)
    if isinstance(value, list | tuple | dict | deque):
        return _encode_container(value, depth)
    return _encode_generator(value, depth) if isinstance(value, np.random.Generator) else _encode_scalar(value)


def _encode_generator(value: np.random.Generator, depth: int) -> list[Any]:
    parts = generators.taken_apart(value) if depth + generators.DEPTH <= MAX_DEPTH else None
    return ["?", _name(value)] if parts is None else ["r", [encode(part, depth + 1) for part in parts]]


def _encode_scalar(value: Any) -> list[Any]:
    if value is None or isinstance(value, bool):
        return ["n" if value is None else "b", value]
    if isinstance(value, int):
        return ["i", int.__repr__(value)] if value.bit_length() < 3 * MAX_DIGITS else ["?", "huge int"]
    if isinstance(value, float | Fraction | Decimal):
        return ["f", float.__float__(value) if isinstance(value, float) else float(value)]
    if isinstance(value, complex):
        return ["c", [value.real, value.imag]]
    if isinstance(value, str):
        return ["s", str.encode(value, "utf-8", "replace").decode()]
    return ["?", _name(value)]


def _name(value: Any) -> str:
    return str(type(value).__name__)[:MAX_NAME].encode("utf-8", "replace").decode()


def _encode_container(value: list[Any] | tuple[Any, ...] | dict[Any, Any] | deque[Any], depth: int) -> list[Any]:
    if len(value) > (MAX_PAIRS if isinstance(value, dict) else MAX_ITEMS):
        return ["?", "huge " + _name(value)]
    if isinstance(value, dict):
        return ["d", [[encode(key, depth + 1), encode(item, depth + 1)] for key, item in value.items()]]
    return ["t" if isinstance(value, tuple) else "l", [encode(item, depth + 1) for item in value]]


def _encode_numpy(value: Any) -> list[Any]:
    array = np.asarray(value)
    code = dtype_code(array.dtype)
    if code is None:
        return ["?", f"{_name(value)} of dtype {array.dtype}"[:MAX_NAME]]
    raw = (array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))).tobytes()
    if isinstance(value, np.generic):
        return ["g", [code, raw]]
    return ["a", [code, list(array.shape), raw]]


def decode(data: Any, depth: int = 0) -> Any:
    """Return the value of a tagged list.

    Raises:
        CodecError: it is malformed, too deep or too large.
    """
    tag, payload = _items(data, 2)
    if depth > MAX_DEPTH + 1:
        raise CodecError("nested too deeply")
    decoder = _DECODERS.get(tag) if isinstance(tag, str) else None
    if decoder is None:
        raise CodecError("unknown tag")
    return decoder(payload, depth)


def _plain(*kinds: type) -> Any:
    def decoder(payload: Any, _depth: int) -> Any:
        """Return a payload that is plain already."""
        if type(payload) not in kinds:
            raise CodecError("payload of the wrong type")
        return payload

    return decoder


def _int(payload: Any, _depth: int) -> int:
    digits = payload.removeprefix("-") if isinstance(payload, str) else ""
    if not (digits.isascii() and digits.isdigit() and len(digits) <= MAX_DIGITS):
        raise CodecError("bad int")
    return int(payload)


def _complex(payload: Any, _depth: int) -> complex:
    real, imaginary = _items(payload, 2)
    if type(real) is not float or type(imaginary) is not float:
        raise CodecError("bad complex")
    return complex(real, imaginary)


def _items(payload: Any, count: int | None = None) -> list[Any]:
    if not isinstance(payload, list) or len(payload) > MAX_ITEMS or (count is not None and len(payload) != count):
        raise CodecError("bad list")
    return payload


def _list(payload: Any, depth: int) -> list[Any]:
    return [decode(item, depth + 1) for item in _items(payload)]


def _tuple(payload: Any, depth: int) -> tuple[Any, ...]:
    return tuple(_list(payload, depth))


def _dict(payload: Any, depth: int) -> dict[Any, Any]:
    pairs = [_items(pair, 2) for pair in _items(payload)]
    if len(pairs) > MAX_PAIRS:
        raise CodecError("bad dict")
    try:
        return {decode(key, depth + 1): decode(item, depth + 1) for key, item in pairs}
    except TypeError as error:
        raise CodecError("unhashable key") from error


def _dtype(code: Any) -> np.dtype[Any]:
    if not isinstance(code, str) or code not in DTYPES:
        raise CodecError("bad dtype")
    return np.dtype(code)


def _array(payload: Any, _depth: int) -> np.ndarray[Any, Any]:
    code, shape, raw = _items(payload, 3)
    dtype = _dtype(code)
    if not (
        isinstance(shape, list)
        and len(shape) <= MAX_RANK
        and all(type(n) is int and 0 <= n < MAX_LENGTH for n in shape)
    ):
        raise CodecError("bad shape")
    if not isinstance(raw, bytes) or math.prod(shape) * dtype.itemsize != len(raw):
        raise CodecError("shape and bytes disagree")
    return _normal(np.frombuffer(raw, dtype)).reshape(shape)


def _scalar(payload: Any, _depth: int) -> np.generic:
    code, raw = _items(payload, 2)
    dtype = _dtype(code)
    if not isinstance(raw, bytes) or len(raw) != dtype.itemsize:
        raise CodecError("bad scalar")
    scalar: np.generic = _normal(np.frombuffer(raw, dtype))[0]
    return scalar


def _generator(payload: Any, depth: int) -> np.random.Generator:
    parts = [decode(part, depth + 1) for part in _items(payload, 3)]
    try:
        return generators.put_together(*parts)
    except ValueError as error:
        raise CodecError(str(error)) from error


def _normal(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return a writable copy; a bool's byte other than 0 and 1, which NumPy never writes, becomes 1."""
    return array.view("u1") != 0 if array.dtype == np.bool_ else array.copy()


def _ungradable(payload: Any, _depth: int) -> Ungradable:
    if not isinstance(payload, str):
        raise CodecError("bad type name")
    return Ungradable(payload[: MAX_NAME + 20])


_DECODERS = {
    "n": _plain(type(None)),
    "b": _plain(bool),
    "f": _plain(float),
    "s": _plain(str),
    "i": _int,
    "c": _complex,
    "l": _list,
    "t": _tuple,
    "d": _dict,
    "a": _array,
    "g": _scalar,
    "r": _generator,
    "?": _ungradable,
}


def contains_ungradable(value: Any) -> Ungradable | None:
    """Return the first part of a decoded value that is not plain data, or None."""
    if isinstance(value, Ungradable):
        return value
    parts: list[Any] = []
    if isinstance(value, list | tuple):
        parts = list(value)
    elif isinstance(value, dict):
        parts = [*value.keys(), *value.values()]
    return next((found for part in parts if (found := contains_ungradable(part))), None)


def unsendable(value: Any, depth: int = 0) -> str | None:
    """Return the name of the type of the first part of a value that the pipe cannot carry, or None."""
    if type(value) in (tuple, list) and len(value) <= MAX_RANK and depth < _SHALLOW:
        return next((found for part in value if (found := unsendable(part, depth + 1))), None)
    if type(value) is float or (type(value) is np.ndarray and dtype_code(value.dtype) is not None):
        return None
    return _first_name(encode(value))


def _first_name(data: list[Any]) -> str | None:
    tag, payload = data
    if tag == "?":
        name: str = payload
        return name
    parts = payload if tag in ("l", "t") else [part for pair in payload for part in pair] if tag == "d" else []
    return next((found for part in parts if (found := _first_name(part))), None)
