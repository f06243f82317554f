"""The page on writing an exercise: its example is an assignment, and what it promises holds."""

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import ordinary
import pytest
from kinds import on_page

from autograder.diagnosis import Exercise
from autograder.grading import box
from autograder.grading.assignment import Assignment
from autograder.sandbox.limits import Limits

ROOT = Path(__file__).parent.parent
PAGE, RULES = ((ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("authoring.md", "authoring-in-depth.md"))
RIGHT = "import numpy as np\n\ndef tanh(x):\n    return 1 - 2 / (np.exp(2 * x) + 1)\n"
WRONG = "import numpy as np\n\ndef tanh(x):\n    return 3 * np.tanh(x)\n"


def files() -> dict[str, str]:
    """Return the files that stand on the page: each is named in backquotes above its code."""
    return on_page(PAGE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Write the example as a course would have it."""
    root = tmp_path_factory.mktemp("authoring")
    for name, text in files().items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command that finds the assignments in a folder."""
    return ordinary.run(folder, "autograder", *arguments, fails=True)


def check(folder: Path, source: str) -> dict[str, object]:
    """Judge a solution of the example; return its one exercise."""
    path = folder / "solution.py"
    path.write_text(source, encoding="utf-8")
    result = run(folder, "check", "--assignment", "bend", "--json", str(path))
    assert (result.returncode, result.stderr) == (0, "")
    return json.loads(result.stdout)["exercises"][0]


def test_the_page_holds_a_whole_assignment():
    """The example has settings, reference, grader and a mistake, and the page is one page."""
    assert sorted(files()) == [
        "graders/bend/assignment.toml",
        "graders/bend/mistakes/tanh.toml",
        "graders/bend/reference.py",
        "graders/bend/test_tanh.py",
    ]
    assert len(PAGE.splitlines()) <= 120


def test_the_example_is_short():
    """Beyond the mathematics and the texts for students, an author writes at most 25 lines."""
    written = [line for text in files().values() for line in text.splitlines() if line.strip()]
    mathematics = [line for line in written if "#:" in line or line.startswith("def tanh")]
    texts = [line for line in written if line.startswith(("title", "hint", "test_", "change", "second"))]
    assert len(written) - len(mathematics) - len(texts) <= 25


@pytest.mark.slow
def test_nothing_is_wrong_with_the_example(folder):
    """`autograder lint` finds nothing in it."""
    done = run(folder, "lint", "bend")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "bend: nothing is wrong\n")


TOML, REFERENCE = "mistakes/tanh.toml", "reference.py"
BROKEN = {  # what is changed in the example, and what is said of it
    "no line": (TOML, '"return (up', '"return (upp', f"{TOML}:5: [half]: tanh has no line"),
    "no change": (TOML, '"return up / (up + down)"', '"return (up - down)/(up + down)"', f"{TOML}:5: [half]: the line"),
    "no criterion": (TOML, '["value"]', '["values"]', f"{TOML}:4: [half]: tanh has no criterion values"),
    "other fails": (TOML, '["value"]', '["shape"]', f"{TOML}:6: [half]: it fails value, and is declared to fail shape"),
    "handed back": (TOML, '"return up / (up + down)"', '"return x"', f"{TOML}:1: [half]: it hands x back: say blind"),
    "no exercise": (TOML, "[half]", "[half]\nalso = ['than']", f"{TOML}:2: [half]: there is no exercise 'than'"),
    "no such key": (TOML, "title", "titel", f"{TOML}:1: [half]: unknown key titel"),
    "no TOML": (TOML, "[half]", "[half", f"{TOML}:1: "),
    "another reference": (REFERENCE, "(up + down)  #:", "(up + up)  #:", f"{TOML}:5: [half]: tanh has no line"),
    "no small input": (REFERENCE, "(0.0,), (1.0,), (np.array([-1.0, 2.0]),)", "", "[half]: no small input shows it"),
    "no such name": (REFERENCE, "down = np.exp(-x)", "down = np.exp(-y)", f"{REFERENCE}:6: tanh raises NameError"),
    "no such module": (REFERENCE, "import numpy", "import nunpy", f"{REFERENCE}:1: ModuleNotFoundError"),
}


@pytest.mark.slow
@pytest.mark.parametrize("broken", BROKEN)
def test_what_is_wrong_is_told_with_its_place(folder, tmp_path, broken):
    """Each message of `autograder lint` says file, line and mistake; the exit status is 1."""
    file, old, new, said = BROKEN[broken]
    shutil.copytree(folder / "graders", tmp_path / "graders")
    path = tmp_path / "graders" / "bend" / file
    assert path.read_text(encoding="utf-8").count(old) == 1
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    done = run(tmp_path, "lint", "bend")
    assert said in done.stdout
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)


@pytest.mark.slow
def test_a_right_solution_of_the_example_gets_full_marks(folder):
    """Another way to write tanh passes, and nothing is said against it."""
    exercise = check(folder, RIGHT)
    assert (exercise["points"], exercise["mistakes"], exercise["counterexample"]) == (3.0, [], None)


@pytest.mark.slow
def test_the_mistake_of_the_example_is_named_by_its_second_spelling(folder):
    """The catalogued mistake is recognized, with the counterexample that shows it."""
    mistake = tomllib.loads(files()["graders/bend/mistakes/tanh.toml"])["half"]
    exercise = check(folder, f"import numpy as np\n\ndef tanh(x):\n    {mistake['second']}\n")
    assert [entry["title"] for entry in exercise["mistakes"]] == [mistake["title"]]
    assert exercise["counterexample"] == {"x": 0.0, "expected": 0.0, "got": 0.5}


@pytest.mark.slow
def test_an_unknown_mistake_of_the_example_gets_no_name_but_its_ratio(folder):
    """What the catalogue does not know is said in numbers."""
    exercise = check(folder, WRONG)
    assert exercise["mistakes"] == []
    assert "Every number is 3 times what it should be." in exercise["criteria"][0]["message"]


def test_every_key_of_the_settings_is_on_the_page():
    """Each setting of an assignment is named, and so is the file of the limits, on the page with the rules."""
    settings = set(Assignment.__dataclass_fields__) - {"name", "folder"}
    assert [key for key in settings if key not in RULES] == []
    assert Path(Limits.__module__.replace(".", "/") + ".py").as_posix() in RULES


def test_every_part_of_an_exercise_is_on_the_page():
    """What an author may say of an exercise, and each criterion from the box, is named."""
    parts = set(Exercise.__dataclass_fields__) - {"function"}
    criteria = [name for name, one in vars(box).items() if getattr(one, "__module__", "") == box.__name__]
    made = [name for name in criteria if name.islower() and not name.startswith("_")]
    assert [one for one in (*parts, *made) if one not in RULES] == []


def test_what_a_fault_costs_is_as_measured():
    """The figures on the page are the sums of the certificates' tables."""
    rows = [
        list(map(int, re.findall(r"\d+", row)))
        for name in ("neuron", "network")
        for row in re.findall(
            r"^\| `\w+` \|( \d+ \| \d+ \| \d+ \| \d+ \| \d+ \| \d+) %", certificate(name), re.MULTILINE
        )
    ]
    every, one, two, more, kept = (sum(column) for column in list(zip(*rows, strict=True))[:5])
    shares = [row[5] for row in rows]
    assert f"Of the {every} catalogued mistakes" in RULES
    assert f"{one} break one criterion, {two} two and {more} more; {kept} leave" in RULES
    assert f"loses between {min(shares)} and {max(shares)} %" in RULES


def certificate(name):
    """Return the part of a certificate that says what a fault costs."""
    text = (ROOT / "docs" / f"certificate-{name}.md").read_text(encoding="utf-8")
    return text.partition("## What a fault costs")[2].partition("\n## ")[0]
