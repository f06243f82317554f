"""The arena: attacks are run through the real judge, each followed by an honest student and a look at what is left.

An attack's test says what the attacker's mark is; the two other things that every attack must not do are checked by
`Arena.attack` itself: change another student's result, and leave anything behind.
"""

import contextlib
import errno
import gc
import json
import os
import re
import tempfile
import textwrap
import time
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from processes import descendants, is_busy, mounts, owned_processes, segments

from autograder.grading.assignment import Assignment, find
from autograder.judge.judge import Job, judge_notebooks
from autograder.judge.outcome import Judgement
from autograder.sandbox.launch import Sandbox, wall_of
from autograder.sandbox.walls.users import FIRST_UID, UIDS

# Attacks of which the "single" wall (a bubblewrap for each submission) gets its own run in the quick suite, too.
both_walls = pytest.mark.both_walls


def cases(*values: Any, quick: int) -> list[Any]:
    """Return the cases of an attack for `parametrize`; only the first few are in the quick suite."""
    return [pytest.param(value, marks=() if n < quick else pytest.mark.full) for n, value in enumerate(values)]


# An attack is over long before; without a limit it would not be over at all.
BOUND_SECONDS = 40.0
SECRET = "AUTOGRADER_TEST_SECRET"  # a variable of the host's environment
WALL = "AUTOGRADER_TEST_WALL"  # names the wall behind which all attacks are run, in the place of those of this machine
_GONE_SECONDS = 15.0  # for the kernel to take down what was killed
_SETTLE_SECONDS = 0.02

# For attacks that use their time up.
QUICK = {
    "cell_seconds": 1.0,
    "interrupt_seconds": 0.3,
    "call_seconds": 0.6,
    "exercise_seconds": 3.0,
    "submission_seconds": 6.0,
}

FUNCTIONS = {
    "sigmoid": """
        def sigmoid(z):
            return np.exp(-np.logaddexp(0.0, -np.asarray(z, dtype=float)))
    """,
    "cost": """
        def cost(w, b, X, y):
            z = X @ w + b
            return np.mean(y * np.logaddexp(0.0, -z) + (1.0 - y) * np.logaddexp(0.0, z))
    """,
    "dC_dw": """
        def dC_dw(w, b, X, y):
            return X.T @ (sigmoid(X @ w + b) - y) / len(y)
    """,
    "dC_db": """
        def dC_db(w, b, X, y):
            return np.mean(sigmoid(X @ w + b) - y)
    """,
}

CHECKS = tuple(FUNCTIONS)

# How an attacker finds and speaks the pipe to the judge.
PIPE = """
import os, stat, struct
import msgpack

def pipe():
    for number in range(3, 128):
        try:
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                return number
        except OSError:
            pass

def frame(message):
    payload = message if isinstance(message, bytes) else msgpack.packb(message)
    return struct.pack(">I", len(payload)) + payload
"""

# System calls that Python has no function for. `call` returns the name of the error, or what the call returned.
SYSTEM_CALLS = """
import ctypes, errno, os

_libc = ctypes.CDLL(None, use_errno=True)

def call(function, *arguments):
    ctypes.set_errno(0)
    result = getattr(_libc, function)(*arguments)
    return errno.errorcode[ctypes.get_errno()] if result == -1 else result

def syscall(number, *arguments):
    return call("syscall", ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
"""

# What an honest student hands in: one mistake, so that there are messages, and a look at everything that an earlier
# submission could have left.
CANARY = """
import fcntl, os, resource, signal, sys, threading
print(sorted(os.listdir(".")), os.getcwd(), sorted(os.environ.items()))
print([os.fstat(n).st_size for n in (0, 1, 2)], [os.pread(n, 100, 0) for n in (0, 2) if n != 1])
print([fcntl.fcntl(n, fcntl.F_GETFL) for n in (0, 1, 2)], [fcntl.fcntl(n, fcntl.F_GETOWN) for n in (0, 1, 2)])
print("process", os.getpid(), "of", os.getuid(), os.getgroups(), os.nice(0), os.sched_getaffinity(0), os.umask(0o22))
print(threading.active_count(), sorted(sys.modules), sys.path, sys.flags)
print([(n, str(signal.getsignal(n))) for n in range(1, 65)], signal.pthread_sigmask(signal.SIG_BLOCK, []))
print([resource.getrlimit(n) for n in range(16)], "files", os.statvfs(".").f_files - os.statvfs(".").f_ffree)
"""

# Behind Landlock each submission has a number, a user and a folder that no other has at the same time, and the disk is
# the machine's: there the canary says other things each time that an attacker has no hand in.
_OWN = (
    (r"process \d+ of \d+", "process 2 of 60710"),
    (r"/[\w/.-]*/autograder-\w+/\d+", "/scratch"),
    (r"files \d+", "files 1"),
)


def code(source: str) -> dict[str, Any]:
    """Return a code cell."""
    return {"cell_type": "code", "metadata": {}, "source": textwrap.dedent(source)}


def check(exercise: str, source: str = "") -> dict[str, Any]:
    """Return the grade cell of an exercise."""
    metadata = {"nbgrader": {"grade": True, "grade_id": f"test_{exercise}"}}
    return {"cell_type": "code", "metadata": metadata, "source": textwrap.dedent(source)}


def notebook(*cells: str | dict[str, Any]) -> dict[str, Any]:
    """Return a notebook of these cells; where it has no grade cells, those of all exercises follow."""
    built = [code(cell) if isinstance(cell, str) else cell for cell in cells]
    if not any("nbgrader" in cell["metadata"] for cell in built):
        built += [check(exercise) for exercise in FUNCTIONS]
    return {"nbformat": 4, "cells": built}


def solution(**changed: str) -> str:
    """Return the source of a right solution, with some functions in another form."""
    parts = {**FUNCTIONS, **changed}
    return "import numpy as np\n" + "\n".join(textwrap.dedent(part) for part in parts.values())


def always(exercise: str, value: str) -> dict[str, str]:
    """Return, for `solution`, a function that gives this whatever it is asked."""
    parameters = "z" if exercise == "sigmoid" else "w, b, X, y"
    return {exercise: f"def {exercise}({parameters}):\n    return {value}\n"}


RIGHT = solution()
WRONG_COST = solution(**always("cost", "0.0"))


def outputs_of(judgement: Judgement) -> str:
    """Return all that a submission's cells showed, as one text."""
    return json.dumps(judgement.outputs, ensure_ascii=False)


def printed(judgement: Judgement) -> str:
    """Return what a submission printed."""
    outputs = [output for cells in judgement.outputs.values() for cell in cells.values() for output in cell]
    return "".join(output["text"] for output in outputs if output["output_type"] == "stream")


def messages_of(judgement: Judgement) -> str:
    """Return all that is said to the student, as one text."""
    return "\n".join(criterion.message for result in judgement.exercises for criterion in result.criteria)


def marks(judgement: Judgement) -> dict[str, float | None]:
    """Return the points of each exercise."""
    return {result.exercise: result.points for result in judgement.exercises}


def verdicts(judgement: Judgement) -> set[str]:
    """Return the verdicts that were given."""
    return {criterion.verdict for result in judgement.exercises for criterion in result.criteria}


class Arena:
    """One wall, and what is true of it before any attack."""

    def __init__(self, mode: str) -> None:
        self.mode = mode
        self.assignment = replace(find("neuron"), preload=("numpy",))
        self.sandbox = Sandbox(wall_of(mode), self.assignment.limits, ("numpy",), spare=True)
        many = mode == "landlock" and os.getuid() == 0  # of which each submission has one to itself
        self.uids = range(FIRST_UID, FIRST_UID + UIDS) if many else {self.sandbox.wall.uid}
        self._honest_marks: dict[str, dict[str, float | None]] = {}
        self.full = self.honest_marks(RIGHT)
        self.honest = self._honest_result()
        self._before: dict[str, Any] = {}

    @property
    def out_of_reach(self) -> int:
        """The error's number of a file of the host: it is not there, or behind Landlock may not be read."""
        return errno.EACCES if self.mode == "landlock" else errno.ENOENT

    def begin(self) -> None:
        """Note what there is before an attack, once nothing is about to come or to go away by itself.

        What is to become the next submission's processes may not have started its second one yet.
        """
        gc.collect()  # descriptors that only a ring of objects still holds would go away in the middle of the attack
        last: dict[str, Any] = {}
        deadline = time.monotonic() + _GONE_SECONDS
        while (remains := self._remains()) != last or self._is_busy():
            assert time.monotonic() < deadline, "something goes on running"
            last = remains
            time.sleep(_SETTLE_SECONDS)
        self._before = remains

    def _is_busy(self) -> bool:
        """Say whether anything runs from which submissions are forked, or what came of it."""
        pid = self.sandbox.pid
        return pid is not None and any(map(is_busy, {pid, *descendants(pid)}))

    def limited(self, **limits: float) -> Assignment:
        """Return the assignment with other limits."""
        return replace(self.assignment, limits=self.assignment.limits.override(limits))

    def judge(self, *cells: str | dict[str, Any], files: dict[str, bytes] | None = None, **limits: float) -> Judgement:
        """Judge a notebook of these cells behind this arena's wall."""
        content = notebook(*cells)
        if self.mode == "landlock":  # where the scratch folder has another name for each
            content = json.loads(json.dumps(content).replace("/scratch", "."))
        with patch("autograder.judge.judge.sandbox_for", lambda *_: self.sandbox):
            job = Job("neuron", files=files or {}, isolation=self.mode)
            return judge_notebooks({"neuron": content}, job, self.limited(**limits))

    def honest_marks(self, source: str) -> dict[str, float | None]:
        """Return what an honest student gets for this solution."""
        if source not in self._honest_marks:
            self._honest_marks[source] = marks(self.judge(source))
        return self._honest_marks[source]

    def without(self, *exercises: str) -> dict[str, float | None]:
        """Return the marks of somebody who has everything right but has not written these functions."""
        return {**self.full, **dict.fromkeys(exercises, 0.0)}

    def attack(
        self,
        *cells: str | dict[str, Any],
        worth: str | dict[str, float | None],
        files: dict[str, bytes] | None = None,
        **limits: float,
    ) -> Judgement:
        """Judge an attacker, and make sure that it changed nothing but its own result; return the judgement.

        Args:
            cells: of the attacker's notebook.
            worth: the solution for which an honest student gets the same marks, or those marks.
            files: of the working folder.
            limits: other than the assignment's.
        """
        started = time.monotonic()
        judgement = self.judge(*cells, files=files, **limits)
        assert time.monotonic() - started < BOUND_SECONDS, "the attack held the worker up"
        assert judgement.outcome == "graded"
        assert "error" not in verdicts(judgement), f"a human would have to look at this: {messages_of(judgement)}"
        assert marks(judgement) == (self.honest_marks(worth) if isinstance(worth, str) else worth)
        self.look()
        return judgement

    def look(self) -> None:
        """Fail if an honest student's result has changed by a byte, or if anything is left."""
        self.look_at_the_honest()
        deadline = time.monotonic() + _GONE_SECONDS
        while (remains := self._remains()) != self._before and time.monotonic() < deadline:
            time.sleep(0.02)
        assert remains == self._before

    def look_at_the_honest(self) -> None:
        """Fail if an honest student's result has changed by a byte."""
        assert self._honest_result() == self.honest

    def _honest_result(self) -> str:
        judgement = self.judge(CANARY, solution(dC_dw=FUNCTIONS["dC_dw"].replace("/ len(y)", "")))
        result = {**judgement.to_json("honest"), "outputs": judgement.outputs, "notes": judgement.notes}
        text = json.dumps(result, sort_keys=True)
        for pattern, same in _OWN if self.mode == "landlock" else ():
            text = re.sub(pattern, same, text)
        return text

    def _remains(self) -> dict[str, Any]:
        """Return what there is of processes, descriptors, mounts, memory segments and files."""
        return {
            "processes": len(descendants(os.getpid())),
            "processes of the student's uid": len(owned_processes(self.uids)) if os.getuid() == 0 else 0,
            "descriptors": len(list(Path("/proc/self/fd").iterdir())),
            "mounts": len(mounts()),
            "shared memory": len(segments(set(self.uids))),
            "files": owned_files(self.uids) if os.getuid() == 0 else [],
            "folders": sorted(Path(tempfile.gettempdir()).glob("autograder-*")),
        }

    def close(self) -> None:
        """End the arena's processes."""
        self.sandbox.close()


def owned_files(uids: Collection[int]) -> list[str]:
    """Return files of these users where student code might have got out to."""
    repository = Path(__file__).parent.parent.parent
    folders = [tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm", "/run", "/dev", "/dev/mqueue", "/", repository]
    return sorted({entry.path for folder in folders for entry in _entries(Path(folder)) if _owner(entry) in uids})


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    return list(os.scandir(folder)) if folder.is_dir() else []


def _owner(entry: os.DirEntry[str]) -> int:
    with contextlib.suppress(OSError):
        return entry.stat(follow_symlinks=False).st_uid
    return -1
