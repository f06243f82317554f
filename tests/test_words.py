"""What students and instructors read: plain words, one for one thing, as docs/words.md lists them."""

import ast
import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TABLE = (ROOT / "docs" / "words.md").read_text(encoding="utf-8").partition("| never | but |")[2]
NEVER = [word.strip() for row in re.findall(r"^\| (?!---)(.+?) \|", TABLE, re.MULTILINE) for word in row.split(",")]
PATTERN = re.compile(r"\b(" + "|".join(map(re.escape, NEVER)) + r")\b", re.IGNORECASE)
SPEAKING = ("card", "grading", "judge", "diagnosis", "checks", "assignments")  # folders whose texts students read
NO_TEXT = {"autograder/card/formulas.py", "autograder/diagnosis/kept.py", "autograder/judge/sending/typed.py"}


def strings(path):
    """Return the texts of a module that are no docstrings, nor names."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = ast.Module | ast.ClassDef | ast.FunctionDef
    docstrings = {
        id(node.body[0].value) for node in ast.walk(tree) if isinstance(node, documented) and is_text(node.body)
    }
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return [node.value for node in texts if id(node) not in docstrings and " " in node.value.strip()]


def is_text(body):
    """Say whether a body begins with a docstring."""
    return bool(body) and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)


def labels(path):
    """Return the first lines of the docstrings of a grader's criteria."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [ast.get_docstring(node) or "" for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def found(texts):
    """Return the texts that have one of the words."""
    return [text for text in texts if PATTERN.search(text)]


def test_the_list_is_read():
    """The words that are never used stand in the list."""
    assert {"came", "labels", "one number a weight", "turned round"} <= set(NEVER)
    assert found(["One number a weight came."])
    assert not found(["You returned one number per weight. What became of it?"])


@pytest.mark.parametrize("path", sorted((ROOT / "autograder/assignments").glob("*/mistakes/*.toml")), ids=str)
def test_titles_and_hints_use_the_words(path):
    """No title and no hint of the catalogue has one of the words that are never used."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))
    told = [one for entry in entries.values() for one in (entry, *entry.get("written", ()))]
    assert found([text for one in told for text in (one["title"], one["hint"])]) == []


def test_messages_use_the_words():
    """No text in the modules that speak to students has one of them, nor has a criterion's label."""
    for folder in SPEAKING:
        for path in sorted((ROOT / "autograder" / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if name not in NO_TEXT:
                assert found(strings(path)) == [], name
            if path.name.startswith("test_"):
                assert found(labels(path)) == [], name


@pytest.mark.parametrize("name", ["neuron", "network"])
def test_notebooks_use_the_words(name):
    """No cell of a notebook has one of them, but for code that says how a plot is labelled."""
    cells = json.loads((ROOT / "source" / name / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells]
    lines = [
        line for text in texts for line in text.splitlines() if not re.search(r"label\w*=|_label|set_.label", line)
    ]
    assert found(lines) == []


def test_pages_for_instructors_use_the_words():
    """No page of the documentation has one of them, outside of code."""
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        if path.name in {"words.md", "modules.md"} or path.name.startswith("certificate-"):
            continue
        prose = re.sub(r"```.*?```|`[^`]*`", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        lines = [line for line in prose.splitlines() if not re.search(r"\blabels?\b", line)]  # a criterion has one
        assert found(lines) == [], path.name
