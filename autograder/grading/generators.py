"""NumPy's generators as answers and arguments: compared by their next draws, written by the seed that made them."""

import copy
import hashlib
from typing import Any

import numpy as np

from autograder.sandbox.inside.codec import encode
from autograder.sandbox.inside.generators import Generator, seeds_of

_DRAWS = 4


def next_draws(generator: Generator) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the whole numbers, shape (4,), that a generator would draw next; it is left as it is.

    Two generators that agree on 256 bits are in one state.
    """
    return copy.deepcopy(generator).integers(1 << 32, size=_DRAWS).astype(np.float64)


def code(generator: Generator) -> str:
    """Return the expression that makes a generator, as it is written in Python.

    Raises:
        ValueError: no seed makes it in this state, such as after it was drawn from.
    """
    bits = generator.bit_generator
    seeds: Any = bits.seed_seq
    fresh = np.random.SeedSequence(seeds.entropy, spawn_key=seeds.spawn_key)
    if encode(generator) != encode(Generator(type(bits)(fresh))):
        raise ValueError("no seed makes a generator of this state")
    entropy = repr(seeds_of(seeds.entropy))
    seed = f"np.random.SeedSequence({entropy}, spawn_key={seeds.spawn_key})" if seeds.spawn_key else entropy
    name = type(bits).__name__
    return f"np.random.default_rng({seed})" if name == "PCG64" else f"np.random.Generator(np.random.{name}({seed}))"


def words(generator: Generator) -> str:
    """Return a generator as a person reads it: its code, or that it was drawn from before."""
    try:
        return code(generator)
    except (TypeError, ValueError, AttributeError):
        return f"a NumPy generator ({type(generator.bit_generator).__name__}) that was drawn from"


def without_seed(generator: Generator) -> Generator:
    """Return a generator that draws the same and does not tell its seed; it spawns from what it draws."""
    bits = generator.bit_generator
    state = repr(encode(generator)).encode()
    made = type(bits)(np.random.SeedSequence(int.from_bytes(hashlib.sha256(state).digest()[:16], "big")))
    made.state = bits.state
    return Generator(made)
