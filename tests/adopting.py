"""A course with hidden tests of every kind: those that `adopt` can move, and those that stay, with the reason."""

import json
from pathlib import Path

from ordinary import code, notebook

BEGIN, END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"

SOLUTIONS = {
    "double": "def double(x):\n    return 2 * x",
    "sorted_in_place": "def sorted_in_place(items):\n    items.sort()",
    "root": (
        "def root(x):\n    if np.any(np.asarray(x) < 0):\n"
        '        raise ValueError("no root of a negative number")\n    return np.sqrt(x)'
    ),
    "answer": "answer = 42",
    "letters": "def letters(text):\n    return set(text)",
    "Stack": "class Stack:\n    def __init__(self):\n        self.items = [1]",
}
SETUP = (
    "%precision 3\nimport numpy as np\nfrom numpy.testing import assert_allclose\n\n"
    "ENTRIES = np.array([[1.0, 4.0], [9.0, 16.0]])\nGROWING = []\nGROWING.append(1)\n\n"
    "def near(a, b):\n    return abs(a - b) < 1e-9\n"
)


def hidden(text: str, visible: str = "") -> str:
    """Return a grade cell's text with a hidden part."""
    return "\n".join(filter(None, [visible, BEGIN, text, END]))


# Each moves: its grader gives every hand-in the mark that the cell gave.
MOVES = {
    "asserts": hidden('assert double(21) == 42, "double(21) is 42"', '"""Doubles numbers."""\nassert double(1) == 2'),
    "testing": hidden("assert_allclose(root(ENTRIES), [[1, 2], [3, 4]])\nassert near(root(4.0), 2)"),
    "unit": hidden(
        "import unittest\ncase = unittest.TestCase()\ncase.assertEqual(double(3), 6)\n"
        "with case.assertRaises(ValueError) as caught:\n    root(-1.0)\nassert 'negative' in str(caught.exception)"
    ),
    "raises": hidden(
        "try:\n    root(np.array([-1.0, 4.0]))\nexcept ValueError:\n    pass\n"
        "else:\n    raise AssertionError('did not raise')"
    ),
    "changes": hidden("items = [3, 1, 2]\nassert sorted_in_place(items) is None\nassert items == [1, 2, 3]"),
    "loops": hidden(
        "def check(n):\n    assert [double(i) for i in range(n)] == list(range(0, 2 * n, 2))\n\n"
        "# for all of these\nfor n in (1, 5):\n    check(n)",
        "from math import isclose",
    ),
    "whole": hidden("assert isclose(double(0.5), 1)\nassert isinstance(double(0.5), float)"),
    "test_lines": hidden('text = """one\n  two"""\nassert double(text) == text + text'),
}
# Each stays: the reason holds these words.
STAYS = {
    "value": (hidden("assert answer == 42\nassert double(1) == 2"), "a value that the student's cell makes"),
    "classes": (hidden("assert Stack().items == [1]"), "the student's class Stack"),
    "deletes": (
        hidden("old = double\ndel double\ntry:\n    assert root(4) == 2\nfinally:\n    double = old"),
        "deletes a name",
    ),
    "files": (hidden("open('made.txt', 'w').write('x')\nassert double(1) == 2"), "uses open"),
    "plots": (hidden("import matplotlib\nassert double(1) == 2"), "plots"),
    "printed": (hidden("import io, contextlib\nassert double(1) == 2"), "what is printed"),
    "mocks": (hidden("from unittest import mock\nassert double(1) == 2"), "in the place of the student's"),
    "inner": (hidden("class Case:\n    pass\nassert double(1) == 2"), "defines a class"),
    "partial": (hidden("0.5 * (double(1) == 2) + 0.5 * (double(2) == 4)"), "partial credit"),
    "defines": (hidden("def secret(x):\n    return double(x)\nassert secret(1) == 2"), "defines secret"),
    "uses_it": (hidden("assert secret(2) == 4"), "which the hidden tests of defines define"),
    "grows": (hidden("assert GROWING == [1] and double(1) == 2"), "more than one statement"),
    "endless": (hidden("n = 1\nwhile n < 5:\n    n += 1 + 0 * double(n)\nassert n == 5"), "while loop"),
    "as_long": (hidden("assert sum(range(double(2))) == 6"), "a number that a student answers (range(double(2)))"),
    "named": (hidden("assert double(x=1) == 2"), "arguments by name"),
    "reads": (hidden("assert double.__name__ == 'double'"), "uses __name__"),
    "same": (hidden("items = [1]\nassert double(items) is not items"), "one object"),
    "magic": (hidden("%precision 2\nassert double(1) == 2"), "IPython's own"),
    "asks_nothing": (hidden("assert near(1, 1)"), "calls no function"),
    "given_function": (hidden("assert double(double) == 2"), "gives double a function"),
    "wrong": (hidden("assert double(1) == 3"), "gives the solution itself 0 of 1"),
    "sets": (hidden("assert letters('aab') == {'a', 'b'}"), "letters returned a value of type set"),
}


def cells() -> list[dict]:
    """Return the cells of the notebook."""
    solutions = [
        code(
            f"{text.splitlines()[0]}\n{_cut(text)}" if text.startswith(("def", "class")) else _cut(text),
            name,
            solution=True,
        )
        for name, text in SOLUTIONS.items()
    ]
    graded = [*MOVES.items(), *((name, text) for name, (text, _) in STAYS.items())]
    return [code(SETUP), *solutions, *(code(text, name, 1) for name, text in graded)]


def _cut(text: str) -> str:
    """Return a solution in its delimiters: all of it, or what stands below its first line."""
    first, _, rest = text.partition("\n")
    inside = rest if first.startswith(("def", "class")) else text
    indent = "    " if inside is rest else ""
    return f"{indent}### BEGIN SOLUTION\n{inside}\n{indent}### END SOLUTION"


def write(source: Path, name: str = "kinds") -> None:
    """Write the assignment into a course's source folder."""
    (source / name).mkdir(parents=True)
    content = json.loads(notebook(*cells()))
    for cell in content["cells"][::2]:  # as Jupyter writes them: lists of lines
        cell["source"] = cell["source"].splitlines(keepends=True)
    (source / name / f"{name}.ipynb").write_text(json.dumps(content))
