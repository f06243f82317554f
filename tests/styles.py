"""Notebooks as people really save them: what each tool does to a file, times what a student did in it.

Every one starts from the released notebook, filled in rightly: 20 points, unless it says otherwise. Each says what it
is to come to: its points, what becomes of the written question, its notes, and why it needs a human, if it does.
"""

import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hand_ins import NEURON

RELEASED = json.loads((Path(__file__).parent.parent / "release" / "neuron" / "neuron.ipynb").read_text())
WRITTEN = "why_sigma_prime_cancels"
ANSWER = "The cost's slope by a has a(1 - a) below the line, sigma' has it above: what is left is the difference."
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
CHECKS = ("sigmoid", "cost", "dC_dw", "dC_db")

Book = dict[str, Any]
Change = Callable[[Book], Any]


@dataclass(frozen=True)
class Expected:
    """What a submission is to come to.

    Attributes:
        points: of the machine's; None where it cannot be judged.
        written: `answered` and waiting for a human, `found` elsewhere and waiting, `nothing` found and waiting, or
            `empty`, which nbgrader marks with 0.
        notes: patterns, one per note, in order.
        reason: a pattern of why it needs a human as a whole.
        said: patterns of what the messages say.
        silent: what no message and no note may say.
    """

    points: float | None = 20.0
    written: str = "answered"
    notes: tuple[str, ...] = ()
    reason: str | None = None
    said: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()


@dataclass(frozen=True)
class Style:
    """A submission: what it is called, its files, and what it is to come to."""

    name: str
    files: dict[str, bytes]
    expected: Expected
    tags: frozenset[str] = field(default_factory=frozenset)


# What students do.


def solved() -> Book:
    """Return the notebook with everything right."""
    return NEURON.fill(RELEASED, "right_stable", ANSWER)


def cell(book: Book, grade_id: str) -> Book:
    """Return a managed cell."""
    return next(one for one in book["cells"] if one["metadata"].get("nbgrader", {}).get("grade_id") == grade_id)


def place(book: Book, grade_id: str) -> int:
    """Return where a managed cell stands."""
    return book["cells"].index(cell(book, grade_id))


def text(source: str, kind: str = "markdown") -> Book:
    """Return a cell of the student's own."""
    more = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": source, **more}


def put(book: Book, before: str, *cells: Book, after: bool = False) -> None:
    """Insert cells before or after a managed one."""
    at = place(book, before) + after
    book["cells"][at:at] = cells


def untouch(book: Book) -> None:
    """Leave the question as it was handed out."""
    cell(book, WRITTEN)["source"] = cell(RELEASED, WRITTEN)["source"]


def below(book: Book) -> None:
    """Answer in a cell below the question."""
    untouch(book)
    put(book, WRITTEN, text(ANSWER), after=True)


def lose(book: Book) -> None:
    """Lose the metadata of the question."""
    cell(book, WRITTEN)["metadata"] = {}


def scratch(book: Book) -> None:
    """Try things out between the exercises."""
    put(book, "cost", text("# just to see what it gives\nsigmoid(np.array([0.0, 1.0]))", "code"), text("", "code"))
    put(book, "dC_dw", text("for i in range(3):\n    print(i, sigmoid(i))", "code"), text("## my notes for later"))


DID: dict[str, tuple[Change, Expected]] = {
    "solved": (lambda _book: None, Expected()),
    "unanswered": (untouch, Expected(written="empty")),
    "answered below": (below, Expected(written="found", notes=("may stand in the markdown cell",))),
    "scratch cells": (scratch, Expected()),
    "question without metadata": (
        lose,
        Expected(written="found", notes=(f"cell {WRITTEN} was missing", "may stand in the markdown cell")),
    ),
}


# What tools do.


def every(book: Book, change: Change, kind: str = "") -> None:
    """Change every cell, or every one of a kind."""
    for one in book["cells"]:
        if kind in ("", one["cell_type"]):
            change(one)


def as_version(minor: int) -> Change:
    """Save in a minor version of the format: before 4.5 cells have no ids."""

    def change(book: Book) -> None:
        book["nbformat_minor"] = minor
        if minor < 5:
            every(book, lambda one: one.pop("id", None))

    return change


def run(book: Book) -> None:
    """Number the cells and give each an output, as they are after a run."""
    code = [one for one in book["cells"] if one["cell_type"] == "code"]
    for number, one in enumerate(code, start=7):
        one["execution_count"] = number
        one["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["done\n"]}]


def colab(book: Book) -> None:
    """Google Colab: ids in the metadata, attachments gone, pictures written out, a form, an older format."""
    as_version(0)(book)
    book["metadata"] = {
        "colab": {"provenance": [], "toc_visible": True, "gpuType": "T4"},
        "accelerator": "GPU",
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
    }
    for number, one in enumerate(book["cells"]):
        one["metadata"] |= {"id": f"A{number}bC", "colab": {"base_uri": "https://localhost:8080/"}, "outputId": "x"}
        one.pop("attachments", None)


def colab_button(book: Book) -> None:
    """Colab's badge above everything, and its cell that mounts a drive, which fails anywhere else."""
    colab(book)
    book["cells"].insert(
        0, text('<a href="https://colab.research.google.com/x" target="_parent"><img src="https://c/b.svg"/></a>')
    )
    book["cells"].insert(1, text("from google.colab import drive\ndrive.mount('/content/drive')", "code"))


def vscode(book: Book) -> None:
    """Visual Studio Code: languages per cell, Windows paths, another indentation."""
    as_version(2)(book)
    book["metadata"] = {
        "kernelspec": {"display_name": "base", "language": "python", "name": "python3"},
        "language_info": {"name": "python", "version": "3.11.9", "pygments_lexer": "ipython3"},
        "vscode": {"interpreter": {"hash": "ad1e"}},
    }
    every(book, lambda one: one["metadata"].update(vscode={"languageId": "python"}), "code")


def kaggle(book: Book) -> None:
    """Kaggle: times of execution, ids, and the cell that lists its data sets."""
    as_version(4)(book)
    book["metadata"]["kaggle"] = {"accelerator": "none", "dataSources": [], "isInternetEnabled": True}
    times = {"iopub.execute_input": "2026-11-20T10:00:00.0Z", "shell.execute_reply": "2026-11-20T10:00:00.1Z"}
    every(book, lambda one: one["metadata"].update(execution=times, trusted=True, _uuid="8f2839f25d086af7"))
    listing = "import os\nfor folder, _, names in os.walk('/kaggle/input'):\n    print(folder, names)"
    book["cells"].insert(0, text("# This environment is defined by the kaggle/python image\n" + listing, "code"))


def deepnote(book: Book) -> None:
    """Deepnote: ids of its own, hashes of sources, and a line of advertisement at the end."""
    book["metadata"]["deepnote_notebook_id"] = "5d2f"
    for number, one in enumerate(book["cells"]):
        one["metadata"] |= {"cell_id": f"00{number}", "deepnote_cell_type": one["cell_type"], "source_hash": "b623e53d"}
    advert = "<a style='text-decoration:none' href='https://deepnote.com' target=\"_blank\">\nCreated in Deepnote</a>"
    footer = text(advert)
    footer["metadata"] = {"created_in_deepnote_cell": True, "deepnote_cell_type": "markdown"}
    book["cells"].append(footer)


def databricks(book: Book) -> None:
    """Databricks: its own metadata, titles, no ids, `%md` for text."""
    as_version(0)(book)
    own = {"cellMetadata": {"rowLimit": 10000, "byteLimit": 2048000}, "nuid": "c0ffee", "showTitle": False, "title": ""}
    every(book, lambda one: one["metadata"].update({"application/vnd.databricks.v1+cell": own}))
    book["metadata"]["application/vnd.databricks.v1+notebook"] = {"language": "python", "notebookName": "neuron"}
    put(book, "sigmoid", text("%md\n### my first exercise", "code"))


def sagemaker(book: Book) -> None:
    """SageMaker Studio: a list of machines, a kernel of conda's."""
    as_version(4)(book)
    book["metadata"] |= {
        "availableInstances": [{"_defaultOrder": n, "gpuNum": 0, "name": f"ml.t3.{n}"} for n in range(40)],
        "instance_type": "ml.t3.medium",
        "kernelspec": {"display_name": "conda_python3", "language": "python", "name": "conda_python3"},
    }
    every(book, lambda one: one["metadata"].update(tags=[]))


def nbdev(book: Book) -> None:
    """Nbdev: directives in comments, and an export at the end."""
    book["cells"].insert(0, text("#| default_exp neuron", "code"))
    for name in CHECKS:
        one = cell(book, name)
        one["source"] = "#| export\n" + "".join(one["source"])
    book["cells"].append(text("#| hide\nimport nbdev; nbdev.nbdev_export()", "code"))


def papermill(book: Book) -> None:
    """Papermill: parameters that were injected, times and states of each cell."""
    book["metadata"]["papermill"] = {"default_parameters": {}, "duration": 4.2, "exception": None, "version": "2.6.0"}
    every(book, lambda one: one["metadata"].update(papermill={"duration": 0.01, "status": "completed"}, tags=[]))
    injected = text("# Parameters\nseed = 1", "code")
    injected["metadata"] = {"tags": ["injected-parameters"]}
    book["cells"].insert(3, injected)


def jupytext(book: Book) -> None:
    """Jupytext: a pairing in the metadata, lines between cells, text that went through a .py and back."""
    book["metadata"]["jupytext"] = {"formats": "ipynb,py:percent", "text_representation": {"extension": ".py"}}
    every(book, lambda one: one["metadata"].update(lines_to_next_cell=2), "code")
    every(book, lambda one: one.update(source="".join(one["source"]).rstrip("\n")))


def nbstripout(book: Book) -> None:
    """A filter of git: no outputs, no numbers, keys in order."""
    every(book, lambda one: one.update(outputs=[], execution_count=None), "code")
    every(book, lambda one: one["metadata"].pop("jupyter", None))


def pycharm(book: Book) -> None:
    """PyCharm and DataSpell: a name per cell, hidden in its metadata, text as lists."""
    every(book, lambda one: one["metadata"].update(pycharm={"name": "#%% md\n", "is_executing": False}))
    every(book, lambda one: one.update(source="".join(one["source"]).splitlines(keepends=True)))


def classic(book: Book) -> None:
    """The classic Notebook with its extensions: a table of contents, a list of variables, collapsed cells."""
    as_version(2)(book)
    book["metadata"] |= {"toc": {"base_numbering": 1, "nav_menu": {}}, "varInspector": {"cols": {"lenName": 16}}}
    every(book, lambda one: one["metadata"].update(collapsed=False, scrolled=True), "code")
    every(book, lambda one: one["metadata"].update(heading_collapsed=True, hidden=False), "markdown")


def rise(book: Book) -> None:
    """Slides."""
    book["metadata"]["celltoolbar"] = "Slideshow"
    every(book, lambda one: one["metadata"].update(slideshow={"slide_type": "slide"}))


def widgets(book: Book) -> None:
    """A state of widgets, large and nested."""
    state = {f"m{n}": {"model_module": "@jupyter-widgets/base", "state": {"a": [[n]] * 20}} for n in range(200)}
    book["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": state, "version_major": 2}}


def nteract(book: Book) -> None:
    """Nteract: what is hidden, in its own words."""
    book["metadata"]["nteract"] = {"version": "0.28.0"}
    every(book, lambda one: one["metadata"].update(inputHidden=False, outputHidden=False, outputExpanded=True))


def cocalc(book: Book) -> None:
    """CoCalc: positions and times as numbers."""
    book["metadata"]["cocalc"] = {"last_runtime_state": "idle"}
    every(
        book, lambda one: one["metadata"].update(pos=3, start=1700000000000, end=1700000000100, cocalc={"outputs": {}})
    )


def quarto(book: Book) -> None:
    """Quarto and Jupyter Book: a head of YAML, tags for the reader."""
    head = text("---\ntitle: One neuron\nformat: html\n---", "raw")
    head["metadata"] = {"vscode": {"languageId": "raw"}}
    book["cells"].insert(0, head)
    every(book, lambda one: one["metadata"].update(tags=["hide-output", "remove-stderr"], editable=True))


def noteable(book: Book) -> None:
    """Noteable and Hex: cells of other kinds beside."""
    every(book, lambda one: one["metadata"].update(noteable={"cell_type": "python", "output_collection_id": "a"}))
    sql = text("%%sql\nselect 1", "code")
    sql["metadata"] = {"noteable": {"cell_type": "sql"}}
    book["cells"].append(sql)


def ein(book: Book) -> None:
    """Emacs: trailing newlines everywhere, no ids."""
    as_version(4)(book)
    every(book, lambda one: one.update(source="".join(one["source"]) + "\n\n"))


def trimmed(book: Book) -> None:
    """An editor that trims what stands at the ends of lines, and ends each text with a newline."""
    every(book, lambda one: one.update(source=re.sub(r"[ \t]+\n", "\n", "".join(one["source"])) + "\n"))


def spaced(book: Book) -> None:
    """An editor that leaves spaces at the ends of lines of text."""
    every(book, lambda one: one.update(source="".join(one["source"]).replace("\n", "  \n")), "markdown")


def no_jupyter_metadata(book: Book) -> None:
    """A tool that keeps nbgrader's metadata alone."""
    every(book, lambda one: one.update(metadata={k: v for k, v in one["metadata"].items() if k == "nbgrader"}))


TOOLS: dict[str, Change] = {
    "JupyterLab": run,
    "classic Notebook": classic,
    "Colab": colab,
    "Colab with a drive": colab_button,
    "VS Code": vscode,
    "Kaggle": kaggle,
    "Deepnote": deepnote,
    "Databricks": databricks,
    "SageMaker": sagemaker,
    "nbdev": nbdev,
    "papermill": papermill,
    "jupytext": jupytext,
    "nbstripout": nbstripout,
    "PyCharm": pycharm,
    "RISE": rise,
    "widgets": widgets,
    "nteract": nteract,
    "CoCalc": cocalc,
    "Quarto": quarto,
    "Noteable": noteable,
    "Emacs": ein,
    "trimming editor": trimmed,
    "spacing editor": spaced,
    "bare": no_jupyter_metadata,
    **{f"format 4.{minor}": as_version(minor) for minor in (0, 1, 3, 6)},
}


# How the file is written.


def dumped(book: Book, **options: Any) -> bytes:
    """Return the file."""
    return (json.dumps(book, **({"indent": 1, "ensure_ascii": False} | options)) + "\n").encode()


def with_crlf(book: Book) -> bytes:
    """Write Windows' line ends into every text, and into the file."""
    every(book, lambda one: one.update(source="".join(one["source"]).replace("\n", "\r\n")))
    return dumped(book).replace(b"\n", b"\r\n")


def with_marks(book: Book) -> bytes:
    """Write a byte order mark before the file and before each text."""
    every(book, lambda one: one.update(source="\ufeff" + "".join(one["source"])))
    return b"\xef\xbb\xbf" + dumped(book)


WRITTEN_AS: dict[str, Callable[[Book], bytes]] = {
    "Windows' line ends": with_crlf,
    "byte order marks": with_marks,
    "UTF-16": lambda book: dumped(book).decode().encode("utf-16"),
    "one line": lambda book: dumped(book, indent=None, separators=(",", ":")),
    "tabs and escapes": lambda book: dumped(book, indent="\t", ensure_ascii=True),
    "sorted keys": lambda book: dumped(book, sort_keys=True),
    "old Mac's line ends": lambda book: dumped(
        every(book, lambda one: one.update(source="".join(one["source"]).replace("\n", "\r"))) or book
    ),
}

# One of a kind.

ALL_MISSING = tuple(
    f"cell {name} was missing" for name in ("setup", *(n for c in CHECKS for n in (c, f"test_{c}")), WRITTEN)
)
FOUND = "may stand in the markdown cell"


def strip_all(book: Book) -> None:
    """Lose all metadata."""
    every(book, lambda one: one.update(metadata={}))


def in_other_cell(book: Book) -> None:
    """Leave the stub, and answer below it."""
    source = cell(book, "cost")["source"]
    cell(book, "cost")["source"] = cell(RELEASED, "cost")["source"]
    put(book, "test_cost", text(source, "code"))


def failing_import(book: Book) -> None:
    """Import two modules in a cell that stops at the first."""
    put(book, "sigmoid", text("import seaborn as sns\nimport math", "code"))
    cell(book, "sigmoid")["source"] = "def sigmoid(z):\n    return 1 / (1 + math.e ** (-z))"


def unrelated_failure(book: Book) -> None:
    """Spell a function otherwise, below a cell that fails and has nothing to do with it."""
    put(book, "sigmoid", text("import seaborn as sns", "code"))
    cell(book, "dC_db")["source"] = "".join(cell(book, "dC_db")["source"]).replace("def dC_db", "def dc_db")


def defined_late(book: Book) -> None:
    """Leave a stub as it was, and write the function below its check."""
    put(book, "test_cost", text("".join(cell(book, "cost")["source"]), "code"), after=True)
    cell(book, "cost")["source"] = cell(RELEASED, "cost")["source"]


def imports_in_the_set_up(book: Book) -> None:
    """Add an import to the set-up cell, and use it."""
    cell(book, "setup")["source"] = "".join(cell(book, "setup")["source"]) + "\nfrom numpy import exp\n"
    cell(book, "sigmoid")["source"] = "def sigmoid(z):\n    return 1 / (1 + exp(-np.asarray(z)))"


def own_module(book: Book) -> None:
    """Write a module, and import from it."""
    put(
        book,
        "sigmoid",
        text("%%writefile mine.py\nimport numpy as np\n\ndef sigmoid(z):\n    return (1 + np.tanh(z / 2)) / 2", "code"),
    )
    cell(book, "sigmoid")["source"] = "from mine import sigmoid"


def with_help(book: Book) -> None:
    """Ask for help in the cell of the answer."""
    cell(book, "cost")["source"] = "help(np.logaddexp)\nlicense\nnp.mean?\n" + "".join(cell(book, "cost")["source"])


def with_pool(book: Book) -> None:
    """Let a pool of processes work."""
    cell(book, "sigmoid")["source"] = (
        "from concurrent.futures import ProcessPoolExecutor\n\n"
        "def one(z):\n    return (1 + np.tanh(z / 2)) / 2\n\n"
        "with ProcessPoolExecutor() as pool:\n    print(list(pool.map(one, [0.0, 1.0])))\n\n"
        "def sigmoid(z):\n    return one(np.asarray(z, dtype=float))"
    )


def with_magics(book: Book) -> None:
    """Use what IPython has besides Python."""
    cell(book, "sigmoid")["source"] = "%matplotlib inline\n%precision 3\n!echo hello\nx = 1\n%store x\n" + "".join(
        cell(book, "sigmoid")["source"]
    )


def slow_scratch(book: Book) -> None:
    """Leave a scratch cell that never ends."""
    put(book, "cost", text("while True:\n    pass", "code"))


def merged_up(book: Book) -> None:
    """Merge the question into the check above it, as Jupyter does: the first cell's metadata stay."""
    at = place(book, WRITTEN)
    book["cells"][at - 1]["source"] = "\n\n".join("".join(one["source"]) for one in book["cells"][at - 1 : at + 1])
    del book["cells"][at]


def merged_text(book: Book) -> None:
    """Merge the question into the text below it: its metadata stay, and the answer."""
    at = place(book, WRITTEN)
    book["cells"][at]["source"] = "\n\n".join("".join(one["source"]) for one in book["cells"][at : at + 2])
    del book["cells"][at + 1]


def copied(book: Book) -> None:
    """Answer in a copy above, and leave the question itself."""
    answered = copy.deepcopy(cell(book, WRITTEN))
    untouch(book)
    put(book, WRITTEN, answered)


def turned(kind: str) -> Change:
    """Turn the question into a cell of another kind, metadata kept."""
    return lambda book: cell(book, WRITTEN).update(cell_type=kind)


def answered_as(source: str, kind: str, *, lost: bool = False) -> Change:
    """Answer in a cell of another kind, below the question or in its place."""

    def change(book: Book) -> None:
        untouch(book)
        put(book, WRITTEN, text(source, kind), after=True)
        if lost:
            del book["cells"][place(book, WRITTEN)]

    return change


def far_away(book: Book) -> None:
    """Answer at the very end of the notebook."""
    untouch(book)
    book["cells"].append(text("## Question 5\n\n" + ANSWER))


def named(book: Book) -> None:
    """Write no answer, but one's name."""
    untouch(book)
    book["cells"].insert(0, text("**Name:** Somebody Else, **group:** the one on Friday after noon"))


def commented(book: Book) -> None:
    """Write no answer, but comments into the code, and code that was commented out."""
    untouch(book)
    put(book, "cost", text("# z = sigmoid(3)\n# print(z)", "code"))
    cell(book, "cost")["source"] = "# this is the cost of the neuron, see the text above\n" + "".join(
        cell(book, "cost")["source"]
    )


def beside_function(remark: str) -> Change:
    """Write the answer, or something else, below the function of another exercise."""

    def change(book: Book) -> None:
        untouch(book)
        cell(book, "dC_dw")["source"] = "".join(cell(book, "dC_dw")["source"]) + f"\n\n{remark}\n"

    return change


def with_attachment(book: Book) -> None:
    """Answer with a photograph that is attached."""
    cell(book, WRITTEN).update(
        source=f"{ANSWER}\n\n![photo](attachment:photo.png)", attachments={"photo.png": {"image/png": PNG}}
    )


def with_pasted_picture(book: Book) -> None:
    """Answer with a picture that was pasted into Colab, which writes it into the text."""
    colab(book)
    cell(book, WRITTEN)["source"] = f"{ANSWER}\n\n![image.png](data:image/png;base64,{PNG})"


def picture_alone(book: Book) -> None:
    """Answer with a photograph alone, pasted at the end."""
    untouch(book)
    book["cells"].append(text(f"![{ANSWER}](data:image/png;base64,{PNG})"))


def with_missing_attachment(book: Book) -> None:
    """Answer with a photograph that an editor has dropped."""
    cell(book, WRITTEN)["source"] = f"{ANSWER}\n\n![photo](attachment:photo.png)"


def no_attachments(book: Book) -> None:
    """Drop all attachments, as many editors do."""
    every(book, lambda one: one.pop("attachments", None))


def unmerged(book: Book) -> None:
    """Leave both sides of a merge in a cell, as nbdime does."""
    source = "".join(cell(book, "dC_db")["source"])
    cell(book, "dC_db")["source"] = f"<<<<<<< local\n{source}\n=======\npass\n>>>>>>> remote"


ODD: dict[str, tuple[Change, Expected]] = {
    "all metadata lost": (strip_all, Expected(written="found", notes=(*ALL_MISSING, FOUND))),
    "stub left, answer below": (in_other_cell, Expected()),
    "an import that fails": (
        failing_import,
        Expected(16.0, said=(r"name 'math' is not defined .*In \[2\].*stopped at `import seaborn as sns`",)),
    ),
    "a name of another spelling": (
        unrelated_failure,
        Expected(17.0, said=("there is `dc_db`: is that the one",), silent=("seaborn",)),
    ),
    "a function below its check": (
        defined_late,
        Expected(14.0, notes=("cost was judged as it stood.*In .*defines it",), said=("is not filled in yet .*In ",)),
    ),
    "an import in the set-up cell": (
        imports_in_the_set_up,
        Expected(notes=("cell setup had been edited.*and what was added to it runs",)),
    ),
    "a module of one's own": (own_module, Expected()),
    "help": (with_help, Expected()),
    "a pool of processes": (with_pool, Expected()),
    "magics": (with_magics, Expected()),
    "an endless scratch cell": (slow_scratch, Expected(notes=(r"the cell In \[4\] under “2. cost.*was stopped",))),
    "question merged into the check": (
        merged_up,
        Expected(
            written="found", notes=("cell test_dC_db had been edited", f"cell {WRITTEN} was missing", "the code cell")
        ),
    ),
    "question merged with the text below": (merged_text, Expected()),
    "answer in a copy": (copied, Expected(written="found", notes=(f"an extra copy of cell {WRITTEN}", FOUND))),
    "question as code": (turned("code"), Expected(notes=(f"cell {WRITTEN} had become a code cell",))),
    "question as raw": (turned("raw"), Expected(notes=(f"cell {WRITTEN} had become a raw cell",))),
    "answer as code below": (answered_as(ANSWER, "code"), Expected(written="found", notes=("the code cell",))),
    "answer as raw below": (answered_as(ANSWER, "raw"), Expected(written="found", notes=("the raw cell",))),
    "answer as comments below": (
        answered_as(f"# {ANSWER}", "code"),
        Expected(written="found", notes=("the code cell",)),
    ),
    "answer as a string below": (
        answered_as(f'"""{ANSWER}"""', "code"),
        Expected(written="found", notes=("the code",)),
    ),
    "answer with %md below": (
        answered_as(f"%md\n{ANSWER}", "code"),
        Expected(written="found", notes=("the code cell",)),
    ),
    "question lost, answer as code": (
        answered_as(ANSWER, "code", lost=True),
        Expected(written="found", notes=(f"cell {WRITTEN} was missing", "the code cell")),
    ),
    "question deleted": (
        lambda book: book["cells"].remove(cell(book, WRITTEN)),
        Expected(written="nothing", notes=(f"cell {WRITTEN} was missing", "no answer to")),
    ),
    "answer at the end": (far_away, Expected(written="found", notes=("under “Question 5”",))),
    "a name and no answer": (named, Expected(written="empty")),
    "comments and no answer": (commented, Expected(written="empty")),
    "answer below a function": (
        beside_function("# " + ANSWER.replace(". ", ".\n# ")),
        Expected(written="found", notes=("the code cell",)),
    ),
    "a remark below a function": (
        beside_function("# The loop over the entries is slow, so all of them are taken at once."),
        Expected(written="empty"),
    ),
    "a photograph attached": (with_attachment, Expected()),
    "a picture pasted into Colab": (with_pasted_picture, Expected()),
    "a picture alone": (picture_alone, Expected(written="found", notes=("may stand in the markdown cell",))),
    "a photograph dropped": (with_missing_attachment, Expected()),
    "attachments dropped": (no_attachments, Expected()),
    "a merge in a cell": (unmerged, Expected(17.0, said=(r"In \[\d+\].*which defines it, stopped with SyntaxError",))),
}


def refused() -> Iterator[tuple[str, bytes, str]]:
    """Yield what no notebook can be read of, and why."""
    whole = dumped(solved())
    lines = whole.splitlines(keepends=True)
    conflict = b"".join([*lines[:40], b"<<<<<<< HEAD\n", *lines[40:42], b"=======\n", b">>>>>>> mine\n", *lines[42:]])
    yield "a conflict of git", conflict, r"both sides of a conflict in git \(<<<<<<< in line 41\): settle it"
    yield "cut off", whole[: len(whole) // 2], "cut off or damaged"
    yield "a web page", b"<!DOCTYPE html><html><body>Sign in</body></html>", "not JSON"
    yield "an old format", b'{"nbformat": 3, "nbformat_minor": 0, "worksheets": [], "metadata": {}}', "format 3, not 4"


def corpus() -> list[Style]:
    """Return all of them, in order."""
    found = [_style(f"{tool}, {did}", make, tool) for tool, did, make in _of_tools()]
    for how, write in WRITTEN_AS.items():
        for did, (do, expected) in DID.items():
            book = solved()
            do(book)
            found.append(Style(f"{how}, {did}", {"neuron.ipynb": write(book)}, expected))
    for name, (do, expected) in ODD.items():
        book = solved()
        do(book)
        found.append(Style(name, {"neuron.ipynb": dumped(book)}, expected, frozenset({"odd"})))
    for name, data, reason in refused():
        found.append(Style(name, {"neuron.ipynb": data}, Expected(None, "nothing", (), reason)))
    return [*found, *_with_files()]


def _of_tools() -> Iterator[tuple[str, str, Callable[[], tuple[Book, Expected]]]]:
    for tool, change in TOOLS.items():
        for did, (do, expected) in DID.items():

            def make(do: Change = do, change: Change = change, expected: Expected = expected) -> tuple[Book, Expected]:
                book = solved()
                do(book)
                change(book)
                return book, expected

            yield tool, did, make


def _style(name: str, make: Callable[[], tuple[Book, Expected]], tool: str) -> Style:
    book, expected = make()
    return Style(name, {"neuron.ipynb": dumped(book)}, expected, frozenset({tool}))


def _with_files() -> Iterator[Style]:
    """Yield notebooks with files beside."""
    import base64  # noqa: PLC0415 - here alone

    book = solved()
    cell(book, WRITTEN)["source"] = f"{ANSWER}\n\n![my sketch](sketch.png)"
    files = {"neuron.ipynb": dumped(book), "sketch.png": base64.b64decode(PNG)}
    yield Style("a picture beside the notebook", files, Expected())
    book = solved()
    cell(book, WRITTEN)["source"] = f"{ANSWER}\n\n![my sketch](sketch.png)"
    yield Style("a picture left at home", {"neuron.ipynb": dumped(book)}, Expected())
    renamed = Expected(notes=("neuron.ipynb was missing; the only notebook, 'neuron_Jane.ipynb', was graded",))
    yield Style("another name", {"neuron_Jane.ipynb": dumped(solved())}, renamed)


FEW = (
    *("Colab, answered below", "Databricks, unanswered", "Windows' line ends, question without metadata"),
    *("all metadata lost", "an import that fails", "a pool of processes", "question merged into the check"),
    *("a photograph dropped", "a conflict of git", "a picture beside the notebook", "attachments dropped"),
)
