"""What is known of an exercise besides its grader: formula, right answer, and inputs that tell mistakes apart.

An assignment's `reference.py` has them in `EXERCISES`, by name.
"""

import functools
import importlib
import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder import assignments
from autograder.grading.compare import Array, Expected
from autograder.grading.formula import Formula
from autograder.grading.pictures import Drawing
from autograder.grading.signature import Signature, of_function

PLAIN = "plain"  # the probe inputs on which every mistake is compared

Arguments = tuple[Any, ...]
Value = Callable[[str, Arguments], Array | None]  # calls a function of the student's; None where no numbers came


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Attributes:
        formula: how the right answer is computed.
        expect: the right answer for some arguments, with its tolerance.
        quantity: what the answer is, as messages name it.
        probes: fixed inputs by group. All are tried on everybody; a mistake is recognized by its answers to the group
            "plain" and to those that it names.
        fresh: more inputs of the kind of "plain", drawn from a seed, on which a name has to hold before it is given.
        smallest: public inputs, the simplest first, for a counterexample; a tuple, or one input that is no tuple.
        stand_ins: functions that an exercise before this one asks for, by name: the source of a right one.
        picture: draws what the student's function does, or None.
        own: for a derivative: the student's function that it should be of, and the parameter that it is by.
        sizes: named sizes of an input, such as n; a wrong answer may be off by one of them.
    """

    formula: Formula
    expect: Callable[..., Expected]
    quantity: str
    probes: Mapping[str, tuple[Arguments, ...]]
    fresh: Callable[[int], tuple[Arguments, ...]] = lambda _seed: ()
    smallest: tuple[Arguments, ...] = ()
    stand_ins: Mapping[str, str] = field(default_factory=dict)
    picture: Callable[[Value], tuple[Drawing, ...]] | None = None
    own: tuple[str, str] | None = None
    sizes: Callable[[Arguments], Mapping[str, float]] = lambda _: {}

    @functools.cached_property
    def answers(self) -> Mapping[str, tuple[Signature, ...]]:
        """The right answers on the probe inputs, by group."""
        right = self.formula.function()
        return {
            group: tuple(of_function(right, arguments) for arguments in members)
            for group, members in self.probes.items()
        }


@functools.cache
def exercises(assignment: str) -> Mapping[str, Exercise]:
    """Return what an assignment's `reference.py` says of its exercises; one left out is judged all the same."""
    name = f"{assignments.__name__}.{assignment}.reference"
    if importlib.util.find_spec(name) is None:
        return {}
    found: Mapping[str, Exercise] = getattr(importlib.import_module(name), "EXERCISES", {})
    return found
