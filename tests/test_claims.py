"""What a hint says of the student's numbers is true: of each mistake alone, and of two that are named together."""

import itertools

import numpy as np
import pytest

from autograder.diagnosis.catalogue import mistakes
from autograder.diagnosis.claims import Seen, claims, is_true, sentences
from autograder.diagnosis.counterexample import smallest
from autograder.diagnosis.exercise import PLAIN, exercises
from autograder.diagnosis.naming import diagnosis_for, pairs, told, wrong_function
from autograder.diagnosis.signature import of_function
from autograder.grading.assignment import find
from autograder.sandbox.answers import Raised, Returned
from autograder.sandbox.inside.codec import decode, encode

ASSIGNMENTS = {name: find(name) for name in ("neuron", "network")}
EVERY = [
    pytest.param(name, exercise, marks=pytest.mark.slow if name == "network" else ())  # computes for long
    for name, one in ASSIGNMENTS.items()
    for exercise in one.exercises
]
PAIRS = 60  # of each exercise, drawn from a seed


def catalogue(name, exercise):
    """Return the exercise, and its mistakes that have a function."""
    assignment = ASSIGNMENTS[name]
    found = [one for one in mistakes(assignment.folder) if one.exercise == exercise and one.known]
    return exercises(assignment)[exercise], found


def answering(function):
    """Return what asks a function of ours as a student's is asked."""

    def ask(arguments):
        given = decode(encode(arguments))
        with np.errstate(all="ignore"):
            try:
                value = function(*given)
            except Exception as error:  # noqa: BLE001 - what a mistake raises is its answer
                return Raised(type(error).__name__, str(error), None)
        return Returned(decode(encode(value)), given)

    return ask


def false_in(seen, texts):
    """Return the sentences that claim what is not true of the wrong answers."""
    return [one for text in texts for one in sentences(text) if not is_true(seen, one)]


def shown_to(name, exercise, made, function):
    """Return the arguments of the example that is shown of a function."""
    diagnosis = diagnosis_for(ASSIGNMENTS[name], exercise.name)
    found = smallest(exercise, answering(function), lambda arguments: diagnosis.others(arguments, made))
    return () if found is None else (found.arguments,)


@pytest.mark.parametrize(("name", "exercise"), EVERY)
def test_no_hint_is_false_of_the_numbers_beside_it(name, exercise):
    """Direction, size, sign, digits and dependence are as the hint says, on the example that is shown and on others."""
    known, found = catalogue(name, exercise)
    count = 0
    for mistake in found:
        function = wrong_function(known, (mistake,))
        ordinary = Seen(known, function, known.probes[PLAIN])
        beside = Seen(known, function, (*known.probes[PLAIN], *shown_to(name, known, (mistake,), function)))
        texts = [text for one in (mistake, *mistake.written) for text in (one.title, one.hint)]
        count += sum(len(claims(one)) for text in texts for one in sentences(text))
        assert false_in(ordinary if mistake.on else beside, texts) == [], mistake.id
    assert count > 0


@pytest.mark.parametrize(("name", "exercise"), EVERY)
def test_two_names_that_are_given_together_do_not_contradict(name, exercise):
    """What is told of two mistakes is true of the function that makes both."""
    known, found = catalogue(name, exercise)
    every = list(pairs(known, found))
    step = max(1, len(every) // PAIRS)
    for made in itertools.islice(every, 0, None, step):
        function = wrong_function(known, made)
        seen = Seen(known, function, known.probes[PLAIN])
        texts = [text for entry in told(known, made) for text in (entry["title"], entry["hint"])]
        assert false_in(seen, texts) == [], [one.id for one in made]


@pytest.mark.parametrize(("name", "exercise"), EVERY)
def test_an_example_does_not_look_like_another_mistake(name, exercise):
    """The answer shown is neither minus the right one nor another mistake's, where any small input tells them apart."""
    known, found = catalogue(name, exercise)
    diagnosis = diagnosis_for(ASSIGNMENTS[name], exercise)
    for mistake in found:
        function = wrong_function(known, (mistake,))
        for arguments in shown_to(name, known, (mistake,), function):
            yours = of_function(function, arguments)
            if yours.values is None or not any(yours.agrees(one) for one in diagnosis.others(arguments, (mistake,))):
                continue
            better = [
                other
                for other in known.smallest
                if (answer := of_function(function, other)).values is not None
                and not answer.agrees(of_function(known.text.right, other))
                and not any(answer.agrees(one) for one in diagnosis.others(other, (mistake,)))
                and not np.allclose(np.abs(answer.values), np.abs(of_function(known.text.right, other).values))
            ]
            assert better == [], mistake.id
