"""Attacks in what is handed in, by a whole class through `nbgrader autograde`: files, names, metadata and cells."""

import contextlib
import copy
import ctypes
import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from processes import descendants
from scratch import ASSIGNMENT, GRADED, Course

from autograder.demo.submission import fill

pytestmark = pytest.mark.xdist_group("attacks-course")

NAME = f"{ASSIGNMENT}.ipynb"
RELEASED = json.loads((Path(__file__).parents[2] / "release" / ASSIGNMENT / NAME).read_text())
RIGHT = fill(RELEASED, "right_stable", "")
WRONG = fill(RELEASED, "wrong_no_mean", "")
HONEST = ("aa-honest", "zz-honest")
_PR_SET_CHILD_SUBREAPER = 36

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


# Names of students are the names of folders, which nbgrader takes for patterns here and there.
ODD_STUDENTS = ("<b>eve", "e'v\"e", "$(touch PLANTED)", "-rf", "eve\x07\x1bc")
PATTERN = "[a-z]*"


class Class:
    """A course with attackers among its students, after `nbgrader autograde`."""

    def __init__(self, folder: Path) -> None:
        alone = Course.make(folder / "alone")
        self.course = alone.copy(folder / "course")
        for student in HONEST:
            for course in (alone, self.course):
                (course.submission(student) / NAME).write_text(json.dumps(WRONG))
        for student, (attack, honest) in ATTACKS.items():
            where = self.course.submission(student)
            if (notebook := attack(where, copy.deepcopy(honest))) is not None:
                (where / NAME).write_text(json.dumps(notebook))
        for student in (*ODD_STUDENTS, PATTERN):
            (self.course.submission(student) / NAME).write_text(json.dumps(RIGHT))
        before = descendants(os.getpid())
        alone.autograde()
        self.alone = {student: (alone.outcomes()[student], alone.marks()[student]) for student in HONEST}
        self.run = self.course.autograde()
        self.left = self._left(before)
        self.outcomes, self.marks = self.course.outcomes(), self.course.marks()
        self.feedback = self.course.nbgrader("generate_feedback", ASSIGNMENT, "--student", "script")

    def _left(self, before: set[int]) -> set[int]:
        deadline = time.monotonic() + 15
        while (left := descendants(os.getpid()) - before) and time.monotonic() < deadline:
            for pid in left:
                with contextlib.suppress(OSError):
                    os.waitpid(pid, os.WNOHANG)
            time.sleep(0.05)
        return left

    def page(self, student: str) -> str:
        """Return a student's feedback."""
        return (self.course.folder / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text()

    def autograded(self, student: str) -> str:
        """Return the notebook as nbgrader keeps it after grading."""
        return (self.course.folder / "autograded" / student / ASSIGNMENT / NAME).read_text()


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Grade the class once; whatever it leaves running becomes ours to see."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    return Class(tmp_path_factory.mktemp("attacks") / "class")


WRONG_MARKS = {**GRADED, "test_dC_dw": None, "test_dC_db": None}


def honest_marks(graded: Class, notebook: Notebook) -> dict[str, float | None]:
    """Return what an honest student gets for this notebook."""
    return graded.alone[HONEST[0]][1] if notebook is WRONG else GRADED


def test_honest_students_get_what_they_get_alone(graded):
    """Outcomes and marks of honest students, first and last of the class, are byte for byte what they are without."""
    for student in HONEST:
        now = (graded.outcomes[student], graded.marks[student])
        assert json.dumps(now) == json.dumps(graded.alone[student])


def test_run_ends_well_and_leaves_nothing(graded):
    """The run ends with status 0, without a traceback, and no process of the run is left."""
    assert graded.run.returncode == 0, graded.run.stderr[-3000:]
    assert "Traceback" not in graded.run.stderr
    assert graded.left == set()


def test_nothing_planted_was_executed_outside(graded):
    """No file that was handed in, and no name of a student, was executed by anybody with a view of the course."""
    assert not list(graded.course.folder.rglob("PLANTED"))
    assert "PLANTED" not in json.dumps(graded.outcomes["shadow-modules"]["exercises"])


def test_every_submission_has_exactly_one_outcome(graded):
    """Each student has one outcome, of one of the two kinds."""
    assert set(graded.outcomes) == {*ATTACKS, *HONEST, *ODD_STUDENTS, PATTERN}
    assert {outcome["outcome"] for outcome in graded.outcomes.values()} == {"graded", "needs_review"}


@pytest.mark.parametrize("student", ["link-to-another", "link-of-folder", "pipe", "folder-as-notebook"])
def test_submission_that_is_no_file_needs_review(graded, student):
    """Links, pipes and folders in the notebook's place are opened by nobody, and a human sees why."""
    assert graded.outcomes[student]["outcome"] == "needs_review"
    assert not any(graded.marks.get(student, {}).values())


@pytest.mark.parametrize(
    "student",
    [
        *("link-to-gradebook", "pipe-beside", "large", "shadow-modules", "tags", "more-points", "flags", "foreign-id"),
        *("duplicates", "edited-checks", "transformer", "forged-card", "vandal", "stops-the-zygote", "script"),
        *("terminal", "odd-names"),
    ],
)
def test_forger_gets_what_an_honest_student_gets(graded, student):
    """Whatever was forged in files, metadata, cells and outputs, the mark is that of the functions handed in."""
    assert graded.marks[student] == honest_marks(graded, ATTACKS[student][1])


@pytest.mark.parametrize("student", ["timestamp", "timestamp-link"])
def test_forged_time_harms_nobody_else(graded, student):
    """A time of submission that is none is at worst looked at by a human."""
    outcome = graded.outcomes[student]
    assert outcome["outcome"] == "needs_review" or outcome["points"] == sum(GRADED.values())


@pytest.mark.parametrize("student", ODD_STUDENTS)
def test_odd_name_of_a_student_is_only_a_name(graded, student):
    """A student whose name is markup, an option or a command gets the marks of the work."""
    assert graded.marks[student] == GRADED


def test_name_that_is_a_pattern_is_nobody_s(graded):
    """A folder whose name nbgrader would take for other students' is left alone, and a human is told what to do."""
    assert "rename the folder" in graded.outcomes[PATTERN]["reason"]
    assert PATTERN not in graded.marks


def test_links_are_not_followed(graded):
    """Neither the gradebook nor the configuration was copied into what is kept of a submission."""
    kept = graded.course.folder / "autograded" / "link-to-gradebook"
    assert not [path for path in kept.rglob("*") if path.is_symlink() or path.name in ("data.csv", "all")]
    assert "get_config" not in graded.autograded("link-to-gradebook")


def test_vandal_s_attempts_were_refused(graded):
    """The attempts on gradebook, configuration, parent and another's work all failed, and the work is still there."""
    assert graded.autograded("vandal").count("refused") >= 4
    assert json.loads((graded.course.folder / "submitted" / HONEST[1] / ASSIGNMENT / NAME).read_text()) == WRONG


def test_script_runs_in_no_page(graded):
    """Feedback holds what was written as text: no script, handler or link of the submission's is left."""
    page = graded.page("script")
    assert not re.search(r"<script[^>]*>[^<]*SCRIPT", page)
    assert not re.search(r"<[^>]*\son\w+\s*=[^>]*SCRIPT", page)
    assert not re.search(r"<[^>]*javascript:1", page)
    assert not re.search(r"<svg[^>]*onload", page)


def test_forged_card_cannot_be_taken_for_the_real_one(graded):
    """Nothing that the attacker displays in a check is shown there as HTML."""
    for cell in grade_cells(json.loads(graded.autograded("forged-card"))):
        html = [out["data"].get("text/html", "") for out in cell.get("outputs", []) if "data" in out]
        assert not [text for text in html if "FORGED" in "".join(text)]


@pytest.mark.parametrize("student", ["terminal", "odd-names", "timestamp", "eve\x07\x1bc"])
def test_control_characters_reach_no_terminal(graded, student):
    """Log, outcome and kept outputs hold no sequence that would do something to a terminal."""
    harmful = re.compile("[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e]|\x1b(?!\\[[0-9;]*m)")
    outcome = {key: value for key, value in graded.outcomes[student].items() if key not in ("student", "solution")}
    assert not harmful.search(json.dumps(outcome, ensure_ascii=False))
    if student in ATTACKS:
        outputs = [cell.get("outputs") for cell in json.loads(graded.autograded(student))["cells"]]
        assert not harmful.search(json.dumps(outputs, ensure_ascii=False))
    assert not harmful.search(re.sub(r"\x1b\[[0-9;]*m", "", graded.run.stderr))
