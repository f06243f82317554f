"""The arena fixture: nested walls for every attack, the single wall for some of them and, asked for, for all."""

import os
import tempfile
import time

import pytest

pytest.register_assert_rewrite("arena")

from arena import SECRET, WALL, Arena  # noqa: E402 - as the line above asks
from page_class import PageClass  # noqa: E402

from autograder.sandbox.walls.standing import attempt  # noqa: E402


def pytest_itemcollected(item):
    """Mark every attack as slow: it is run behind walls or through a course's commands."""
    item.add_marker("slow")


def pytest_generate_tests(metafunc):
    """Give each attack the walls that it is run behind."""
    if "mode" in metafunc.fixturenames:
        if wall := os.environ.get(WALL):
            metafunc.parametrize("mode", [wall], scope="session")
            return
        quick = metafunc.definition.get_closest_marker("both_walls") is not None
        single = pytest.param("single", marks=() if quick else pytest.mark.full)
        metafunc.parametrize("mode", ["nested", single], scope="session")


@pytest.fixture(scope="session")
def arenas(tmp_path_factory):
    """Keep an arena for each wall, started when it is first asked for, with a folder of its own for temporary files."""
    os.environ[SECRET] = "of the host"  # before any student process starts: none may see it
    started: dict[str, Arena] = {}
    tempfile.tempdir = str(tmp_path_factory.mktemp("temporary"))
    yield started
    tempfile.tempdir = None
    for arena in started.values():
        arena.close()


@pytest.fixture
def arena(mode, arenas):
    """Return the arena behind one of the walls."""
    if not attempt(mode).stands:
        pytest.skip(attempt(mode).explain())
    if mode not in arenas:
        for other in list(arenas):
            arenas.pop(other).close()
        arenas[mode] = Arena(mode)
        time.sleep(0.5)  # for the kernel to take down what judging honest students left
    arenas[mode].begin()
    return arenas[mode]


@pytest.fixture(scope="session")
def paged(tmp_path_factory):
    """Grade the class of hostile pages and files; who asks for it is in the xdist group `page-class`."""
    return PageClass(tmp_path_factory.mktemp("paged"))
