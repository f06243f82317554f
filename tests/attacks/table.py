"""Writes the table of attacks in docs/security.md: `.venv/bin/python tests/attacks/table.py`.

Each attack is handed in twice by one of three students: once to stock nbgrader, in a sandbox of its own that is thrown
away, and once to ours. Attacks that would starve the machine are not run on stock nbgrader.
"""

import copy
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "attacks")]

import page_submissions  # noqa: E402, F401 - registers its attacks
from effects import MAXIMUM, WRONG_HERE, WRONG_STOCK, effects, stock_course  # noqa: E402 - found by the line above
from handing_in import before_each_check  # noqa: E402
from scratch import Course  # noqa: E402
from starving import STARVING, Starving  # noqa: E402
from submissions import ATTACKS, NAME, RIGHT, WRONG, submit, with_code  # noqa: E402

_PAGE = ROOT / "docs" / "security.md"
_BEGIN, _END = "<!-- attacks: begin -->\n", "<!-- attacks: end -->\n"
_QUOTED = {"large": "not run: it copies 100 GB", "stops-the-zygote": "not run: there is no zygote"}
_CONTROL = "nobody"
_NOTHING = ("link-to-another", "link-of-folder", "pipe", "folder-as-notebook")  # hand in no functions of their own
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nbgrader calls alembic by name
_MADE = "/tmp/made"  # where the sandbox shows the course that was made outside


def main() -> None:
    """Run all attacks on both, or, asked from inside the sandbox, one on stock nbgrader."""
    if len(sys.argv) > 1:
        course = Course(Path(_MADE)).copy(Path("/tmp/course"))
        print(json.dumps(attack(course, sys.argv[1], stock=True)))
        return
    with tempfile.TemporaryDirectory() as folder:
        stock, ours = Path(folder) / "stock", Path(folder) / "ours"
        stock_course(stock)
        Course.make(ours)
        rows = ["| attack | what the student does | stock nbgrader | here |", "|---|---|---|---|"]
        for name in (_CONTROL, *ATTACKS, *STARVING):
            row = f"| {name} | {_what(name)} | {_quoted(name) or on_stock(stock, name)} | {here(ours, name)} |"
            print(row, flush=True)
            rows.append(row)
    text = _PAGE.read_text(encoding="utf-8")
    table = _BEGIN + "\n".join(rows) + "\n" + _END
    _PAGE.write_text(re.sub(f"{_BEGIN}.*{_END}", lambda _: table, text, flags=re.DOTALL), encoding="utf-8")


def _what(name: str) -> str:
    if name in STARVING:
        return STARVING[name].what
    if name == _CONTROL:
        return "Nothing: an honest notebook, for comparison"
    return (ATTACKS[name][0].__doc__ or "").strip().splitlines()[0].rstrip(".")


def _quoted(name: str) -> str | None:
    return STARVING[name].stock if name in STARVING else _QUOTED.get(name)


def attack(course: Course, name: str, *, stock: bool) -> str:
    """Run an attack in a course, and return what it came to."""
    wrong = WRONG_STOCK if stock else WRONG_HERE
    right = name in STARVING or (name in ATTACKS and ATTACKS[name][1] is RIGHT)
    worth = dict.fromkeys(MAXIMUM, 0.0) if name in _NOTHING else MAXIMUM if right else wrong
    return effects(course, name, lambda folder: _hand_in(folder, name), wrong, worth)


def _hand_in(folder: Path, name: str) -> None:
    if name in ATTACKS:
        submit(folder, name)
    elif name in STARVING:
        (folder / NAME).write_text(json.dumps(_starve(STARVING[name])))
    else:
        (folder / NAME).write_text(json.dumps(WRONG))


def _starve(starving: Starving) -> dict:
    notebook = copy.deepcopy(RIGHT)
    if starving.copies == 0:
        return before_each_check(notebook, starving.source)
    for number in range(starving.copies):
        notebook = with_code(notebook, starving.source, number)
    return notebook


def on_stock(made: Path, name: str) -> str:
    """Run an attack on stock nbgrader where nothing but an empty folder can be written to."""
    walls = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--ro-bind", "/", "/", "--dev", "/dev"]
    walls += ["--proc", "/proc", "--size", str(1 << 30), "--tmpfs", "/tmp", "--ro-bind", str(made), _MADE]
    walls += ["--chdir", "/tmp"]
    command = [*walls, "--", sys.executable, __file__, name]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
    if run.returncode != 0 or not run.stdout.strip():
        return "**the run is killed, with everything it had begun**"
    return str(json.loads(run.stdout.strip().splitlines()[-1]))


def here(made: Path, name: str) -> str:
    """Run an attack on ours."""
    with tempfile.TemporaryDirectory() as folder:
        return attack(Course(made).copy(Path(folder) / "course"), name, stock=False)


if __name__ == "__main__":
    main()
