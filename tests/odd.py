"""An assignment of the ways in which instructors write tests, and a course that sets what nbgrader lets one set."""

import json
import shutil
import tempfile
from pathlib import Path

from ordinary import RIGHT, SLY, STOCK_MARKS, SUM, Marks, code, hand_in, marks, notebook, ours_beside, quickstart, run

SOLUTION = "def f(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
BODIES = {"right": "return 2 * x", "wrong": "return 3 * x", "slow": "return 57 if x == 1 else 2 * x"}


def hidden(source: str) -> str:
    """Return hidden tests."""
    return f"### BEGIN HIDDEN TESTS\n{source}\n### END HIDDEN TESTS"


# Cells that use what other cells and hidden tests made, the files beside the notebook, and numbers as points.
ODD = [
    code("from tool import halved\nnumber = int(open('data.txt').read())"),
    code(SOLUTION, "f", solution=True),
    code("assert f(1) == 2", "plain", 1),
    code("assert halved(number) == 2", "uses_a_tool", 1),
    code(
        "def helper(x):\n    return f(x)\n"
        + hidden("def secret_helper(x):\n    return f(x) + 1\nassert helper(3) == 6"),
        "defines",
        1,
    ),
    code("assert helper(2) == 4\n" + hidden("assert secret_helper(2) == 5"), "uses", 1),
    code("open('made.txt', 'w').write('x')\nassert open('made.txt').read() == 'x'", "makes_a_file", 1),
    code("2 * (f(1) == 2) / 4 + 0.25", "partial", 1),
    code("import matplotlib.pyplot as plt\nplt.plot([f(x) for x in range(3)])\nassert f(2) == 4", "plots", 1),
    code("import numpy as np\nnp.float64(0.5)", "numpy_number", 1),
    code("import sys\nprint('careful', file=sys.stderr)\nassert f(1) == 2", "warns", 1),
    code("import time\ntime.sleep(60) if f(1) == 57 else None", "slow", 1),
    code("kept = f\ndel f\ntry:\n    f(1)\n    assert False\nexcept NameError:\n    pass\nf = kept", "deletes", 1),
    code("f(2) == 4", "restored", 1),
    code("points = 0.5\n" + hidden("points += 0.5 * (f(5) == 10)") + "\npoints", "hidden_partial", 1),
    code(
        "import os\nos.makedirs('sub', exist_ok=True)\n"
        "open('sub/seen.txt', 'w').write(str(f(2)))\n" + hidden("open('sub/secret.txt', 'w').write(str(f(3)))"),
        "makes_a_folder",
        1,
    ),
    code("assert open('sub/secret.txt').read() == '6'\nassert open('sub/seen.txt').read() == '4'", "reads_it", 1),
    code("answer = 42\n### BEGIN SOLUTION\nanswer = 43\n### END SOLUTION", "by_hand", 3, solution=True),
]

# The styles of cells, in a notebook without hidden tests.
STYLES = [
    code(
        "%matplotlib inline\nimport asyncio, subprocess, sys, unittest, warnings\n"
        "from IPython.display import HTML, display"
    ),
    code(SOLUTION, "f", solution=True),
    code("%%time\nassert f(1) == 2", "timed", 1),
    code("%%timeit -n1 -r1\nassert f(1) == 2", "timed_often", 1),
    code("%time f(1)\nassert f(1) == 2", "line_magic", 1),
    code("!ls\nfiles = !ls\nassert 'data.txt' in files", "lists", 1),
    code("%%bash\necho hello\ntest -f data.txt", "bash", 1),
    code("%%bash\nexit 3", "bash_fails", 1),
    code("await asyncio.sleep(0)\nassert f(1) == 2", "awaits", 1),
    code("async def g():\n    await asyncio.sleep(0)\n    return f(1)\nassert await g() == 2", "async_function", 1),
    code("display(HTML('<b>bold</b>'), 0.5)\nassert f(1) == 2", "displays", 1),
    code("'all is well'", "says", 1),
    code("'0.5'", "says_a_number", 1),
    code("f(1) == 2", "says_true", 1),
    code("print(0.5)", "prints", 1),
    code("0", "says_nothing", 1),
    code("None", "says_none", 1),
    code("[0.5]", "says_a_list", 1),
    code("1e-1", "says_a_small_number", 1),
    code("0.5; 0.25", "says_two", 1),
    code("0.5;", "says_silently", 1),
    code("10 ** -1 if f(1) == 2 else 0", "depends", 1),
    code("raise SystemExit", "leaves", 1),
    code("sys.exit('bye')", "leaves_with_words", 1),
    code("raise KeyboardInterrupt", "interrupts", 1),
    code("input('number? ')", "asks", 1),
    code("import getpass\ngetpass.getpass()", "asks_for_a_secret", 1),
    code("%run helper.py\nassert helped(f) == 4", "runs", 1),
    code("from helper import helped\nassert helped(f) == 4", "imports", 1),
    code(
        "class T(unittest.TestCase):\n    def test(self):\n        self.assertEqual(f(1), 2)\n"
        "suite = unittest.defaultTestLoader.loadTestsFromTestCase(T)\n"
        "assert unittest.TextTestRunner(stream=sys.stdout).run(suite).wasSuccessful()",
        "unittests",
        1,
    ),
    code("unittest.main(argv=[''], exit=False)", "unittests_loudly", 1),
    code("warnings.warn('careful')\nassert f(1) == 2", "warns", 1),
    code(
        "done = subprocess.run([sys.executable, '-c', 'print(2)'], capture_output=True, text=True, check=True)\n"
        "assert int(done.stdout) == f(1)",
        "subprocess",
        1,
    ),
    code(
        "from multiprocessing import Pool\nwith Pool(2) as pool:\n    assert pool.map(f, [1, 2]) == [2, 4]", "pool", 1
    ),
    code(
        "from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(2) as pool:\n    assert list(pool.map(f, [1, 2])) == [2, 4]",
        "threads",
        1,
    ),
    code("with ProcessPoolExecutor(2) as pool:\n    assert list(pool.map(f, [1, 2])) == [2, 4]", "futures", 1),
    code(
        "import multiprocessing\nq = multiprocessing.Queue()\n"
        "p = multiprocessing.Process(target=q.put, args=(f(1),))\np.start()\nassert q.get(timeout=5) == 2\np.join()",
        "queue",
        1,
    ),
    code("import os\nassert os.environ['NBGRADER_EXECUTION'] == 'autograde'", "knows", 1),
    code("assert 'NBGRADER_VALIDATING' not in os.environ", "is_not_validated", 1),
    code("import numpy as np\nnp.ones(3)", "says_an_array", 1),
    code("np.float32(0.25)", "numpy_small", 1),
    code("from fractions import Fraction\nFraction(1, 2)", "says_a_fraction", 1),
    code("%%capture out\nprint(1)\n0.5", "captured", 1),
    code("assert f(1) == 2, 'wrong'\nraise ValueError('never right')", "fails", 1),
    code("def broken(:\n    pass", "no_python", 1),
    code("%nosuchmagic\nassert True", "no_magic", 1),
    code("%%writefile made_here.py\nvalue = 5", "writes_a_module", 1),
    code("import made_here\nassert made_here.value == 5", "imports_it", 1),
    code("get_ipython().run_cell('raise ValueError(1)')\nassert f(1) == 2", "runs_a_cell", 1),
    code("assert __name__ == '__main__'", "is_main", 1),
    code("f = None") | {"metadata": {"tags": ["skip-execution"]}},
    code("assert f(1) == 2", "was_skipped", 1),
    code("import no_such_package", "lacks", 1),
    code("print('x' * 2_000_000)\n0.5", "prints_much", 1),
    code("for i in range(300):\n    display(i)\n0.5", "displays_much", 1),
    code("for i in range(300):\n    display(i)\nassert False", "fails_late", 1),
]

# The last notebook: its grade_ids are those of the first one, and it reads what that one's tests wrote.
LAST = [
    code("def f(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION", "f", solution=True),
    code("assert f(1) == 2 and open('made.txt').read() == 'x'", "plain", 1),
    code("assert open('sub/seen.txt').read() == '4'", "reads_it", 1),
    code("assert open('sub/secret.txt').read() == '6'", "reads_the_secret", 1),
]


def write(folder: Path) -> None:
    """Write the assignment `odd` into a course's source."""
    source = folder / "source" / "odd"
    source.mkdir(parents=True)
    (source / "tool.py").write_text("def halved(x):\n    return x / 2\n")
    (source / "helper.py").write_text("def helped(f):\n    return f(2)\n")
    (source / "data.txt").write_text("4\n")
    for name, cells in (("odd", ODD), ("styles", STYLES), ("zlast", LAST)):
        (source / f"{name}.ipynb").write_text(notebook(*cells))


def hand_in_all(folder: Path) -> None:
    """Hand in: all of it right, one notebook missing and all of it wrong, and one that takes too long."""
    left_out = {"right": (), "wrong": ("styles",), "slow": ("styles", "zlast")}
    for student, body in BODIES.items():
        cells = {"f": f"def f(x):\n    {body}\n", "by_hand": "answer = 44"}
        hand_in(folder, "odd", student, dict.fromkeys(("odd", "styles", "zlast"), cells), left_out[student])
    (folder / "submitted" / "wrong" / "odd" / "another.ipynb").write_text(notebook(code("1 / 0")))


def make_both(folder: Path) -> Path:
    """Make nbgrader's course with hand-ins, for nbgrader alone to grade, and beside it a copy that is to be ours."""
    quickstart(folder)
    write(folder)
    config = folder / "nbgrader_config.py"
    config.write_text(config.read_text() + "\nc.Execute.timeout = 5\n")
    for name in ("ps1", "odd"):
        run(folder, "nbgrader", "generate_assignment", name)
    whole = {"squares": RIGHT, "sum_of_squares": SUM}
    hand_in(folder, "ps1", "right", {"problem1": whole, "problem2": {"part-a": "Because.", "part-b": "It does."}})
    hand_in(
        folder, "ps1", "wrong", {"problem1": {"squares": "def squares(n):\n    return []\n", "sum_of_squares": SUM}}
    )
    hand_in(folder, "ps1", "sly", {"problem1": {**whole, "squares": SLY}})
    hand_in(folder, "ps1", "blank", {})
    hand_in(folder, "ps1", "half", {"problem1": whole}, ("problem2",))
    hand_in_all(folder)
    ours_beside(folder, folder.with_name("ours"))
    return folder


def graded_by_stock(folder: Path) -> Marks:
    """Return the marks that nbgrader alone gives in a copy of that course."""
    for name in ("ps1", "odd"):
        run(folder, "nbgrader", "autograde", name, fails=True)
    return marks(folder)


# A course in which everything has another name, and other people's steps.
BENT = "hw 2.1"
SETTINGS = """
import sys
sys.path.insert(0, ".")
from course_steps import Seven
from nbgrader.converters import Autograde
c = get_config()
c.CourseDirectory.course_id = ""
c.CourseDirectory.source_directory = "src"
c.CourseDirectory.release_directory = "out"
c.CourseDirectory.submitted_directory = "in"
c.CourseDirectory.autograded_directory = "graded"
c.CourseDirectory.feedback_directory = "back"
c.CourseDirectory.ignore = ["*.tmp", ".ipynb_checkpoints", "*.pyc", "__pycache__"]
c.CourseDirectory.student_id_exclude = "guest"
c.IncludeHeaderFooter.header = "head.ipynb"
c.IncludeHeaderFooter.footer = "foot.ipynb"
c.ClearSolutions.begin_solution_delimeter = "<<<"
c.ClearSolutions.end_solution_delimeter = ">>>"
c.ClearSolutions.code_stub = {"python": "pass  # yours"}
c.ClearHiddenTests.begin_test_delimeter = "SECRET"
c.ClearHiddenTests.end_test_delimeter = "PUBLIC"
c.Autograde.exclude_overwriting = {"hw 2.1": ["mine.txt"]}
c.Autograde.autograde_preprocessors = [Seven, *Autograde.class_traits()["autograde_preprocessors"].default()]
"""
STEPS = """
from nbgrader.preprocessors import NbGraderPreprocessor
class Seven(NbGraderPreprocessor):
    def preprocess_cell(self, cell, resources, index):
        cell.source = cell.source.replace("MAGIC_NUMBER", "7")
        return cell, resources
"""
BENT_SOLUTION = code("def f(x):\n    # <<<\n    return 2 * x\n    # >>>", "f", solution=True)


def markdown(source: str, grade_id: str, **flags: bool) -> dict:
    """Return a written answer, or a task, worth 3 points."""
    nbgrader = {"schema_version": 3, "grade_id": grade_id, "points": 3, **flags}
    return {"cell_type": "markdown", "metadata": {"nbgrader": nbgrader}, "source": source, "id": grade_id}


BENT_CELLS = [
    BENT_SOLUTION,
    code("assert from_header == 5\nassert f(1) == 2", "with_header", 1),
    code("assert f(2) == 4\n# SECRET\nassert f(3) == 6, 'three'\n# PUBLIC", "hidden", 2),
    code("assert open('data/a.csv').read() == '1,2\\n'", "data", 1),
    code("assert open('mine.txt').read() == 'student'", "mine", 1),
    code("import os\nassert not os.path.exists('notes.tmp')", "ignored", 1),
    code("assert MAGIC_NUMBER == 7", "changed", 1),
    code("assert os.path.exists('extra.txt')", "extra_file", 1),
    markdown("YOUR ANSWER HERE", "why", grade=True, solution=True, locked=False, task=False),
    markdown(
        "Do it.\n\n### BEGIN MARK SCHEME\nwell\n### END MARK SCHEME",
        "do",
        grade=False,
        solution=False,
        locked=True,
        task=True,
    ),
    code("answer = 1", "coded", 2, solution=True),
]


def write_bent(folder: Path) -> None:
    """Write a course with these settings, and its one assignment of two notebooks that share their grade_ids."""
    source = folder / "src" / BENT
    (source / "data").mkdir(parents=True)
    files = {"data/a.csv": "1,2\n", "mine.txt": "instructor", "notes.tmp": "ignored"}
    for name, text in files.items():
        (source / name).write_text(text)
    (source / "p.ipynb").write_text(notebook(*BENT_CELLS))
    (source / "q.ipynb").write_text(notebook(BENT_SOLUTION, code("assert f(1) == 2", "with_header", 1)))
    (folder / "head.ipynb").write_text(notebook(code("from_header = 5")))
    (folder / "foot.ipynb").write_text(notebook(code("print(from_header)")))
    (folder / "course_steps.py").write_text(STEPS)
    (folder / "nbgrader_config.py").write_text(SETTINGS)


def hand_in_bent(folder: Path, student: str, edits: dict[str, str], left_out: tuple[str, ...] = ()) -> None:
    """Hand in what was released in such a course, with some cells changed and more files than it came with."""
    target = folder / "in" / student / BENT
    shutil.copytree(folder / "out" / BENT, target)
    for path in target.glob("*.ipynb"):
        content = json.loads(path.read_text())
        for cell in content["cells"]:
            cell["source"] = edits.get(cell["metadata"].get("nbgrader", {}).get("grade_id"), cell["source"])
        path.write_text(json.dumps(content))
    for name in left_out:
        (target / f"{name}.ipynb").unlink()
    files = {"mine.txt": "student", "extra.txt": "student", "more.ipynb": notebook(code("1 / 0"))}
    for name, text in files.items():
        (target / name).write_text(text)


HEAVY = [
    code("def f(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION", "f", solution=True),
    code(
        "import numpy as np\nfrom sklearn.ensemble import RandomForestClassifier\n"
        "X = np.random.default_rng(0).normal(size=(200, 4))\ny = X[:, 0] > 0\n"
        "model = RandomForestClassifier(20, random_state=0, n_jobs=2).fit(X, y)\n"
        + hidden("assert model.score(X, y) > 0.9 and f(1) == 2"),
        "trains",
        1,
    ),
    code("assert np.ones((16_000, 16_000)).sum() == 256e6", "two_gigabytes", 1),
]


if __name__ == "__main__":  # keeps stock nbgrader's marks anew
    with tempfile.TemporaryDirectory() as scratch:
        lines = (json.dumps([*key, *mark]) for key, mark in graded_by_stock(make_both(Path(scratch) / "stock")).items())
        STOCK_MARKS.write_text("[\n" + ",\n".join(sorted(lines)) + "\n]\n")
