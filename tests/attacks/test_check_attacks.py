"""Attacks on whoever runs `autograder check`: the terminal, the files after this one, the command itself."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from arena import PIPE, RIGHT, WRONG_COST, solution

pytestmark = pytest.mark.xdist_group("attacks-check")

EVIL = "\x1b]0;TITLE\x07\x1b[2J\x1b[31m\x9b1m\x08\u202e\u2066"
DEEP = b"'\\x81\\xa6output\\x82\\xabo' + b'utput_type\\xa5error\\xa5ename' + b'\\x91' * 1000 + b'\\xc0'"

FILES: dict[bytes, str] = {
    b"escapes.py": solution(cost=f"def cost(w, b, X, y):\n    raise type({EVIL!r}, (ValueError,), {{}})({EVIL!r})\n"),
    b"type.py": solution(cost=f"def cost(w, b, X, y):\n    return type({EVIL!r}, (), {{}})()\n"),
    b"where.py": solution(cost=f"def cost(w, b, X, y):\n    raise ValueError  # {EVIL[:6]}\n"),
    b"fault.py": RIGHT + f"\nraise ValueError({EVIL!r})\n",
    b"\x1b[31mred\x07.py": RIGHT,
    b"new\nline.py": RIGHT,
    b"\xff\xfe.py": RIGHT,
    b"--json.py": RIGHT,
    b"deep.py": PIPE + f"os.write(pipe(), frame(b{DEEP.decode()}))\n" + RIGHT,
    b"cell.ipynb": json.dumps({"nbformat": 4, "cells": [{"cell_type": "code", "source": "x = '\ud800'"}]}),
    b"sizes.py": solution(sigmoid="def sigmoid(z):\n    return np.zeros(5)\n"),
    b"honest.py": WRONG_COST,
}


@dataclass
class Checked:
    """What `autograder check` printed of all files, with and without `--json`, and of the honest one alone."""

    text: subprocess.CompletedProcess
    json: subprocess.CompletedProcess
    alone: subprocess.CompletedProcess


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """Check all files once in each form."""
    folder = tmp_path_factory.mktemp("check")
    for name, source in FILES.items():
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(source.encode("utf-8", "surrogatepass"))
    files = [b"./" + name for name in FILES]

    def check(*arguments: bytes | str) -> subprocess.CompletedProcess:
        command = [sys.executable, "-P", "-m", "autograder.cli", "check", "--assignment", "neuron", *arguments]
        return subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=120)

    return Checked(check(*files), check("--json", *files), check("--json", "./honest.py"))


def test_files_after_an_attack_are_judged_as_ever(checked):
    """No file, whatever stands in it or in its name, keeps the command from judging the next."""
    lines = checked.json.stdout.splitlines()
    assert len(lines) == len(FILES), checked.json.stderr.decode(errors="replace")[-500:]
    assert lines[-1] == checked.alone.stdout.splitlines()[0]


def test_status_says_that_all_were_judged(checked):
    """Attacks are wrong answers: the exit status is that of a run in which everything was judged."""
    assert (checked.text.returncode, checked.json.returncode, checked.alone.returncode) == (0, 0, 0)
    assert b"Traceback" not in checked.text.stderr + checked.json.stderr


def test_control_characters_reach_no_terminal(checked):
    """What the command prints, on both streams, holds nothing that a terminal obeys but line breaks."""
    for stream in (checked.text.stdout, checked.text.stderr, checked.json.stderr):
        text = stream.decode("utf-8", "surrogateescape")
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)


def test_wrong_sizes_are_a_failure_not_a_fault(checked):
    """An answer of a size that fits nothing is wrong; the verdict is never that a human has to look."""
    assert '"verdict": "error"' not in checked.json.stdout.decode("utf-8", "replace")
