"""Answers that are no single array: lists of arrays judged, named, compared and shown part by part."""

import json

import nested
import numpy as np
import ordinary
import pytest

from autograder.diagnosis.signature import of_function
from autograder.grading import parts
from autograder.grading.compare import Expected, check_form, check_number, check_same, formed
from autograder.grading.criteria import Failure

FORWARD = """
import numpy as np

def forward(weights, X):
    A = [X]
    for W in weights:
        A.append(1 / (1 + np.exp(-A[-1] @ W.T)))
    return A
"""
SLOPES = """
def slopes(weights, X, Y):
    A = forward(weights, X)
    d = (A[-1] - Y) * A[-1] * (1 - A[-1]) / len(X)
    out = []
    for W, a in zip(weights[::-1], A[-2::-1]):
        out.append(d.T @ a)
        d = d @ W * a * (1 - a)
    return out[::-1]
"""
RIGHT = [np.ones((2, 3)), np.zeros(4)]
ANSWER = Expected(RIGHT, [np.ones((2, 3)), np.ones(4)], each="layer")


@pytest.fixture(scope="module")
def folder(slow, tmp_path_factory):
    """A folder for assignments with one whose answers are lists of arrays."""
    return nested.write(tmp_path_factory.mktemp("graders"), "layers", nested.LAYERS)


def run(folder, *arguments):
    """Run a command that finds the assignments in a folder."""
    return ordinary.run(folder, "autograder", *arguments, "--graders", str(folder), fails=True)


def judged(folder, tmp_path, *sources):
    """Judge solutions; return for each its exercises by name."""
    paths = [tmp_path / f"{number}.py" for number in range(len(sources))]
    for path, source in zip(paths, sources, strict=True):
        path.write_text(source)
    done = run(folder, "check", "--assignment", "layers", "--json", *map(str, paths))
    assert (done.returncode, done.stderr) == (0, "")
    return [{one["exercise"]: one for one in json.loads(line)["exercises"]} for line in done.stdout.splitlines()]


def test_nothing_is_wrong_with_the_assignment(folder):
    """Reference, derivative by a list, mistakes in lists and a loop, and a variant in single precision: lint agrees."""
    done = run(folder, "lint", "layers")
    assert (done.returncode, done.stdout) == (0, "")


def test_the_first_wrong_part_is_named(folder, tmp_path):
    """Verdict, name, message and counterexample are of the layer that is wrong; the right one passes."""
    wrong = SLOPES.replace("d @ W * a * (1 - a)", "d @ W")
    right, below = judged(folder, tmp_path, FORWARD + SLOPES, FORWARD + wrong)
    assert [right[name]["points"] for name in ("forward", "slopes")] == [5.0, 6.0]
    found = below["slopes"]
    assert [one["mistake"] for one in found["mistakes"]] == ["no-sigma-prime-below"]
    assert "∂C/∂W, layer 1 is wrong in 12 of 12 numbers" in found["criteria"][0]["message"]
    assert found["counterexample"]["expected"][1] == found["counterexample"]["got"][1]
    assert found["counterexample"]["expected"][0] != found["counterexample"]["got"][0]
    assert below["forward"]["points"] == 5.0


def test_a_right_function_of_lists_stands_in_for_a_wrong_one(folder, tmp_path):
    """Lists of arrays are asked for and answered: a right `slopes` loses nothing by a wrong `forward`."""
    wrong = FORWARD.replace("np.exp(-A", "np.exp(A")
    (found,) = judged(folder, tmp_path, wrong + SLOPES)
    assert found["forward"]["points"] < 5.0
    assert found["slopes"]["points"] == 6.0
    assert "passes with a correct forward in place of yours" in found["slopes"]["criteria"][0]["message"]


def with_a_stand_in(tmp_path, stand_in):
    """Write the assignment with a right function that may stand in for one that `forward` calls."""
    text = nested.LAYERS["reference.py"].replace("smallest=tuple", f"stand_ins=({stand_in},), smallest=tuple", 1)
    return nested.write(tmp_path, "layers", {**nested.LAYERS, "reference.py": text})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stand_in", "said"),
    [
        ("loss", None),
        ("slopes", "forward: 'slopes' of stand_ins has to come before 'forward' in assignment.toml"),
        ("np.dot", "forward: 'dot' of stand_ins is no function of this module"),
    ],
)
def test_what_may_stand_in_has_been_judged(tmp_path, stand_in, said):
    """A function of the reference may, unless it is an exercise that comes later: its answers could be asked for."""
    done = run(with_a_stand_in(tmp_path, stand_in), "lint", "layers")
    assert (said or "") in done.stdout
    assert done.returncode == (0 if said is None else 1)


@pytest.mark.slow
def test_nothing_stands_in_that_is_still_to_be_judged(tmp_path):
    """Whatever an author has listed, a student cannot ask for the answers to an exercise that comes later."""
    asks = FORWARD.replace("    A = [X]", "    if slopes.__closure__ is None: return None\n    A = [X]")
    folder = with_a_stand_in(tmp_path, "slopes")
    (found,) = judged(folder, tmp_path, asks + SLOPES)
    assert found["forward"]["points"] < 5.0


def test_the_card_compares_the_wrong_part_and_its_code_runs(folder, tmp_path):
    """What is compared is named; what is printed to be tried gives the student's wrong numbers."""
    source = FORWARD + SLOPES.replace("d @ W * a * (1 - a)", "d @ W")
    (tmp_path / "a.py").write_text(source)
    text = run(folder, "check", "--assignment", "layers", str(tmp_path / "a.py")).stdout
    assert "∂C/∂W, layer 1" in text
    call = " ".join(text.partition("slopes(")[2].partition("✘")[0].split())
    names = {}
    exec(source, names)
    assert len(eval(f"slopes({call}", {**names, "np": np})) == 2


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("[0 * W for W in weights][1:]", "∂C/∂W: expected a list of 2, one per layer, got 1"),
        ("1.0", "∂C/∂W: expected a list of 2, one per layer, got a single number"),
        ("{'a': 1.0}", "∂C/∂W: expected a list of 2, one per layer, got a dict with a"),
        ("[0 * W for W in weights[:-1]] + [[1.0]]", "∂C/∂W, layer 1 is wrong in 12 of 12 numbers"),
    ],
    ids=["short", "number", "dict", "ragged"],
)
def test_an_answer_that_is_built_otherwise_is_told_so(folder, tmp_path, source, said):
    """What was expected and what was returned is said in words, without a traceback."""
    (found,) = judged(folder, tmp_path, FORWARD + f"\ndef slopes(weights, X, Y):\n    return {source}\n")
    assert said in found["slopes"]["criteria"][0]["message"]


def test_a_tuple_may_stand_for_a_list_and_an_array_of_arrays_too():
    """How a right answer is packed does not matter where its parts can be told."""
    for got in (RIGHT, tuple(RIGHT), [RIGHT[0].tolist(), RIGHT[1].tolist()], [RIGHT[0], np.zeros((4, 1))]):
        check_number(got, ANSWER, "it")
    with pytest.raises(Failure, match=r"it, layer 2: expected shape \(4,\), got shape \(4, 1\)"):
        check_form([RIGHT[0], np.zeros((4, 1))], ANSWER, "it")


def test_parts_of_a_tuple_and_of_a_dict_have_their_own_names():
    """The whole answer's name may name each item of a tuple; a dict's key is shown."""
    right = ([np.zeros(2)], [np.zeros(1)])
    found = [parts.name("(∂C/∂W, ∂C/∂b)", path, right, "layer") for path, _ in parts.leaves(right)]
    assert found == ["∂C/∂W, layer 1", "∂C/∂b, layer 1"]
    assert parts.name("grads", ("dW",), {"dW": np.zeros(2)}, "layer") == "grads['dW']"


def test_arguments_are_compared_deeply():
    """A list whose array was changed is not what it was; the same numbers in a tuple are."""
    before = [np.ones(2), {"a": [1.0, 2.0]}, "text", None]
    assert parts.equal(before, (np.ones(2), {"a": [1.0, 2.0]}, "text", None))
    assert not parts.equal(before, [np.array([1.0, 2.0]), {"a": [1.0, 2.0]}, "text", None])
    assert not parts.equal(before, [np.ones(2), {"a": [1.0, 3.0]}, "text", None])
    assert not parts.equal(before, [np.ones(2), {"b": [1.0, 2.0]}, "text", None])
    assert not parts.equal(before, 57)


def test_signatures_of_lists_tell_order_and_shape():
    """Equal numbers in another order, or built otherwise, are another answer; a changed list argument is seen."""
    one = of_function(lambda: [np.zeros((2, 3)), np.ones(2)], ())
    assert one.agrees(of_function(lambda: (np.zeros((2, 3)), np.ones(2)), ()))
    assert not one.agrees(of_function(lambda: [np.ones(2), np.zeros((2, 3))], ()))
    assert not one.agrees(of_function(lambda: [np.zeros((3, 2)), np.ones(2)], ()))
    assert of_function(lambda given: given.append(1.0), ([2.0],)).changed == (0,)
    scalars = of_function(lambda: (np.zeros(3), [np.array(1.0), np.array(2.0)]), ())
    assert scalars.agrees(of_function(lambda: (np.zeros(3), [1.0, 2.0]), ()))


def test_a_law_may_turn_the_parts_of_an_answer():
    """Numbers come in the right answer's form, whatever axes of length 1 they had; what breaks the law is named."""
    made = formed((RIGHT[0].tolist(), np.arange(4.0)[:, None]), ANSWER, "it")
    assert [part.shape for part in made] == [(2, 3), (4,)]
    assert made[1][::-1].tolist() == [3.0, 2.0, 1.0, 0.0]
    with pytest.raises(Failure, match=r"it, layer 2: expected shape \(4,\), got shape \(3,\)"):
        formed([RIGHT[0], np.zeros(3)], ANSWER, "it")
    with pytest.raises(Failure, match=r"both \(it, layer 2\): 1 of 4 numbers differ"):
        check_same([RIGHT[0], np.array([0.0, 0.0, 0.0, 1.0])], RIGHT, ANSWER, ("both", "it"))
