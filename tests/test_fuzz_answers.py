"""Drawn answers to every exercise: whatever comes back, there are verdicts, JSON and a card, soon, and no exception.

The student answers in this process, through the encoding of the pipe and its limit on length; a few answers go through
real walls as well. What the fuzzer has found is among the examples.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import hypothesis.extra.numpy as arrays
import msgpack
import numpy as np
import pytest
from arena import cases
from hand_ins import RIGHT
from hypothesis import example, given
from hypothesis import strategies as st

from autograder.card import html as card
from autograder.card import text as card_text
from autograder.diagnosis.exercise import exercises
from autograder.grading.assignment import find
from autograder.grading.graders import Graders
from autograder.grading.results import ExerciseResult
from autograder.judge import explaining
from autograder.judge.collected import collected
from autograder.judge.exercises import ExerciseJudge
from autograder.judge.judge import DEFAULT_SEED, Job, judge_notebooks
from autograder.judge.notebook import from_script
from autograder.judge.ready import get_ready
from autograder.judge.running.causes import Causes
from autograder.sandbox.answers import Answer, Died, Raised, Returned
from autograder.sandbox.inside.codec import DTYPES, Ungradable, decode, encode

NEURON = replace(find("neuron"), limits=find("neuron").limits.override({"exercise_seconds": 3.0, "call_seconds": 1.0}))
KNOWN = exercises(NEURON)
# Items of an answer, and bytes of its arrays: to encode them is a student's process's work, which has limits, and here
# it is ours.
MOST = 1_500
MOST_BYTES = 2_000_000
BOUND_SECONDS = 20.0  # a busy machine's; what was found here took minutes, or all memory

Give = Callable[[str, tuple[Any, ...]], tuple[Any, Any]]  # an answer, and the arguments as they are afterwards


@dataclass
class Student:
    """A student in this process, in the place of a `Run` and of its snapshots."""

    give: Give
    limits: Any = NEURON.limits
    renewed: bool = False
    places: dict[str, Any] = field(default_factory=dict)
    closed: bool = False
    causes: Causes = field(default_factory=lambda: Causes((), {}))
    _asked: Sequence[Any] = field(default=())

    def process(self, _exercise: str, *, keep: bool) -> "Student":
        """Return another process."""
        return replace(self)

    def beside(self) -> "Student":
        """Return a process of the reference's; nobody asks it."""
        return self

    def answer(self, _source: str, _names: Sequence[str], _pipe: Any) -> None:
        """Answer nothing."""

    def has_answered(self, _seconds: float) -> bool:
        """Say that it has."""
        return True

    def stand_in(self, _names: Sequence[str], _pipe: Any) -> None:
        """Leave the functions as they are."""

    def ask(self, calls: Sequence[Any]) -> None:
        """Keep the calls."""
        self._asked = calls

    def answers(self) -> list[Answer]:
        """Return the answers to them."""
        return self.calls(self._asked)

    def said(self) -> None:
        """Leave the answers to be read."""

    def calls(self, calls: Sequence[Any]) -> list[Answer]:
        """Return the answers, each by way of the pipe; more than fits through it ends the process."""
        answers: list[Answer] = []
        sent = 0
        for name, encoded in calls:
            try:
                value, after = self.give(name, decode(msgpack.unpackb(msgpack.packb(encoded))))
            except ZeroDivisionError as error:
                answers.append(Raised("ZeroDivisionError", str(error), None))
                continue
            packed = msgpack.packb([encode(value), encode(after)])
            sent += len(packed)
            answers.append(Returned(*(decode(part) for part in msgpack.unpackb(packed))))
        return answers if sent < self.limits.message_bytes else [Died("a message too long")] * len(calls)

    def close(self) -> None:
        """End it."""


@pytest.fixture(scope="module", autouse=True)
def ready() -> None:
    """Do once what every worker does before its first submission; else the first explanation would wait for it."""
    get_ready("neuron")


def judged(give: Give, assignment: Any = NEURON) -> list[ExerciseResult]:
    """Judge all exercises of such a student."""
    run: Any = Student(give)
    judge = ExerciseJudge(
        collected(assignment, DEFAULT_SEED),
        dict.fromkeys(NEURON.exercises, run),
        assignment,
        DEFAULT_SEED,
        pictures="described",
    )
    return [judge(name) for name in assignment.exercises]


def right(name: str, arguments: tuple[Any, ...]) -> Any:
    """Return the right answer."""
    with np.errstate(all="ignore"):
        return KNOWN[name].text.right(*arguments)


def always(value: Any) -> Give:
    """Answer every call with this."""
    return lambda _name, arguments: (value, arguments)


def expect_well_judged(results: list[ExerciseResult]) -> None:
    """Expect verdicts that need no human, an explanation of which nothing failed, and all that is made of them."""
    for result in results:
        assert {entry.verdict for entry in result.criteria} <= {"pass", "fail", "skip"}, result.criteria
        assert result.notes == ()
        for text in (json.dumps([result.to_json(), result.probes], allow_nan=False), card.html(result)):
            text.encode()
            assert len(text) < 100_000
        lines = "\n".join(card_text.text(result))
        assert "could not be explained" not in lines
        lines.encode()


odd_numbers = st.sampled_from([0, -1, 10**15, 2**63, -(10**999), 0.0, -0.0, 1e308, 5e-324, float("nan"), float("-inf")])
numbers = st.one_of(odd_numbers, st.booleans(), st.integers(), st.floats(), st.complex_numbers())
SHAPES = ((), (0,), (1,), (3,), (4, 3), (3, 4), (1, 1), (2, 0), (0, 2), (1,) * 32, (2,) * 12, (1, 40_000), (40_000, 1))
BARE_SHAPES = ((1 << 39, 0), (1 << 20, 0, 7), (0, 1 << 39))
arrays_of_all_kinds = st.builds(
    lambda shape, code, number: (
        np.full(shape, number).astype(np.complex128).astype(code)
        if code in ("c8", "c16", "G")
        else np.full(shape, number).astype(code)
    ),
    st.sampled_from(SHAPES + BARE_SHAPES),
    st.sampled_from(DTYPES),
    st.sampled_from([0.0, 1.0, 0.5, -3.0]),
)
drawn_arrays = arrays.arrays(
    st.sampled_from(["f2", "f4", "f8", "i4", "?"]), arrays.array_shapes(min_dims=0, max_side=4)
)
scalars = st.builds(lambda code: np.dtype(code).type(1), st.sampled_from(DTYPES))
odd = st.sampled_from(
    [None, "", "nan", "\ud800\x1b", "7" * 1000, object(), b"\xff", np.ma.masked, np.array([1, "a"], "O")]
)
leaves = st.one_of(numbers, arrays_of_all_kinds, drawn_arrays, scalars, odd, st.text(max_size=5))
keys = st.one_of(st.none(), st.booleans(), st.floats(), st.text(max_size=3), st.tuples(st.integers(), st.none()))
repeated = st.builds(lambda item, count: [item] * count, leaves, st.sampled_from([24, 25, 1000]))


def _size(value: Any) -> np.ndarray:
    """Return how many things lists, tuples and dicts hold together, and how many bytes the arrays among them have."""
    parts = list(value.values()) if isinstance(value, dict) else value
    if isinstance(parts, list | tuple):
        return sum(map(_size, parts), np.zeros(2))
    return np.array([1, parts.nbytes if isinstance(parts, np.ndarray) else 0])


values = st.recursive(
    st.one_of(leaves, repeated),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(keys, inner, max_size=3),
        st.builds(lambda item, count: [item] * count, inner, st.sampled_from([2, 3, 25])),
    ),
    max_leaves=8,
).filter(lambda value: bool((_size(value) < (MOST, MOST_BYTES)).all()))
# The right numbers in another guise: these reach what comes after the comparison of sizes.
GUISES: Mapping[str, Callable[[Any], Any]] = {
    "same": lambda value: value,
    "list": lambda value: np.asarray(value).tolist(),
    "boxed": lambda value: [value],
    "twice": lambda value: [value, value],
    "ragged": lambda value: [value, [value]],
    "column": lambda value: np.reshape(value, (-1, 1)),
    "half": lambda value: np.asarray(value, dtype=np.float16),
    "long": lambda value: np.asarray(value, dtype=np.longdouble),
    "complex": lambda value: np.asarray(value) + 0j,
    "turned": lambda value: np.asarray(value) * 1j,
    "masked": lambda value: np.ma.masked_array(value, mask=np.ones(np.shape(value), dtype=bool)),
    "objects": lambda value: np.asarray(value, dtype=object),
    "text": str,
    "huge": lambda value: np.asarray(value) * 1e300,
    "nan": lambda value: np.asarray(value) * np.nan,
    "digits": lambda value: [10**900] * np.size(value),
    "named": lambda value: {"answer": value},
    "more": lambda value: np.asarray(value) + np.zeros((3, *np.shape(value))),
    "whole": lambda value: np.asarray(value).astype(int),
}

MANY_ROWS = np.zeros((1 << 39, 0))
FOUND = (
    [np.zeros((2, 3)), np.zeros((2, 4))],
    [[0.0], [0.0, [1.0]]],
    [MANY_ROWS, MANY_ROWS],
    MANY_ROWS,
    (np.zeros((1, 40_000)), np.zeros((40_000, 1))),
    {(): [{None: MANY_ROWS}], 1.5: "x", "x": np.zeros((2,) * 12)},
    [[[]] * 20] * 30,
    [10**999, -(10**999), 2**53],
    ["1", 2.0, None, [True]],
    1.79765e308,
    5e-324,
)


@pytest.mark.parametrize("value", FOUND, ids=range(len(FOUND)))
def test_what_was_found_is_judged(value):
    """Answers at which a judge, or a card, has failed earn no points and cost nobody anything."""
    results = judged(always(value))
    expect_well_judged(results)
    assert all("value" in [entry.criterion for entry in one.criteria if entry.verdict == "fail"] for one in results)


@pytest.mark.slow  # as much as a tenth of all fast tests
@given(values)
@example([np.zeros((2, 3)), np.zeros((2, 4))])
def test_any_answer_is_judged(value):
    """An answer of any kind leads to verdicts, an explanation, JSON and both cards within seconds."""
    began = time.monotonic()
    expect_well_judged(judged(always(value)))
    assert time.monotonic() - began < BOUND_SECONDS


@pytest.mark.slow  # likewise
@given(st.lists(st.one_of(values, st.sampled_from(sorted(GUISES))), min_size=1, max_size=6), st.integers(0, 3))
def test_answers_that_change_from_call_to_call_are_judged(drawn, skipped):
    """Other kinds at other calls, right numbers in other guises, and arguments that became anything, are judged."""
    turns = iter(drawn[number % len(drawn)] for number in range(10**9))

    def give(name: str, arguments: tuple[Any, ...]) -> tuple[Any, Any]:
        turn, after = next(turns), next(turns) if skipped == 0 else arguments
        value = GUISES[turn](right(name, arguments)) if isinstance(turn, str) and turn in GUISES else turn
        if skipped == 1 and turn is None:
            raise ZeroDivisionError
        return value, [after] if skipped == 0 else after

    began = time.monotonic()
    expect_well_judged(judged(give))
    assert time.monotonic() - began < BOUND_SECONDS


@pytest.mark.parametrize("guise", GUISES)
def test_right_numbers_in_every_guise_are_judged(guise):
    """The right numbers in any form are judged without a fault; in an honest form they earn everything but a shape."""
    results = judged(lambda name, arguments: (GUISES[guise](right(name, arguments)), arguments))
    expect_well_judged(results)
    if guise in ("same", "list", "long", "complex", "objects"):
        lost = {entry.criterion for one in results for entry in one.criteria if entry.verdict != "pass"}
        assert lost <= {"saturation"}


PARTS = ("probe", "diagnosis_for", "smallest", "remark", "agrees_with_own", "picture", "_plain")


@pytest.fixture(params=PARTS)
def broken_part(request, monkeypatch) -> Iterator[str]:
    """Let one part of explaining raise what it may: the fuzzer no longer finds how to."""

    def fail(*_arguments: Any, **_named: Any) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr(explaining, request.param, fail)
    return request.param


def twice_too_large(name: str, arguments: tuple[Any, ...]) -> tuple[Any, Any]:
    """Answer with twice the right number."""
    return np.asarray(right(name, arguments)) * 2.5, arguments


def test_failing_part_of_an_explanation_costs_no_verdict(broken_part, request):
    """Where a part of the explanation fails, the verdicts are the same, all else is there, and a note says so."""
    results = judged(twice_too_large)
    request.getfixturevalue("monkeypatch").undo()
    whole = judged(twice_too_large)
    for one, other in zip(results, whole, strict=True):
        assert [(e.criterion, e.verdict, e.points) for e in one.criteria] == [
            (e.criterion, e.verdict, e.points) for e in other.criteria
        ]
        assert card.html(one)
        assert "\n".join(card_text.text(one))
    notes = [note for result in results for note in result.notes]
    assert notes
    assert all("MemoryError: no room" in note for note in notes)


def test_explanation_without_time_says_so(monkeypatch):
    """Where no time is left to explain anything, the verdicts are the same, and a note says why there is no more."""
    whole = judged(twice_too_large)
    monkeypatch.setattr(explaining, "EXPLAINING", replace(explaining.EXPLAINING, seconds=0.0))
    for one, other in zip(judged(twice_too_large), whole, strict=True):
        assert [(e.verdict, e.points) for e in one.criteria] == [(e.verdict, e.points) for e in other.criteria]
        assert one.notes == (f"{one.exercise}: there was no time left to explain all of it",)


def test_ungradable_parts_are_named_not_shown():
    """What is no plain data fails with the name of its type."""
    results = judged(always([1.0, {2: object()}]))
    expect_well_judged(results)
    assert "object" in results[0].criteria[0].message
    assert isinstance(decode(encode(object())), Ungradable)


@pytest.mark.slow
@pytest.mark.parametrize("number", cases(*range(len(FOUND)), quick=4))
def test_what_was_found_is_judged_behind_real_walls(number):
    """The same answers of a real student process."""
    source = f"import numpy as np\nMANY_ROWS = np.zeros((1 << 39, 0))\nANSWER = {SOURCES[number]}\n"
    source += "\n".join(f"def {name}(*arguments):\n    return ANSWER\n" for name in NEURON.exercises)
    judgement = judge_notebooks(
        {"neuron": from_script(source, NEURON.exercises)}, Job("neuron", pictures="described"), NEURON
    )
    assert judgement.outcome == "graded"
    expect_well_judged(list(judgement.exercises))


SOURCES = (
    "[np.zeros((2, 3)), np.zeros((2, 4))]",
    "[[0.0], [0.0, [1.0]]]",
    "[MANY_ROWS, MANY_ROWS]",
    "MANY_ROWS",
    "(np.zeros((1, 40_000)), np.zeros((40_000, 1)))",
    "{(): [{None: MANY_ROWS}], 1.5: 'x', 'x': np.zeros((2,) * 12)}",
    "[[[]] * 20] * 30",
    "[10**999, -(10**999), 2**53]",
    "['1', 2.0, None, [True]]",
    "1.79765e308",
    "5e-324",
)


@pytest.mark.slow
def test_failure_of_ours_is_one_exercise_s_error(monkeypatch):
    """Where judging itself fails in one exercise, that one goes to a human, and all others are judged."""
    honest = Graders._judge

    def fail(self: Graders, exercise: str) -> ExerciseResult:
        if exercise == "cost":
            raise AssertionError("ours, not the student's")
        return honest(self, exercise)

    monkeypatch.setattr("autograder.judge.collected._collected", {})  # others may have had the same answers before
    graders = collected(NEURON, DEFAULT_SEED)
    monkeypatch.setattr(Graders, "_judge", fail)
    judgement = judge_notebooks({"neuron": from_script(RIGHT, NEURON.exercises)}, Job("neuron"), NEURON)
    assert {one.exercise: one.points for one in judgement.exercises} == {
        name: None if name == "cost" else graders.graders.max_points(name) for name in NEURON.exercises
    }
    assert {entry.verdict for entry in judgement.exercises[1].criteria} == {"error"}
