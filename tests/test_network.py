"""The assignment `network`: one neuron of it is the first notebook's, and each mistake costs its own exercise alone."""

import json
import os

import network_unseen as unseen
import numpy as np
import pytest
import warm
from hand_ins import path_of

from autograder.assignments.network import reference as network
from autograder.assignments.neuron import reference as neuron
from autograder.card.pictures import picture
from autograder.certify.local import Local
from autograder.diagnosis.catalogue import mistakes, variants
from autograder.diagnosis.exercise import exercises
from autograder.diagnosis.naming import diagnosis_for
from autograder.grading.assignment import find
from autograder.judge.collected import collected
from autograder.judge.judge import DEFAULT_SEED, Job, judge_notebooks
from autograder.judge.solution import meant, read_solution

NETWORK = find("network")
KNOWN = exercises(NETWORK)
RIGHT = unseen.HELPERS + "".join(unseen.RIGHT.values())
SIGMOID = "\ndef sigmoid(z):\n    return 1 / (1 + np.exp(-z))\n"
# A wrong function that others call, and the exercise that it costs.
WRONG = {
    "feedforward": ("current = sigmoid(z)", "current = sigmoid(z) ** 2"),
    "cost": ("np.logaddexp(0, z) - Y * z", "np.logaddexp(0, z) + Y * z"),
    "output_error": ("return a - Y", "return (a - Y) ** 3"),
    "hidden_error": ("* a * (1 - a)", "* a"),
    "backprop": ("err.sum(axis=0) / n", "err.sum(axis=0)"),
    "gradient_step": ("- rate * grads_W", "+ rate * grads_W"),
}


def script(folder, source, name="solution.py"):
    """Write a solution; return its path."""
    path = folder / name
    path.write_text(source)
    return path


def results(path, pictures="none"):
    """Judge a solution behind the walls; return its exercises by name."""
    content, module = read_solution(path, NETWORK)
    judgement = judge_notebooks(
        {"network": content}, Job("network", run_checks=False, pictures=pictures, module=module), NETWORK
    )
    return {result.exercise: result for result in judgement.exercises}


def judged(path):
    """Judge a solution behind the walls; return its points by exercise."""
    return {name: (result.points, result.max_points) for name, result in results(path).items()}


def test_a_network_of_one_neuron_is_the_first_notebooks():
    """Its cost and its gradient are those of the assignment `neuron`, for the same numbers."""
    w, b, X, y = neuron.inputs.CASES["soft"](np.random.default_rng(1))
    arguments = [w[None, :]], [np.array([b])], X, y[:, None]
    (by_W,), (by_b,) = KNOWN["backprop"].text.right(*arguments)
    assert np.allclose(by_W, neuron.dC_dw(w, b, X, y)[None, :], rtol=1e-12)
    assert np.allclose(by_b, neuron.dC_db(w, b, X, y), rtol=1e-12)
    assert np.isclose(KNOWN["cost"].text.right(*arguments), neuron.stable_cost(w, b, X, y), rtol=1e-12)


@pytest.mark.parametrize("name", ["output_error", "hidden_error", "backprop"])
def test_right_answers_agree_with_finite_differences(name):
    """Each hidden input has differences, and they agree; by z, which is no argument, where that is what δ is by."""
    for case in KNOWN[name].cases:
        if case != "saturated":
            expected = KNOWN[name].expect(*KNOWN[name].draw(case, DEFAULT_SEED))
            assert expected.difference is not None
            expected.check_judges()


def test_a_derivative_by_the_wrong_function_is_seen():
    """Two judges that disagree are our fault: the differences do judge."""
    arguments = KNOWN["output_error"].draw("table", DEFAULT_SEED)
    difference = KNOWN["output_error"].expect(*arguments).difference
    assert np.allclose(difference, arguments[0] - arguments[1], atol=1e-8)
    assert not np.allclose(difference, network.output_error(*arguments) / len(arguments[0]), atol=1e-3)


def test_layers_of_activations_are_numbered_from_the_inputs():
    """X is layer 0, so that layer 1 is the first one that has weights, as in ∂C/∂W."""
    parts = KNOWN["feedforward"].expect(*KNOWN["feedforward"].draw("deep", 1)).parts("A")
    assert [part.name for part in parts] == ["A, layer 0", "A, layer 1", "A, layer 2", "A, layer 3"]


def test_only_what_is_wrong_in_some_layers_is_drawn():
    """Where all parts of an answer are right or all are wrong, or it is built otherwise, no picture of layers helps."""
    draw, example = KNOWN["backprop"].diagram, KNOWN["backprop"].smallest[6]
    paths = [(item, layer) for item in (0, 1) for layer in (0, 1)]
    assert draw(example, dict.fromkeys(paths, True)) == draw(example, dict.fromkeys(paths, False)) == ()
    assert draw(example, {}) == ()
    (drawing,) = draw(example, dict.fromkeys(paths, True) | {(1, 0): False})
    assert (drawing.widths, drawing.weights, drawing.neurons) == ((1, 2, 1), (True, True), (None, False, True))
    assert picture(drawing, drawn=True).uri


@pytest.mark.slow
def test_a_card_shows_which_layer_is_wrong():
    """A gradient that is wrong in one layer is drawn on a small network with that layer marked, and told in words."""
    found = results(path_of("wrong_layer_1", "network"), pictures="drawn")
    (shown,) = found["backprop"].evidence.pictures
    assert shown.uri.startswith("data:image/png;base64,")
    assert shown.alt == (
        "The network of the example, of widths 1–2–1 (inputs first). "
        "Right: ∂C/∂W, layer 2; ∂C/∂b, layer 1; ∂C/∂b, layer 2. Wrong: ∂C/∂W, layer 1."
    )
    assert "widths 1–2–1" in found["backprop"].evidence.sizes
    assert [name for name, result in found.items() if result.evidence.pictures] == ["backprop"]


def test_the_catalogue_is_large_enough():
    """At least 120 mistakes have a hint and a second spelling, and there are 50 right variants."""
    told = [mistake for mistake in mistakes(NETWORK.folder) if mistake.second and mistake.hint]
    assert len(told) >= 120
    assert len(variants(NETWORK.folder)) >= 50


def test_saturation_is_a_fifth_at_most():
    """Only `cost` and `output_error` lose anything where an output is exactly 0 or 1, and little."""
    graders = collected(NETWORK, DEFAULT_SEED).graders
    shares = {
        name: criterion.points / graders.max_points(name)
        for name in NETWORK.exercises
        for criterion in graders.criteria(name)
        if criterion.name == "saturation"
    }
    assert shares.keys() == {"cost", "output_error"}
    assert max(shares.values()) <= 1 / 5


@pytest.mark.parametrize("exercise", NETWORK.exercises)
def test_no_right_variant_is_refused(exercise):
    """Each loses what it declares, on hidden inputs of two courses, and nothing else."""
    for variant in variants(NETWORK.folder):
        if variant.exercise == exercise:
            local = Local(NETWORK, exercise, KNOWN[exercise].text.whole(variant.source))
            for seed in (DEFAULT_SEED, 7):
                assert (variant.id, *local.finding(seed).failed) == (variant.id, *variant.loses)


def test_mistakes_in_their_second_spelling_fail_as_declared_and_are_named():
    """Every eighth of the catalogue; `lint` and `certify` take them all."""
    for mistake in [one for one in mistakes(NETWORK.folder) if one.second][::8]:
        source = KNOWN[mistake.exercise].text.whole(mistake.second)
        found = Local(NETWORK, mistake.exercise, source).finding(DEFAULT_SEED)
        assert (mistake.id, *found.failed) == (mistake.id, *mistake.fails)
        assert found.named == (mistake.id,)


def test_two_mistakes_that_cancel_each_other_are_no_name():
    """A right function, though it is what a missing mean and a second one make together, is told nothing."""
    diagnosis = diagnosis_for(NETWORK, "backprop")
    assert diagnosis._pairs.fitting(KNOWN["backprop"].answers) == []


@pytest.mark.slow
@pytest.mark.parametrize("exercise", WRONG)
def test_a_wrong_function_costs_its_own_exercise_alone(tmp_path, exercise):
    """Whoever calls it is judged with a right one in its place."""
    old, new = WRONG[exercise]
    assert old in RIGHT
    points = judged(script(tmp_path, RIGHT.replace(old, new)))
    assert [name for name, (earned, most) in points.items() if earned < most] == [exercise]


@pytest.mark.slow
def test_a_card_blames_only_what_is_wrong(tmp_path):
    """Of the functions that right ones stand in for, a right backprop that calls a wrong output error is not told."""
    source = RIGHT.replace(*WRONG["output_error"]).replace("- rate * grads", "+ rate * grads")
    source = source.replace("err = acts[-1] - Y", "err = output_error(acts[-1], Y)")
    found = results(script(tmp_path, source))
    assert found["backprop"].passed
    assert found["gradient_step"].evidence.stand_ins == ("output_error",)


def test_biases_in_a_row_lose_the_shape_alone():
    """∂C/∂b as a table of one row is right but for its shape."""
    source = unseen.RIGHT["backprop"].replace("err.sum(axis=0) / n", "err.mean(axis=0, keepdims=True)")
    assert Local(NETWORK, "backprop", source).finding(DEFAULT_SEED).failed == ("shape",)


@pytest.mark.slow
def test_sigmoid_is_given_to_a_solution_without_it(tmp_path):
    """The .py needs no sigmoid; one that it has of its own is what its functions call."""
    without = script(tmp_path, RIGHT)
    wrong = script(tmp_path, RIGHT + SIGMOID.replace("-z", "z"), "wrong.py")
    done = warm.run("autograder", ["check", "--json", str(without), str(wrong)], tmp_path, os.environ)
    assert (done.returncode, done.stderr) == (0, "")
    first, second = map(json.loads, done.stdout.splitlines())
    assert (first["assignment"], first["points"]) == ("network", first["max_points"])
    assert second["points"] < second["max_points"]


@pytest.mark.parametrize(
    ("source", "assignment"),
    [
        (RIGHT, "network"),
        (RIGHT + SIGMOID, "network"),
        ("def sigmoid(z): ...\ndef cost(w, b, X, y): ...\ndef dC_dw(w, b, X, y): ...\n", "neuron"),
        ("sigmoid = lambda z: z\n", "neuron"),
        ("def cost(*arguments): ...\n", None),
        ("print('hello')\n", None),
        (RIGHT + "def dC_dw(w, b, X, y): ...\n", None),
    ],
    ids=["network", "own sigmoid", "neuron", "sigmoid alone", "cost alone", "no function", "both"],
)
def test_functions_tell_whose_solution_it_is(tmp_path, source, assignment):
    """A function that two assignments know decides nothing, unless there is no other."""
    found = meant(script(tmp_path, source), [find("neuron"), NETWORK])
    assert (found.name if found else None) == assignment


def test_the_cells_of_a_notebook_tell_whose_it_is(tmp_path):
    """A notebook without any code of a student's has its grade cells."""
    cell = {
        "cell_type": "code",
        "metadata": {"nbgrader": {"grade": True, "grade_id": "test_backprop"}},
        "source": "check(backprop)",
    }
    text = json.dumps({"nbformat": 4, "cells": [cell]})
    assert meant(script(tmp_path, text, "a.ipynb"), [find("neuron"), NETWORK]) == NETWORK
