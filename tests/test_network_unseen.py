"""Mistakes in answers that are lists, in spellings that the catalogue does not have: named, and none wrongly."""

import json
import subprocess
import sys
from pathlib import Path

import network_unseen as unseen
import numpy as np
import pytest

from autograder.certify.local import Local
from autograder.diagnosis.exercise import exercises
from autograder.grading.assignment import find
from autograder.grading.compare import check_shape
from autograder.grading.criteria import Failure
from autograder.judge.judge import DEFAULT_SEED

NETWORK = find("network")
PROGRAM = Path(sys.executable).parent / "autograder"

# The names in the catalogue, by what is wrong.
NAMES = {
    "the first item is missing": "inputs-missing",
    "σ only at the very end": "hidden-layers-linear",
    "z is kept, not a": "z-in-the-list",
    "no bias": "bias-missing",
    "e^z for e^(−z)": "sigma-of-minus-z",
    "only the outputs": "last-activation-only",
    "softmax on top": "softmax-in-the-last-layer",
    "sums, no means": "mean-missing",
    "σ′ left in the output error": "sigma-prime-kept",
    "σ′ missing on the way": "sigma-prime-missing",
    "σ′ of σ": "a-taken-for-z",
    "target minus output": "sign-reversed",
    "the wrong activation": "own-activation",
    "last layer first": "layers-in-reverse",
    "one number per bias list": "mean-over-everything",
    "n twice": "mean-twice",
    "up the hill": "uphill",
    "the caller's arrays": "changed-in-place",
    "biases stand still": "biases-forgotten",
    "the gradient itself": "gradient-returned",
}


def test_mistakes_in_lists_are_named_in_either_spelling():
    """At least 18 of 20 are named in both spellings, and no spelling gets another name."""
    found = {}
    for name in unseen.MISTAKES:
        exercise, *sources = unseen.spellings(name)
        found[name] = [Local(NETWORK, exercise, source).finding(DEFAULT_SEED) for source in sources]
    assert [name for name, both in found.items() if not all(one.failed for one in both)] == []
    wrongly = {name: [one.named for one in both] for name, both in found.items()}
    assert [name for name, both in wrongly.items() if set(both) - {(), (NAMES[name],)}] == []
    assert sum(all(both) for both in wrongly.values()) >= 18


@pytest.mark.full
@pytest.mark.slow
def test_each_card_names_the_first_wrong_part(tmp_path):
    """What the text compares is the first layer, of W before b, in which the student's answer differs."""
    paths = {}
    for name in unseen.MISTAKES:
        exercise, *sources = unseen.spellings(name)
        for number, source in enumerate(sources):
            paths[name, number] = tmp_path / f"{len(paths)}.py"
            paths[name, number].write_text(unseen.solution(exercise, source))
    done = check("--json", *paths.values())
    texts = check(*paths.values()).split(str(tmp_path))[1:]
    for (name, number), line, text in zip(paths, done.splitlines(), texts, strict=True):
        exercise = unseen.MISTAKES[name]["exercise"]
        (wrong,) = [one for one in json.loads(line)["exercises"] if one["criteria"] and lost(one)]
        assert wrong["exercise"] == exercise
        shown = wrong["counterexample"]
        if shown is not None and (part := first_wrong(exercise, shown["expected"], shown["got"])):
            assert part in text, (name, number)


def check(*arguments):
    """Run `autograder check` on solutions of the network; return what it printed."""
    command = [str(PROGRAM), "check", "--assignment", "network", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def lost(exercise):
    """Say whether an exercise of a result has lost points."""
    return exercise["points"] < exercise["max_points"]


def first_wrong(exercise, right, got):
    """Return the name of the first part that differs, or nothing where the answer is built otherwise."""
    first = 0 if exercise == "feedforward" else 1
    whole = exercises(NETWORK)[exercise].quantity
    names = [one.strip() for one in whole.strip("()").split(",")]
    lists = zip(names, right, got, strict=False) if len(names) > 1 else [(whole, right, got)]
    if isinstance(got, str) or len(got) != len(right):
        return ""
    for what, ours, theirs in lists:
        if not isinstance(theirs, list) or len(theirs) != len(ours):
            return ""
        for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            try:
                check_shape(other, np.shape(one), "it")
                same = np.allclose(one, other, rtol=1e-6)
            except Failure:
                same = False
            if not same:
                return f"{what}, layer {number + first}"
    return ""
