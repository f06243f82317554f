"""A class in which some hand in pages that are hard to make, and some files that want to be taken for pages."""

import copy
import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from handing_in import HONEST, NAME, RIGHT, Notebook, with_code
from processes import descendants
from scratch import ASSIGNMENT, COURSE, Course

GIB = 1 << 30
ADDRESSES = 6 * GIB  # that each command may use
EVIL = "<script>alert('FORGED')</script><h4>neuron (Score: 24 / 24)</h4>"
NAMES = (
    "evil.html",
    "EVIL.HTML",
    "evil.htm",
    "evil.xhtml",
    "evil.svg",
    "neuron.HTML",
    "sub/neuron.html",
    "neuron.html",
)
_DISPLAY = "from IPython.display import HTML, Markdown, display\n"
_FORMATTING = "''.join(f'<p><b title={i}>' for i in range(%d)) + '<p>x' * %d"


def secret_of(student: str) -> str:
    """Return a secret as `nbgrader submit` draws one."""
    return hashlib.sha512(student.encode()).hexdigest()


def html(notebook: Notebook) -> Notebook:
    """Display HTML that a parser repeats over and over: as little as it takes, then as much as there may be."""
    shown = f"display(HTML({_FORMATTING % (2_000, 2_000)}))\ndisplay(HTML({_FORMATTING % (4_900, 9_900)}))"
    return with_code(notebook, _DISPLAY + shown)


def markdown(notebook: Notebook) -> Notebook:
    """Write and display markdown that does the same, and show one attached picture a thousand times."""
    text = "".join(f"<p><b title={i}>" for i in range(600)) + "<p>x" * 2_000
    cells = [
        {"cell_type": "markdown", "id": "md", "metadata": {}, "source": text},
        {
            "cell_type": "markdown",
            "id": "pictures",
            "metadata": {},
            "source": "![](attachment:a)" * 1_000,
            "attachments": {"a": {"image/png": "A" * 1_000_000}},
        },
    ]
    notebook["cells"] += cells
    return with_code(notebook, f"{_DISPLAY}display(Markdown({text!r}))")


def flood(notebook: Notebook) -> Notebook:
    """Print and display as much as there may be, in what becomes many times as long on a page."""
    code = f"{_DISPLAY}for _ in range(100):\n    print('<\"' * 5_000)\n    display(HTML('<p>x' * 2_000))"
    for number in range(3):
        with_code(notebook, code, number)
    return notebook


PAGES = {"html": html, "markdown": markdown, "flood": flood}


def files(folder: Path) -> None:
    """Hand in pages of one's own under every name that could be taken for feedback, one's own secret, and much else."""
    for name in NAMES:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(EVIL)
    (folder / "folder.html").mkdir()
    (folder / "folder.html" / "neuron.html").write_text(EVIL)
    (folder / "other.ipynb").write_text((folder / NAME).read_text())
    (folder / "link.html").symlink_to("evil.html")
    (Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe.html"))).write_text(EVIL)
    (folder / "large.bin").write_bytes(bytes(2 << 20))


SECRETS: dict[str, bytes | None] = {
    "secret-missing": None,
    "secret-empty": b"",
    "secret-no-text": b"\xff" * 128,
    "secret-twin": secret_of("twin").encode(),
    "secret-twin-too": secret_of("twin").encode(),
}


def hand_in(course: Course, student: str, notebook: Notebook, secret: bytes | None) -> Path:
    """Hand in a notebook with the time and the secret that `nbgrader submit` would put beside it."""
    folder = course.submission(student)
    (folder / NAME).write_text(json.dumps(notebook))
    (folder / "timestamp.txt").write_text("2026-11-20 10:00:00 UTC")
    if secret is not None:
        (folder / "submission_secret.txt").write_bytes(secret)
    return folder


class PageClass:
    """The class, graded by the batch, with what making and releasing its feedback came to."""

    def __init__(self, folder: Path) -> None:
        exchange = folder / "exchange"
        (exchange / COURSE).mkdir(parents=True)
        self.released = exchange / COURSE / "feedback"
        self.course = Course.make(folder / "course", f"\nc.Exchange.root = {str(exchange)!r}\n")
        for student in HONEST:
            hand_in(self.course, student, RIGHT, secret_of(student).encode())
        for student, attack in PAGES.items():
            hand_in(self.course, student, attack(copy.deepcopy(RIGHT)), secret_of(student).encode())
        for student, secret in SECRETS.items():
            hand_in(self.course, student, {**RIGHT, "cells": []}, secret)
        for student in ("files", "files-plain"):
            files(hand_in(self.course, student, RIGHT, secret_of(student).encode()))
        self.graded = self.course.batch("--workers", "2")
        self.plain = self.course.autograde("--student", "files-plain", "--force")
        self.made = measured(self.course, "generate_feedback", ASSIGNMENT)
        self.release = self.course.nbgrader("release_feedback", ASSIGNMENT)

    def page(self, student: str) -> Path:
        """Return where a student's feedback lies."""
        return self.course.folder / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html"


def measured(course: Course, *command: str) -> dict[str, Any]:
    """Run an nbgrader command with a limit on addresses; return its status, what it said, and its peak in bytes."""
    limited = f"ulimit -v {ADDRESSES >> 10}; exec {sys.executable} -m nbgrader {' '.join(command)}"
    process = subprocess.Popen(
        ["bash", "-c", limited],
        cwd=course.folder,
        env=course.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    said: list[str] = []
    reader = threading.Thread(target=lambda: said.append(process.stderr.read() if process.stderr else ""))
    reader.start()
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(map(_resident, {process.pid, *descendants(process.pid)})))
        time.sleep(0.1)
    reader.join()
    return {"status": process.returncode, "said": "".join(said), "peak": peak}


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0
