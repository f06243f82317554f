"""What is said of answers that are right for inputs of one size, and for no others."""

from collections import defaultdict
from collections.abc import Iterator

from autograder.diagnosis.exercise import PLAIN, Arguments, Exercise
from autograder.diagnosis.signature import Signature
from autograder.grading import notation

RIGHT_WHERE = "You are right where"
_ENOUGH = 2  # inputs of a size, before it is said to be what matters


def of_lengths(exercise: Exercise, yours: tuple[Signature, ...]) -> str:
    """Say for which length of a list, or which size, alone a student's answers are right, or nothing.

    Args:
        exercise: whose answers they are.
        yours: the answers on the plain probe inputs.
    """
    right = [entry.agrees(due) for entry, due in zip(yours, exercise.answers[PLAIN], strict=True)]
    found: defaultdict[str, list[float]] = defaultdict(list)
    for arguments in exercise.probes[PLAIN]:
        for words, size in _lengths(exercise, arguments):
            found[words].append(size)
    for words, sizes in found.items():
        good = [size for size, is_right in zip(sizes, right, strict=True) if is_right]
        bad = {size for size, is_right in zip(sizes, right, strict=True) if not is_right}
        if len(good) >= _ENOUGH and len({*good}) == 1 and bad and good[0] not in bad:
            others = notation.listed([notation.number(size) for size in sorted(bad)])
            here = notation.number(good[0])
            is_fixed = f"Is {here} built into your code, or kept from an earlier call?"
            return f"{RIGHT_WHERE} {words} is {here}, not where it is {others}. {is_fixed}"
    return ""


def _lengths(exercise: Exercise, arguments: Arguments) -> Iterator[tuple[str, float]]:
    """Yield the lengths of lists, and the sizes that the exercise names, in words."""
    for name, value in zip(exercise.parameters, arguments, strict=True):
        if isinstance(value, list):
            yield f"the length of {name}", len(value)
    yield from exercise.sizes(arguments).items()
