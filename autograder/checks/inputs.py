"""The public inputs of visible checks: the one that is worked, and those that show what it cannot show."""

import functools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.diagnosis.catalogue import Mistake, mistakes, variants
from autograder.diagnosis.counterexample import plain
from autograder.diagnosis.exercise import Arguments, exercises
from autograder.diagnosis.naming import wrong_function
from autograder.diagnosis.signature import Signature, of_function, same_rows, values_of
from autograder.grading.assignment import Assignment
from autograder.grading.compare import Expected, as_numbers, check_unchanged
from autograder.grading.criteria import Criterion
from autograder.grading.notation import values
from autograder.grading.parts import copied, is_container, name
from autograder.sandbox.inside.codec import decode, encode

_MORE = 3  # inputs besides the worked one
_ENOUGH = 2  # mistakes that each of them shows, and none before it
_ATOL, _SHARE = 2e-9, 2e-5  # the notebook lets numbers differ by this, and by this share of the largest
_DIGITS = 3  # of the steps
_SYMBOL = re.compile(r"\w+(\(\w+\))?")
_LONG = 96  # characters of the steps, at most
_APART = 1e-4  # by this share two mistakes have to differ, so that the notebook tells them apart


@dataclass(frozen=True)
class Check:
    """One input of a visible check.

    Attributes:
        given: the arguments.
        by_hand: numbers of the reference's first steps, in words; nothing but for the worked input.
        expected: the right answer.
        points: the most that this input can cost, where a right variant may fail it: then no error is raised; else 0.
    """

    given: Arguments
    by_hand: str
    expected: Any
    points: float


class Checks:
    """The visible checks of one exercise.

    Args:
        assignment: whose exercise it is.
        name: of the exercise.
        criteria: of its grader, whose points a note tells.
    """

    def __init__(self, assignment: Assignment, name: str, criteria: Sequence[Criterion]) -> None:
        self.name = name
        self._exercise = exercises(assignment)[name]
        text = self._exercise.text
        self._mistakes = [one for one in mistakes(assignment.folder) if one.exercise == name and one.known]
        self._wrong = {one.id: wrong_function(self._exercise, (one,)) for one in self._mistakes}
        own = [one for one in variants(assignment.folder) if one.exercise == name]
        self._variants = [(one, text.from_source(one.source)) for one in own]
        self._criteria = {criterion.name: criterion for criterion in criteria}

    @functools.cached_property
    def worked(self) -> Arguments:
        """The worked input: the one that the exercise names, or the first small one that tells most mistakes apart."""
        if self._exercise.worked:
            return self._exercise.worked
        return max(self._exercise.smallest, key=lambda arguments: len(self._apart(arguments)))

    @property
    def given(self) -> dict[str, Any]:
        """The worked input by the names of the parameters."""
        return dict(zip(self._exercise.parameters, self.worked, strict=True))

    def checks(self) -> list[Check]:
        """Return the worked input, and those small ones that show what no input before them does."""
        chosen = [self.worked]
        shown = self._shown(self.worked)
        shows = [(arguments, self._shown(arguments)) for arguments in self._exercise.smallest]
        while len(chosen) <= _MORE:
            best, new = max(((one, found - shown) for one, found in shows), key=lambda pair: len(pair[1]))
            if len(new) < _ENOUGH:
                break
            chosen.append(best)
            shown |= new
        return [self._check(arguments) for arguments in chosen]

    def usual(self) -> dict[str, Any]:
        """Return what usual mistakes answer to the worked input, by title: those that no other is taken for."""
        apart = self._apart(self.worked)
        with np.errstate(all="ignore"):
            return {
                mistake.title: self._wrong[mistake.id](*copied(self.worked))
                for mistake in self._mistakes
                if mistake.usual and mistake.id in apart
            }

    def mixed_up(self) -> list[Mistake]:
        """Return the mistakes that are marked as usual, and that the worked input does not tell apart."""
        apart = self._apart(self.worked)
        return [mistake for mistake in self._mistakes if mistake.usual and mistake.id not in apart]

    def _check(self, arguments: Arguments) -> Check:
        is_worked = arguments is self.worked
        by_hand, points = (self._steps(), 0) if is_worked else ("", self._hanging(arguments))
        return Check(arguments, by_hand, self._exercise.expect(*arguments).value, points)

    def _steps(self) -> str:
        """Return the reference's marked steps, those with a symbol where there are any; never the last."""
        work = [(re.split(" = |, ", note)[0], value) for note, value in self._exercise.text.work(self.worked)]
        symbols = [one for one in work[:-1] if _SYMBOL.fullmatch(one[0])]
        told = ""
        for step, value in symbols or work[:-1]:
            more = f"{told}{', ' * bool(told)}{step} = {values(plain(value), _DIGITS)}"
            told = more if len(more) <= _LONG else told
        return told

    @property
    def parts(self) -> tuple[Any, ...] | None:
        """What the parts of an answer are called: names of a tuple's items, the first number of a list's, and a word.

        It is None where an answer is one array.
        """
        right = self._exercise.expect(*self.worked).value
        if not is_container(right):
            return None
        names = tuple(name(self._exercise.quantity, (key,), right, "") for key in range(len(right)))
        word, _, first = self._exercise.each.partition(" ")
        return names if isinstance(right, tuple) else (), int(first or 1), word

    def _hanging(self, arguments: Arguments) -> float:
        """Return the points of the criteria that right variants lose by an input; 0 where all are right there."""
        expected = self._exercise.expect(*arguments)
        failing = [variant for variant, made in self._variants if not self._is_right(made, arguments, expected)]
        return sum(self._criteria[name].points for name in {name for variant in failing for name in variant.loses})

    def _shown(self, arguments: Arguments) -> set[str]:
        """Return the mistakes that an input shows."""
        expected = self._exercise.expect(*arguments)
        return {name for name, function in self._wrong.items() if not self._is_right(function, arguments, expected)}

    def _is_right(self, function: Callable[..., Any], arguments: Arguments, expected: Expected) -> bool:
        """Say whether the notebook finds nothing wrong with a function."""
        given = copied(arguments)
        try:
            with np.errstate(all="ignore"):
                answer = decode(encode(function(*given)))
            check_unchanged(arguments, given, self._exercise.parameters, self.name)
            for part in expected.parts(self.name):
                numbers = as_numbers(expected.theirs(answer, part, self.name), part.name)
                if numbers.shape != part.value.shape and not numbers.size == part.value.size == 1:
                    return False
                if not np.allclose(numbers, part.value, rtol=0.0, atol=_ATOL + _SHARE * np.max(np.abs(part.value))):
                    return False
        except Exception:  # noqa: BLE001 - whatever a wrong function raises, it is not right
            return False
        return True

    def _apart(self, arguments: Arguments) -> set[str]:
        """Return the mistakes whose answer is finite, and neither the right one nor another mistake's."""
        found = {name: of_function(function, arguments) for name, function in self._wrong.items()}
        found |= {"": of_function(self._exercise.text.right, arguments)}
        names = [name for name, answer in found.items() if answer.values is not None and answer.values.size]
        return {name for name in names if name and _alone(found[name], [found[other] for other in names])}


def _alone(answer: Signature, answers: Iterable[Signature]) -> bool:
    """Say whether numbers are finite and, among all answers, its own alone."""
    own = values_of(answer)
    rows = np.array([one.values for one in answers if one.values is not None and one.values.size == own.size])
    return bool(np.all(np.isfinite(own)) and np.sum(same_rows(rows, own, _APART)) == 1)
