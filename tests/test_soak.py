"""A class so large that whatever a submission leaves behind would add up; one in four is hostile."""

import contextlib
import ctypes
import json
import os
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hand_ins import fill
from malformed import hand_in
from processes import descendants, memory_of, mounts, name_of, parent_of, segments
from scratch import ASSIGNMENT, GRADED, ROOT, Course
from submissions import ATTACKS, RIGHT, submit, with_code

from autograder.sandbox.walls import users

NOTEBOOK = f"{ASSIGNMENT}.ipynb"
RELEASED = json.loads((ROOT / "release" / ASSIGNMENT / NOTEBOOK).read_text())
STYLES = ("right_stable", "right_loops", "right_einsum", "wrong_no_mean", "wrong_sign", "noisy")
SETTLED, SAMPLE_SECONDS = 0.3, 0.2
MIB = 1 << 20

# Each as one more cell before those of an honest notebook; all of them end, or are ended, within a second or two.
HOSTILE = {
    "exits": "import os\nos._exit(0)",
    "crashes": "import ctypes\nctypes.string_at(0)",
    "kills-all": "import os\nos.kill(-1, 9)",
    "kills-group": "import os\nos.killpg(0, 9)",
    "daemon": "import os, time\nif os.fork() == 0:\n    os.setsid()\n    os.fork() or time.sleep(600)\n    os._exit(0)",
    "fork-bomb": "import os, time\nwhile True:\n    if os.fork() == 0:\n        time.sleep(600)",
    "threads": "import threading, time\nwhile True:\n    threading.Thread(target=time.sleep, args=(600,)).start()",
    "memory": "taken = []\nwhile True:\n    taken.append(bytearray(1 << 26))",
    "disk": "file = open('full', 'wb')\nwhile True:\n    file.write(bytes(1 << 20))",
    "files": "for n in range(100_000):\n    open(f'{n}', 'w').close()",
    "output": "for _ in range(3000):\n    print('x' * 1000)",
    "displays": "from IPython.display import HTML, display\nfor n in range(500):\n    display(HTML('<b>' * n))",
    "babble": "import os\nfor n in range(3, 99):\n    try:\n        os.write(n, b'\\xff')\n    except OSError: pass",
    "closes-all": "import os\nos.closerange(0, 128)",
    "patches": "import numpy as np, builtins\nnp.asarray = np.array = builtins.len = lambda *a, **k: None",
    "at-exit": "import atexit, time\natexit.register(time.sleep, 600)",
}


class Watch:
    """Samples, from outside, how much memory the judging processes of a run have."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample)
        self.memory: list[int] = []
        self._thread.start()

    def _sample(self) -> None:
        while not self._done.wait(SAMPLE_SECONDS):
            with contextlib.suppress(OSError, KeyError):
                self.memory.append(sum(memory_of(pid) for pid in self._judging()))

    def _judging(self) -> list[int]:
        """Return the run and its workers: what is behind a wall is not the parent's memory."""
        below = descendants(self._pid)
        line = [pid for pid in below if name_of(pid) == "bwrap" and name_of(parent_of(pid)) != "bwrap"]
        line += [pid for pid in below if is_zygote(pid)]
        return [self._pid, *{parent_of(pid) for pid in line}]

    def stop(self) -> None:
        """Take no more samples."""
        self._done.set()
        self._thread.join()


class Soak:
    """A class after its run: what was there before and after, and what became of each submission."""

    def __init__(self, course: Course, count: int) -> None:
        rng = random.Random(3)
        self.course = course
        self.hostile: dict[str, str] = {}
        self.style: dict[str, str] = {}
        for number in range(count):
            student = f"s{number:05}"
            folder = course.submission(student)
            if number % 4 == 3:
                self.hostile[student] = _hand_in_hostile(folder, rng)
            else:
                self.style[student] = STYLES[number % len(STYLES)]
                hand_in(folder, fill(RELEASED, self.style[student], "They cancel."))
        temporary = course.folder / "temporary"
        temporary.mkdir()
        course.environment["TMPDIR"] = str(temporary)
        before = remains(temporary)
        run = course.start("autograde", ASSIGNMENT)
        watch = Watch(run.pid)
        self.status = run.wait()
        watch.stop()
        self.memory = watch.memory
        self.left = {what: _new(before[what], after) for what, after in settled(before, temporary).items()}
        self.outcomes, self.marks = course.outcomes(), course.marks()


def _hand_in_hostile(folder: Path, rng: random.Random) -> str:
    if rng.random() < 0.5:
        name = rng.choice(sorted(HOSTILE))
        hand_in(folder, with_code(json.loads(json.dumps(RIGHT)), HOSTILE[name]))
        return name
    name = rng.choice(sorted(set(ATTACKS) - {"link-to-another", "link-of-folder"}))
    submit(folder, name)
    return name


def remains(temporary: Path) -> dict[str, set[Any]]:
    """Return all of which nothing may be added, of what this run can have made: others run on the machine as well."""
    students = range(users.FIRST_UID, users.FIRST_UID + users.UIDS)
    folders = (temporary, Path("/tmp"), Path("/dev/shm"))
    entries = [path for folder in folders for path in folder.iterdir()]
    return {
        "processes": descendants(os.getpid()),
        "mounts": mounts(),
        "segments": segments(set(students)),
        "temporary": {path for path in entries if path.parent == temporary or owner(path) in students},
        "descriptors": {path.name for path in Path("/proc/self/fd").iterdir()},
    }


def is_zygote(pid: int) -> bool:
    """Return whether a process is the first of those behind Landlock, which the worker itself has started."""
    with contextlib.suppress(OSError):
        own, above = (Path(f"/proc/{one}/cmdline").read_bytes() for one in (pid, parent_of(pid)))
        return b"__main__.py\0landlock" in own and b"__main__.py\0landlock" not in above
    return False


def owner(path: Path) -> int:
    """Return whose a file is, or -1 where it is gone."""
    with contextlib.suppress(OSError):
        return path.lstat().st_uid
    return -1


def settled(before: dict[str, set[Any]], temporary: Path) -> dict[str, set[Any]]:
    """Return what remains once the kernel has taken down what was killed."""
    deadline = time.monotonic() + 15
    while any(_new(before[what], after) for what, after in remains(temporary).items()) and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            os.waitpid(-1, os.WNOHANG)
        time.sleep(0.05)
    return remains(temporary)


def _new(before: set[Any], after: set[Any]) -> set[Any]:
    return after - before


@pytest.fixture(scope="module", params=[16, pytest.param(2000, marks=pytest.mark.full)])
def soak(request, tmp_path_factory) -> Iterator[Soak]:
    """Grade the class once; whatever it leaves running becomes ours to see."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
    yield Soak(Course.make(tmp_path_factory.mktemp("soak") / "course"), request.param)
    ctypes.CDLL(None).prctl(36, 0, 0, 0, 0)


pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("soak")]


def test_every_submission_has_its_outcome(soak):
    """The run ends well, and each submission, hostile or not, has been graded or refused for a reason of its own."""
    assert soak.status == 0
    assert set(soak.outcomes) == {*soak.hostile, *soak.style}
    reasons = [outcome["reason"] or "" for outcome in soak.outcomes.values()]
    assert not [reason for reason in reasons if "not graded yet" in reason or "engine" in reason or "wall" in reason]


def test_honest_students_have_their_marks(soak):
    """Every honest student has what the solution is worth, whoever was judged before."""
    by_style: dict[str, set[str]] = {}
    for student, style in soak.style.items():
        by_style.setdefault(style, set()).add(json.dumps(soak.marks[student]))
        if style.startswith("right"):
            assert soak.marks[student] == GRADED
    assert {style: len(marks) for style, marks in by_style.items()} == dict.fromkeys(by_style, 1)


def test_nothing_is_left(soak):
    """No process, mount, shared memory, temporary file or descriptor is there that was not before."""
    assert {what: new for what, new in soak.left.items() if new} == {}


def test_memory_is_flat(soak):
    """The run and its workers have, at the end, no more memory than when a third of the class was graded."""
    third = soak.memory[len(soak.memory) // 3 : len(soak.memory) // 2]
    last = soak.memory[-len(third) :]
    assert min(last) < max(third) + 20 * MIB
