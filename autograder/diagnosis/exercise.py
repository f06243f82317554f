"""What is known of an exercise besides its grader: the reference, the right answer, inputs that tell mistakes apart.

An assignment's `reference.py` has them in `EXERCISES`, by name.
"""

import functools
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgpack
import numpy as np

from autograder.diagnosis import rounding
from autograder.diagnosis.catalogue import mistakes
from autograder.diagnosis.judged import ReferenceFunction
from autograder.diagnosis.reference import Reference
from autograder.diagnosis.signature import Signature, of_function
from autograder.grading.assignment import Assignment, AssignmentError
from autograder.grading.compare import Array, Expected
from autograder.grading.criteria import GraderFault
from autograder.grading.differences import derivatives
from autograder.grading.drawings import Drawing
from autograder.grading.generators import without_seed
from autograder.grading.parts import Path, copied, mapped
from autograder.sandbox.inside.codec import encode
from autograder.sandbox.snapshot import Adapter

_KEPT = 1000  # right answers
_PROBE_SEED, _PROBES = 1 << 40, 2  # far from any course's seed; how many inputs are drawn from each case
PLAIN = "plain"  # the probe inputs on which every mistake is compared

Arguments = tuple[Any, ...]
Value = Callable[[str, Arguments], Array | None]  # calls a function of the student's; None where no numbers came


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Attributes:
        function: the reference's plain function of this name; or a class, and then `adapter` says how it is used.
        cases: the hidden inputs of the graders, by name: each draws arguments from a random generator.
        probes: fixed inputs by group. All are tried on everybody; a mistake is recognized by its answers to the group
            "plain" and to those that it names. Without any, "plain" is drawn from the cases.
        fresh: more inputs of the kind of "plain", drawn from a seed, on which a name has to hold before it is given;
            unless said, those of the cases.
        smallest: public inputs, the simplest first, for a counterexample; a tuple, or one input that is no tuple.
        worked: the public input that the notebook's visible check works by hand; unless said, the first of `smallest`
            that tells most mistakes apart.
        stand_ins: functions of the reference that a student's may call: those of exercises before this one. A wrong
            one is replaced by a right one, so that it costs this exercise nothing.
        picture: draws what the student's function does, or None.
        diagram: draws the worked example, of whose answer it is told which parts are right, by their paths; or None.
        derivative: for a derivative: the reference's function that it is of, and the parameter that it is by; where the
            answer is a tuple of derivatives, the parameters.
        at: of the arguments: where the derivative is taken, if its parameter is none of the exercise's own.
        each: what an item of a list is, as messages name it: layer; layer 0, where that is the first one.
        floor: of the arguments: how many roundings of single precision any right answer may be off, a bound by hand.
        called: what messages call the answer, where that is not what the function's last marked line says.
        sizes: named sizes of an input, such as n; a wrong answer may be off by one of them.
        terms: by their words: terms of an answer's size; a wrong answer may be the right one plus a multiple of one.
        undo: of the last step: its name in messages, and its inverse function.
        worked_out: in which order the parts of the answer are worked out, as a key of their paths: the card shows the
            first that is wrong. Without it, they are in the order in which they stand.
        described: how large the arguments are, in words: it stands above the worked example.
        adapter: of a class: the reference's function that makes one, calls its methods and returns plain values. Its
            text is no secret: it runs in the student's process, with the student's class, and stands on the card.
    """

    function: Callable[..., Any]
    cases: Mapping[str, Callable[[np.random.Generator], Arguments]] = field(default_factory=dict)
    probes: Mapping[str, tuple[Arguments, ...]] = field(default_factory=dict)
    fresh: Callable[[int], tuple[Arguments, ...]] | None = None
    smallest: tuple[Arguments, ...] = ()
    worked: Arguments = ()
    stand_ins: tuple[Callable[..., Any], ...] = ()
    picture: Callable[[Value], tuple[Drawing, ...]] | None = None
    diagram: Callable[[Arguments, Mapping[Path, bool]], tuple[Drawing, ...]] | None = None
    derivative: tuple[Callable[..., Any], str | tuple[str, ...]] | None = None
    at: Callable[..., Any] | None = None
    each: str = "number"
    floor: Callable[..., Any] = lambda *_: 0.0
    called: str = ""
    sizes: Callable[[Arguments], Mapping[str, float]] = lambda _: {}
    terms: Callable[[Arguments], Mapping[str, Any]] = lambda _: {}
    undo: tuple[str, Callable[[Array], Array]] | None = None
    worked_out: Callable[[Path], Any] = lambda _: 0
    described: Callable[[Arguments], str] = lambda _: ""
    adapter: Callable[..., Any] | None = None

    def __post_init__(self) -> None:
        if PLAIN not in self.probes:
            plain = tuple(self.draw(case, _PROBE_SEED + number) for case in self.cases for number in range(_PROBES))
            object.__setattr__(self, "probes", {PLAIN: plain, **self.probes})

    def fresh_inputs(self, seed: int) -> tuple[Arguments, ...]:
        """Return inputs on which a name has to hold before it is given."""
        if self.fresh is not None:
            return self.fresh(seed)
        return tuple(self.draw(case, seed + _PROBE_SEED) for case in self.cases)

    @property
    def name(self) -> str:
        """The name of the exercise and of its function or class."""
        return self.function.__name__

    @property
    def stand_in_names(self) -> tuple[str, ...]:
        """The names of the functions for which right ones may stand in."""
        return tuple(function.__name__ for function in self.stand_ins)

    @functools.cached_property
    def text(self) -> ReferenceFunction:
        """The function, or the class with its adapter, as the text that it is."""
        adapter = "" if self.adapter is None else self.adapter.__name__
        return ReferenceFunction(_reference(self.function.__module__), self.name, adapter)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters, in order, of the function or the adapter."""
        return self.text.parameters

    def draw(self, case: str, seed: int) -> Arguments:
        """Return the arguments of a named case; the same name and seed give the same, in fresh copies.

        Raises:
            GraderFault: there is no such case.
        """
        if case not in self.cases:
            raise GraderFault(f"{self.name} has no inputs {case!r}; there are {', '.join(self.cases) or 'none'}")
        return tuple(map(copied, _drawn(self.cases[case], case, seed)))

    @property
    def quantity(self) -> str:
        """What the answer is, as messages name it."""
        return self.called or self.text.quantity

    def expect(self, *arguments: Any) -> Expected:
        """Return the right answer for some arguments, with its tolerance and, for a derivative, by finite differences.

        It is worked out once for arguments that are equal: the inputs are the same for all students.
        """
        key = msgpack.packb(encode(arguments))
        if key not in self._expected:
            if len(self._expected) >= _KEPT:
                self._expected.clear()
            self._expected[key] = self._expect(arguments)
        return self._expected[key]

    def _expect(self, arguments: Arguments) -> Expected:
        right = self.text.right(*copied(arguments))
        value = mapped(_numbers, right)
        with np.errstate(all="ignore"):
            floor = self.floor(*arguments)
        scale = mapped(lambda one: np.maximum(one, floor), rounding.scale(self.text, arguments))
        return Expected(value, scale, *self._differences(arguments), each=self.each)

    def _differences(self, arguments: Arguments) -> tuple[Any, Any]:
        """Return the derivative by finite differences with the bound on their error; None where there is a kink."""
        if self.derivative is None:
            return None, None
        of, by = self.derivative
        whole = ReferenceFunction(_reference(of.__module__), of.__name__)
        named = dict(zip(self.text.parameters, arguments, strict=True))
        if self.at is not None and isinstance(by, str):
            with np.errstate(all="ignore"):
                named[by] = self.at(*arguments)

        def along(name: str) -> tuple[Any, Any]:
            """Return the derivatives by one parameter."""
            parameters = whole.parameters
            return derivatives(
                lambda moved: whole.right(*copied([{**named, name: moved}[one] for one in parameters])), named[name]
            )

        try:
            if isinstance(by, str):
                return along(by)
            found, errors = zip(*map(along, by), strict=True)
        except GraderFault:
            return None, None
        return found, errors

    @functools.cached_property
    def _expected(self) -> dict[bytes, Expected]:
        return {}

    @functools.cached_property
    def blind(self) -> tuple[Callable[..., Any], ...]:
        """The functions of the mistakes that the catalogue marks as blind.

        Raises:
            CatalogueError: an entry of the catalogue cannot be used.
        """
        folder = self.text.reference.path.parent
        own = [one for one in mistakes(folder) if one.exercise == self.name and one.blind]
        return tuple(self.text.wrong(one.changes, one.source) for one in own)

    @functools.cached_property
    def answers(self) -> Mapping[str, tuple[Signature, ...]]:
        """The right answers on the probe inputs, by group."""
        return {
            group: tuple(of_function(self.text.right, arguments) for arguments in members)
            for group, members in self.probes.items()
        }


@functools.lru_cache(_KEPT)
def _drawn(draw: Callable[[np.random.Generator], Arguments], case: str, seed: int) -> Arguments:
    # A case may hand its generator on: then the student's process gets it, which must not know the course's seed.
    return draw(without_seed(np.random.default_rng([seed, *case.encode()])))


def _numbers(right: Any) -> Any:
    return right if isinstance(right, np.random.Generator) else np.asarray(right, dtype=np.float64)


@functools.cache
def _reference(module: str) -> Reference:
    return Reference(sys.modules[module])


def adapters(known: Mapping[str, Exercise]) -> dict[str, Adapter]:
    """Return what is called in the place of the classes that these exercises judge, by the classes' names."""
    return {
        name: Adapter(one.text.entry, one.text.adapter_source(), tuple(known))
        for name, one in known.items()
        if one.adapter is not None
    }


def with_reference(assignment: Assignment) -> Assignment:
    """Return an assignment with those of its exercises alone of which `reference.py` says what is right.

    Raises:
        AssignmentError: there are none.
    """
    known = tuple(name for name in assignment.exercises if name in exercises(assignment))
    if not known:
        raise AssignmentError(f"{assignment.folder}: reference.py has no EXERCISES, from which all of this is made")
    return replace(assignment, exercises=known)


def exercises(assignment: Assignment) -> Mapping[str, Exercise]:
    """Return what an assignment's `reference.py` says of its exercises; one left out is judged all the same.

    Raises:
        Exception: whatever the module raises when it is imported.
    """
    found: Mapping[str, Exercise] = getattr(assignment.module("reference"), "EXERCISES", {})
    return found
