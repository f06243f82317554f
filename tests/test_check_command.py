"""`autograder check`: exit statuses, JSON, and every kind of input that is not a right solution."""

import json
import os
from pathlib import Path

import pytest
import warm
from hand_ins import RIGHT, path_of

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("check")]  # they share what was judged

NAIVE = path_of("right_naive")
KEYS = ["solution", "assignment", "outcome", "reason", "points", "max_points", "wall", "exercises"]
EXERCISE_KEYS = ["exercise", "notebook", "judged", "points", "max_points", "criteria", "mistakes", "counterexample"]
CRITERION_KEYS = ["criterion", "label", "verdict", "points", "max_points", "message"]


def check(*arguments, cwd=None, path=None):
    """Run the command and return what it printed."""
    environment = {**os.environ, "PATH": path} if path else os.environ
    return warm.run("autograder", ["check", *map(str, arguments)], cwd or Path.cwd(), environment, seconds=120)


def judged(*arguments):
    """Run the command with --json and return the objects that it printed."""
    return [json.loads(line) for line in check("--json", *arguments).stdout.splitlines()]


def judged_together(folder, files):
    """Write files, None for a folder, and check all at once; return the command's result and each file's object."""
    for name, content in files.items():
        (folder / name).mkdir() if content is None else (folder / name).write_bytes(content)
    result = check("--assignment", "neuron", "--json", *[folder / name for name in files])
    return result, dict(zip(files, map(json.loads, result.stdout.splitlines()), strict=True))


def exercise(result, name):
    """Return one exercise of a result, its criteria by name."""
    (found,) = [entry for entry in result["exercises"] if entry["exercise"] == name]
    return {entry["criterion"]: entry for entry in found["criteria"]}


def notebook(*sources, **changes):
    """Return a notebook's text with these code cells."""
    cells = [{"cell_type": "code", "metadata": {}, "source": source} for source in sources]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells} | changes)


@pytest.fixture(scope="module")
def naive():
    """Check the textbook formulas, which warn on stderr."""
    (result,) = judged(NAIVE)
    return result


def test_the_json_is_as_promised(naive):
    """Each line is one object with the promised keys in the promised order."""
    assert list(naive) == KEYS
    assert (naive["outcome"], naive["reason"], naive["points"], naive["max_points"]) == ("graded", None, 19.0, 20.0)
    assert [entry["exercise"] for entry in naive["exercises"]] == ["sigmoid", "cost", "dC_dw", "dC_db"]
    for entry in naive["exercises"]:
        assert list(entry) == EXERCISE_KEYS
        assert all(list(criterion) == CRITERION_KEYS for criterion in entry["criteria"])


def test_a_naive_solution_loses_saturation_alone(naive):
    """The textbook formulas lose `saturation` of the cost and nothing else."""
    lost = [c["criterion"] for e in naive["exercises"] for c in e["criteria"] if c["verdict"] != "pass"]
    assert lost == ["saturation"]


def test_many_files_come_in_the_order_given(tmp_path, naive):
    """Each file gets its line, in order, the same as alone, and an unusable one costs the others nothing."""
    files = [NAIVE, tmp_path / "absent.py", path_of("wrong_sign"), NAIVE]
    result = check("--json", *files)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["solution"] for line in lines] == [str(file) for file in files]
    assert naive == lines[0] == lines[3] | {"solution": str(NAIVE)}
    assert result.returncode == 1
    assert result.stderr == f"autograder: {tmp_path / 'absent.py'}: no such file\n"


UNUSABLE = {
    "empty.py": (b"", "the file is empty"),
    "empty.ipynb": (b"", "the file is empty"),
    "truncated.ipynb": (notebook("x = 1").encode()[:40], "the file is not JSON"),
    "list.ipynb": (b"[]", "JSON but not a notebook"),
    "old.ipynb": (b'{"nbformat": 3, "worksheets": []}', "format 3, not 4"),
    "latin.py": ("# é".encode("latin-1"), "not text in UTF-8"),
    "latin.ipynb": (notebook("x").replace("x", "é").encode("latin-1"), "not text in UTF-8"),
    "deep.ipynb": (b'{"nbformat": 4, "cells": ' + b"[" * 100_000, "nested too deeply"),
    "cells.ipynb": (b'{"nbformat": 4, "cells": {"a": 1}}', "no list of cells"),
    "notes.txt": (b"hello", "neither a .py nor an .ipynb"),
    "folder.py": (None, "not a regular file"),
}


@pytest.fixture(scope="module")
def unusable(tmp_path_factory):
    """Check the files that cannot be used."""
    return judged_together(tmp_path_factory.mktemp("unusable"), {name: UNUSABLE[name][0] for name in UNUSABLE})


@pytest.mark.parametrize("name", UNUSABLE)
def test_an_unusable_file_gets_one_clear_line(unusable, name):
    """What cannot be used ends with status 1, the reason, and no traceback."""
    result, lines = unusable
    line = lines[name]
    assert (line["outcome"], line["exercises"], line["points"]) == ("needs_review", [], None)
    assert UNUSABLE[name][1] in line["reason"]
    assert len([one for one in result.stderr.splitlines() if f"/{name}: " in one]) == 1
    assert (result.returncode, result.stderr.count("\n")) == (1, len(UNUSABLE))


@pytest.mark.full
@pytest.mark.parametrize("name", UNUSABLE)
def test_an_unusable_file_alone_ends_with_status_1(tmp_path, name):
    """Each of them makes the status, whatever the others do."""
    result, _ = judged_together(tmp_path, {name: UNUSABLE[name][0]})
    assert (result.returncode, result.stderr.count("\n")) == (1, 1)


ODD = {
    "a syntax error": ("def cost(w, b, X, y):\n    return (\n", "stopped with SyntaxError"),
    "no function": ("del cost\n", "there is no function cost"),
    "a wrong number of arguments": ("def cost(w, X, y):\n    return 0.0\n", "raised TypeError"),
    "None": ("def cost(w, b, X, y):\n    pass\n", "returned None: is a return statement missing?"),
    "a string": ("def cost(w, b, X, y):\n    return 'small'\n", "should be made of real numbers; you returned a text"),
    "an object": ("def cost(w, b, X, y):\n    return object()\n", "a value of type object, which cannot be graded"),
    "a number in place of the function": ("cost = 1.5\n", "raised TypeError"),
    "a complex number": ("def cost(w, b, X, y):\n    return 1j\n", "should be made of real numbers"),
    "not a number": ("def cost(w, b, X, y):\n    return float('nan')\n", "you returned nan"),
    "a huge whole number": ("def cost(w, b, X, y):\n    return 10 ** 5000\n", "huge int, which cannot be graded"),
    "a ragged list": ("def cost(w, b, X, y):\n    return [1, [2, 3]]\n", "should be made of real numbers"),
    "a huge array": ("def cost(w, b, X, y):\n    return np.zeros(10 ** 7)\n", "cannot be graded"),
    "a lone surrogate": ("def cost(w, b, X, y):\n    return '\\ud800'\n", "should be made of real numbers"),
    "an error of its own": ("def cost(w, b, X, y):\n    raise OSError('no')\n", "raised OSError: no (In [2], line 2"),
    "the end of the process": ("import os\ndef cost(w, b, X, y):\n    os._exit(7)\n", "gave no answer"),
    "an endless loop": ("def cost(w, b, X, y):\n    while True:\n        pass\n", "no answer within"),
}


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """Check the notebooks with odd costs."""
    files = {f"{kind}.ipynb": notebook(RIGHT, source).encode() for kind, (source, _) in ODD.items()}
    return judged_together(tmp_path_factory.mktemp("odd"), files)


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_answer_fails_with_a_message(odd, kind):
    """A cost that comes to something odd fails its criteria, says why, and costs the other exercises nothing."""
    message = ODD[kind][1]
    result, lines = odd
    line = lines[f"{kind}.ipynb"]
    value = exercise(line, "cost")["value"]
    if kind == "a syntax error":  # the right cost from above stands
        assert value["verdict"] == "pass"
        return
    assert (value["verdict"], value["points"]) == ("fail", 0.0)
    assert message in value["message"]
    assert [e["points"] for e in line["exercises"]][2:] == [7.0, 3.0]
    assert (result.returncode, result.stderr) == (0, "")


def test_a_syntax_error_in_the_file_is_told_with_its_line(tmp_path):
    """A file that does not compile is judged, earns nothing, and the message names error and line."""
    path = tmp_path / "broken.py"
    path.write_text("def sigmoid(z):\n    return (1\n")
    (line,) = judged(path)
    assert line["points"] == 0
    assert "stopped with SyntaxError" in exercise(line, "sigmoid")["value"]["message"]
    assert "line 2" in exercise(line, "sigmoid")["value"]["message"]


RIGHT_SHAPES = {
    "a column": ("dC_dw", "return right(w, b, X, y).reshape(-1, 1)", ["shape"]),
    "a list": ("dC_dw", "return list(right(w, b, X, y))", []),
    "a tuple": ("dC_dw", "return tuple(right(w, b, X, y))", []),
    "float32": ("dC_dw", "return np.float32(right(w, b, X, y))", []),
    "longdouble": ("dC_dw", "return np.longdouble(right(w, b, X, y))", []),
    "a 0-d array": ("cost", "return np.array(right(w, b, X, y))", []),
    "a (1, 1) array": ("cost", "return np.array([[right(w, b, X, y)]])", []),
    "a matrix": ("cost", "return np.matrix(right(w, b, X, y))", []),
    "a list of one": ("cost", "return [right(w, b, X, y)]", []),
}


@pytest.fixture(scope="module")
def right_forms(tmp_path_factory):
    """Check the files with right numbers in other forms."""
    files = {
        f"{form}.py": f"{RIGHT}\nright = {name}\n\ndef {name}(w, b, X, y):\n    {source}\n".encode()
        for form, (name, source, _) in RIGHT_SHAPES.items()
    }
    return judged_together(tmp_path_factory.mktemp("forms"), files)


@pytest.mark.parametrize("form", RIGHT_SHAPES)
def test_right_numbers_in_another_form(right_forms, form):
    """Right numbers pass in any form; where the shape itself is wrong, `shape` is lost and nothing else."""
    _, lines = right_forms
    line, lost = lines[f"{form}.py"], RIGHT_SHAPES[form][2]
    assert [c["criterion"] for e in line["exercises"] for c in e["criteria"] if c["verdict"] != "pass"] == lost


def test_an_unknown_assignment_is_wrong_usage():
    """An assignment that is not there ends with status 2 and names those that are."""
    result = check("--assignment", "nosuch", NAIVE)
    assert result.returncode == 2
    assert result.stderr == "autograder: unknown assignment 'nosuch'; there is a grader for: network, neuron\n"


def test_no_file_is_wrong_usage():
    """Without a file the command ends with status 2."""
    assert check().returncode == 2


def test_without_walls_nothing_is_run(tmp_path):
    """Where bubblewrap is missing, the status is 3, the line says what to install, and no code ran."""
    path = tmp_path / "writes.py"
    path.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    result = check("--assignment", "neuron", "--isolation", "nested", path, path=str(tmp_path))
    assert result.returncode == 3
    assert result.stderr.startswith("autograder: the nested wall does not stand here (bwrap is not installed")
    assert "apt-get install bubblewrap" in result.stderr
    assert not (tmp_path / "ran").exists()


def test_no_isolation_has_to_be_typed(tmp_path):
    """With --isolation none code runs bare, and the notes say so."""
    result = check("--isolation", "none", NAIVE)
    assert result.returncode == 0
    assert "note: run without walls (--isolation none)" in result.stdout


def test_the_text_fits_80_columns():
    """What a person reads is at most 80 columns wide and names each criterion's verdict in a word."""
    first, *lines = check(path_of("wrong_math_exp")).stdout.splitlines()
    assert first.endswith("wrong_math_exp.py: 15 of 20 points")  # it begins with the path, however long that is
    assert max(map(len, lines)) <= 80
    assert any("✘ not yet" in line for line in lines)


def test_python_file_runs_as_a_module(tmp_path):
    """Its classes are found by its name, a library of that name as well; code for `__main__` does not run."""
    kept = "import dataclasses, pickle\n@dataclasses.dataclass\nclass Kept:\n    z: 'np.ndarray'\n"
    guarded = f'{kept}pickle.dumps(Kept(1))\n{RIGHT}\nif __name__ == "__main__":\n    del sigmoid\n'
    files = {"guarded.py": guarded.encode(), "scipy.py": f"import scipy.special\n{RIGHT}".encode()}
    assert [line["points"] for line in judged_together(tmp_path, files)[1].values()] == [20, 20]
