"""What every test shares: its tier, how many examples Hypothesis draws, a PostgreSQL server, a graded class."""

import contextlib
import gc
from collections.abc import Iterator
from pathlib import Path

import classes
import odd
import ordinary
import postgres as server
import pytest
from hypothesis import settings
from scratch import Course
from tiers import is_slow, watch

# No deadline: on a busy machine it measures the neighbours. No shrinking database: a run depends on the commit alone.
settings.register_profile("quick", deadline=None, database=None, max_examples=6, derandomize=True)
settings.register_profile("full", deadline=None, database=None, max_examples=1000, print_blob=True)
settings.load_profile("quick")


@pytest.fixture(scope="session")
def slow() -> None:
    """Make slow every test that asks for this, itself or through another fixture: it may start programs."""


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark each test that is slow by a fixture, for `make test-fast` to leave out."""
    if is_slow(item):
        item.add_marker("slow")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that stay together, and end with the attacks on the single wall.

    A long group that began last would keep the other workers waiting, and an arena for each wall takes its time.
    """
    items.sort(key=lambda item: (item.get_closest_marker("xdist_group") is None, _wall(item) == "single"))


def pytest_collection_finish() -> None:
    """Take what pytest has collected from the garbage collector, which each test and each attack would look through.

    And let it look less often: judging thousands of answers makes many objects, and no rings of them.
    """
    gc.freeze()
    gc.set_threshold(20_000)


def _wall(item: pytest.Item) -> object:
    """Return the wall that an attack is run behind, or nothing for other tests."""
    return item.callspec.params.get("mode") if hasattr(item, "callspec") else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Make the fixtures of a fast test without starting a program."""
    with contextlib.nullcontext() if is_slow(item) else watch.during():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Run a fast test without starting a program."""
    with contextlib.nullcontext() if is_slow(item) else watch.during():
        return (yield)


@pytest.fixture(scope="session")
def postgres(slow) -> Iterator[server.Server]:
    """Keep a PostgreSQL server."""
    with server.running() as found:
        yield found


@pytest.fixture(scope="session")
def reviewed(slow, tmp_path_factory) -> Course:
    """Let a class be graded for the review; who asks for it is in the xdist group `review`, and leaves it as it is."""
    course = classes.make(tmp_path_factory.mktemp("reviewed") / "course")
    classes.hand_in_class(course, set(classes.REVIEWED))
    (course.submission("2001") / "notes.txt").write_text("no notebook")
    hasty = ("--limits", "cell_seconds=2", "--limits", "call_seconds=1")  # for one of them never ends
    result = course.batch("--workers", "2", *hasty)
    assert (result.returncode, result.stderr) == (1, "")  # for one of them handed in no notebook
    return course


@pytest.fixture(scope="session")
def stock(slow, tmp_path_factory) -> Path:
    """Keep a course of ordinary assignments that nbgrader has not graded; it belongs to the xdist group `ordinary`."""
    return odd.make_both(tmp_path_factory.mktemp("ordinary") / "stock")


@pytest.fixture(scope="session")
def ours(stock) -> Path:
    """Let the batch grade the same course, with feedback; who asks for it leaves it as it is."""
    folder = stock.with_name("ours")
    for name in ("ps1", "odd"):
        ordinary.run(folder, "autograder", "autograde", name)
    ordinary.run(folder, "nbgrader", "generate_feedback", "ps1")
    return folder
