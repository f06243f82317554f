"""A criterion is one test in a grader: what it is worth, what it needs, and how it says that it failed."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import pytest

from autograder.names import PREFIX

Test = TypeVar("Test", bound=Callable[..., None])

MARK, FRESH = "criterion", "fresh"
MARKS = {  # as pytest lists them
    MARK: f"{MARK}(points, needs): one criterion of a grader",
    FRESH: f"{FRESH}: it is judged in a process of the student's in which nothing was called before",
}


class Failure(AssertionError):
    """The student's answer does not hold; the text is what they read."""


class GraderFault(Exception):
    """The grader itself cannot judge: the verdict is `error`, and a human looks at it."""


class MachineFault(GraderFault):
    """The machine had no room for what judging needs: the verdict is `error` as well."""


@dataclass(frozen=True)
class Criterion:
    """What is known of a criterion before anything is judged; points are of the grade cell.

    `fresh` says that nothing was called before in the student's process in which it is judged.
    """

    name: str
    label: str
    points: float
    needs: tuple[str, ...] = ()
    fresh: bool = False


def criterion(*, points: float, needs: tuple[str, ...] | str = ()) -> Callable[[Test], Test]:
    """Mark a test as a criterion.

    Args:
        points: what passing it earns; its parametrized cases are one criterion.
        needs: criteria of the same grader that must have passed, or this one is skipped and earns nothing.

    Raises:
        ValueError: the points are negative or the test has no docstring, whose first line is the student's label.
    """
    names = (needs,) if isinstance(needs, str) else tuple(needs)

    def mark(test: Test) -> Test:
        """Make a criterion of a test."""
        if points < 0:
            raise ValueError(f"{test.__name__}: points must not be negative, not {points}")
        if not inspect.getdoc(test):
            msg = f"{test.__name__}: a criterion needs a docstring; its first line is what the student reads"
            raise ValueError(msg)
        marked: Test = pytest.mark.criterion(points=float(points), needs=names)(test)
        return marked

    return mark


def fresh(test: Test) -> Test:
    """Let a criterion, each of its inputs by itself, be judged where nothing was called before.

    Otherwise the calls of an exercise are made one after another in one process of the student's, so that what its
    functions keep at the top of the notebook, such as a cache or a counter, goes from one criterion to the next.
    """
    marked: Test = pytest.mark.fresh(test)
    return marked


def describe(item: pytest.Item) -> Criterion | None:
    """Return the criterion that a collected test belongs to, or None where it is none."""
    mark = item.get_closest_marker(MARK)
    function = getattr(item, "function", None)
    if mark is None or function is None:
        return None
    label = (inspect.getdoc(function) or "").splitlines()[0]
    name = str(getattr(item, "originalname", function.__name__)).removeprefix(PREFIX)
    return Criterion(name, label, mark.kwargs["points"], mark.kwargs["needs"], is_fresh(item))


def is_fresh(item: pytest.Item) -> bool:
    """Say whether a collected test is to be judged where nothing was called before."""
    return item.get_closest_marker(FRESH) is not None
