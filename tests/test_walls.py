"""The walls as the host sees them, and the limits' arithmetic."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from autograder.sandbox.launch import Sandbox, wall_of
from autograder.sandbox.limits import Limits
from autograder.sandbox.session import Session, Setup
from autograder.sandbox.walls import seccomp, users
from autograder.sandbox.walls.bubblewrap import WallError


@pytest.fixture(scope="module", params=["nested", "single"])
def sandbox(slow, request):
    """Return a sandbox in each of the two ways."""
    with Sandbox(wall_of(request.param), Limits(), ("numpy",)) as sandbox:
        yield sandbox


@pytest.fixture
def session(sandbox):
    """Return a session that is ready for its first cell."""
    with Session(sandbox, Limits(), Setup()) as session:
        session.prepare()
        yield session


def processes(marker):
    """Return the status, as the host's /proc tells it, of each process whose memory maps or name hold the marker."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = dict(
                line.split(":\t", 1) for line in (folder / "status").read_text().splitlines() if ":\t" in line
            )
        except OSError:
            continue
        if status["Name"] == marker:
            found.append(status)
    return found


def test_student_code_is_not_root_for_the_host(session, sandbox):
    """The host sees an unprivileged uid, no capabilities, no way to new ones, and a seccomp filter."""
    session.run_cell(1, "import ctypes\nctypes.CDLL(None).prctl(15, b'the-student', 0, 0, 0)", 5)
    (status,) = processes("the-student")
    assert set(status["Uid"].split()) == {str(sandbox.wall.uid)}
    assert sandbox.wall.uid != 0
    assert status["Groups"].split() in ([], [str(os.getgid())])
    assert {int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {0}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")


def test_all_that_student_code_shares_with_others_is_read_only(session, sandbox):
    """Its own scratch folder and terminals can be written to, devices take data, and no memory is in common."""
    session.run_cell(1, "import ctypes\nctypes.CDLL(None).prctl(15, b'the-sharer', 0, 0, 0)", 5)
    (status,) = processes("the-sharer")
    folder = Path("/proc", status["Pid"])
    mounts = [line.split() for line in (folder / "mountinfo").read_text().splitlines()]
    writable = {words[4] for words in mounts if not words[5].startswith("ro,")}
    own = {"/scratch", "/dev/pts", "/proc"}  # the last is covered behind the nested wall
    devices = {f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom")}
    assert writable <= own | {"/dev/tty"} | (set() if sandbox.isolation == "nested" else devices)
    assert not [line for line in (folder / "maps").read_text().splitlines() if line.split()[1][1::2] == "ws"]


def test_honest_code_misses_nothing(session):
    """Locks, times, copies, archives, databases, threads and a shell work, or seem to."""
    source = """
import fcntl, os, shutil, socket, sqlite3, tarfile, tempfile, threading
from pathlib import Path
Path("made").touch()
Path("made").touch()
assert Path("made").exists()
shutil.copy2("made", "copied")
shutil.chown("copied", os.getuid())
with tarfile.open("all.tar", "w") as archive:
    archive.add("copied")
with tarfile.open("all.tar") as archive:
    archive.extractall("out", filter="data")
for name in ("missing", "missing/missing"):
    try:
        os.utime(name)
        raise AssertionError(name)
    except FileNotFoundError:
        pass
with open("made", "w") as file:
    fcntl.flock(file, fcntl.LOCK_EX)
    fcntl.lockf(file, fcntl.LOCK_EX)
    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_WILLNEED)
    os.fsync(file.fileno())
os.sync()
for _ in range(2):
    with sqlite3.connect("rows.db") as rows:
        rows.execute("create table if not exists t (x)")
        rows.execute("pragma journal_mode=wal")
        rows.execute("insert into t values (1)")
assert rows.execute("select count(*) from t").fetchone() == (2,)
thread = threading.Thread(target=tempfile.mkdtemp)
thread.start()
thread.join()
socket.socketpair()
!echo a shell
"""
    run = session.run_cell(1, source, 10)
    assert run.status == "ok", run.error
    assert "a shell" in "".join(output.get("text", "") for output in run.outputs)


def test_nothing_is_left_when_a_session_ends(sandbox):
    """Daemons, threads and children of student code end with their session."""
    with Session(sandbox, Limits(), Setup()) as session:
        session.prepare()
        daemon = "import os, time, ctypes\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        daemon += (
            "        ctypes.CDLL(None).prctl(15, b'the-daemon', 0, 0, 0)\n        time.sleep(1000)\n    os._exit(0)"
        )
        session.run_cell(1, daemon, 5)
        session.run_cell(2, "time.sleep(0.3)", 5)
        assert processes("the-daemon")
    for _ in range(100):
        if not processes("the-daemon"):
            return
        time.sleep(0.05)
    raise AssertionError("the daemon lives on")


@pytest.mark.parametrize(
    "source",
    [
        "import socket; socket.socket(socket.AF_INET)",
        "import socket; socket.socket(socket.AF_UNIX)",
        "import os; os.setuid(0)",
        "open('/usr/bin/mine', 'w')",
        "open('/mine', 'w')",
        "import os; os.memfd_create('x')",
        "import os; os.listdir('/proc')[0]",
        "import autograder",
    ],
)
def test_what_is_refused(session, source):
    """Network, root, writing outside the scratch folder, hidden memory, processes and our own package are refused."""
    assert session.run_cell(1, source, 5).status == "error"


def test_the_inner_wall_has_no_namespaces_to_give(session):
    """No further namespace can be made."""
    source = "import ctypes\nassert ctypes.CDLL(None).unshare(0x10000000) == -1"
    assert session.run_cell(1, source, 5).status == "ok"


def test_limits_stay_below_a_workers_memory():
    """Processes times memory, and all that can be written, is less than a worker may need."""
    limits = Limits()
    assert limits.processes * limits.address_space + limits.scratch_bytes < limits.worker_memory


def test_memory_and_files_are_limited(session):
    """More memory, larger files and more processes than allowed are refused, and cost only the cell."""
    limits = Limits()
    cell = f"import numpy as np\nx = np.ones({limits.address_space // 8})"
    assert session.run_cell(1, cell, 10).error.type.endswith("MemoryError")
    cell = f"open('large', 'wb').write(bytes({limits.file_bytes} + 1)); open('large', 'ab').write(bytes(1 << 20))"
    assert session.run_cell(2, cell, 10).status != "ok"
    cell = f"import os, time\nfor _ in range({limits.processes} * 2):\n    if os.fork() == 0:\n        time.sleep(100)"
    assert session.run_cell(3, cell, 10).error.type == "BlockingIOError"


def test_an_unknown_limit_is_refused():
    """A limit that is misspelt or no positive number is named."""
    with pytest.raises(ValueError, match="unknown limit 'cell_second'"):
        Limits().override({"cell_second": 3})
    with pytest.raises(ValueError, match="must be a positive number"):
        Limits().override({"cell_seconds": -1})


def test_the_filter_is_compiled_once():
    """The seccomp filter is a program of whole instructions."""
    assert len(seccomp.compile_filter()) % 8 == 0
    assert seccomp.compile_filter(times=False) is seccomp.compile_filter(times=False)


@pytest.mark.skipif(os.getuid() != 0, reason="an ordinary user's student code runs as that user")
def test_workers_never_share_a_user(monkeypatch):
    """Two workers have different uids, wherever the search begins; a uid is free again once its lock is closed."""
    monkeypatch.setattr(users.secrets, "randbelow", lambda _count: 5)
    first, held = users.claim()
    second, other = users.claim()
    assert first != second
    held.close()
    third, last = users.claim()
    assert third == first
    for file in (other, last):
        file.close()


@pytest.mark.slow
@pytest.mark.skipif(os.getuid() != 0, reason="an ordinary user's student code runs as that user")
def test_another_user_takes_no_uid_away(tmp_path, monkeypatch):
    """Another user can neither lock a uid nor make the folder of the locks; where all are taken, the next is told."""
    monkeypatch.setattr(users, "UIDS", 2)
    monkeypatch.setattr(users, "FIRST_UID", 60_000)
    first, held = users.claim()
    as_other = ["setpriv", "--reuid", "60700", "--regid", "60700", "--clear-groups", "flock", "--nonblock"]
    for name in (str(first), "mine"):
        tried = subprocess.run(
            [*as_other, users._FOLDERS[0] / name, "true"], capture_output=True, text=True, check=False
        )
        assert "Permission denied" in tried.stderr
    second, other = users.claim()
    assert first != second
    with pytest.raises(WallError, match="all 2 uids for student code are in use: end other runs"):
        users.claim()
    for file in (held, other):
        file.close()
    theirs = tmp_path / "theirs"
    theirs.mkdir(0o777)
    monkeypatch.setattr(users, "_FOLDERS", (theirs, tmp_path / "missing" / "folder"))
    with pytest.raises(WallError, match="mount one of them writable, or run as an ordinary user"):
        users.claim()
