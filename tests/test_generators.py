"""NumPy's generators as answers and arguments: told apart by their state, written by the seed that made them."""

import copy

import numpy as np
import pytest

from autograder.diagnosis import Exercise
from autograder.diagnosis.signature import of_answer, of_function
from autograder.grading.compare import Expected, check_form, check_number, check_unchanged
from autograder.grading.criteria import Failure
from autograder.grading.generators import code, without_seed, words
from autograder.grading.parts import equal
from autograder.sandbox.answers import Returned


def made(seed=57, draws=0):
    """Return a generator that was drawn from so many times."""
    rng = np.random.default_rng(seed)
    rng.random(draws)
    return rng


def test_a_generator_as_an_answer_is_right_in_the_right_state_alone():
    """A generator that was drawn from once more is wrong, numbers are none, and it is left as it is."""
    expected = Expected((made(draws=2), 1.0), (0.0, 1.0))
    got = made(draws=2)
    check_number((got, 1.0), expected, "(rng, mean)")
    check_form((got, 1.0), expected, "(rng, mean)")
    assert got.random() == made(draws=2).random()
    with pytest.raises(Failure, match=r"^rng is not in the state that it should be in"):
        check_number((made(draws=3), 1.0), expected, "(rng, mean)")
    with pytest.raises(Failure, match=r"^rng should be a NumPy generator; you returned a single number"):
        check_number((1.0, 1.0), expected, "(rng, mean)")
    with pytest.raises(Failure, match="real numbers; you returned a value of type Generator"):
        check_number((made(draws=2), made()), expected, "(rng, mean)")


def test_who_draws_from_an_argument_has_not_changed_it():
    """A generator is there to be drawn from, alone or in a dict; what stands beside it is not to be changed."""
    before = ({"rng": made(), "w": np.ones(2)}, made())
    check_unchanged(before, ({"rng": made(draws=3), "w": np.ones(2)}, made(draws=1)), ("state", "rng"), "f")
    for after in (({"rng": made(), "w": np.zeros(2)}, made()), ({"rng": made(), "w": np.ones(2)}, 57)):
        with pytest.raises(Failure, match="f changed its argument"):
            check_unchanged(before, after, ("state", "rng"), "f")
    assert equal(made(), made())
    assert not equal(made(), made(draws=1))


def test_signatures_tell_states_apart_and_not_draws_from_arguments():
    """Of a mistake and of a student, drawing is no change of an argument; a returned generator is its state."""
    once = of_function(lambda rng: [rng.random(), rng], (made(),))
    assert once.agrees(of_answer(Returned([made().random(), made(draws=1)], (made(draws=1),)), (made(),)))
    assert once.changed == ()
    assert not once.agrees(of_function(lambda rng: [rng.random(), made(draws=5)], (made(),)))
    assert of_function(lambda rng: rng, (made(),)).kind == "generator"


@pytest.mark.parametrize(
    "text",
    [
        "np.random.default_rng(57)",
        "np.random.default_rng([57, 3])",
        "np.random.Generator(np.random.MT19937(57))",
        "np.random.default_rng(np.random.SeedSequence(57, spawn_key=(1,)))",
    ],
)
def test_a_generator_is_written_by_its_seed(text):
    """The code that made it, word for word; a copy is written the same."""
    assert code(copy.deepcopy(eval(text))) == text
    assert words(eval(text)) == text


def test_a_generator_that_no_seed_makes_is_not_written():
    """After a draw, or without its seed, code that makes it again would be a lie."""
    spawned = made()
    spawned.spawn(1)
    for rng in (made(draws=1), without_seed(made()), spawned):
        with pytest.raises(ValueError, match="no seed"):
            code(rng)
    assert words(made(draws=1)) == "a NumPy generator (PCG64) that was drawn from"


def test_a_case_does_not_hand_on_the_seed_of_the_course():
    """A case that hands its generator on gives one that draws as before; each call of `draw` gives a fresh copy."""
    exercise = Exercise(made, cases={"own": lambda rng: (rng,)}, probes={"plain": ()})
    (one,), (other,) = (exercise.draw("own", 57) for _ in range(2))
    as_seeded = np.random.default_rng([57, *b"own"])
    assert one.bit_generator.seed_seq.entropy != as_seeded.bit_generator.seed_seq.entropy
    assert one.random() == other.random() == as_seeded.random()
    assert one.spawn(1)[0].random() == other.spawn(1)[0].random()


def test_right_answers_are_drawn_from_fresh_copies():
    """However often a right answer is asked for, the argument is the one that it was."""
    rng = made()
    once, twice = (DRAWN.expect(rng).value for _ in range(2))
    assert once == twice == made().random()
    assert DRAWN.expect(made(draws=1)).value != once


def draw(rng):
    """Return a number."""
    return rng.random()


DRAWN = Exercise(draw, cases={"one": lambda rng: (rng,)})
