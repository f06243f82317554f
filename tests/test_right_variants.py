"""No right variant is refused on any input: thousands of calls here, three million in the full run."""

import warnings

import numpy as np
import pytest
import wide_inputs

from autograder.assignments.neuron.reference import EXERCISES
from autograder.certify.local import Local
from autograder.diagnosis.catalogue import variants
from autograder.grading import Failure, check_number, check_shape
from autograder.grading.assignment import find
from autograder.sandbox.inside.codec import decode, encode

NEURON = find("neuron")
QUICK, FULL, CHUNKS = 30_000, 3_000_000, 8


def functions(exercise):
    """Return an exercise's right variants, each with the kinds of input on which it is right.

    A borderline, which the catalogue gives a reason for, is right where graders ask; one that loses saturation, where
    |z| is moderate.
    """
    found = []
    for variant in variants(NEURON.folder):
        if variant.exercise == exercise:
            kinds = [wide_inputs.GRADERS]
            kinds += [] if variant.reason else [wide_inputs.WIDE]
            kinds += [] if variant.reason or variant.loses else [wide_inputs.VERY]
            found.append((variant.id, Local(NEURON, exercise, variant.source).function, kinds))
    return found


def refusals(exercise, calls, seed):
    """Call all variants on one drawn input after another, and return where and why one was refused."""
    rng = np.random.default_rng(seed)
    exercise_of, known = EXERCISES[exercise], functions(exercise)
    found, done = [], 0
    while known and done < calls:
        kind = wide_inputs.KINDS[rng.integers(len(wide_inputs.KINDS))]
        arguments = wide_inputs.draw(exercise, kind, rng)
        expected = exercise_of.expect(*(np.asarray(value, dtype=float) for value in arguments))
        for name, function, kinds in known:
            if kind in kinds:
                done += 1
                if why := refusal(function, arguments, expected):
                    found.append((name, kind, why, arguments))
    return done, found


def refusal(function, arguments, expected):
    """Return why an answer is refused, or nothing."""
    try:
        answer = decode(encode(function(*arguments)))
        check_number(answer, expected, "it")
        check_shape(answer, expected.value.shape, "it")
    except Failure as failure:
        return str(failure)
    except Exception as error:  # noqa: BLE001 - a right variant raises nothing
        return f"{type(error).__name__}: {error}"
    return ""


def assert_none_is_refused(exercise, calls, seed):
    """Fail with the first refusals of each variant."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        done, found = refusals(exercise, calls, seed)
    first = {name: (kind, why, arguments) for name, kind, why, arguments in reversed(found)}
    assert first == {}
    assert done >= calls


@pytest.mark.parametrize("exercise", EXERCISES)
def test_no_right_variant_is_refused(exercise):
    """The right variants pass on thousands of random inputs of every kind."""
    assert_none_is_refused(exercise, QUICK // len(EXERCISES), 1)


@pytest.mark.full
@pytest.mark.parametrize("chunk", range(CHUNKS))
@pytest.mark.parametrize("exercise", EXERCISES)
def test_no_right_variant_is_refused_in_millions_of_calls(exercise, chunk):
    """The same in three million calls."""
    assert_none_is_refused(exercise, FULL // len(EXERCISES) // CHUNKS, [2, chunk])


def test_a_wrong_function_is_refused():
    """The same comparison refuses an error of 1e-4 on an ordinary input."""
    arguments = wide_inputs.draw("cost", wide_inputs.GRADERS, np.random.default_rng(3))
    expected = EXERCISES["cost"].expect(*arguments)
    assert refusal(lambda *_: expected.value + 1e-4, arguments, expected)
    assert refusal(lambda *_: [expected.value] * 2, arguments, expected)
    assert refusal(lambda w: w, arguments, expected).startswith("TypeError")
