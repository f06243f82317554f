"""Attacks on ordinary grade cells: student code runs beside hidden tests, and what it sees there must not get out."""

import json
import textwrap
from pathlib import Path
from unittest.mock import patch

import pytest
from arena import both_walls, cases

from autograder.grading.assignment import Assignment
from autograder.grading.results import ExerciseResult
from autograder.judge.judge import Job, judge_notebooks
from autograder.judge.outcome import Judgement
from autograder.sandbox.limits import ORDINARY

TOKEN = "unguessable_4711"
HIDDEN = f"### BEGIN HIDDEN TESTS\n{TOKEN} = 7\nassert f({TOKEN}) == 49, f'{{f(3)}} is odd'\n### END HIDDEN TESTS"
# Finds the text of the cell that calls it, in every way that a notebook has.
FIND = """
def text():
    import linecache, sys
    frame = sys._getframe()
    while frame.f_back is not None and not frame.f_code.co_filename.startswith('cell-'):
        frame = frame.f_back
    found = [*In, *get_ipython().user_ns['_ih'], *(''.join(one[2]) for one in linecache.cache.values() if len(one) > 2)]
    found += [' '.join(globals())]
    return next((one for one in found if 'unguessable' + '_' in one), '')

def token():
    found = text()
    start = found.find('unguessable' + '_')
    return found[start : start + 16] if start >= 0 else ''
"""

# What `f` does with the text, by the way in which it tries to get out.
LEAKS = {
    "message": "raise ValueError(text())",
    "literal-message": "raise AssertionError(f'{token()} is odd')",
    "class-name": "raise type(token() or 'E', (Exception,), {})('x')",
    "digits": "get_ipython().displayhook(int.from_bytes(token().encode() or b'0', 'big'))",
    "file": "open('leak.txt', 'w').write(text())\nreturn x * x",
    "str": "raise type('E', (Exception,), {'__str__': lambda self: text()})()",
    "builtin-with-text": "raise KeyError(text())",
    "repr": "return type('E', (), {'__eq__': lambda *_: False, '__repr__': lambda self: text()})()",
    "exit": "import sys\nsys.exit(text())",
    "stdout": "print(text())",
    "stderr": "import sys\nprint(text(), file=sys.stderr)",
    "warning": "import warnings\nwarnings.warn(text())",
    "display": "from IPython.display import display\ndisplay(text())",
    "result": "get_ipython().displayhook(text())",
    "points": "get_ipython().displayhook(0.4711 if token() else 1)",
    "traceback": "exec(compile(f'raise ValueError({token()!r})', token() or 'x', 'exec'))",
    "environment": "import os\nos.environ['LEAK'] = text()",
    "history": "In.append(text())\nprint(In[-1])",
    "builtins": "import builtins\nbuiltins.LEAK = text()",
    "tmp": "import tempfile, pathlib\npathlib.Path(tempfile.gettempdir(), 'leak.txt').write_text(text())",
    "notebook": "open('second.ipynb', 'w').write(text())\nreturn x * x",
    "module": "open('helper.py', 'w').write(f'LEAK = {text()!r}')\nreturn x * x",
}
LOOK = """
import builtins, os, pathlib, tempfile
print([one.read_text() for folder in ('.', tempfile.gettempdir()) for one in pathlib.Path(folder).glob('*.*')])
print(os.environ.get('LEAK'), getattr(builtins, 'LEAK', None), In)
def g():
    raise ValueError([one.read_text() for one in pathlib.Path('.').glob('*.*')])
"""


def cell(source: str, grade_id: str = "") -> dict:
    """Return a code cell, graded where it has an id."""
    flags = {"grade": True, "solution": False, "grade_id": grade_id, "points": 1.0}
    return {"cell_type": "code", "metadata": {"nbgrader": flags} if grade_id else {}, "source": source}


def judged(arena, body: str) -> Judgement:
    """Judge a submission of two notebooks, in the first of which `f` does this when a hidden test calls it."""
    f = f"def f(x):\n{textwrap.indent(body, '    ')}\n    return x"
    first = [
        cell(FIND + f),
        cell("f(1)" if "x * x" in body else "pass"),
        cell(HIDDEN, "a"),
        cell("print(text()[:0], token())"),
    ]
    second = [cell(LOOK), cell("g()", "b"), cell("print(1)")]
    contents = {"first": first, "second": second}
    assignment = Assignment("hw", Path("hw"), "hw", (), run_after_last_grade_cell=True, limits=ORDINARY)
    with patch("autograder.judge.judge.sandbox_for", lambda *_: arena.sandbox):
        return judge_notebooks(
            {name: {"nbformat": 4, "cells": cells} for name, cells in contents.items()},
            Job("hw", ordinary=True, keep_files=True),
            assignment,
        )


def seen_by_student(judgement: Judgement) -> str:
    """Return all that reaches a student: messages, what is shown of each cell, files that are kept, and notes."""
    shown = {name: {**cells, **judgement.shown.get(name, {})} for name, cells in judgement.outputs.items()}
    files = {name: data.decode("utf-8", "replace") for name, data in judgement.files.items()}
    return json.dumps([judgement.to_json("x"), shown, files, judgement.notes], ensure_ascii=False)


def first_of(judgement: Judgement) -> ExerciseResult:
    """Return what the cell with the hidden test came to."""
    return next(result for result in judgement.exercises if result.exercise == "a")


@pytest.mark.parametrize("name", cases(*LEAKS, quick=3))
def test_hidden_text_gets_nowhere(arena, name):
    """Whatever a function does with the text of the hidden test that calls it, no student sees any of it."""
    judgement = judged(arena, LEAKS[name])
    found = seen_by_student(judgement)
    number = str(int.from_bytes(TOKEN.encode(), "big"))
    assert TOKEN not in found
    assert number not in found
    assert first_of(judgement).points in (0.0, 1.0)  # one bit
    arena.look()


@both_walls
def test_student_code_can_read_the_hidden_test(arena):
    """The attacks above attack something: the text is in the process, and stays in what the instructor alone sees."""
    judgement = judged(arena, LEAKS["message"])
    assert TOKEN in json.dumps(judgement.outputs["first"])
    assert first_of(judgement).message == "A hidden test failed: ValueError"


def test_a_literal_message_is_told_without_its_values(arena):
    """An f-string of the test's own is told with … for its fields, whoever raises it."""
    assert first_of(judged(arena, LEAKS["literal-message"])).message == "… is odd"


def test_a_number_from_within_a_hidden_test_is_no_mark(arena):
    """A cell that does not end in a number gives all points or none, whatever is shown while it runs."""
    assert first_of(judged(arena, LEAKS["points"] + "\nreturn x * x")).points == 1.0


@pytest.mark.parametrize("flood", ["print('x' * 3_000_000)", "for _ in range(300):\n    display(1)"])
def test_a_flood_does_not_wash_the_mark_away(arena, flood):
    """Who shows more than is kept earns what the test gives, and no more."""
    cells = [cell(f"from IPython.display import display\n{flood}\n0.25", "a"), cell(f"{flood}\nassert False", "b")]
    assignment = Assignment("hw", Path("hw"), "hw", (), run_after_last_grade_cell=True, limits=ORDINARY)
    with patch("autograder.judge.judge.sandbox_for", lambda *_: arena.sandbox):
        judgement = judge_notebooks({"n": {"nbformat": 4, "cells": cells}}, Job("hw", ordinary=True), assignment)
    assert [result.points for result in judgement.exercises] == [0.25, 0.0]
    arena.look()
