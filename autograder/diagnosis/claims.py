"""What a hint says of the student's numbers, checked against them: a sentence that is not true of them is not said.

A sentence makes a claim where it has one of the phrases below. `lint` and the tests hold every hint against the answers
of its own mistake; where two mistakes are named together, what is true of each alone may be false of both.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from autograder.diagnosis.exercise import PLAIN, Arguments, Exercise
from autograder.diagnosis.signature import of_function, same
from autograder.grading.compare import Array
from autograder.grading.parts import copied, leaves

_LOOSE, _TINY, _HALF = 1e-6, 1e-12, 0.5
_SENTENCE = re.compile(r"(?<=[.?])\s+(?=[A-Z∂δσ0-9])")
_OF_YOURS = re.compile(
    r"\b(you|your|yours)\b|\b(is|are) right\b|^(One|None|All|Every|Only|Each|The same)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Seen:
    """A wrong function beside the right one.

    Attributes:
        exercise: whose functions they are.
        function: the wrong one.
        inputs: on which they are compared.
    """

    exercise: Exercise
    function: Callable[..., Any]
    inputs: tuple[Arguments, ...]

    @cached_property
    def answers(self) -> list[tuple[Arguments, Array]]:
        """The wrong answers that are numbers, of whatever shape, each with its input."""
        found = [(arguments, of_function(self.function, arguments).values) for arguments in self.inputs]
        return [(arguments, values) for arguments, values in found if values is not None]

    @cached_property
    def numbers(self) -> list[tuple[Arguments, Array, Array]]:
        """The inputs on which both give numbers, with the right ones and the wrong ones."""
        found = [(given, of_function(self.exercise.text.right, given).values, yours) for given, yours in self.answers]
        return [(arguments, right, yours) for arguments, right, yours in found if right is not None]

    @property
    def pairs(self) -> list[tuple[Arguments, Array, Array]]:
        """Those of `numbers` on which both give as many."""
        return [one for one in self.numbers if one[1].size == one[2].size]

    def sizes(self, arguments: Arguments) -> dict[str, float]:
        """Return the sizes of an input by their names."""
        return {name: np.float64(size) for name, size in self.exercise.sizes(arguments).items()}

    def is_scaled(self, by: Callable[[dict[str, float]], float]) -> bool:
        """Say whether all wrong numbers are the right ones times a factor of the sizes."""
        return all(
            same(yours, right * by(self.sizes(arguments)), _LOOSE) for arguments, right, yours in self.pairs
        ) and bool(self.pairs)

    def ignores(self, names: Iterable[str]) -> bool:
        """Say whether answers stay when these arguments have other values."""
        places = [self.exercise.parameters.index(name) for name in names]
        for arguments in self.inputs:
            moved = [elsewhere(value) if place in places else value for place, value in enumerate(arguments)]
            if not of_function(self.function, tuple(moved)).agrees(of_function(self.function, arguments)):
                return False
        return True

    def is_right_in(self, wanted: Callable[[tuple[Any, ...], Any], bool]) -> bool:
        """Say whether the parts of the answer that are wanted are right, where the answer is built as it should be."""
        for arguments in self.inputs:
            right = self.exercise.text.right(*copied(arguments))
            try:
                with np.errstate(all="ignore"):
                    yours = self.function(*copied(arguments))
            except Exception:  # noqa: BLE001, S112 - where a wrong function stops, nothing is claimed
                continue
            for path, value in leaves(right):
                if wanted(path, right) and not _is_same(yours, path, value):
                    return False
        return True


def _is_same(yours: Any, path: tuple[Any, ...], value: Any) -> bool:
    try:
        for key in path:
            yours = yours[key]
        one = np.ravel(np.asarray(yours, dtype=float))
    except (TypeError, ValueError, LookupError):
        return False
    other = np.ravel(np.asarray(value, dtype=float))
    return one.size == other.size and same(one, other, _LOOSE)


def elsewhere(value: Any) -> Any:
    """Return other values of the same form, where they are numbers between 0 and 1 of that kind, too."""
    if isinstance(value, list):
        return [elsewhere(one) for one in value]
    array = np.asarray(value, dtype=float)
    moved = array * 0.5 + 0.25 if np.all((array >= 0) & (array <= 1)) else array * -0.5 + 0.3
    return float(moved) if np.ndim(value) == 0 else moved


def mirrored(value: Any) -> Any:
    """Return other values of the same form: 1 − y of numbers between 0 and 1, −x of any others."""
    if isinstance(value, list):
        return [mirrored(one) for one in value]
    array = np.asarray(value, dtype=float)
    moved = 1.0 - array if np.all((array >= 0) & (array <= 1)) else -array
    return float(moved) if np.ndim(value) == 0 else moved


def _every(test: Callable[[Array, Array], bool]) -> Callable[[Seen, re.Match[str]], bool]:
    return lambda seen, _: all(test(right, yours) for _, right, yours in seen.pairs) and bool(seen.pairs)


def _larger(right: Array, yours: Array) -> bool:
    return bool(np.all(np.abs(yours) >= np.abs(right) - _TINY))


def _smaller(right: Array, yours: Array) -> bool:
    return bool(np.all(np.abs(yours) <= np.abs(right) + _TINY))


def _all_equal(seen: Seen, _match: re.Match[str]) -> bool:
    return all(same(yours, np.repeat(yours[:1], yours.size), _LOOSE) for _, yours in seen.answers)


def _bounded(test: Callable[[Array], Any]) -> Callable[[Seen, re.Match[str]], bool]:
    return lambda seen, _: all(bool(np.all(test(yours[np.isfinite(yours)]))) for _, yours in seen.answers)


def _scaled(by: Callable[[dict[str, float]], float]) -> Callable[[Seen, re.Match[str]], bool]:
    return lambda seen, _: seen.is_scaled(by)


def _layers(first: bool) -> Callable[[Seen, re.Match[str]], bool]:  # noqa: FBT001 - which end
    def wanted(path: tuple[Any, ...], right: Any) -> bool:
        """Say whether a part is of the layer that is meant."""
        whole = right[path[0]] if isinstance(right, tuple) else right
        layers = len(whole) - (0 if isinstance(right, tuple) else 1)
        layer = path[-1] if isinstance(right, tuple) else path[-1] - 1
        return bool(layer == (0 if first else layers - 1))

    return lambda seen, _: seen.is_right_in(wanted)


def _half(place: int) -> Callable[[Seen, re.Match[str]], bool]:
    return lambda seen, _: seen.is_right_in(lambda path, right: isinstance(right, tuple) and path[0] == place)


def _ignoring(*names: str) -> Callable[[Seen, re.Match[str]], bool]:
    return lambda seen, _: seen.ignores(name for name in names if name in seen.exercise.parameters)


def _one_per_entry(seen: Seen, _match: re.Match[str]) -> bool:
    return all(yours.size == int(seen.sizes(arguments).get("n", 0)) for arguments, yours in seen.answers)


def _is_right(seen: Seen, _match: re.Match[str]) -> bool:
    """Say whether the numbers are the right ones, in whatever order and shape."""
    numbers = [(one, right) for _, right, yours in seen.numbers for one in yours]
    return bool(seen.numbers) and all(np.any(np.isclose(one, right, _LOOSE, 1e-9)) for one, right in numbers)


def _digits(seen: Seen, match: re.Match[str]) -> bool:
    """Say whether the largest difference is about what so many right digits leave."""
    words = {"two": 2, "second": 2, "three": 3, "third": 3, "four": 4, "fourth": 4, "fifth": 5}
    wanted = [words[word] for word in re.findall("|".join(words), match[0])]
    worst = max(
        (float(np.max(np.abs(yours - right)) / np.max(np.abs(right))) for _, right, yours in seen.pairs), default=1.0
    )
    return bool(10.0 ** (-max(wanted) - 2) <= worst <= 10.0 ** (-min(wanted) + 1.5))


# A phrase, and whether it is true. Of several phrases in a sentence each has to be.
CLAIMS: tuple[tuple[str, Callable[[Seen, re.Match[str]], bool]], ...] = (
    (r"(Your|All your) (?!z)\S+( \S+)? (is|are) n times too large", _scaled(lambda s: s["n"])),
    (r"(Your|All your) \S+( \S+)? (is|are) n times too small", _scaled(lambda s: 1 / s["n"])),
    (r"(Your|All your) (?!z)\S+( \S+)? (is|are) k times too small", _scaled(lambda s: 1 / s["k"])),
    (r"is n/k times what it should be", _scaled(lambda s: s["n"] / s["k"])),
    (r"is n/3 times what it should be", _scaled(lambda s: s["n"] / 3)),
    (r"n/\(n − 1\) times what it should be", _scaled(lambda s: s["n"] / (s["n"] - 1))),
    (r"n/\(n \+ 1\) times what it should be", _scaled(lambda s: s["n"] / (s["n"] + 1))),
    (r"\b[Tt]wice what it should be(?!, or almost)", _scaled(lambda _: 2.0)),
    (r"\b[Hh]alf of what it should be", _scaled(lambda _: 0.5)),
    (r"is 0\.43 of what it should be|too small by the factor ln 10", _scaled(lambda _: 1 / np.log(10))),
    (r"is 1\.44 times too large|too large by the factor 1/ln 2", _scaled(lambda _: 1 / np.log(2))),
    (r"the right size and the wrong sign|have the opposite sign", _scaled(lambda _: -1.0)),
    (r"Your (cost|number|slope|answer) is (much |far |a little )?too large\b(?! by)", _every(_larger)),
    (r"Your (cost|number|slope|answer) is (much |far |a little )?too small\b(?! by)", _every(_smaller)),
    (r"numbers? (is|are) smaller than", _every(_smaller)),
    (r"numbers? (is|are) larger than", _every(_larger)),
    (r"Your (cost|number|slope) is (all )?negative", _bounded(lambda y: y < 0)),
    (r"Your \S+ is never negative|[Nn]one of your (numbers|slopes|answers) is negative", _bounded(lambda y: y >= 0)),
    (r"never exceeds 1\b", _bounded(lambda y: np.abs(y) <= 1)),
    (r"never exceeds one half", _bounded(lambda y: np.abs(y) <= _HALF)),
    (r"answers are never below 1", _bounded(lambda y: y >= 1)),
    (r"stays between −1 and 0", _bounded(lambda y: (y >= -1) & (y <= 0))),
    (r"Every number is 0\b|Your number is 0 for all", _bounded(lambda y: y == 0)),
    (r"All numbers of your gradient are equal", _all_equal),
    (r"Only (−1, 0|whole numbers|a whole number)", _bounded(lambda y: y == np.round(y))),
    (r"(does not change with b\b|changing b changes nothing)", _ignoring("b")),
    (r"does not change with w\b", _ignoring("w")),
    (r"stay(s)? the same whatever the biases are", _ignoring("biases")),
    (r"the same whatever w and b are", _ignoring("w", "b")),
    (r"the same whatever δ and W are", _ignoring("delta", "W")),
    (r"the same whatever (y is|the targets are)", _ignoring("y", "Y")),
    (r"y does not matter in your answer", _ignoring("Y")),
    (r"[Yy]our (step|answer) (is the same whatever|does not depend on) the rate", _ignoring("rate")),
    (r"right to (about |only )?(two|three|four) digits|agrees? to (three|four) |off in the \w+ or \w+ digit", _digits),
    (r"^(The|Your|Each|All your) numbers? (is|are) right\b(?! and the others)", _is_right),
    (r"^The last layer is right", _layers(first=False)),
    (r"^The first layer is right", _layers(first=True)),
    (r"^∂C/∂b is right|^The biases are right", _half(1)),
    (r"^∂C/∂W is right|^The weights are right", _half(0)),
    (r"[Oo]ne number per entry\b(?! and)|You return n numbers", _one_per_entry),
)
_COMPILED = [(re.compile(pattern), check) for pattern, check in CLAIMS]


def sentences(text: str) -> list[str]:
    """Return the sentences of a hint."""
    return _SENTENCE.split(" ".join(text.split()))


def is_true(seen: Seen, sentence: str) -> bool:
    """Say whether all that a sentence claims is true of the wrong answers."""
    with np.errstate(all="ignore"):
        return all(check(seen, match) for pattern, check in _COMPILED if (match := pattern.search(sentence)))


def claims(sentence: str) -> list[str]:
    """Return the phrases by which a sentence claims something."""
    return [match[0] for pattern, _ in _COMPILED if (match := pattern.search(sentence))]


def together(
    exercise: Exercise, function: Callable[..., Any], texts: Sequence[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Return titles and hints of mistakes that are made together, without what is not true of both.

    Of a hint there remain the sentences that say where to look, and those on the student's numbers that were checked.

    Args:
        exercise: whose mistakes they are.
        function: what does all of them.
        texts: title and hint of each.
    """
    seen = Seen(exercise, function, exercise.probes[PLAIN])
    return [(_title(seen, title), " ".join(_kept(seen, hint))) for title, hint in texts]


def _title(seen: Seen, title: str) -> str:
    """Return a title, or what stands behind its colon where it claims what is not true."""
    if is_true(seen, title):
        return title
    _, _, rest = title.partition(": ")
    return (rest[:1].upper() + rest[1:]) or title


def _kept(seen: Seen, hint: str) -> list[str]:
    return [
        one
        for one in sentences(hint)
        if is_true(seen, one) and (claims(one) or not _OF_YOURS.search(one) or one.endswith("?"))
    ]
