"""Submissions that attack by their cells."""

from handing_in import HONEST, NAME, RIGHT, before_each_check, grade_cells, hands_in, with_code
from scratch import ASSIGNMENT


@hands_in("transformer")
def transformer(folder, notebook):
    """Turn the last check into nothing, by an input transformer."""
    last = [cell for cell in grade_cells(notebook) if cell["cell_type"] == "code"][-1]
    source = "get_ipython().input_transformers_post.append(lambda lines: ['pass\\n'])"
    return with_code(notebook, source, notebook["cells"].index(last))


@hands_in("forged-card")
def forged_card(folder, notebook):
    """Show a card and a result of its own in each check, and no error, by what IPython calls around every cell."""
    source = """
from IPython.display import HTML, display
shell = get_ipython()
type(shell).showtraceback = lambda *arguments, **options: None
for formatter in shell.display_formatter.formatters.values():
    formatter.for_type(float, lambda *arguments: "3.0")
shell.events.register("pre_run_cell", lambda *arguments: display(HTML("<div>FORGED <b>dC_dw</b>: 7 of 7 points</div>")))
shell.events.register("post_run_cell", lambda *arguments: shell.displayhook(3.0))
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
    notebook["metadata"]["title"] = evil
    notebook["metadata"]["kernelspec"] = {"name": "python3", "display_name": evil, "language": evil}
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
    return before_each_check(notebook, source)


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
    return before_each_check(notebook, source)


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
    return (X.T @ (sigmoid(X @ w + b) - y)).view(Right)

def dC_db(w, b, X, y):
    return np.asarray(np.sum(sigmoid(X @ w + b) - y)).view(Right)
"""
    return before_each_check(notebook, source)
