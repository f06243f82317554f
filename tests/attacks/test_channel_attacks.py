"""Attacks that leave a note for the next submission, or for one that runs beside it, in what all of them share.

The devices are the host's, and the files of the interpreter are the same for all. What one submission does to them is
looked for by another; both are run as cells, of sessions behind one wall.
"""

import ast
import contextlib
import errno
import os
import site
import sysconfig
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from arena import SYSTEM_CALLS, Arena, both_walls

from autograder.sandbox.fonts import font_lists
from autograder.sandbox.launch import Sandbox, wall_of
from autograder.sandbox.limits import Limits
from autograder.sandbox.session import Session, Setup

SHARED = "import errno, fcntl, glob, mmap, os, struct, sys, termios, threading, time\nimport numpy\n" + SYSTEM_CALLS
SHARED += "fonts = glob.glob('/fonts/*')\nshared = [*fonts, numpy.__file__][0]\n"  # a file that all submissions have
RWF_NOWAIT = 8
LIBRARY = Path(sysconfig.get_path("stdlib"), "turtle.py")  # which nothing else here reads

# A note by its name: what leaves it, and what prints what is there to be found. Both are done before one another's end.
TIMES = """
found = {path: (at.st_mode, at.st_atime_ns, at.st_mtime_ns, at.st_ctime_ns) for path in paths for at in [os.stat(path)]}
print(found)
"""
DEVICES = 'paths = ["/dev/" + name for name in ("null", "zero", "full", "random", "urandom", "tty")]\n'
SYSTEM = "import inside\npaths = [inside.__path__[0], sys.executable, numpy.__file__, *fonts]\n"
FILES = SYSTEM + "files = paths\n" + DEVICES + "paths += files\n"
FILES += 'paths += [] if single else ["/dev", "/dev/shm"]\n'  # behind the single wall these are its own
EACH = """
for path in paths:
    for follow in (True, False):
        for change in changes:
            try:
                change(path)
            except OSError:
                pass
"""
OPENED = """
def opened(path, change):
    for flags in (os.O_RDONLY, os.O_WRONLY, os.O_RDWR, os.O_PATH):
        try:
            descriptor = os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY)
            try:
                change(descriptor)
            finally:
                os.close(descriptor)
        except OSError:
            pass
"""
LOCKED = "file = open(shared, 'rb')\n"
ASK = "whole = struct.pack('hhqqi4x', fcntl.F_WRLCK, 0, 0, 0, 0)\nprint(fcntl.fcntl(file, {}, whole)[:2])"
OWN = "own = os.open('own', os.O_CREAT | os.O_RDWR)\nos.write(own, b'1')\n"
TRY = "try:\n    print({})\nexcept OSError as error:\n    print(errno.errorcode[error.errno])"
PAGE = """
file = open(shared, "rb")
page = mmap.mmap(file.fileno(), 4096, mmap.MAP_SHARED, mmap.PROT_READ)
place = ctypes.c_void_p(numpy.frombuffer(page, "u1").ctypes.data)
word = int(numpy.frombuffer(page, "u4")[0])
"""

NOTES = {
    "times of devices": (DEVICES + "changes = [os.utime]" + EACH, DEVICES + TIMES),
    "times, by descriptor": (FILES + OPENED + "changes = [lambda path: opened(path, os.utime)]" + EACH, FILES + TIMES),
    "times, by system call": (
        FILES + "changes = [lambda path: syscall(280, -100, path.encode(), 0, 0),\n"
        "    lambda path: syscall(132, path.encode(), 0), lambda path: syscall(235, path.encode(), 0),\n"
        "    lambda path: syscall(261, -100, path.encode(), 0)]" + EACH,
        FILES + TIMES,
    ),
    "owners that stay the same": (
        FILES + OPENED + "changes = [lambda path: os.chown(path, -1, -1), lambda path: os.lchown(path, -1, -1),\n"
        "    lambda path: opened(path, lambda number: os.chown(number, -1, -1))]" + EACH,
        FILES + TIMES,
    ),
    "flock": (
        LOCKED + "fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)",
        LOCKED + TRY.format("fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)"),
    ),
    "flock on a device": (
        "file = open('/dev/null')\nfcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)",
        "file = open('/dev/null')\n" + TRY.format("fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)"),
    ),
    "flock, by system call": (
        "file = os.open(shared, os.O_RDONLY)\nsyscall(73, file | 1 << 32, 2 | 4 | 1 << 32)",
        LOCKED + "print(syscall(73, file.fileno(), 2 | 4))",
    ),
    "lock of a process": (LOCKED + "fcntl.lockf(file, fcntl.LOCK_SH, 57, 57)", LOCKED + ASK.format(5)),
    "lock of an open file": (
        LOCKED + "fcntl.fcntl(file, 37, struct.pack('hhqqi4x', fcntl.F_RDLCK, 0, 57, 57, 0))",
        LOCKED + ASK.format(36),
    ),
    "lock, with bits that the kernel ignores": (
        LOCKED + "syscall(72, file.fileno(), 6 | 1 << 32, struct.pack('hhqqi4x', fcntl.F_RDLCK, 0, 0, 0, 0))",
        LOCKED + ASK.format(5),
    ),
    "wake whoever waits at a page of a file": (
        PAGE
        + "threading.Thread(target=lambda: syscall(202, place, 0, word, 0, 0, 0), daemon=True).start()\n"
        + "time.sleep(0.1)",
        PAGE + "print(syscall(202, place, 1, 99) == 1)",
    ),
}

# A lease can be had on a file of one's own alone, and tells whether another has opened the file.
OWNERS_NOTES = {"lease": (LOCKED, LOCKED + TRY.format("fcntl.fcntl(file, 1024, fcntl.F_WRLCK)"))}

# What would tell another's use of a file, or the state of its pages; each prints `None` where it tells nothing.
WATCHES = {
    "datagrams to a name": "import socket\n" + TRY.format("socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)"),
    "inotify": "print(syscall(294, 0), syscall(253))",
    "inotify, by its library function": "print(call('inotify_init'), call('inotify_init1', 0))",
    "fanotify": "print(syscall(300, 0, 0), syscall(300, 0x200, 0))",
    "dnotify": "folder = os.open('/usr/lib', os.O_RDONLY)\nprint(syscall(72, folder, 1026 | 1 << 32, 1))",
    "signals about a descriptor": "print(*[syscall(72, 1, n, value) for n, value in ((8, 2), (10, 12), (15, 0))])",
    "leases": OWN + "print(syscall(72, own, 1024, 1), syscall(72, own, 1024 | 1 << 32, 2), syscall(72, own, 1025))",
    "hints on a file": "print(*[syscall(72, os.open(shared, 0), n, b'1' * 8) for n in (1036, 1038)])",
    "mincore": PAGE + "print(syscall(27, place, 4096, ctypes.create_string_buffer(8)))",
    "move_pages": PAGE
    + "places = (ctypes.c_void_p * 1)(place.value)\nprint(syscall(279, 0, 1, places, 0, (ctypes.c_int * 1)(), 0))",
    "cachestat": PAGE
    + OWN
    + "print(*[syscall(451, n, bytes(16), ctypes.create_string_buffer(40), 0) for n in (file.fileno(), own)])",
    "preadv2": """
        file, page = os.open(shared, os.O_RDONLY), ctypes.create_string_buffer(9)
        print(call("preadv2", file, (ctypes.c_size_t * 2)(ctypes.addressof(page), 9), 1, ctypes.c_long(0), 8))
    """,
    "calls that came later": "print(*[syscall(number, 0, 0, 0, 0, 0) for number in (*range(452, 480), 600)])",
}

# What would put pages of a file out of memory. `file` is open.
EVICTIONS = {
    "fadvise": "os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)",
    "fadvise, by system call": "syscall(221, file | 1 << 32, 0, 0, 4 | 1 << 32)",
}

# Pages of a file of one's own alone are put out by these; the last hint does so at once, with what has been touched.
OWNERS_EVICTIONS = {
    f"madvise{name}": f"""
        page = mmap.mmap(file, 0, mmap.MAP_SHARED, mmap.PROT_READ)
        content = numpy.frombuffer(page, "u1")
        for advice in (4, 9, 20, 24, 25, 21):
            content.sum()
            syscall(28, ctypes.c_long(content.ctypes.data), len(content), advice{bits})
    """
    for name, bits in {"": "", ", with bits that the kernel ignores": " | 1 << 32"}.items()
}

# Hints on pages that make no sense; the kernel would refuse each.
NONSENSE = """
print(*{syscall(221, -1, 0, 0, 4), syscall(187, -1, 0, 4096)})
print(*{syscall(28, 1, 4096, advice) for advice in (3, 12, 13, 20, 21, 22, 23, 25)})
"""

# What a submission may do with the terminal that it starts, and with the name that is one for all.
TERMINALS = """
main, other = os.openpty()
if os.fork() == 0:
    try:
        os.setsid()
        fcntl.ioctl(other, termios.TIOCSCTTY, 0)
        os._exit(os.isatty(os.open("/dev/tty", os.O_RDWR)))
    finally:
        os._exit(0)
print(os.stat("/dev/pts").st_dev, os.waitstatus_to_exitcode(os.wait()[1]))
"""

# How it ends to change the mode of what all have in common, or to mark it.
MARKS = """
found = set()
for path in paths:
    for change in (lambda: os.chmod(path, 0o777), lambda: os.setxattr(path, "user.a", b"1")):
        try:
            change()
            found.add("done")
        except OSError as error:
            found.add(errno.errorcode[error.errno])
print(*found)
"""


@dataclass(frozen=True)
class Owned:
    """Behind one of the walls, what an arena has; submissions share a file that belongs to whoever grades."""

    mode: str
    sandbox: Sandbox


@contextlib.contextmanager
def a_session(arena: Arena | Owned) -> Iterator[Session]:
    """Start a submission that stays until the block ends."""
    with Session(arena.sandbox, Limits(), Setup(names={"single": arena.mode == "single"})) as session:
        session.prepare()
        yield session


def said(session: Session, *sources: str) -> list[str]:
    """Run some sources, each by itself but in one cell; return what each printed, or the error that it ended with."""
    programs = [SHARED + textwrap.dedent(source) for source in sources]
    cell = f"""
import contextlib, io
kept, printed = [], []  # the names that each source leaves: a lock ends with the file that it is on
for source in {programs!r}:
    kept.append({{"single": single}})
    with contextlib.redirect_stdout(io.StringIO()) as out:
        try:
            exec(source, kept[-1])
        except Exception as error:
            print("error", repr(error))
    printed.append(out.getvalue())
print(repr(printed))
"""
    run = session.run_cell(1, cell, 20)
    text = "".join(output.get("text", "") for output in run.outputs)
    assert run.status == "ok", f"{text}{run.status}: {run.error}"
    printed: list[str] = ast.literal_eval(text)
    return printed


def exchange(arena: Arena | Owned, *notes: str) -> None:
    """Leave notes, and expect that one who looks for them meanwhile, or later, finds what was there before."""
    leave, find = zip(*((NOTES | OWNERS_NOTES)[note] for note in notes), strict=True)
    with a_session(arena) as session:
        before = said(session, *find)
    assert not [text for text in before if "error" in text]
    with a_session(arena) as writer:
        said(writer, *leave)
        with a_session(arena) as reader:
            meanwhile = said(reader, *find)
    with a_session(arena) as session:
        after = said(session, *find)
    for note, *texts in zip(notes, before, meanwhile, after, strict=True):
        assert texts == [texts[0]] * 3, note


def expect_nothing_told(arena: Arena | Owned, *watches: str) -> None:
    """Expect that calls which would tell what others do are refused."""
    with a_session(arena) as session:
        for watch, text in zip(watches, said(session, *(WATCHES[watch] for watch in watches)), strict=True):
            assert text.split(), watch
            assert set(text.split()) <= {"EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP"}, watch


def expect_nothing_evicted(arena: Arena | Owned, inside: str, path: Path, *evictions: str) -> None:
    """Expect that a shared file, `inside` by another name, which is in memory stays there."""
    with path.open("rb") as file:
        os.fsync(file)  # a page that has yet to be written stays for another reason
        size = len(file.read())
    with a_session(arena) as session:
        for name in evictions:
            path.read_bytes()  # a machine may put out what nobody has read for a while
            assert _in_memory(path, size)
            said(
                session,
                f"file = os.open({inside!r}, os.O_RDONLY)\n" + textwrap.dedent((EVICTIONS | OWNERS_EVICTIONS)[name]),
            )
            assert _in_memory(path, size), name


def expect_nothing_marked(arena: Arena | Owned) -> None:
    """Expect that whatever all have in common can be given no mode and no mark."""
    with a_session(arena) as session:
        files, devices = said(session, SYSTEM + MARKS, DEVICES + MARKS)
    if arena.mode == "landlock":  # both only seem to be done: the times tell, which `exchange` looks at
        assert (files.split(), devices.split()) == (["done"], ["done"])
        return
    assert files.split() == ["EROFS"]
    # Behind the single wall only /dev/tty is mounted read-only; the others are root's.
    assert set(devices.split()) == ({"EROFS"} if arena.mode == "nested" else {"EROFS", "EPERM"})


@both_walls
def test_no_note_is_found_by_anybody(arena):
    """What is to be found is the same before notes were left, while their writer lives, and after it has ended."""
    exchange(arena, *NOTES)


def test_use_of_a_file_is_told_to_nobody(arena):
    """Nobody learns that another one uses a file, nor which of its pages are in memory."""
    expect_nothing_told(arena, *WATCHES)


def test_pages_of_a_shared_file_stay_in_memory(arena):
    """Nobody puts out of memory what another one would then miss there."""
    expect_nothing_evicted(arena, str(LIBRARY), LIBRARY, *EVICTIONS)


def test_hints_on_pages_do_not_reach_the_kernel(arena):
    """Hints that make no sense are taken like any others: the kernel, which would refuse them, does not see them."""
    with a_session(arena) as session:
        assert said(session, NONSENSE) == ["0\n0\n"]


def test_modes_and_marks_cannot_be_set(arena):
    """Nobody changes the mode of what all have in common, or marks it."""
    expect_nothing_marked(arena)


@both_walls
def test_terminals_are_a_submissions_own(arena):
    """No two submissions have a terminal, or the folder of them, in common: the kernel notes when it was used last."""
    if arena.mode == "landlock":  # where no terminal can be had at all
        with a_session(arena) as session:
            assert "Permission denied" in said(session, TERMINALS)[0]
        return
    with a_session(arena) as first, a_session(arena) as second:
        (folder, common), (other, common_too) = (said(one, TERMINALS)[0].split() for one in (first, second))
    assert folder != other
    assert (common, common_too) == ("0", "0")


def test_no_file_is_left_in_the_place_of_our_package(arena, tmp_path, monkeypatch):
    """Where our package is installed among the libraries student code sees an empty folder, and cannot write there."""
    (tmp_path / "autograder").mkdir()
    monkeypatch.setattr(site, "getsitepackages", lambda: [str(tmp_path)])
    look = f"print(os.listdir({str(tmp_path / 'autograder')!r}))"
    leave = TRY.format(f"os.open({str(tmp_path / 'autograder' / 'note')!r}, os.O_CREAT | os.O_WRONLY)")
    with (
        Sandbox(wall_of(arena.mode), Limits(), ("numpy",)) as sandbox,
        a_session(Owned(arena.mode, sandbox)) as session,
    ):
        seen, left = said(session, look, leave)
        assert seen == "[]\n" or (arena.mode == "landlock" and "Permission denied" in seen)
        assert left == ("EACCES\n" if arena.mode == "landlock" else "EROFS\n")


@pytest.mark.skipif(os.getuid() == 0, reason="as root no shared file is student code's own")
def test_owner_of_a_shared_file_can_do_no_more(arena):
    """Student code that runs as the owner of a file which all share leaves and learns as little by it."""
    fonts = font_lists()[0]
    with Sandbox(wall_of(arena.mode), Limits(), ("numpy", "matplotlib")) as sandbox:
        owned = Owned(arena.mode, sandbox)
        exchange(owned, *OWNERS_NOTES)
        expect_nothing_evicted(owned, f"/fonts/{fonts.name}", fonts, *OWNERS_EVICTIONS, *EVICTIONS)
        expect_nothing_told(owned, *WATCHES)
        expect_nothing_marked(owned)


@pytest.mark.full
@pytest.mark.parametrize("note", NOTES)
def test_each_note_by_itself_is_found_by_nobody(arena, note):
    """So it is for each of them alone, which another one might have hidden."""
    exchange(arena, note)


@pytest.mark.full
@pytest.mark.parametrize("watch", WATCHES)
def test_each_watch_by_itself_tells_nothing(arena, watch):
    """So it is for each way of watching alone."""
    expect_nothing_told(arena, watch)


@pytest.mark.full
@pytest.mark.parametrize("eviction", EVICTIONS)
def test_each_eviction_by_itself_does_nothing(arena, eviction):
    """So it is for each way of putting pages out of memory alone."""
    expect_nothing_evicted(arena, str(LIBRARY), LIBRARY, eviction)


def _in_memory(path: Path, size: int) -> bool:
    """Say whether all of a file can be read without waiting for the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.preadv(descriptor, [bytearray(size)], 0, RWF_NOWAIT) == size
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno != errno.EOPNOTSUPP:
            raise
        pytest.skip("a container's file system does not say which pages are in memory")
    finally:
        os.close(descriptor)
