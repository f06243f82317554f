"""Writes the table of attacks in docs/security.md: `.venv/bin/python tests/attacks/table.py`.

Each attack is handed in twice by one of three students: once to stock nbgrader, in a sandbox of its own that is thrown
away, and once to ours. Attacks that would starve the machine are not run on stock nbgrader.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "attacks")]

from effects import effects, stock_course  # noqa: E402 - found by the line above
from scratch import Course  # noqa: E402
from submissions import ATTACKS  # noqa: E402

_PAGE = ROOT / "docs" / "security.md"
_BEGIN, _END = "<!-- attacks: begin -->\n", "<!-- attacks: end -->\n"
_QUOTED = {"large": "not run here: it copies 100 GB", "stops-the-zygote": "not run here: there is no zygote"}


def main() -> None:
    """Run all attacks on both, or, asked from inside the sandbox, one on stock nbgrader."""
    if len(sys.argv) > 1:
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(effects(stock_course(Path(folder) / "course"), sys.argv[1])))
        return
    rows = ["| attack | what it does | stock nbgrader | here |", "|---|---|---|---|"]
    for name, (attack, _) in ATTACKS.items():
        what = (attack.__doc__ or "").strip().splitlines()[0].rstrip(".")
        row = f"| {name} | {what} | {_QUOTED.get(name) or on_stock(name)} | {here(name)} |"
        print(row, flush=True)
        rows.append(row)
    text = _PAGE.read_text(encoding="utf-8")
    table = _BEGIN + "\n".join(rows) + "\n" + _END
    _PAGE.write_text(re.sub(f"{_BEGIN}.*{_END}", lambda _: table, text, flags=re.DOTALL), encoding="utf-8")


def on_stock(attack: str) -> str:
    """Run an attack on stock nbgrader where nothing but an empty folder can be written to."""
    walls = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--ro-bind", "/", "/", "--dev", "/dev"]
    walls += ["--proc", "/proc", "--size", str(1 << 30), "--tmpfs", "/tmp", "--chdir", "/tmp"]
    walls += ["--setenv", "PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"]
    command = [*walls, "--", sys.executable, __file__, attack]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
    if run.returncode != 0 or not run.stdout.strip():
        return "the run is killed, with everything it had begun"
    return str(json.loads(run.stdout.strip().splitlines()[-1]))


def here(attack: str) -> str:
    """Run an attack on ours."""
    with tempfile.TemporaryDirectory() as folder:
        return effects(Course.make(Path(folder) / "course"), attack)


if __name__ == "__main__":
    main()
