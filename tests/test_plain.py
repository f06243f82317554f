"""Cells that are not read by IPython's own means are read as it would have read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell

from autograder.sandbox.inside import plain

PIECES = (
    *(
        "x = 1",
        "  y = 2",
        "\ty",
        "def f():",
        "    return 1",
        '"""',
        "a text",
        "'''",
        "if x:",
        "# why",
        "[",
        "]",
        ")",
        "(",
    ),
    *("%time f()", "!ls", "f?", "??f", "/f 1", ",f a b", ";f a", ">>> x", "... x", "In [1]: x", "a % b", "x != 1"),
    *("", " ", "\t", "\r", "\x0c", "\u2028", "await f()", "async def g():", "x = [a async for a in b]", "y = '%d' % 1"),
)
texts = st.lists(st.sampled_from(PIECES), max_size=6).map("\n".join)


@pytest.fixture(scope="module")
def ipython():
    """Give IPython itself."""
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


@given(text=texts)
def test_what_is_taken_as_it_is_ipython_leaves_as_it_is(ipython, text):
    """Where a cell counts as Python, IPython makes the same of it, and whether it awaits anything is told right."""
    python = plain.as_python(text)
    try:
        theirs = ipython.transform_cell(text)
    except SyntaxError:
        if python is not None:
            with pytest.raises(SyntaxError):
                compile(python, "cell", "exec")
        return
    assert python in (None, theirs)
    if ipython.should_run_async(text, transformed_cell=theirs):
        assert plain.may_await(text)


def test_most_cells_are_python():
    """A function of several lines is taken as it is; a magic, and a single line, are not."""
    function = "def f(x):\n\n    return [x] + 1  # one\n"
    assert plain.as_python(function) == function
    assert plain.as_python(f"%time\n{function}") is None
    assert plain.as_python("ls") is None
