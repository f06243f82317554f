"""The encoding of plain data on the pipe: everything comes back as it was, and nothing else comes through."""

import math
from collections import deque
from decimal import Decimal
from fractions import Fraction

import msgpack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from autograder.sandbox.inside.codec import CodecError, Ungradable, contains_ungradable, decode, encode, unsendable

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.complex_numbers()
    | st.text(st.characters(codec="utf-8"))
)
KEYS = st.text(max_size=5) | st.integers()
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=20,
)
DTYPES = npst.boolean_dtypes() | npst.integer_dtypes(endianness="=") | npst.floating_dtypes(endianness="=")
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.binary(max_size=9) | st.text("nbifcsltdagr?", max_size=2),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=30,
)


def through_the_pipe(value):
    """Return a value as it arrives at the other end."""
    return decode(msgpack.unpackb(msgpack.packb(encode(value), use_bin_type=True), raw=False))


def same(one, other):
    """Compare values, and types, with nan equal to nan."""
    return repr(one) == repr(other) and type(one) is type(other)


@given(VALUES)
def test_plain_data_comes_back_as_it_was(value):
    """Any nesting of plain values survives the pipe, type included."""
    assert same(through_the_pipe(value), value)


@given(npst.arrays(DTYPES, npst.array_shapes(min_dims=0, max_dims=4, min_side=0)))
def test_arrays_come_back_as_they_were(array):
    """An array keeps its shape, its dtype and its numbers."""
    back = through_the_pipe(array)
    assert (back.shape, back.dtype) == (array.shape, array.dtype)
    assert np.array_equal(back, array, equal_nan=array.dtype.kind == "f")
    assert back.flags.writeable


@given(JUNK)
def test_junk_is_refused_and_nothing_else_happens(junk):
    """Data that is no encoded value raises CodecError, and never another exception."""
    try:
        decode(junk)
    except CodecError:
        return


@pytest.mark.parametrize(
    "data",
    [
        ["a", ["f8", [2], b"12345678"]],
        ["a", ["f8", [-1], b""]],
        ["a", ["O", [1], b"12345678"]],
        ["a", ["f8", [1 << 41, 0], b""]],
        ["a", ["f8", [True], b"12345678"]],
        ["g", ["f8", b"1234"]],
        ["i", "9" * 2000],
        ["i", "1_0"],
        ["d", [[["l", []], ["n", None]]]],
        ["f", 1],
        ["b", 1],
        ["x", None],
        ["r", [encode("PCG64"), encode({}), encode([1, [], 4, 0])]],
        ["r", [encode("default_rng"), encode({}), encode([1, [], 4, 0])]],
    ],
)
def test_lies_about_lengths_and_types_are_refused(data):
    """Shapes, dtypes, digits and keys that do not fit what follows are refused before anything is built."""
    with pytest.raises(CodecError):
        decode(data)


def test_nesting_is_bounded_on_both_ends():
    """A list in a list in a list … is cut by the one end and refused by the other."""
    for deep in ([], np.random.default_rng(57)):
        for _ in range(100):
            deep = [deep]  # noqa: PLW2901 - around what it was
            through_the_pipe(deep)
        assert isinstance(contains_ungradable(through_the_pipe(deep)), Ungradable)
    data = ["n", None]
    for _ in range(100):
        data = ["l", [data]]
    with pytest.raises(CodecError):
        decode(data)


ALGORITHMS = ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")


@pytest.mark.parametrize("name", ALGORITHMS)
def test_a_generator_comes_back_in_its_state(name):
    """What it draws next, of words and of half words, is the same, and so is what it spawns."""
    generator = np.random.Generator(getattr(np.random, name)([57, 1 << 70]))
    generator.spawn(1)
    generator.integers(5, size=3, dtype=np.uint32)
    back = through_the_pipe({"rng": generator})["rng"]
    for draw in (lambda rng: rng.integers(9, size=5, dtype=np.uint32), lambda rng: rng.spawn(1)[0].normal(size=700)):
        assert np.array_equal(draw(back), draw(generator))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("MT19937", lambda state: state["state"].update(pos=625)),
        ("MT19937", lambda state: state["state"].update(key=np.zeros(623, np.uint32))),
        ("Philox", lambda state: state.update(buffer_pos=-1)),
        ("Philox", lambda state: state.update(buffer_pos=True)),
        ("PCG64", lambda state: state["state"].update(inc=1 << 128)),
        ("PCG64", lambda state: state.update(more=0)),
        ("SFC64", lambda state: state["state"].update(state=np.zeros(4))),
    ],
)
def test_a_state_that_numpy_would_not_check_is_refused(name, change):
    """An index out of its array, or an array of another length, never reaches NumPy."""
    state = dict(getattr(np.random, name)(57).state)
    del state["bit_generator"]
    seeds = encode([57, [], 4, 0])
    decode(["r", [encode(name), encode(state), seeds]])
    change(state)
    with pytest.raises(CodecError):
        decode(["r", [encode(name), encode(state), seeds]])


@pytest.mark.parametrize("seeds", [[], [-1, [], 4, 0], [1, [1 << 32], 4, 0], [1, [], 1 << 30, 0], [[1] * 99, [], 4, 0]])
def test_seeds_of_a_generator_that_are_none_are_refused(seeds):
    """Seeds are whole numbers, not too many, and the pool that NumPy makes of them is small."""
    name, state, _ = encode(np.random.default_rng(57))[1]
    with pytest.raises(CodecError):
        decode(["r", [name, state, encode(seeds)]])


def test_generators_that_cannot_be_told_arrive_as_their_name():
    """A generator of the old kind, or one whose algorithm is not NumPy's own, is no plain data."""

    class Own(np.random.PCG64):
        """An algorithm under another name."""

    assert through_the_pipe(np.random.RandomState(57)) == Ungradable("RandomState")
    assert unsendable((1.0, {"a": [np.random.Generator(Own(57))]})) == "Generator"
    assert unsendable((1.0, [np.random.default_rng(57)])) is None


class AlwaysEqual(float):
    """A float whose comparisons always succeed."""

    def __eq__(self, other):
        return True

    def __le__(self, other):
        return True

    __hash__ = float.__hash__


def test_subclasses_lose_their_tricks():
    """A subclass of float or of an array arrives as the plain value that it holds."""
    assert type(through_the_pipe(AlwaysEqual(2.5))) is float
    assert through_the_pipe(AlwaysEqual(2.5)) != 3.0
    masked = through_the_pipe(np.ma.masked_array([1.0, 2.0], [True, False]))
    assert type(masked) is np.ndarray


def test_a_deque_arrives_as_a_list():
    """A deque is a list to whoever reads it."""
    assert through_the_pipe((deque([1.0, 2.0]), 3)) == ([1.0, 2.0], 3)


def test_what_is_no_plain_data_arrives_as_its_name():
    """Objects and functions arrive as the name of their type, in arrays of objects, too."""
    assert through_the_pipe(print) == Ungradable("builtin_function_or_method")
    assert contains_ungradable(through_the_pipe(np.array([1.0, object()], dtype=object))) == Ungradable("object")
    assert contains_ungradable(through_the_pipe([1, {"a": object()}])) == Ungradable("object")


def test_python_s_own_numbers_in_an_array_arrive_as_lists():
    """An array of objects comes as lists of what is in it; fractions and decimals are numbers."""
    array = np.array([[1.5, 2], [Fraction(1, 2), Decimal("0.25")]], dtype=object)
    assert through_the_pipe(array) == [[1.5, 2], [0.5, 0.25]]
    assert through_the_pipe(np.array(2.5, dtype=object)) == 2.5


def test_a_bool_is_a_bool_whatever_its_byte():
    """A byte that NumPy would never write for a bool reads as True."""
    (value,) = decode(["a", ["?", [1], b"\x07"]])
    assert value == True  # noqa: E712 - the very value is meant
    assert int(value) == 1


def test_infinite_and_nan_survive():
    """Numbers that are none of the finite ones come back as they were."""
    assert through_the_pipe(-math.inf) == -math.inf
    assert math.isnan(through_the_pipe(math.nan))
