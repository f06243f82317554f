"""The page on writing an exercise: its example is an assignment, and what it promises holds."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from autograder.grading.assignment import Assignment
from autograder.sandbox.limits import Limits

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "authoring.md").read_text(encoding="utf-8")
PROGRAM = Path(sys.executable).parent / "autograder"
RIGHT = "import numpy as np\n\ndef tanh(x):\n    return 1 - 2 / (np.exp(2 * x) + 1)\n"
WRONG = "import numpy as np\n\ndef tanh(x):\n    return 3 * np.tanh(x)\n"


def files() -> dict[str, str]:
    """Return the files that stand on the page: each is named in backquotes above its code."""
    return dict(re.findall(r"`(bend/[\w./]+)`(?:(?!```).)*?```\w+\n(.*?)```", PAGE, re.DOTALL))


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Write the example where it may lie: outside the package."""
    root = tmp_path_factory.mktemp("authoring")
    for name, text in files().items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def check(folder: Path, source: str) -> dict[str, object]:
    """Judge a solution of the example; return its one exercise."""
    path = folder / "solution.py"
    path.write_text(source, encoding="utf-8")
    result = subprocess.run(
        [str(PROGRAM), "check", "--assignment", "bend", "--json", str(path)],
        env={**os.environ, "AUTOGRADER_ASSIGNMENTS": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (result.returncode, result.stderr) == (0, "")
    return json.loads(result.stdout)["exercises"][0]


def test_the_page_holds_a_whole_assignment():
    """The example has settings, reference, grader and a mistake, and the page is one page."""
    assert sorted(files()) == [
        "bend/assignment.toml",
        "bend/mistakes/half.toml",
        "bend/reference.py",
        "bend/test_tanh.py",
    ]
    assert len(PAGE.splitlines()) <= 120


@pytest.mark.slow
def test_a_right_solution_of_the_example_gets_full_marks(folder):
    """Another way to write tanh passes, and nothing is said against it."""
    exercise = check(folder, RIGHT)
    assert (exercise["points"], exercise["mistakes"], exercise["counterexample"]) == (3.0, [], None)


@pytest.mark.slow
def test_the_mistake_of_the_example_is_named_by_its_second_spelling(folder):
    """The catalogued mistake is recognized, with the counterexample that shows it."""
    mistake = tomllib.loads(files()["bend/mistakes/half.toml"])
    exercise = check(folder, mistake["second"])
    assert [entry["title"] for entry in exercise["mistakes"]] == [mistake["title"]]
    assert exercise["counterexample"] == {"x": 0.0, "expected": 0.0, "got": 0.5}


@pytest.mark.slow
def test_an_unknown_mistake_of_the_example_gets_no_name_but_its_ratio(folder):
    """What the catalogue does not know is said in numbers."""
    exercise = check(folder, WRONG)
    assert exercise["mistakes"] == []
    assert "Every number is 3 times what it should be." in exercise["criteria"][0]["message"]


def test_every_key_of_the_settings_is_on_the_page():
    """Each setting of an assignment is named, and so is the file of the limits."""
    settings = set(Assignment.__dataclass_fields__) - {"name", "folder"}
    assert [key for key in settings if key not in PAGE] == []
    assert Path(Limits.__module__.replace(".", "/") + ".py").as_posix() in PAGE
