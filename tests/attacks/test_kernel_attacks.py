"""Attacks from a real kernel, whose wall is its own: on the machine, the course, others, and the network."""

import os
import socket
import subprocess
import time
from pathlib import Path

import kernels
import pytest
from ordinary import code

from autograder.sandbox.walls.standing import KERNEL, attempt

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("kernel attacks")]
ROOT = Path(__file__).parent.parent.parent
MARK = "86399.57"  # seconds that nobody else sleeps

# Each line ends in `held` where an attack is held off, and in `BROKEN` where it is not.
TRY = """try_() { if ("${@:2}") >/dev/null 2>&1; then echo "$1 BROKEN"; else echo "$1 held"; fi; }"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Let both kernels be installed on this machine; without bubblewrap none is started."""
    if not attempt(KERNEL).stands:
        pytest.skip(attempt(KERNEL).explain())
    kernels.install_both(tmp_path / "jupyter")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))


@pytest.fixture
def listening():
    """A server on this machine; a student must not reach it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        yield server


def test_bash_reaches_nothing(installed, listening, tmp_path, monkeypatch):
    """A cell of Bash can read no course, gradebook, grader or home, reach no server, and change nothing."""
    course = tmp_path / "course"
    for name in ("gradebook.db", "submitted/bob/hw/hw.ipynb", "graders/hw/test_x.py"):
        (course / name).parent.mkdir(parents=True, exist_ok=True)
        (course / name).write_text("secret")
        (course / name).chmod(0o666)
    for folder in (tmp_path, course):
        folder.chmod(0o777)
    monkeypatch.chdir(course)
    graders = ROOT / "autograder" / "assignments" / "neuron" / "reference.py"
    host, port = listening.getsockname()
    attacks = {
        "control": "true",
        "gradebook": f"cat {course}/gradebook.db",
        "neighbour": f"cat {course}/submitted/bob/hw/hw.ipynb",
        "graders": f"cat {course}/graders/hw/test_x.py",
        "our graders": f"cat {graders}",
        "home": f"ls {Path.home()}/.ssh {Path.home()}/.bashrc",
        "passwords": "cat /etc/shadow /etc/passwd",
        "network": f"eval 'exec 3<>/dev/tcp/{host}/{port}'",
        "elsewhere": "eval 'exec 3<>/dev/tcp/192.0.2.1/80'",
        "datagrams": f"eval 'echo x > /dev/udp/{host}/{port}'",
        "system": "touch /usr/bin/autograder-was-here",
        "environment": f"touch {kernels.OTHER.parent}/autograder-was-here",
        "namespaces": "unshare --user --map-root-user true",
        "mounts": "mount -t tmpfs none /scratch/work",
        "others": f"kill -0 {os.getpid()}",
        "limits": "bash -c 'ulimit -v unlimited'",
    }
    lines = "\n".join(f"try_ {name.replace(' ', '-')} {command}" for name, command in attacks.items())
    judgement = kernels.judged(
        "bash", code(f"{TRY}\n{lines}\necho out-of-memory $(cat /proc/self/oom_score_adj)"), code("true", "after", 1.0)
    )
    found = dict(line.split() for line in kernels.text(judgement).splitlines())
    assert found.pop("control") == "BROKEN"  # whatever can be done is noticed
    assert found.pop("out-of-memory") == "1000"  # first in line
    assert found == {name.replace(" ", "-"): "held" for name in attacks if name != "control"}
    with pytest.raises(TimeoutError):
        listening.accept()
    assert judgement.exercises[0].points == 1.0


def sleeping() -> list[str]:
    """Return the processes of this machine that sleep as long as only a student does."""
    return [line for line in subprocess.check_output(["ps", "-eo", "args"], text=True).splitlines() if MARK in line]


@pytest.mark.parametrize("isolation", ["auto", pytest.param("none", marks=pytest.mark.full)])
def test_no_process_stays_behind(installed, isolation):
    """A process that a cell leaves in the background, in a session of its own, ends with the notebook."""
    left = f"import subprocess\nsubprocess.Popen(['sleep', '{MARK}'], start_new_session=True).poll() is None"
    judgement = kernels.judged("other", code(left), isolation=isolation)
    assert judgement.outputs["hw"][0][0]["data"]["text/plain"] == "True"
    deadline = time.monotonic() + 5
    while sleeping() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert sleeping() == []


@pytest.mark.full
def test_killing_everything_costs_only_that_cell(installed):
    """A cell that kills all it can see, what talks to its kernel included, is an error; the others are run again."""
    kill = "import os, signal\nos.kill(-1, signal.SIGKILL)\nos.kill(os.getpid(), signal.SIGKILL)"
    judgement = kernels.judged("other", code(kill, "kills", 1.0), code("assert True", "after", 1.0))
    assert [one.points for one in judgement.exercises] == [0.0, 1.0]


@pytest.mark.full
def test_a_flood_of_output_is_cut(installed):
    """Output without end is cut where any cell's is, and fills no memory of ours."""
    judgement = kernels.judged("other", code("while True: print('x' * 10_000)", "floods", 1.0), cell_seconds=5)
    assert judgement.exercises[0].points == 0.0
    assert len(kernels.text(judgement)) < 2 << 20
