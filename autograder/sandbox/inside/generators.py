"""NumPy's generators as plain data: an algorithm that NumPy has, its state, and the seeds that it spawns from.

A state that came from elsewhere is checked field by field before NumPy gets it, for NumPy does not: an index that is
too large would read memory that is not the generator's.
"""

import operator
from typing import Any

import numpy as np

Generator = np.random.Generator

_WORDS, _HALF, _LONG = ("u8", 4), 1 << 32, 1 << 128
_SPARE = {"has_uint32": 2, "uinteger": _HALF}
# Of each field the number that its value must stay below, or an array's dtype and length; a dict holds more fields.
_STATES: dict[str, dict[str, Any]] = {
    "MT19937": {"state": {"key": ("u4", 624), "pos": 625}},
    "PCG64": {"state": {"state": _LONG, "inc": _LONG}, **_SPARE},
    "PCG64DXSM": {"state": {"state": _LONG, "inc": _LONG}, **_SPARE},
    "Philox": {"state": {"counter": _WORDS, "key": ("u8", 2)}, "buffer": _WORDS, "buffer_pos": 5, **_SPARE},
    "SFC64": {"state": {"state": _WORDS}, **_SPARE},
}
DEPTH = 3  # of what is nested in a generator that was taken apart
_MAX_SEEDS = 64
_MAX_SEED = 1 << 1024
_POOLS = range(4, 65)


def taken_apart(generator: Generator) -> list[Any] | None:
    """Return a generator as [algorithm, state, seeds], all of it plain; None where it is of no algorithm of NumPy's."""
    bits = generator.bit_generator
    name, seeds = type(bits).__name__, bits.seed_seq
    if name not in _STATES or not isinstance(seeds, np.random.SeedSequence):
        return None
    state = dict(bits.state)
    del state["bit_generator"]
    try:
        entropy = seeds_of(seeds.entropy)
    except TypeError:  # such as a text with digits
        return None
    return [name, state, [entropy, list(seeds.spawn_key), seeds.pool_size, seeds.n_children_spawned]]


def seeds_of(entropy: Any) -> int | list[int]:
    """Return what a generator was seeded with as whole numbers.

    Raises:
        TypeError: it is made of something else.
    """
    return operator.index(entropy) if np.ndim(entropy) == 0 else [operator.index(one) for one in entropy]


def put_together(name: Any, state: Any, seeds: Any) -> Generator:
    """Return the generator that a name, a state and seeds stand for.

    Raises:
        ValueError: they stand for none.
    """
    if not isinstance(name, str) or name not in _STATES or not _holds(state, _STATES[name]):
        raise ValueError("bad state of a generator")
    bits = getattr(np.random, name)(_sequence(seeds))
    bits.state = {"bit_generator": name, **state}
    return Generator(bits)


def _sequence(seeds: Any) -> np.random.SeedSequence:
    if not isinstance(seeds, list) or len(seeds) != len(("entropy", "spawn key", "pool size", "children")):
        raise ValueError("bad seeds of a generator")
    entropy, spawn_key, pool_size, children = seeds
    entropies = entropy if isinstance(entropy, list) else [entropy]
    pools = isinstance(pool_size, int) and pool_size in _POOLS
    if not (
        pools and _are_below(entropies, _MAX_SEED) and _are_below(spawn_key, _HALF) and _are_below([children], _HALF)
    ):
        raise ValueError("bad seeds of a generator")
    return np.random.SeedSequence(entropy, spawn_key=tuple(spawn_key), pool_size=pool_size, n_children_spawned=children)


def _are_below(numbers: Any, most: int) -> bool:
    return (
        isinstance(numbers, list)
        and len(numbers) <= _MAX_SEEDS
        and all(type(one) is int and 0 <= one < most for one in numbers)
    )


def _holds(value: Any, form: Any) -> bool:
    if isinstance(form, dict):
        same = isinstance(value, dict) and value.keys() == form.keys()
        return same and all(_holds(value[key], one) for key, one in form.items())
    if isinstance(form, tuple):
        dtype, length = form
        return isinstance(value, np.ndarray) and value.dtype == np.dtype(dtype) and value.shape == (length,)
    return type(value) is int and 0 <= value < form
